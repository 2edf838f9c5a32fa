//! The plan against the rules, against a bound and against an exhaustive search.

use jiff::{Timestamp, civil::date};
use proptest::prelude::*;

use super::*;
use crate::domain::{Absence, Rules, span::later};

const RULES: Rules = Rules { interview: 25, english: 15, rest: 10, panel_members: 2 };

fn minute(day: u32, minute: u32) -> Timestamp {
    later(Timestamp::UNIX_EPOCH, day * 1440 + minute)
}

fn span(day: u32, from: u32, to: u32) -> Span {
    Span::new(minute(day, from), minute(day, to))
}

fn dates() -> Vec<Date> {
    vec![date(2026, 5, 18), date(2026, 5, 19), date(2026, 5, 20)]
}

fn panel(name: &str, exam: Exam, examiners: &[&str]) -> Panel {
    Panel { name: name.into(), exam, examiners: examiners.iter().map(ToString::to_string).collect() }
}

/// A school with `interviews` and `english` panels that share nobody and a room for each.
fn school(interviews: usize, english: usize, days: Vec<Day>) -> Setup {
    let mut panels: Vec<_> = (0..interviews)
        .map(|n| panel(&format!("J{n}"), Exam::Interview, &[&format!("j{n}a"), &format!("j{n}b")]))
        .collect();
    panels.extend((0..english).map(|n| panel(&format!("E{n}"), Exam::English, &[&format!("e{n}")])));
    let rooms = (0..panels.len()).map(|n| format!("R{n}")).collect();
    Setup { rules: RULES, panels, rooms, days, absences: Vec::new(), remote: false }
}

/// 9:00 to 17:30 with lunch and two breaks.
fn working_day(n: u32) -> Day {
    let breaks = vec![span(n, 630, 645), span(n, 930, 945)];
    Day { date: dates()[n as usize], hours: span(n, 540, 1050), lunch: span(n, 750, 810), breaks }
}

/// One stretch of `minutes`, then lunch.
fn short_day(n: u32, minutes: u32) -> Day {
    Day {
        date: dates()[n as usize],
        hours: span(n, 540, 540 + minutes + 30),
        lunch: span(n, 540 + minutes, 570 + minutes),
        breaks: Vec::new(),
    }
}

fn candidates(n: usize) -> Vec<Candidate> {
    (0..n).map(|n| Candidate { dossier: Uuid::from_u128(1000 + n as u128), remote: false, convocation: None }).collect()
}

/// Every rule of R24, checked afresh and pairwise.
fn check(setup: &Setup, convocations: &[Convocation]) -> Result<(), TestCaseError> {
    for convocation in convocations {
        prop_assert_eq!(broken(setup, convocation, convocations), vec![]);
        let (i, e) = (&convocation.interview, &convocation.english);
        prop_assert_eq!(i.during.to.duration_since(i.during.from).as_mins(), 25);
        prop_assert_eq!(e.during.to.duration_since(e.during.from).as_mins(), 15);
        let rest = if i.during.from < e.during.from {
            e.during.from.duration_since(i.during.to)
        } else {
            i.during.from.duration_since(e.during.to)
        };
        prop_assert!(rest.as_mins() >= 10);
    }
    let sittings: Vec<_> = convocations.iter().flat_map(Convocation::sittings).collect();
    for (n, a) in sittings.iter().enumerate() {
        let day = setup.days.iter().find(|d| d.hours.contains(a.during));
        prop_assert!(
            day.is_some_and(|d| !d.lunch.overlaps(a.during) && d.breaks.iter().all(|b| !b.overlaps(a.during)))
        );
        for b in sittings[..n].iter().filter(|b| b.during.overlaps(a.during)) {
            prop_assert_ne!(a.dossier, b.dossier);
            prop_assert_ne!(&a.panel, &b.panel);
            prop_assert!(a.room.is_none() || a.room != b.room);
            let (pa, pb) = (setup.panel(&a.panel).expect("known"), setup.panel(&b.panel).expect("known"));
            prop_assert!(!pa.shares_with(pb));
        }
    }
    Ok(())
}

fn again(candidates: &[Candidate], plan: &Plan) -> Vec<Candidate> {
    let stands = |c: &Candidate| plan.placed.iter().find(|p| p.dossier() == c.dossier).cloned();
    candidates
        .iter()
        .map(|c| Candidate { convocation: stands(c).or_else(|| c.convocation.clone()), ..c.clone() })
        .collect()
}

