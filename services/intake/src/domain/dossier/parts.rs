//! What a dossier is made of.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::{file::MediaType, form::Title, verification::PieceVerdict};

/// Recevabilité of a title at one school, as eligibility answered (R16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recevabilite {
    /// The tables open it.
    Open,
    /// The tables close it: it cannot be put in the order (R9).
    Closed,
    /// No table decides, the jury does: it can be put in the order (R17).
    ForJury,
}

/// What eligibility said of one school, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The school.
    pub school: String,
    /// What the tables say.
    pub recevabilite: Recevabilite,
    /// The table, e.g. "Tableau 5".
    pub table: String,
    /// Its row.
    pub row: String,
}

/// The title as stated, with what eligibility said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// What the candidate presents.
    pub title: Title,
    /// The filière it leads to (R8).
    pub filiere: String,
    /// One per school of the session.
    pub standings: Vec<Standing>,
}

impl Stated {
    /// What was said of `school`.
    #[must_use]
    pub fn at(&self, school: &str) -> Option<&Standing> {
        self.standings.iter().find(|s| s.school == school)
    }

    /// Schools that can be put in the order.
    pub fn allowed(&self) -> impl Iterator<Item = &str> {
        self.standings.iter().filter(|s| s.recevabilite != Recevabilite::Closed).map(|s| s.school.as_str())
    }
}

/// Why a piece is in the dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Part of what is closed.
    Piece,
    /// Followed the clôture (R10).
    Late,
    /// Answered a correction (R14).
    Correction,
}

/// One deposited file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its id.
    pub id: Uuid,
    /// Its kind, an id of the session file.
    pub kind: String,
    /// Name of the file as the candidate knows it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
    /// Told by its content.
    pub media: MediaType,
    /// Receipt of the request that made it a piece.
    pub deposited_at: Timestamp,
    /// Why it is here.
    pub purpose: Purpose,
    /// The piece it corrects.
    pub corrects: Option<Uuid>,
    /// What the school found of it.
    pub verdict: Option<PieceVerdict>,
    /// When it found that, and who.
    pub checked: Option<Checked>,
}

/// Someone looked at a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// When.
    pub at: Timestamp,
    /// The subject of their token; empty where it was not kept.
    pub by: String,
}

/// How the fee will be met (R22).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeClaim {
    /// A transfer, declared.
    Transfer,
    /// The exemption, on this attestation.
    Exemption {
        /// The attestation, a piece of the dossier.
        attestation: Uuid,
    },
}

/// The fiche d'appréciation has arrived (R11). Its content is elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fiche {
    /// When.
    pub deposited_at: Timestamp,
    /// SHA-256 of its content.
    pub digest: [u8; 32],
}
