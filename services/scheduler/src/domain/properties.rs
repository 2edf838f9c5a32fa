//! Laws of the calendar: examples of R5, then properties over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use notice::{Session, keys};
use proptest::prelude::*;

use super::*;

fn session() -> Session {
    Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0
}

fn calendar(session: &Session) -> Calendar {
    let transitions = session.transitions().iter().map(|t| (t.key.clone(), t.at));
    Calendar::seeded(session.id.clone(), session.zone.clone(), transitions)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Everything due at `now` fires; the keys in their order.
fn fire_all(mut calendar: Calendar, now: Timestamp) -> (Calendar, Vec<Fired>) {
    let mut fired = Vec::new();
    loop {
        match calendar.fire_next(now) {
            Ok((next, one)) => {
                fired.push(one);
                calendar = next;
            }
            Err(same) => return (same, fired),
        }
    }
}

fn moved(
    calendar: Calendar,
    links: &Links,
    key: &str,
    to: Timestamp,
    now: Timestamp,
) -> Result<Calendar, ConfirmRefused> {
    let prepared = Move::prepare(0, &calendar, links, key.into(), to, "outage".into(), "ana".into(), now)?;
    prepared.confirm(calendar, links, "bruno".into(), now).map(|(_, calendar)| calendar)
}

fn shifts(calendar: &Calendar, links: &Links, key: &str, to: &str, now: &str) -> Vec<(String, String, bool)> {
    let shifts = calendar.plan(links, key, at(to), at(now)).unwrap();
    shifts.into_iter().map(|s| (s.key, s.to.to_string(), s.reopens)).collect()
}

fn refused(calendar: &Calendar, links: &Links, key: &str, to: &str, now: &str) -> MoveRefused {
    calendar.plan(links, key, at(to), at(now)).unwrap_err()
}

#[test]
fn nothing_fires_a_nanosecond_early_and_the_due_instant_dates_it() {
    let calendar = calendar(&session());
    let due = calendar.entry(keys::PLATFORM_OPENS).unwrap().due_at;
    let calendar = calendar.fire_next(due - 1.nanosecond()).unwrap_err();
    assert_eq!(calendar.version, 1);
    let (calendar, fired) = calendar.fire_next(due + 3.hours()).unwrap();
    assert_eq!(fired, Fired { key: keys::PLATFORM_OPENS.into(), due_at: due });
    assert_eq!((calendar.version, calendar.entry(keys::PLATFORM_OPENS).unwrap().version), (2, 2));
    assert_eq!(calendar.next().unwrap().key, keys::DEPOSITS_CLOSE);
}

#[test]
fn after_an_outage_everything_fires_in_order_and_ties_in_the_procedures_order() {
    let (calendar, fired) = fire_all(calendar(&session()), at("2026-05-28T12:00:00Z"));
    let keys: Vec<_> = fired.iter().map(|f| f.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "platform_opens",
            "deposits_close",
            "fees_listed",
            "admissibility_commission",
            "admissibility_results",
            "admission_commission",
            "admission_results",
            "period_1_opens"
        ]
    );
    assert_eq!(calendar.version, 9);
    assert_eq!(calendar.next().unwrap().key, "period_1_closes");
}

#[test]
fn the_deposits_close_alone_when_moved_alone() {
    let (session, now) = (session(), "2026-03-20T21:30:00Z");
    let (calendar, links) = (calendar(&session), Links::of(&session));
    let found = shifts(&calendar, &links, keys::DEPOSITS_CLOSE, "2026-03-21T22:00:00Z", now);
    assert_eq!(found, [("deposits_close".to_owned(), "2026-03-21T22:00:00Z".to_owned(), false)]);
}