#[test]
fn fifty_minutes_take_two_candidates_in_opposite_orders() {
    let setup = school(1, 1, vec![short_day(0, 50)]);
    let plan = plan(&setup, &dates()[..1], &candidates(3));
    assert_eq!(plan.placed.len(), 2);
    assert_eq!(plan.unplaced, [candidates(3)[2].dossier]);
    let setup = school(1, 1, vec![short_day(0, 49)]);
    assert_eq!(super::plan(&setup, &dates()[..1], &candidates(1)).placed, []);
}

#[test]
fn what_is_missing_is_counted_in_minutes_per_day() {
    // One panel and one examiner hold 3 + 4 + 4 + 4 interviews and 6 + 7 + 8 + 7 English tests on such a day.
    let setup = school(1, 1, vec![working_day(0)]);
    let plan = plan(&setup, &dates()[..2], &candidates(40));
    let day = &plan.days[0];
    assert_eq!((plan.placed.len(), plan.unplaced.len()), (15, 25));
    assert_eq!((day.free_interviews, day.interview_minutes_short), (0, 25 * 25));
    assert_eq!(day.english_minutes_short, (25 - day.free_english) * 15);
    let [first, second] = [plan.days[0].date, plan.days[1].date];
    assert_eq!(plan.days[1].remarks, [Missing::Hours { day: second }]);
    let missing = plan.missing();
    assert_eq!(missing[0], Missing::Places { n: 25 });
    assert_eq!(missing[1], Missing::Minutes { day: first, exam: Exam::Interview, minutes: 625 });
    assert_eq!(missing.last(), Some(&Missing::Hours { day: second }));
}

#[test]
fn a_school_without_english_examiner_is_told_so() {
    let plan = plan(&school(2, 0, vec![working_day(0)]), &dates()[..1], &candidates(1));
    assert_eq!(plan.days[0].remarks, [Missing::Panel { exam: Exam::English }]);
    assert_eq!(plan.days[0].english_minutes_short, 15);
}

#[test]
fn someone_who_sits_in_a_jury_and_tests_english_does_one_per_stretch() {
    let mut setup = school(1, 0, vec![working_day(0)]);
    setup.panels.push(panel("E", Exam::English, &["j0a"]));
    setup.rooms.push("R1".into());
    let plan = plan(&setup, &dates()[..1], &candidates(8));
    assert_eq!(plan.placed.len(), 8, "{:?}", plan.missing());
    check(&setup, &plan.placed).expect("keeps every rule");
}

#[test]
fn fewer_rooms_than_panels_are_split_between_the_exams() {
    let mut setup = school(3, 3, vec![working_day(0)]);
    setup.rooms.truncate(3);
    let plan = plan(&setup, &dates()[..1], &candidates(30));
    // Two juries and one examiner all day would hold 28; another split in one of the stretches holds more.
    assert_eq!(plan.placed.len(), 30, "{:?}", plan.missing());
    check(&setup, &plan.placed).expect("keeps every rule");
    setup.rooms.clear();
    assert_eq!(super::plan(&setup, &dates()[..1], &candidates(1)).unplaced.len(), 1);
    setup.remote = true;
    assert_eq!(super::plan(&setup, &dates()[..1], &candidates(40)).placed.len(), 40);
}

#[test]
fn an_absence_moves_those_it_concerns_and_nobody_else() {
    let mut setup = school(2, 2, vec![working_day(0), working_day(1)]);
    let everyone = candidates(30);
    let first = plan(&setup, &dates()[..2], &everyone);
    setup.absences.push(Absence { examiner: "j0b".into(), during: span(0, 0, 750) });
    let second = plan(&setup, &dates()[..2], &again(&everyone, &first));
    let moved: Vec<_> = first
        .placed
        .iter()
        .filter(|c| c.interview.panel == "J0" && c.interview.during.from < minute(0, 750))
        .map(Convocation::dossier)
        .collect();
    assert!(!moved.is_empty());
    assert_eq!(second.placed.iter().map(Convocation::dossier).collect::<Vec<_>>(), moved);
    assert_eq!(second.kept.len(), 30 - moved.len());
}

#[test]
fn hundreds_are_placed_at_once() {
    let setup = school(12, 8, vec![working_day(0), working_day(1), working_day(2)]);
    let plan = plan(&setup, &dates(), &candidates(540));
    assert_eq!(plan.placed.len(), 540, "{:?}", plan.missing());
    check(&setup, &plan.placed).expect("keeps every rule");
}

/// The most candidates one panel and one examiner can take in `minutes` without a break, every start on a grid of five
/// minutes tried: interviews in order, any English test each.
fn exhaustive(minutes: u32, from: u32, english: &mut Vec<u32>) -> usize {
    let mut best = 0;
    let mut interview = from;
    while interview + 25 <= minutes {
        let mut test = 0;
        while test + 15 <= minutes {
            let apart = test + 25 <= interview || interview + 35 <= test;
            if apart && english.iter().all(|e| e.abs_diff(test) >= 15) {
                english.push(test);
                best = best.max(1 + exhaustive(minutes, interview + 25, english));
                english.pop();
            }
            test += 5;
        }
        interview += 5;
    }
    best
}

