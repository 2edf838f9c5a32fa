//! Why a candidature does not move.

use thiserror::Error;
use uuid::Uuid;

/// Why the jury cannot do this to a candidature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// Not a school of this candidature.
    #[error("dossier {dossier} does not apply to {school}; it applies to {}", .applied.join(", "))]
    NotApplied {
        /// The dossier.
        dossier: Uuid,
        /// The school named.
        school: String,
        /// The schools it applies to.
        applied: Vec<String>,
    },
    /// The tables close that school (R9): the jury does not open it.
    #[error("the tables close {school} to dossier {dossier}")]
    ClosedByTables {
        /// The dossier.
        dossier: Uuid,
        /// The school.
        school: String,
    },
    /// Signed decisions are final (R18).
    #[error("the admissibility of dossier {dossier} is signed; only a correction by two people changes it")]
    Signed {
        /// The dossier.
        dossier: Uuid,
    },
    /// There is no signed decision to correct or to build on.
    #[error("the admissibility of dossier {dossier} is not signed")]
    NotSigned {
        /// The dossier.
        dossier: Uuid,
    },
    /// No decision was drafted.
    #[error("dossier {dossier} has no decision")]
    Undecided {
        /// The dossier.
        dossier: Uuid,
    },
    /// Schools left to the jury are not determined (R17).
    #[error("dossier {dossier} has undetermined schools: {}", .schools.join(", "))]
    Undetermined {
        /// The dossier.
        dossier: Uuid,
        /// Which schools.
        schools: Vec<String>,
    },
    /// No school is left where it is recevable.
    #[error("dossier {dossier} is recevable at none of its schools and cannot be admissible")]
    NotRecevableAnywhere {
        /// The dossier.
        dossier: Uuid,
    },
    /// The candidature is void.
    #[error("the candidature of dossier {dossier} is annulled")]
    Annulled {
        /// The dossier.
        dossier: Uuid,
    },
    /// The correction changes nothing.
    #[error("dossier {dossier} already stands like that")]
    NothingToCorrect {
        /// The dossier.
        dossier: Uuid,
    },
    /// Only the admissible sit the orals.
    #[error("dossier {dossier} is not admissible")]
    NotAdmissible {
        /// The dossier.
        dossier: Uuid,
    },
    /// Not an exam of this session.
    #[error("{exam:?} is no exam of this session; its exams are {}", .exams.join(", "))]
    UnknownExam {
        /// What was given.
        exam: String,
        /// The session's.
        exams: Vec<String>,
    },
    /// A result is there already; replacing it takes a reason.
    #[error("dossier {dossier} has a result in {exam} already; replacing it takes a reason")]
    ResultExists {
        /// The dossier.
        dossier: Uuid,
        /// The exam.
        exam: String,
    },
}
