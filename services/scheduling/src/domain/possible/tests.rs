//! What is offered against the rules, and against every minute of the day.

use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{Absence, Move, Rules, moved, plan, span::later};

const RULES: Rules = Rules { interview: 25, english: 15, rest: 10, panel_members: 2 };

fn minute(minute: u32) -> Timestamp {
    later(Timestamp::UNIX_EPOCH, minute)
}

fn span(from: u32, to: u32) -> Span {
    Span::new(minute(from), minute(to))
}

fn panel(name: &str, exam: Exam, examiners: &[&str]) -> Panel {
    Panel { name: name.into(), exam, examiners: examiners.iter().map(ToString::to_string).collect() }
}

/// Two mornings of three hours with a break, each before lunch; a room for each panel.
fn school(interviews: usize, english: usize, absent: Option<(u32, u32)>) -> Setup {
    let mut panels: Vec<_> = (0..interviews)
        .map(|n| panel(&format!("J{n}"), Exam::Interview, &[&format!("j{n}a"), &format!("j{n}b")]))
        .collect();
    panels.extend((0..english).map(|n| panel(&format!("E{n}"), Exam::English, &[&format!("e{n}")])));
    let rooms = (0..panels.len()).map(|n| format!("R{n}")).collect();
    let day = |n: u32| {
        let at = |from, to| span(n * 1440 + from, n * 1440 + to);
        let date = date(1970, 1, 1 + i8::try_from(n).unwrap());
        Day::new(date, at(540, 750), at(720, 750), vec![at(620, 635)]).unwrap()
    };
    let absences = absent.map(|(from, to)| Absence { examiner: "j0a".into(), during: span(from, to) });
    Setup {
        rules: RULES,
        panels,
        rooms,
        days: vec![day(0), day(1)],
        absences: absences.into_iter().collect(),
        remote: false,
    }
}

fn planned(setup: &Setup, many: u128) -> Vec<Convocation> {
    let candidate = |n| Candidate { dossier: Uuid::from_u128(n), remote: false, convocation: None };
    let dates: Vec<_> = setup.days.iter().map(|day| day.date).collect();
    plan(setup, &dates, &(0..many).map(candidate).collect::<Vec<_>>()).placed
}

