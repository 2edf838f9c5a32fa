//! The receipt of a clôture (R12).

use jiff::Zoned;
use serde::Serialize;

use crate::{Candidate, Seal};

/// What the candidate holds after the clôture. Texts that the session file gives in two languages are given in the
/// document's.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// The session's title.
    pub session: String,
    /// The dossier and its owner.
    pub candidate: Candidate,
    /// When the platform received the request that closed it (R3), in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub closed_at: Zoned,
    /// Names of the schools, best first. The order appears in no school's document (R14): this one is the candidate's own.
    pub schools: Vec<String>,
    /// Label of the filière.
    pub filiere: String,
    /// The title stated, with its mention or speciality.
    pub title: String,
    /// Every piece as it was closed, the confidential fiche excepted (R11).
    pub pieces: Vec<Piece>,
    /// SHA-256 over form, order and pieces, hex.
    pub digest: String,
    /// Proof of origin.
    pub seal: Seal,
}

/// One piece of the dossier.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// Label of the piece in the session file.
    pub label: String,
    /// Name of the deposited file.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hex; its first sixteen digits are shown.
    pub sha256: String,
    /// When the platform received it, in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub deposited_at: Zoned,
}
