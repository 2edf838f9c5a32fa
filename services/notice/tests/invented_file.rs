//! The invented session passes under the same parser: nothing in it resembles 2026.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use notice::{Session, Verdict, keys};

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sessions/invented.toml");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn it_is_a_session_without_a_warning() {
    let verdict = Verdict::of("invented.toml", &text());
    assert!(verdict.is_valid(), "{verdict}");
    assert_eq!(verdict.warnings, vec![], "{verdict}");
    let printed = verdict.to_string();
    assert!(
        printed.ends_with("invented.toml: valid: 5 schools, 2 filières, 28 seats, 3 periods, 8 pieces; 0 warnings"),
        "{printed}"
    );
}

#[test]
fn its_instants_are_those_of_its_own_zone() {
    let (session, _) = Session::parse(&text()).unwrap();
    // Winter and summer time in Lisbon: UTC and UTC+1.
    assert_eq!(session.instant(keys::PLATFORM_OPENS).unwrap(), "2027-01-11T09:30:00Z".parse().unwrap());
    assert_eq!(session.instant(keys::DEPOSITS_CLOSE).unwrap(), "2027-02-27T00:00:00Z".parse().unwrap());
    assert_eq!(session.instant(keys::FEES_LISTED).unwrap(), "2027-03-13T22:00:00Z".parse().unwrap());
    assert_eq!(session.instant(keys::ADMISSION_RESULTS).unwrap(), "2027-04-22T08:00:00Z".parse().unwrap());
    assert_eq!(session.instant(&keys::period_closes(3)).unwrap(), "2027-05-07T19:00:00Z".parse().unwrap());
    assert_eq!(session.instant(&keys::period_opens(4)), None);
    assert_eq!(session.fee.cents, 4150);
    assert_eq!((session.orals.highest_hundredths, session.orals.eliminating_hundredths), (1000, 250));
    assert_eq!(session.fee.printed_reference("Silva", "Ana"), "AST27 Ana Silva");
}
