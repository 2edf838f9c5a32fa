//! Moving exams of a candidate, and placing by hand (R25).

use jiff::Timestamp;

use super::{Broken, Candidate, Convocation, Exam, Setup, Sitting, Span, broken};

/// Where one exam is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Which exam.
    pub exam: Exam,
    /// Its new beginning.
    pub begins_at: Timestamp,
    /// Its new panel; the same if none.
    pub panel: Option<String>,
    /// Its new room; the same if none.
    pub room: Option<String>,
}

/// The convocation of `candidate` after `moves`, if it can stand among `others`. Who has none is placed by two moves, one
/// for each exam, with their panels.
///
/// # Errors
/// Every rule it would break.
pub fn moved<'a>(
    setup: &Setup,
    candidate: &Candidate,
    moves: &[Move],
    others: impl IntoIterator<Item = &'a Convocation>,
) -> Result<Convocation, Vec<Broken>> {
    let sitting = |exam: Exam| {
        let now = candidate.convocation.as_ref().map(|convocation| convocation.sitting(exam));
        let Some(change) = moves.iter().rfind(|change| change.exam == exam) else { return now.cloned() };
        Some(Sitting {
            dossier: candidate.dossier,
            exam,
            during: Span::starting(change.begins_at, setup.rules.minutes(exam)),
            panel: change.panel.clone().or_else(|| now.map(|now| now.panel.clone()))?,
            room: change.room.clone().or_else(|| now.and_then(|now| now.room.clone())),
        })
    };
    let both = sitting(Exam::Interview).zip(sitting(Exam::English));
    let (interview, english) = both.ok_or_else(|| vec![Broken::BothNeeded])?;
    let after = Convocation { interview, english, remote: candidate.remote };
    let broken = broken(setup, &after, others);
    if broken.is_empty() { Ok(after) } else { Err(broken) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Absence, Day, Panel, Rules, plan, span::later};
    use jiff::civil::date;
    use uuid::Uuid;

    fn minute(minute: u32) -> Timestamp {
        later(Timestamp::UNIX_EPOCH, minute)
    }

    fn panel(name: &str, exam: Exam, examiners: &[&str]) -> Panel {
        Panel { name: name.into(), exam, examiners: examiners.iter().map(ToString::to_string).collect() }
    }

    /// Two juries and two examiners; the first two days of 1970 from 9:00 to 17:00, lunch at noon.
    fn setup() -> Setup {
        let day = |n: u32| {
            let at = |m| minute(n * 1440 + m);
            let date = date(1970, 1, 1 + i8::try_from(n).unwrap());
            Day::new(date, Span::new(at(540), at(1020)), Span::new(at(720), at(780)), vec![]).unwrap()
        };
        Setup {
            rules: Rules { interview: 25, english: 15, rest: 10, panel_members: 2 },
            panels: vec![
                panel("E1", Exam::English, &["e1"]),
                panel("E2", Exam::English, &["a"]),
                panel("J1", Exam::Interview, &["a", "b"]),
                panel("J2", Exam::Interview, &["c", "d"]),
            ],
            rooms: ["R1", "R2", "R3", "R4"].map(Into::into).to_vec(),
            days: vec![day(0), day(1)],
            absences: vec![Absence { examiner: "d".into(), during: Span::new(minute(900), minute(1020)) }],
            remote: false,
        }
    }

    fn to(exam: Exam, at: u32) -> Move {
        Move { exam, begins_at: minute(at), panel: None, room: None }
    }

    /// Two candidates: the first at 9:00 before J1 and at 9:35 before E1, the second the same at 13:00 and 13:35.
    fn two() -> [Convocation; 2] {
        [(1, 540), (2, 780)].map(|(n, from)| {
            let sitting = |exam, at, minutes, panel: &str, room: &str| Sitting {
                dossier: Uuid::from_u128(n),
                exam,
                during: Span::starting(minute(at), minutes),
                panel: panel.into(),
                room: Some(room.into()),
            };
            Convocation {
                interview: sitting(Exam::Interview, from, 25, "J1", "R1"),
                english: sitting(Exam::English, from + 35, 15, "E1", "R2"),
                remote: false,
            }
        })
    }

    fn try_move(moves: &[Move]) -> Result<Convocation, Vec<Broken>> {
        let both = two();
        moved(&setup(), &Candidate::of(&both[0]), moves, &both)
    }

    #[test]
    fn a_free_slot_takes_the_exam_and_keeps_panel_and_room() {
        let after = try_move(&[to(Exam::English, 700)]).unwrap();
        assert_eq!((after.english.during.from, after.english.panel.as_str()), (minute(700), "E1"));
        assert_eq!(after.interview, two()[0].interview);
    }

    #[test]
    fn every_rule_broken_is_named() {
        let english = |at| try_move(&[to(Exam::English, at)]).unwrap_err();
        assert_eq!(english(574), [Broken::NoRest { minutes: 10 }]);
        assert_eq!(english(706), [Broken::InBreak]);
        assert_eq!(english(1010), [Broken::OutsideHours]);
        assert_eq!(
            english(815),
            [
                Broken::PanelBusy { panel: "E1".into(), from: minute(815) },
                Broken::RoomBusy { room: "R2".into(), from: minute(815) }
            ]
        );
        assert_eq!(english(1440 + 600), [Broken::TwoDays]);
        let elsewhere = |panel: &str, room: &str, at| {
            let change = Move { panel: Some(panel.into()), room: Some(room.into()), ..to(Exam::Interview, at) };
            try_move(&[change]).unwrap_err()
        };
        assert_eq!(elsewhere("J9", "R3", 650), [Broken::UnknownPanel { panel: "J9".into() }]);
        assert_eq!(elsewhere("E2", "R3", 650), [Broken::WrongPanel { panel: "E2".into() }]);
        assert_eq!(elsewhere("J2", "R9", 650), [Broken::UnknownRoom { room: "R9".into() }]);
        assert_eq!(elsewhere("J2", "R3", 905), [Broken::Absent { examiner: "d".into() }]);
    }

    #[test]
    fn an_examiner_of_two_panels_sits_in_one_at_a_time() {
        let change = Move { panel: Some("E2".into()), room: Some("R3".into()), ..to(Exam::English, 785) };
        assert_eq!(
            try_move(&[change]).unwrap_err(),
            [Broken::ExaminerBusy { examiner: "a".into(), from: minute(780) }]
        );
    }

    #[test]
    fn both_exams_move_to_another_day_together() {
        let after = try_move(&[to(Exam::English, 1440 + 600), to(Exam::Interview, 1440 + 625)]).unwrap();
        assert_eq!(after.whole(), Span::new(minute(1440 + 600), minute(1440 + 650)));
    }

    #[test]
    fn a_move_lets_the_plan_stand() {
        let after = try_move(&[to(Exam::English, 700)]).unwrap();
        let plan = plan(&setup(), &[date(1970, 1, 1)], &[&after, &two()[1]].map(Candidate::of));
        assert_eq!((plan.kept.len(), plan.placed.len(), plan.unplaced.len()), (2, 0, 0));
    }

    #[test]
    fn who_has_no_slot_is_placed_whole_or_not_at_all() {
        let (both, third) = (two(), Uuid::from_u128(3));
        let waiting = Candidate { dossier: third, remote: false, convocation: None };
        let place = |exam, at, panel: &str, room: &str| Move {
            panel: Some(panel.into()),
            room: Some(room.into()),
            ..to(exam, at)
        };
        let interview = place(Exam::Interview, 600, "J1", "R1");
        let try_place = |moves: &[Move]| moved(&setup(), &waiting, moves, &both);
        assert_eq!(try_place(std::slice::from_ref(&interview)), Err(vec![Broken::BothNeeded]));
        assert_eq!(try_place(&[interview.clone(), to(Exam::English, 640)]), Err(vec![Broken::BothNeeded]));
        let placed = try_place(&[interview.clone(), place(Exam::English, 640, "E1", "R2")]).unwrap();
        assert_eq!((placed.dossier(), placed.whole()), (third, Span::new(minute(600), minute(655))));
        let busy = try_place(&[place(Exam::English, 575, "E1", "R2"), interview]).unwrap_err();
        assert!(busy.contains(&Broken::PanelBusy { panel: "E1".into(), from: minute(575) }), "{busy:?}");
    }
}
