//! Local times of the file as instants of the session's zone (R2).

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use toml::value::Datetime;

use super::reader::{At, Node, Report};
use crate::calendar::Milestone;

/// A local time, the instant it is, and where it stands.
pub(super) type Instant = At<(DateTime, Timestamp)>;

/// The instant of a local time, if it is one: not in the gap or the overlap of a change of clocks.
pub(super) fn instant(local: DateTime, zone: &TimeZone, zone_name: &str) -> Result<Timestamp, String> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    if ambiguous.is_ambiguous() {
        let kind = match ambiguous.offset() {
            jiff::tz::AmbiguousOffset::Gap { .. } => "does not exist",
            _ => "is ambiguous (it happens twice)",
        };
        return Err(format!("{local} {kind} in {zone_name}: the clocks change then"));
    }
    ambiguous.unambiguous().map_err(|e| format!("{local} is out of range: {e}"))
}

fn civil_date(d: &Datetime) -> Result<Date, String> {
    let date = d.date.ok_or("expected a date such as 2026-03-20")?;
    let year = i16::try_from(date.year).map_err(|e| e.to_string())?;
    Date::new(year, date.month.cast_signed(), date.day.cast_signed()).map_err(|e| e.to_string())
}

/// A date alone.
pub(super) fn date(d: &Datetime) -> Result<Date, String> {
    if d.time.is_some() || d.offset.is_some() {
        return Err(format!("expected a date without a time, found {d}"));
    }
    civil_date(d)
}

/// A date with a time, without an offset.
pub(super) fn datetime(d: &Datetime) -> Result<DateTime, String> {
    if d.offset.is_some() {
        return Err(format!("{d} has an offset: times are local, in the session's zone"));
    }
    let Some(time) = &d.time else { return Err(format!("{d} has no time: write it as {d}T00:00:00")) };
    let nanos = i32::try_from(time.nanosecond.unwrap_or(0)).map_err(|e| e.to_string())?;
    // PostgreSQL keeps microseconds: a finer instant would come back as another.
    if nanos % 1000 != 0 {
        return Err(format!("{d} is finer than a microsecond"));
    }
    let (hour, minute, second) = (time.hour, time.minute, time.second.unwrap_or(0));
    let time =
        Time::new(hour.cast_signed(), minute.cast_signed(), second.cast_signed(), nanos).map_err(|e| e.to_string())?;
    Ok(civil_date(d)?.to_datetime(time))
}

/// Reads times of one session.
pub(super) struct Reader<'r> {
    pub(super) report: &'r Report<'r>,
    /// Absent if the zone itself is wrong: local times are then still read, as UTC, and the zone alone is reported.
    pub(super) zone: Option<(TimeZone, String)>,
}

impl Reader<'_> {
    fn resolve(&self, local: At<DateTime>) -> Option<Instant> {
        let utc = (TimeZone::UTC, String::new());
        let (zone, name) = self.zone.as_ref().unwrap_or(&utc);
        local.check(self.report, |&local| instant(local, zone, name).map(|at| (local, at)))
    }

    /// `at`: a date with a time.
    pub(super) fn at(&self, node: &Node<'_>, key: &'static str) -> Option<Instant> {
        self.resolve(node.datetime(key)?.check(self.report, datetime)?)
    }

    /// A milestone: `at` a time, `on` a day (it begins then), or `through` a day (all of it counts).
    pub(super) fn milestone(&self, parent: &Node<'_>, key: &'static str) -> Option<(Milestone, Instant)> {
        let node = parent.node(key)?;
        let source = node.source();
        let when = match (node.has("at"), node.has("on"), node.has("through")) {
            (true, false, false) => self.at(&node, "at"),
            (false, true, false) => node
                .datetime("on")
                .and_then(|d| d.check(self.report, |d| Ok::<_, String>(date(d)?.to_datetime(Time::midnight()))))
                .and_then(|local| self.resolve(local)),
            (false, false, true) => node
                .datetime("through")
                .and_then(|d| {
                    d.check(self.report, |d| {
                        let next = date(d)?.tomorrow().map_err(|e| e.to_string())?;
                        Ok::<_, String>(next.to_datetime(Time::midnight()))
                    })
                })
                .and_then(|local| self.resolve(local)),
            _ => {
                node.problem("expected one of `at` (a local time), `on` (a day) and `through` (the whole of a day)");
                None
            }
        };
        let when = when?;
        let (local, at) = when.value;
        Some((Milestone { local, at, source: source? }, when))
    }
}
