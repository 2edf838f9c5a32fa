//! Why a dossier refuses.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Standing, StateName};
use crate::domain::{catalogue::MOST_FILES_PER_KIND, completeness::Missing, file::MediaType};

/// The dossier cannot be edited where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the dossier is {state}; only an open one can be edited")]
pub struct NotEditable {
    /// Where it stands.
    pub state: StateName,
}

/// Why an order of schools is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefused {
    /// §3.1: after clôture every request to change it is.
    #[error("the order is final since the clôture (§3.1)")]
    Final,
    /// The window ended on an open dossier.
    #[error(transparent)]
    NotEditable(#[from] NotEditable),
    /// Recevabilité cannot be known yet.
    #[error("no title is stated yet")]
    TitleMissing,
    /// No school, one twice, or one that the session does not know.
    #[error("{0}")]
    Malformed(String),
    /// The tables close the school to the title (R9).
    #[error("{} closes {} to this title ({})", .0.table, .0.school, .0.row)]
    ClosedByTable(Standing),
}

/// The jury annulled the candidature (R15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the jury annulled this candidature at {at} (R15)")]
pub struct Annulled {
    /// When.
    pub at: Timestamp,
}

/// Why a piece is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PieceRefused {
    /// Not in this state, with this purpose.
    #[error("the dossier is {state}; this needs it {needed}")]
    WrongState {
        /// Where it stands.
        state: StateName,
        /// Where it would have to stand.
        needed: StateName,
    },
    /// Nothing can come of it any more.
    #[error(transparent)]
    Annulled(#[from] Annulled),
    /// No such kind, or none that may be deposited so.
    #[error("no kind of that name can be deposited so")]
    Kind(String),
    /// Content of a type that this kind does not accept.
    #[error("{} is not accepted for {kind:?}", .media.mime())]
    Media {
        /// Told by the content.
        media: MediaType,
        /// The kind.
        kind: String,
    },
    /// Larger than this kind accepts, or empty.
    #[error("{size} bytes; 1 to {most} are accepted")]
    Size {
        /// Declared or counted.
        size: u64,
        /// Most of this kind.
        most: u64,
    },
    /// Too many of one kind.
    #[error("{MOST_FILES_PER_KIND} files of kind {0:?} already")]
    TooMany(String),
}

/// Why a fee claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeeRefused {
    /// Only an open dossier takes one.
    #[error(transparent)]
    NotEditable(#[from] NotEditable),
    /// Without an order nobody is owed anything.
    #[error("no order of schools yet: the fee is owed to the first of it")]
    OrderMissing,
    /// The attestation is not among the pieces.
    #[error("piece {0} is not an attestation of this dossier")]
    AttestationMissing(Uuid),
}

/// Why a dossier is not given up: it is not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the dossier is {state}; {}", match state {
    StateName::Closed => "a candidature is given up with the answer NON (R30)",
    _ => "only an open one is given up here",
})]
pub struct AbandonRefused {
    /// Where it stands.
    pub state: StateName,
}

/// Why a clôture is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseRefused {
    /// Given up before.
    #[error(transparent)]
    NotEditable(#[from] NotEditable),
    /// Everything missing, at once (R12).
    #[error("{} things are missing", .0.len())]
    Incomplete(Vec<Missing>),
    /// The window ended on it (R13).
    #[error("the deposits closed at {at} on this open dossier: it is not a candidature")]
    NotACandidature {
        /// End of the window.
        at: Timestamp,
    },
}
