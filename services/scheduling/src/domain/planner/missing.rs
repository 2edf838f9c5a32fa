//! What keeps a plan from placing everyone.

use jiff::civil::Date;
use thiserror::Error;

use crate::domain::{Exam, Setup};

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Missing {
    /// Places for so many candidates.
    #[error("{n} candidates could not be placed")]
    Places {
        /// How many.
        n: usize,
    },
    /// Time of an exam, to place on that day alone everyone left over.
    #[error("{day} lacks {minutes} minutes of {}", word(*.exam))]
    Minutes {
        /// The day at the school.
        day: Date,
        /// Of which exam.
        exam: Exam,
        /// How many.
        minutes: usize,
    },
    /// Slots of both exams are free, and none leave the rest between them.
    #[error("{day} lacks rest between the exams")]
    Rest {
        /// The day at the school.
        day: Date,
    },
    /// The day has no hours.
    #[error("the hours of {day} are not set")]
    Hours {
        /// The day at the school.
        day: Date,
    },
    /// Nobody holds the exam.
    #[error("the school has no panel for the {}", word(*.exam))]
    Panel {
        /// Which.
        exam: Exam,
    },
    /// Panels sit in rooms, one each.
    #[error("{rooms} rooms for {panels} panels")]
    Rooms {
        /// The school's rooms.
        rooms: usize,
        /// Its panels.
        panels: usize,
    },
}

impl Missing {
    /// The exams that nobody holds.
    pub fn panels(setup: &Setup) -> impl Iterator<Item = Self> {
        let held = |exam: Exam| setup.panels.iter().any(|panel| panel.exam == exam);
        let lacking = [Exam::Interview, Exam::English].into_iter().filter(move |exam| !held(*exam));
        lacking.map(|exam| Self::Panel { exam })
    }
}

const fn word(exam: Exam) -> &'static str {
    match exam {
        Exam::Interview => "interview",
        Exam::English => "English test",
    }
}
