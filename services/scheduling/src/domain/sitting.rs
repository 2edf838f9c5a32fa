//! One exam of one candidate, and what may stand against it (R24).

use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use super::{Exam, Setup, Span};

/// One exam of one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Whose.
    pub dossier: Uuid,
    /// Which.
    pub exam: Exam,
    /// When.
    pub during: Span,
    /// Before whom: a panel of the school.
    pub panel: String,
    /// Where; none when at a distance.
    pub room: Option<String>,
}

/// Both exams of one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convocation {
    /// The interview.
    pub interview: Sitting,
    /// The English test.
    pub english: Sitting,
    /// This candidate's orals are at a distance, whatever the school's are.
    pub remote: bool,
}

impl Convocation {
    /// Whose.
    #[must_use]
    pub const fn dossier(&self) -> Uuid {
        self.interview.dossier
    }

    /// One of the two.
    #[must_use]
    pub const fn sitting(&self, exam: Exam) -> &Sitting {
        match exam {
            Exam::Interview => &self.interview,
            Exam::English => &self.english,
        }
    }

    /// Both.
    pub fn sittings(&self) -> impl Iterator<Item = &Sitting> {
        [&self.interview, &self.english].into_iter()
    }

    /// From the first exam's beginning to the second one's end.
    #[must_use]
    pub fn whole(&self) -> Span {
        Span::new(
            self.interview.during.from.min(self.english.during.from),
            self.interview.during.to.max(self.english.during.to),
        )
    }
}

/// A rule that a slot breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// No such panel.
    #[error("the school has no panel {panel:?}")]
    UnknownPanel {
        /// As asked for.
        panel: String,
    },
    /// The panel holds the other exam.
    #[error("panel {panel:?} does not hold this exam")]
    WrongPanel {
        /// As asked for.
        panel: String,
    },
    /// No such room.
    #[error("the school has no room {room:?}")]
    UnknownRoom {
        /// As asked for.
        room: String,
    },
    /// Not at a distance, and no room.
    #[error("an exam that is not at a distance needs a room")]
    NoRoom,
    /// Every room is taken then.
    #[error("every room is taken then")]
    NoRoomFree,
    /// Both exams are on one day, and the other one fits nowhere with this place.
    #[error("the other exam has no place that day with this one")]
    NoPlaceForOther,
    /// Who has no slot yet is given both.
    #[error("a candidate without a slot is given both exams at once, each with its panel")]
    BothNeeded,
    /// It does not last what the exam lasts.
    #[error("the exam lasts {minutes} minutes")]
    Length {
        /// What it lasts.
        minutes: u32,
    },
    /// In no day's hours.
    #[error("it lies outside the hours of the school's days")]
    OutsideHours,
    /// In a break or at lunch.
    #[error("it runs into a break or lunch")]
    InBreak,
    /// A member of the panel is absent then.
    #[error("{examiner} is absent then")]
    Absent {
        /// Who.
        examiner: String,
    },
    /// The panel has another candidate then.
    #[error("panel {panel:?} has another exam at {from}")]
    PanelBusy {
        /// Which.
        panel: String,
        /// Since when.
        from: Timestamp,
    },
    /// An examiner sits in another panel then.
    #[error("{examiner} holds another exam at {from}")]
    ExaminerBusy {
        /// Who.
        examiner: String,
        /// Since when.
        from: Timestamp,
    },
    /// The room is taken then.
    #[error("room {room:?} is taken at {from}")]
    RoomBusy {
        /// Which.
        room: String,
        /// Since when.
        from: Timestamp,
    },
    /// The two exams lie on two days.
    #[error("both exams of a candidate are on one day")]
    TwoDays,
    /// The two exams overlap or lie too close.
    #[error("a candidate has at least {minutes} minutes between the two exams")]
    NoRest {
        /// Least rest, minutes.
        minutes: u32,
    },
}

/// Every rule that `convocation` breaks among `others` (whose own is skipped); none when it can stand.
#[must_use]
pub fn broken<'a>(
    setup: &Setup,
    convocation: &Convocation,
    others: impl IntoIterator<Item = &'a Convocation>,
) -> Vec<Broken> {
    let mut broken = Vec::new();
    for sitting in convocation.sittings() {
        broken_alone(setup, sitting, convocation.remote, &mut broken);
    }
    let (interview, english) = (convocation.interview.during, convocation.english.during);
    if let (Some(a), Some(b)) = (setup.day_of(interview), setup.day_of(english))
        && a.date != b.date
    {
        broken.push(Broken::TwoDays);
    }
    if !interview.apart(english, setup.rules.rest) {
        broken.push(Broken::NoRest { minutes: setup.rules.rest });
    }
    // The candidate's own two exams can share an examiner, never at the same time: rest sees to that.
    for other in others.into_iter().filter(|o| o.dossier() != convocation.dossier()) {
        for (mine, theirs) in convocation.sittings().flat_map(|m| other.sittings().map(move |t| (m, t))) {
            broken_between(setup, mine, theirs, &mut broken);
        }
    }
    broken
}

pub(super) fn broken_alone(setup: &Setup, sitting: &Sitting, remote: bool, broken: &mut Vec<Broken>) {
    match setup.panel(&sitting.panel) {
        None => broken.push(Broken::UnknownPanel { panel: sitting.panel.clone() }),
        Some(panel) => {
            if panel.exam != sitting.exam {
                broken.push(Broken::WrongPanel { panel: panel.name.clone() });
            }
            let absent = setup.absences.iter().filter(|a| panel.examiners.contains(&a.examiner));
            for absence in absent.filter(|a| a.during.overlaps(sitting.during)) {
                broken.push(Broken::Absent { examiner: absence.examiner.clone() });
            }
        }
    }
    match &sitting.room {
        Some(room) if !setup.rooms.contains(room) => broken.push(Broken::UnknownRoom { room: room.clone() }),
        None if !remote && !setup.remote => broken.push(Broken::NoRoom),
        _ => {}
    }
    let minutes = setup.rules.minutes(sitting.exam);
    if sitting.during != Span::starting(sitting.during.from, minutes) {
        broken.push(Broken::Length { minutes });
    }
    match setup.day_of(sitting.during) {
        None => broken.push(Broken::OutsideHours),
        Some(day) if !day.stretches().iter().any(|s| s.contains(sitting.during)) => broken.push(Broken::InBreak),
        Some(_) => {}
    }
}

pub(super) fn broken_between(setup: &Setup, mine: &Sitting, theirs: &Sitting, broken: &mut Vec<Broken>) {
    if !mine.during.overlaps(theirs.during) {
        return;
    }
    let from = theirs.during.from;
    if mine.panel == theirs.panel {
        broken.push(Broken::PanelBusy { panel: mine.panel.clone(), from });
    } else if let (Some(my_panel), Some(their_panel)) = (setup.panel(&mine.panel), setup.panel(&theirs.panel)) {
        for examiner in my_panel.examiners.intersection(&their_panel.examiners) {
            broken.push(Broken::ExaminerBusy { examiner: examiner.clone(), from });
        }
    }
    if let Some(room) = mine.room.as_ref().filter(|r| theirs.room.as_ref() == Some(r)) {
        broken.push(Broken::RoomBusy { room: room.clone(), from });
    }
}
