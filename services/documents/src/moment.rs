//! Instants and days as the templates read them: split into fields, so that each language writes them its own way.

use jiff::Zoned;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// An instant in its zone, to the millisecond, and the same instant in UTC.
///
/// What is below a millisecond is cut off as a clock would, not rounded: 22:59:59.9999 is not 23:00 (R2).
#[derive(Serialize)]
struct Instant {
    #[serde(flatten)]
    day: Day,
    hour: i8,
    minute: i8,
    second: i8,
    millisecond: i16,
    /// "UTC+01:00".
    offset: String,
    /// IANA name, if the zone has one.
    zone: Option<String>,
    /// RFC 3339, with milliseconds.
    utc: String,
}

#[derive(Serialize)]
struct Day {
    year: i16,
    month: i8,
    day: i8,
    /// 1 is Monday.
    weekday: i8,
}

/// For `#[serde(serialize_with)]`.
pub(crate) fn instant<S: Serializer>(at: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    let instant = Instant {
        day: fields(at.date()),
        hour: at.hour(),
        minute: at.minute(),
        second: at.second(),
        millisecond: at.millisecond(),
        offset: at.strftime("UTC%:z").to_string(),
        zone: at.time_zone().iana_name().map(str::to_owned),
        utc: at.timestamp().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
    };
    instant.serialize(serializer)
}

/// For `#[serde(serialize_with)]`.
pub(crate) fn day<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    fields(*date).serialize(serializer)
}

fn fields(date: Date) -> Day {
    Day { year: date.year(), month: date.month(), day: date.day(), weekday: date.weekday().to_monday_one_offset() }
}

/// Whole minutes from one instant to another.
pub(crate) fn minutes_between(from: &Zoned, to: &Zoned) -> i64 {
    from.duration_until(to).as_mins()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(at: &str) -> serde_json::Value {
        let at: Zoned = at.parse().unwrap();
        instant(&at, serde_json::value::Serializer).unwrap()
    }

    #[test]
    fn an_instant_is_cut_to_the_millisecond_and_told_in_utc() {
        let last = json("2026-03-20T22:59:59.999999+01:00[Europe/Paris]");
        assert_eq!((&last["second"], &last["millisecond"]), (&59.into(), &999.into()));
        assert_eq!(last["utc"], "2026-03-20T21:59:59.999Z");
        assert_eq!((last["offset"].as_str(), last["zone"].as_str()), (Some("UTC+01:00"), Some("Europe/Paris")));
        assert_eq!(last["weekday"], 5);
        let summer = json("2026-05-28T14:00:00+02:00[Europe/Paris]");
        assert_eq!(
            (summer["offset"].as_str(), summer["utc"].as_str()),
            (Some("UTC+02:00"), Some("2026-05-28T12:00:00.000Z"))
        );
    }
}