fn to(sitting: &Sitting) -> Move {
    Move {
        exam: sitting.exam,
        begins_at: sitting.during.from,
        panel: Some(sitting.panel.clone()),
        room: sitting.room.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_offered_may_be_done(
        interviews in 1_usize..3, english in 1_usize..3, many in 1_u128..14,
        absent in proptest::option::of((540_u32..700, 10_u32..60)),
    ) {
        let setup = school(interviews, english, absent.map(|(from, long)| (from, from + long)));
        let all = planned(&setup, many);
        for convocation in &all {
            for exam in [Exam::Interview, Exam::English] {
                let offered = possible(&setup, &Candidate::of(convocation), exam, None, &all);
                for one in &offered {
                    let moves: Vec<Move> = [&one.sitting].into_iter().chain(&one.other).map(to).collect();
                    let after = moved(&setup, &Candidate::of(convocation), &moves, &all);
                    prop_assert!(after.as_ref().is_ok_and(|after| after != convocation), "{:?}: {:?}", one, after);
                    prop_assert_eq!(setup.day_of(one.sitting.during).map(|day| day.date), Some(one.day));
                }
                prop_assert!(offered.windows(2).all(|w| by_time(&w[0].sitting, &w[1].sitting).is_lt()));
                let day = setup.days[1].date;
                let there: Vec<_> = offered.into_iter().filter(|one| one.day == day).collect();
                prop_assert_eq!(possible(&setup, &Candidate::of(convocation), exam, Some(day), &all), there);
            }
        }
    }

    #[test]
    fn whatever_is_offered_to_who_has_no_slot_may_be_done(
        interviews in 1_usize..3, english in 1_usize..3, many in 0_u128..14,
        absent in proptest::option::of((540_u32..700, 10_u32..60)),
    ) {
        let setup = school(interviews, english, absent.map(|(from, long)| (from, from + long)));
        let all = planned(&setup, many);
        let waiting = Candidate { dossier: Uuid::from_u128(99), remote: false, convocation: None };
        for exam in [Exam::Interview, Exam::English] {
            let offered = possible(&setup, &waiting, exam, None, &all);
            for one in &offered {
                let moves: Vec<Move> = [&one.sitting].into_iter().chain(&one.other).map(to).collect();
                let after = moved(&setup, &waiting, &moves, &all);
                prop_assert!(after.is_ok(), "{:?}: {:?}", one, after);
            }
            // A day on which nobody is yet holds somebody.
            prop_assert!(many > 0 || !offered.is_empty());
        }
    }

    /// A panel that could take the exam at any minute of its day, the other one staying, is offered with some.
    #[test]
    fn no_panel_with_a_free_minute_is_left_out(
        interviews in 1_usize..3, english in 1_usize..3, many in 1_u128..10,
        absent in proptest::option::of((540_u32..700, 10_u32..60)),
    ) {
        let setup = school(interviews, english, absent.map(|(from, long)| (from, from + long)));
        let all = planned(&setup, many);
        for convocation in all.iter().take(3) {
            for exam in [Exam::Interview, Exam::English] {
                let now = convocation.sitting(exam);
                let offered: BTreeSet<String> = (possible(&setup, &Candidate::of(convocation), exam, None, &all).into_iter())
                    .filter(|one| one.other.is_none())
                    .map(|one| one.sitting.panel)
                    .collect();
                for panel in setup.panels.iter().filter(|panel| panel.exam == exam && panel.name != now.panel) {
                    let free = (0..2880).filter(|n| (540..750).contains(&(n % 1440))).any(|n| {
                        setup.rooms.iter().any(|room| {
                            let (panel, room) = (Some(panel.name.clone()), Some(room.clone()));
                            moved(&setup, &Candidate::of(convocation), &[Move { exam, begins_at: minute(n), panel, room }], &all).is_ok()
                        })
                    });
                    prop_assert_eq!(offered.contains(&panel.name), free, "{} {:?}", panel.name, exam);
                }
            }
        }
    }
}

#[test]
fn as_near_to_the_other_exam_as_the_rest_allows_is_offered() {
    let setup = school(1, 1, None);
    let sitting = |exam, panel: &str, from| Sitting {
        dossier: Uuid::from_u128(1),
        exam,
        during: Span::starting(minute(from), RULES.minutes(exam)),
        panel: panel.into(),
        room: Some("R0".into()),
    };
    let convocation = Convocation {
        interview: sitting(Exam::Interview, "J0", 690),
        english: sitting(Exam::English, "E0", 578),
        remote: false,
    };
    let offered = possible(&setup, &Candidate::of(&convocation), Exam::Interview, Some(setup.days[0].date), []);
    let offered: Vec<_> = offered.iter().map(|one| one.sitting.during.from).collect();
    // Ten minutes before the English test would be 9:03; after it the break is near, and nothing fits.
    assert_eq!(offered, [540, 543, 635, 645, 660, 670, 685, 695].map(minute));
}

#[test]
fn at_a_distance_no_room_is_needed_and_none_is_given() {
    let mut setup = school(1, 1, None);
    setup.remote = true;
    setup.rooms.clear();
    let all = planned(&setup, 3);
    let offered = possible(&setup, &Candidate::of(&all[0]), Exam::Interview, None, &all);
    assert!(!offered.is_empty() && offered.iter().all(|one| one.sitting.room.is_none()));
}

#[test]
fn without_a_free_room_nothing_is_offered() {
    let mut setup = school(1, 1, None);
    let all = planned(&setup, 1);
    setup.rooms.clear();
    assert_eq!(possible(&setup, &Candidate::of(&all[0]), Exam::English, None, &all), []);
}