#[test]
fn the_list_of_fees_follows_the_commission_by_local_days() {
    let session = session();
    let (calendar, links) = (calendar(&session), Links::of(&session));
    let (to, now) = ("2026-04-08T08:00:00Z", "2026-03-01T00:00:00Z");
    let found = shifts(&calendar, &links, keys::ADMISSIBILITY_COMMISSION, to, now);
    let listed = ("fees_listed".to_owned(), "2026-04-05T08:00:00Z".to_owned(), false);
    assert_eq!(found, [("admissibility_commission".to_owned(), to.to_owned(), false), listed]);

    // Once the fees were listed they stay listed.
    let (calendar, _) = fire_all(calendar, at("2026-04-06T00:00:00Z"));
    let found = shifts(&calendar, &links, keys::ADMISSIBILITY_COMMISSION, to, "2026-04-06T00:00:00Z");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn admission_results_and_the_first_period_are_one_event() {
    let session = session();
    let (calendar, links) = (calendar(&session), Links::of(&session));
    let (to, now) = ("2026-05-29T12:00:00Z", "2026-05-20T00:00:00Z");
    for (key, other) in [("admission_results", "period_1_opens"), ("period_1_opens", "admission_results")] {
        let found = shifts(&calendar, &links, key, to, now);
        assert_eq!(found, [key, other].map(|k| (k.to_owned(), to.to_owned(), false)));
    }
}

#[test]
fn a_closed_window_is_reopened_for_everyone_until_the_next_transition() {
    let session = session();
    let links = Links::of(&session);
    let now = at("2026-03-20T22:30:00Z");
    let (calendar, _) = fire_all(calendar(&session), now);
    let to = at("2026-03-21T12:00:00Z");
    let calendar = moved(calendar, &links, keys::DEPOSITS_CLOSE, to, now).unwrap();
    let entry = calendar.entry(keys::DEPOSITS_CLOSE).unwrap();
    assert_eq!((entry.state, entry.due_at, entry.printed_at), (State::Pending, to, at("2026-03-20T22:00:00Z")));
    let (calendar, fired) = fire_all(calendar, to);
    assert_eq!(fired, [Fired { key: keys::DEPOSITS_CLOSE.into(), due_at: to }], "it closes again, once");
    // Another time, but not past what follows it.
    let refusal =
        refused(&calendar, &links, keys::DEPOSITS_CLOSE, "2026-04-04T22:00:00.000001Z", "2026-03-22T00:00:00Z");
    let MoveRefused::OutOfOrder { next, next_at, .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!((next.as_str(), next_at), (keys::FEES_LISTED, at("2026-04-04T22:00:00Z")));
}

#[test]
fn a_period_cannot_be_reopened_into_the_next_one() {
    let session = session();
    let links = Links::of(&session);
    let (calendar, _) = fire_all(calendar(&session), at("2026-06-04T13:00:00Z"));
    let refusal = refused(&calendar, &links, "period_1_closes", "2026-06-05T00:00:00Z", "2026-06-04T13:00:00Z");
    assert!(matches!(refusal, MoveRefused::OutOfOrder { ref next, .. } if next == "period_2_opens"), "{refusal:?}");
}

#[test]
fn an_opening_stays_before_its_close() {
    let session = session();
    let (calendar, links) = (calendar(&session), Links::of(&session));
    let refusal = refused(&calendar, &links, "period_2_opens", "2026-06-10T21:00:00Z", "2026-06-01T00:00:00Z");
    assert!(matches!(refusal, MoveRefused::OutOfOrder { ref next, .. } if next == "period_2_closes"), "{refusal:?}");
}

#[test]
fn every_other_refusal_says_what_was_given() {
    let session = session();
    let links = Links::of(&session);
    let (calendar, _) = fire_all(calendar(&session), at("2026-04-09T14:00:00Z"));
    let now = "2026-04-09T14:00:00Z";
    let MoveRefused::Unknown { key, known } = refused(&calendar, &links, "period_9_opens", now, now) else { panic!() };
    assert_eq!((key.as_str(), known.len()), ("period_9_opens", 16));
    let earlier = refused(&calendar, &links, "period_1_opens", "2026-05-28T12:00:00Z", now);
    assert!(matches!(earlier, MoveRefused::Earlier { .. }), "the same instant is not later: {earlier:?}");
    let past = refused(&calendar, &links, keys::DEPOSITS_CLOSE, "2026-04-01T00:00:00Z", now);
    assert!(matches!(past, MoveRefused::NotInTheFuture { .. }), "{past:?}");
    let fired = refused(&calendar, &links, keys::ADMISSIBILITY_RESULTS, "2026-04-10T00:00:00Z", now);
    let expected = at("2026-04-09T14:00:00Z");
    assert!(matches!(fired, MoveRefused::AlreadyFired { fired_at, .. } if fired_at == expected), "{fired:?}");
}

#[test]
fn a_move_takes_two_people_and_happens_once() {
    let session = session();
    let (calendar, links) = (calendar(&session), Links::of(&session));
    let (to, now) = (at("2026-03-21T22:00:00Z"), at("2026-03-20T21:00:00Z"));
    let prepare = |calendar: &Calendar| {
        Move::prepare(7, calendar, &links, keys::DEPOSITS_CLOSE.into(), to, "outage".into(), "ana".into(), now).unwrap()
    };
    let same = prepare(&calendar).confirm(calendar.clone(), &links, "ana".into(), now).unwrap_err();
    assert_eq!(same, ConfirmRefused::SamePerson { who: "ana".into() });

    let prepared = prepare(&calendar);
    let (confirmed, calendar) = prepare(&calendar).confirm(calendar, &links, "bruno".into(), now).unwrap();
    assert_eq!(confirmed.state, MoveState::Confirmed { by: "bruno".into(), at: now, version: 2 });
    // Again: nothing more happens.
    let (again, calendar) = confirmed.clone().confirm(calendar, &links, "carla".into(), now).unwrap();
    assert_eq!((again, calendar.version), (confirmed, 2));
    // A second preparation of the same move has been overtaken.
    let overtaken = prepared.confirm(calendar, &links, "bruno".into(), now).unwrap_err();
    assert!(matches!(overtaken, ConfirmRefused::Move(MoveRefused::Earlier { .. })), "{overtaken:?}");
}

#[test]
fn a_move_prepared_before_the_close_reopens_after_it() {
    let session = session();
    let links = Links::of(&session);
    let (before, after) = (at("2026-03-20T21:59:00Z"), at("2026-03-20T22:01:00Z"));
    let calendar = fire_all(calendar(&session), before).0;
    let to = at("2026-03-21T22:00:00Z");
    let key = keys::DEPOSITS_CLOSE.to_owned();
    let prepared = Move::prepare(7, &calendar, &links, key, to, "outage".into(), "ana".into(), before).unwrap();
    assert!(!prepared.shifts[0].reopens);
    let calendar = fire_all(calendar, after).0;
    let (confirmed, _) = prepared.confirm(calendar, &links, "bruno".into(), after).unwrap();
    assert!(confirmed.shifts[0].reopens);
}

#[test]
fn a_plan_that_no_longer_holds_is_prepared_again() {
    let session = session();
    let links = Links::of(&session);
    let (before, after) = (at("2026-04-04T00:00:00Z"), at("2026-04-05T00:00:00Z"));
    let calendar = fire_all(calendar(&session), before).0;
    let key = keys::ADMISSIBILITY_COMMISSION.to_owned();
    let to = at("2026-04-08T08:00:00Z");
    let prepared = Move::prepare(7, &calendar, &links, key, to, "strike".into(), "ana".into(), before).unwrap();
    let calendar = fire_all(calendar, after).0;
    let refused = prepared.confirm(calendar, &links, "bruno".into(), after).unwrap_err();
    assert_eq!(refused, ConfirmRefused::CalendarChanged, "the fees have been listed meanwhile");
}

/// What can happen to a calendar.
#[derive(Debug, Clone)]
enum Act {
    /// Time passes, and whatever is due fires.
    Pass(i64),
    /// Somebody tries to move a transition by so many seconds from where it stands.
    Move(usize, i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let days = 30 * 24 * 3600_i64;
    let act = prop_oneof![
        (0..days).prop_map(Act::Pass),
        (0..16_usize, -days..days).prop_map(|(which, by)| Act::Move(which, by)),
    ];
    proptest::collection::vec(act, 1..40)
}

proptest! {
    /// R5 over random histories: order is kept, nothing is earlier than printed or than it was, what has fired is in
    /// the past and stays so unless its window was reopened, and every change makes exactly one version.
    #[test]
    fn no_history_breaks_the_order(history in acts()) {
        let session = session();
        let links = Links::of(&session);
        let order: Vec<_> = session.transitions().iter().map(|t| t.key.clone()).collect();
        let mut calendar = calendar(&session);
        let mut now = at("2026-01-20T00:00:00Z");
        for act in history {
            let before = calendar.clone();
            match act {
                Act::Pass(seconds) => {
                    now += SignedDuration::from_secs(seconds);
                    let (next, fired) = fire_all(calendar, now);
                    calendar = next;
                    prop_assert_eq!(calendar.version, before.version + fired.len() as u64);
                    for pair in fired.windows(2) {
                        let place = |f: &Fired| order.iter().position(|k| *k == f.key);
                        prop_assert!(pair[0].due_at <= pair[1].due_at && place(&pair[0]) < place(&pair[1]));
                    }
                    prop_assert!(calendar.next().is_none_or(|e| e.due_at > now));
                }
                Act::Move(which, by) => {
                    let key = order[which].clone();
                    let to = calendar.entry(&key).unwrap().due_at + SignedDuration::from_secs(by);
                    match moved(calendar.clone(), &links, &key, to, now) {
                        Ok(next) => {
                            prop_assert!(by > 0 && to > now);
                            prop_assert_eq!(next.version, calendar.version + 1);
                            prop_assert_eq!(next.entry(&key).unwrap().due_at, to);
                            calendar = next;
                        }
                        Err(_) => prop_assert_eq!(&calendar, &before, "a refusal changes nothing"),
                    }
                }
            }
            let keys: Vec<_> = calendar.entries().iter().map(|e| e.key.clone()).collect();
            prop_assert_eq!(&keys, &order);
            for pair in calendar.entries().windows(2) {
                prop_assert!(pair[0].due_at <= pair[1].due_at);
                let empty = pair[0].due_at == pair[1].due_at && keys::closed_period(&pair[1].key).is_some();
                prop_assert!(!empty, "an empty window");
                prop_assert!(!(pair[0].state == State::Pending && pair[1].state == State::Fired), "fired out of order");
            }
            for (was, is) in before.entries().iter().zip(calendar.entries()) {
                prop_assert!(is.due_at >= was.due_at && is.due_at >= is.printed_at);
                prop_assert!(is.state == State::Pending || is.due_at <= now);
                let reopened = was.state == State::Fired && is.state == State::Pending;
                prop_assert!(!reopened || is.due_at > was.due_at);
            }
        }
    }

    /// R2 over the change of clocks: whatever is moved to, its local time reads back as the same instant except in the
    /// hour that happens twice, and a window is exactly the instants from its opening up to its close.
    #[test]
    fn local_times_read_back_over_the_change_of_clocks(offset in -200_000_i64..200_000, micros in 0..1_000_000_i64) {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        for change in ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"] {
            let instant = at(change) + SignedDuration::from_secs(offset) + SignedDuration::from_micros(micros);
            let entry = ("x".to_owned(), instant);
            let calendar = Calendar::seeded("s".into(), zone.clone(), [entry]);
            let local = calendar.local(instant);
            let back = zone.to_ambiguous_timestamp(local);
            if back.is_ambiguous() {
                prop_assert!(change.contains("-10-"), "a local time of an instant always exists");
                prop_assert!(instant == back.earlier().unwrap() || instant == back.later().unwrap());
            } else {
                prop_assert_eq!(back.unambiguous().unwrap(), instant);
            }
            prop_assert!(calendar.clone().fire_next(instant - SignedDuration::from_nanos(1)).is_err());
            prop_assert!(calendar.fire_next(instant).is_ok());
        }
    }
}
