//! One file per thing the world may ask, and per thing heard.
//!
//! Locks are taken in one order: the announcement, the school, candidates by dossier.

mod announce;
mod hear_decision;
mod move_slot;
mod plan_orals;
mod set_remote;
mod set_up;
mod state_constraint;
mod tell;

pub use announce::{confirm_publication, publish_results};
pub use hear_decision::{annul, decide};
pub use move_slot::{MoveSlot, move_slot};
pub use plan_orals::{Planned, plan_orals};
pub use set_remote::{SetRemote, set_remote};
pub use set_up::{
    Affected, RecordAbsence, define_day, define_panel, define_room, record_absence, withdraw_absence, withdraw_panel,
};
pub use state_constraint::{MOST_CONSTRAINTS, state_constraint};
pub(crate) use tell::Telling;

use jiff::{Timestamp, civil::Date};
use notice::Session;
use platform::db::DbError;
use thiserror::Error;

use crate::domain::{Broken, HoursRefused, PanelRefused, Rules};

/// Who asks what about which school, and when it was received.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Id of the school.
    pub school: &'a str,
    /// Who asks, for the audit log.
    pub actor: &'a str,
    /// When the request was received, UTC (R3).
    pub at: Timestamp,
}

/// Why something was not done.
#[derive(Debug, Error)]
pub enum Refused {
    /// The panel cannot be.
    #[error(transparent)]
    Panel(#[from] PanelRefused),
    /// The panel has exams: its members stand.
    #[error("panel {panel:?} has {exams} exams: its members and its exam stand")]
    PanelHasExams {
        /// Which.
        panel: String,
        /// How many exams.
        exams: usize,
    },
    /// Not one of the school's days of Tableau 2.
    #[error("{given} is not a day of orals of this school")]
    NotADay {
        /// As asked for.
        given: Date,
        /// The school's days.
        allowed: Vec<Date>,
    },
    /// The hours cannot be.
    #[error(transparent)]
    Hours(#[from] HoursRefused),
    /// Exams would fall outside the new hours.
    #[error("{exams} exams would fall outside these hours or into a break: move them first")]
    DayHasExams {
        /// How many.
        exams: usize,
    },
    /// An absence that ends before it begins.
    #[error("the absence ends before it begins")]
    AbsenceBackwards,
    /// No candidate of that dossier is convened by the school.
    #[error("no candidate of that dossier is convened by this school")]
    NoSlot,
    /// The slot breaks rules.
    #[error("the slot is impossible")]
    Impossible(Vec<Broken>),
    /// The database refused an overlap: another school gave the examiner an exam meanwhile.
    #[error("an examiner was given another exam meanwhile ({constraint})")]
    Overlap {
        /// The constraint that refused.
        constraint: String,
    },
    /// The admissibility results are not out (R19).
    #[error("the results are not published yet")]
    NotPublished,
    /// Nothing to show to this candidate, for whatever reason (R19).
    #[error("there is no convocation")]
    NoConvocation,
    /// The candidate has said enough.
    #[error("at most {most} constraints are kept")]
    TooManyConstraints {
        /// How many are kept.
        most: usize,
    },
    /// The database.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some(constraint) if constraint.starts_with("one_exam_at_once") => {
                Self::Overlap { constraint: constraint.to_owned() }
            }
            _ => Self::Db(error),
        }
    }
}

/// Lengths and rest, from the session file.
#[must_use]
pub fn rules(session: &Session) -> Rules {
    let orals = &session.orals;
    Rules {
        interview: orals.interview.minutes,
        english: orals.english.minutes,
        rest: orals.gap_minutes,
        panel_members: usize::try_from(orals.panel_members).unwrap_or(usize::MAX),
    }
}
