//! Instants and sums in words.

use jiff::{Timestamp, tz::TimeZone};

use super::texts::Lang;

const DAYS: [[&str; 7]; 2] = [
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
];
#[rustfmt::skip]
const MONTHS: [[&str; 12]; 2] = [
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
];

/// An instant as people of the session's zone read it, with the zone's name: whoever reads it may be elsewhere. Seconds
/// only where there are some.
#[must_use]
pub fn instant(lang: Lang, at: Timestamp, zone: &TimeZone, zone_name: &str) -> String {
    let local = at.to_zoned(zone.clone());
    let of = |names: &[&'static str], n: i8| names.get(usize::try_from(n).unwrap_or(0)).copied().unwrap_or_default();
    let language = usize::from(lang == Lang::En);
    let day = of(&DAYS[language], local.weekday().to_monday_zero_offset());
    let month = of(&MONTHS[language], local.month() - 1);
    let (date, year) = (local.day(), local.year());
    let time = if local.second() == 0 { local.strftime("%H:%M") } else { local.strftime("%H:%M:%S") };
    match lang {
        Lang::Fr if date == 1 => format!("{day} 1er {month} {year} à {time} ({zone_name})"),
        Lang::Fr => format!("{day} {date} {month} {year} à {time} ({zone_name})"),
        Lang::En => format!("{day} {date} {month} {year} at {time} ({zone_name})"),
    }
}

/// Integer cents of `currency`.
#[must_use]
pub fn sum(lang: Lang, cents: i64, currency: &str) -> String {
    let comma = if lang == Lang::Fr { ',' } else { '.' };
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}{comma}{:02} {currency}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_sums_are_read_where_the_session_is() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let close = "2026-03-20T22:00:00Z".parse().unwrap();
        assert_eq!(instant(Lang::Fr, close, &paris, "Europe/Paris"), "vendredi 20 mars 2026 à 23:00 (Europe/Paris)");
        let summer = "2026-07-31T22:00:01.5Z".parse().unwrap();
        assert_eq!(instant(Lang::Fr, summer, &paris, "Z"), "samedi 1er août 2026 à 00:00:01 (Z)");
        assert_eq!(instant(Lang::En, summer, &paris, "Z"), "Saturday 1 August 2026 at 00:00:01 (Z)");
        assert_eq!((sum(Lang::Fr, 7600, "EUR"), sum(Lang::En, 7605, "EUR")), ("76,00 EUR".into(), "76.05 EUR".into()));
        assert_eq!(sum(Lang::En, -5, "EUR"), "-0.05 EUR");
    }
}
