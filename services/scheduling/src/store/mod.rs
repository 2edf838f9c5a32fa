//! All SQL of this service.

mod candidates;
mod embargo;
mod setup;

pub use candidates::{
    Known, add_constraint, bump, constraints, count_constraints, heard_version, known, lock_candidates, lock_school_of,
    remove_sittings, save_candidature, save_sittings, set_candidate_remote, set_missing,
};
pub use embargo::{
    Announcement, add_publication, announcement, announcement_shared, latest_confirmation, published, released,
    results_out,
};
pub use setup::{
    AbsenceNoted, SchoolRemote, absences, add_absence, add_room, lock_school, put_day, put_panel, remove_absence,
    remove_panel, school_remote, set_school_remote, setup,
};

use crate::domain::Exam;

/// The word under which an exam is stored.
pub const fn exam_word(exam: Exam) -> &'static str {
    match exam {
        Exam::Interview => "interview",
        Exam::English => "english",
    }
}

/// What a stored word means; the columns admit no other.
fn exam_of(word: &str) -> Exam {
    if word == "english" { Exam::English } else { Exam::Interview }
}
