//! Where an exam of a candidate cannot go, and every rule in the way (R24, R25): what a planner reads beside the places
//! that are possible.

use jiff::civil::Date;

use super::{
    Broken, Candidate, Convocation, Day, Exam, Panel, Setup, Sitting, Span,
    possible::{Search, taken},
    sitting::{broken_alone, broken_between},
};

/// A time of a panel at which the exam cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The day at the school.
    pub day: Date,
    /// The panel.
    pub panel: String,
    /// From the first beginning that is impossible for these reasons to the end of the last.
    pub during: Span,
    /// Every rule in the way.
    pub why: Vec<Broken>,
}

/// Looks at the exams that each panel could hold back to back through its day, in order of day and panel; what is
/// impossible for the same reasons one after the other is said once.
#[must_use]
pub fn impossible<'a>(
    setup: &Setup,
    candidate: &Candidate,
    exam: Exam,
    only: Option<Date>,
    others: impl IntoIterator<Item = &'a Convocation>,
) -> Vec<Impossible> {
    let taken = taken(candidate, others);
    let search = Search { setup, taken: &taken, candidate };
    let mut all: Vec<Impossible> = Vec::new();
    for day in setup.days.iter().filter(|day| only.is_none_or(|only| only == day.date)) {
        let partners = search.places(day, exam.other(), None);
        for panel in setup.panels.iter().filter(|panel| panel.exam == exam) {
            for during in back_to_back(day, setup.rules.minutes(exam)) {
                let why = why(&search, day, panel, during, &partners);
                let here = |last: &&mut Impossible| last.day == day.date && last.panel == panel.name;
                match all.last_mut().filter(here) {
                    Some(last) if last.why == why && last.during.to == during.from => last.during.to = during.to,
                    _ if why.is_empty() => {}
                    _ => all.push(Impossible { day: day.date, panel: panel.name.clone(), during, why }),
                }
            }
        }
    }
    all
}

fn back_to_back(day: &Day, minutes: u32) -> impl Iterator<Item = Span> {
    let many = u32::try_from(day.hours.fits(minutes)).unwrap_or(u32::MAX);
    let begins = move |n: u32| super::span::later(day.hours.from, n.saturating_mul(minutes));
    (0..many).map(move |n| Span::starting(begins(n), minutes))
}

fn why(search: &Search<'_>, day: &Day, panel: &Panel, during: Span, partners: &[Sitting]) -> Vec<Broken> {
    let (setup, candidate) = (search.setup, search.candidate);
    let room = search.room(day, panel, during);
    let no_room = room.is_none();
    let (dossier, exam) = (candidate.dossier, panel.exam);
    let sitting = Sitting { dossier, exam, during, panel: panel.name.clone(), room: room.flatten() };
    let mut broken = Vec::new();
    // That it has no room is said in other words.
    broken_alone(setup, &sitting, candidate.remote || no_room, &mut broken);
    for theirs in search.taken {
        broken_between(setup, &sitting, theirs, &mut broken);
    }
    if no_room {
        broken.push(Broken::NoRoomFree);
    }
    match search.stands_on(day, exam) {
        Some((_, other)) if !search.go_together(&sitting, other) => {
            broken.push(Broken::NoRest { minutes: setup.rules.rest });
        }
        None if !partners.iter().any(|partner| search.go_together(&sitting, partner)) => {
            broken.push(Broken::NoPlaceForOther);
        }
        _ => {}
    }
    broken
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::{Timestamp, civil::date};
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Absence, Rules, possible, span::later};

    fn span(from: u32, to: u32) -> Span {
        Span::new(later(Timestamp::UNIX_EPOCH, from), later(Timestamp::UNIX_EPOCH, to))
    }

    /// One jury and one examiner from 9:00 to 11:55, lunch from 10:40 to 10:50, one of the jury absent until 9:10.
    fn setup(rooms: &[&str]) -> Setup {
        let panel = |name: &str, exam, who: &str| Panel { name: name.into(), exam, examiners: [who.into()].into() };
        Setup {
            rules: Rules { interview: 25, english: 15, rest: 10, panel_members: 1 },
            panels: vec![panel("E", Exam::English, "e"), panel("J", Exam::Interview, "j")],
            rooms: rooms.iter().map(ToString::to_string).collect(),
            days: vec![Day::new(date(1970, 1, 1), span(540, 715), span(640, 650), vec![]).unwrap()],
            absences: vec![Absence { examiner: "j".into(), during: span(500, 550) }],
            remote: false,
        }
    }

    fn waiting(n: u128) -> Candidate {
        Candidate { dossier: Uuid::from_u128(n), remote: false, convocation: None }
    }

    fn sitting(n: u128, exam: Exam, during: Span, panel: &str, room: &str) -> Sitting {
        Sitting { dossier: Uuid::from_u128(n), exam, during, panel: panel.into(), room: Some(room.into()) }
    }

    #[test]
    fn each_time_that_cannot_be_says_why() {
        let setup = setup(&["R1", "R2"]);
        let other = Convocation {
            interview: sitting(1, Exam::Interview, span(565, 590), "J", "R1"),
            english: sitting(1, Exam::English, span(600, 615), "E", "R2"),
            remote: false,
        };
        let all = impossible(&setup, &waiting(2), Exam::Interview, None, [&other]);
        let said: Vec<_> = all.iter().map(|one| (one.during, one.why.clone())).collect();
        let busy = Broken::PanelBusy { panel: "J".into(), from: other.interview.during.from };
        assert_eq!(
            said,
            [
                (span(540, 565), vec![Broken::Absent { examiner: "j".into() }]),
                (span(565, 590), vec![busy]),
                (span(640, 665), vec![Broken::InBreak]),
            ]
        );
        // Nothing is both possible and impossible.
        let free = possible(&setup, &waiting(2), Exam::Interview, None, [&other]);
        assert!(!free.is_empty() && free.iter().all(|one| all.iter().all(|no| no.during != one.sitting.during)));
    }

    #[test]
    fn no_room_and_no_place_for_the_other_exam_are_reasons_too() {
        let all = impossible(&setup(&[]), &waiting(2), Exam::English, None, []);
        assert!(all.iter().all(|one| one.why.contains(&Broken::NoRoomFree)), "{all:?}");
        assert!(all.iter().all(|one| one.why.contains(&Broken::NoPlaceForOther)), "{all:?}");
    }

    #[test]
    fn an_exam_of_their_own_is_in_the_way_of_who_is_placed() {
        let stands = Convocation {
            interview: sitting(2, Exam::Interview, span(565, 590), "J", "R1"),
            english: sitting(2, Exam::English, span(600, 615), "E", "R2"),
            remote: false,
        };
        let all = impossible(&setup(&["R1", "R2"]), &Candidate::of(&stands), Exam::English, None, [&stands]);
        assert_eq!(all[0].during, span(555, 600), "{all:?}");
        assert_eq!(all[0].why, [Broken::NoRest { minutes: 10 }]);
    }
}
