//! R2 over the change of clocks: a local time of the file is the one instant that reads back as it, or it is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{path::Path, sync::LazyLock};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use notice::{Session, keys};
use proptest::prelude::*;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sessions/2026.toml");
    std::fs::read_to_string(path).unwrap()
});

/// The session in another zone, with deposits closing at another local time.
fn with(zone: &str, close: DateTime) -> Result<Session, String> {
    let text = TEXT
        .replace("\"Europe/Paris\"", &format!("\"{zone}\""))
        .replace("at = 2026-03-20T23:00:00", &format!("at = {close}"));
    Session::parse(&text).map(|s| s.0).map_err(|p| p.iter().map(ToString::to_string).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_local_time_is_one_instant_or_refused(
        zone in prop::sample::select(vec!["Europe/Paris", "Europe/Lisbon", "America/Toronto", "Australia/Lord_Howe"]),
        // 1 to 31 March, when these zones change their clocks, or do not.
        second in 0..31 * 24 * 3600_i64,
    ) {
        let first: DateTime = "2026-03-01T00:00:00".parse().unwrap();
        let local = first.checked_add(jiff::Span::new().seconds(second)).unwrap();
        let tz = TimeZone::get(zone).unwrap();
        // Every instant of those weeks that reads as this local time, found by looking rather than by asking jiff.
        let about: Timestamp = TimeZone::UTC.to_timestamp(local).unwrap();
        let quarter = jiff::SignedDuration::from_mins(30);
        let candidates = (-26..=26).map(|n| about + quarter * n).filter(|at| tz.to_datetime(*at) == local);
        let instants: Vec<_> = candidates.collect();
        match with(zone, local) {
            Ok(session) => {
                prop_assert_eq!(instants, vec![session.instant(keys::DEPOSITS_CLOSE).unwrap()]);
                prop_assert_eq!(session.milestones.deposits_close.local, local);
            }
            Err(problems) => {
                prop_assert!(instants.len() != 1, "{local} in {zone} is {instants:?}: {problems}");
                let says = if instants.is_empty() { "does not exist" } else { "is ambiguous" };
                prop_assert!(problems.contains(says), "{problems}");
            }
        }
    }
}

#[test]
fn the_hour_that_does_not_exist_and_the_one_that_happens_twice() {
    for (zone, local, says) in [
        ("Europe/Paris", "2026-03-29T01:59:59", None),
        ("Europe/Paris", "2026-03-29T02:00:00", Some("does not exist")),
        ("Europe/Paris", "2026-03-29T02:59:59", Some("does not exist")),
        ("Europe/Paris", "2026-03-29T03:00:00", None),
        ("Europe/Lisbon", "2026-03-29T02:00:00", None),
        ("Europe/Lisbon", "2026-03-29T01:30:00", Some("does not exist")),
        ("America/Toronto", "2026-03-08T02:30:00", Some("does not exist")),
    ] {
        match (with(zone, local.parse().unwrap()), says) {
            (Ok(_), None) => {}
            (Err(problems), Some(says)) => assert!(problems.contains(says), "{problems}"),
            (found, _) => panic!("{local} in {zone}: {found:?}"),
        }
    }
}