#[test]
fn short_days_take_as_many_as_any_plan_could() {
    for minutes in (0..=110).step_by(5) {
        let setup = school(1, 1, vec![short_day(0, minutes)]);
        let placed = plan(&setup, &dates()[..1], &candidates(9)).placed.len();
        assert_eq!(placed, exhaustive(minutes, 0, &mut Vec::new()), "{minutes} minutes");
    }
}

fn stretch_count(setup: &Setup, exam: Exam) -> usize {
    let panels = setup.panels.iter().filter(|p| p.exam == exam).count();
    let per_day = |d: &Day| d.stretches().iter().map(|s| s.fits(RULES.minutes(exam))).sum::<usize>();
    panels * setup.days.iter().map(per_day).sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No rule is ever broken, everyone is placed or left over, order plays no part, and planning again changes nothing.
    #[test]
    fn a_plan_keeps_every_rule(
        interviews in 0_usize..4, english in 0_usize..3, rooms in 0_usize..7, days in 0_u32..3, n in 0_usize..70,
        shared in proptest::collection::vec((0_usize..4, 0_usize..3), 0..3),
        absent in proptest::collection::vec((0_usize..4, 0_u32..3, 540_u32..1050, 1_u32..300), 0..4),
        remote in any::<bool>(),
    ) {
        let mut setup = school(interviews, english, (0..days).map(working_day).collect());
        setup.rooms.truncate(rooms);
        setup.remote = remote;
        for (jury, tester) in shared {
            let name = format!("j{jury}a");
            if let Some(p) = setup.panels.iter_mut().find(|p| p.name == format!("E{tester}")) {
                p.examiners = [name].into();
            }
        }
        for (jury, day, from, length) in absent {
            setup.absences.push(Absence { examiner: format!("j{jury}a"), during: span(day, from, from + length) });
        }
        let everyone = candidates(n);
        let first = plan(&setup, &dates(), &everyone);
        check(&setup, &first.placed)?;
        prop_assert_eq!(first.placed.len() + first.unplaced.len(), n);
        prop_assert_eq!(first.unplaced.is_empty(), first.missing().is_empty());
        let reversed: Vec<_> = everyone.iter().rev().cloned().collect();
        prop_assert_eq!(&plan(&setup, &dates(), &reversed), &first);
        let second = plan(&setup, &dates(), &again(&everyone, &first));
        prop_assert_eq!(&second.kept, &first.placed.iter().map(Convocation::dossier).collect::<Vec<_>>());
    }

    /// Where nobody is shared and rooms suffice, a day takes as many as its scarcer exam: nothing could take more.
    #[test]
    fn everyone_is_placed_when_the_days_can_hold_them(interviews in 1_usize..7, english in 1_usize..5, days in 1_u32..4, spare in 0_usize..4) {
        let setup = school(interviews, english, (0..days).map(working_day).collect());
        let bound = stretch_count(&setup, Exam::Interview).min(stretch_count(&setup, Exam::English));
        let n = bound.saturating_sub(spare);
        let all = plan(&setup, &dates(), &candidates(n));
        prop_assert_eq!(all.placed.len(), n, "{:?}", all.missing());
        prop_assert_eq!(plan(&setup, &dates(), &candidates(bound + 1)).unplaced.len(), 1);
    }

    /// Freed slots are filled again without touching the others.
    #[test]
    fn replanning_keeps_what_stands(n in 1_usize..60, gone in proptest::collection::btree_set(0_usize..60, 0..20), new in 0_usize..20) {
        let setup = school(3, 2, vec![working_day(0), working_day(1)]);
        let everyone = candidates(n);
        let first = plan(&setup, &dates(), &everyone);
        let mut later: Vec<_> = again(&everyone, &first);
        later = later.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, c)| c).collect();
        let stay: Vec<_> = later.iter().map(|c| c.dossier).collect();
        later.extend((0..new).map(|at| Candidate { dossier: Uuid::from_u128(5 + at as u128), remote: false, convocation: None }));
        let second = plan(&setup, &dates(), &later);
        prop_assert_eq!(&second.kept, &stay);
        let mut all: Vec<_> = first.placed.iter().filter(|c| stay.contains(&c.dossier())).cloned().collect();
        all.extend(second.placed.iter().cloned());
        check(&setup, &all)?;
    }
}
