//! What a dossier needs: its pieces and its fee.

use jiff::SpanFieldwise;

use crate::session::Label;

/// The fee (R20–R22).
#[derive(Debug, Clone, PartialEq)]
pub struct Fee {
    /// In cents of the session's currency; positive.
    pub cents: i64,
    /// The reference the notice asks for on a transfer, with `{nom}` and `{prenom}` where the names go.
    pub reference: String,
    /// Id of the piece that proves an exemption (R20).
    pub exemption_piece: String,
    /// Time before the admissibility commission at which unsettled fees are listed (R22).
    pub listed_before: SpanFieldwise,
    /// Where this is printed.
    pub source: String,
}

impl Fee {
    /// The notice's reference for one candidate.
    #[must_use]
    pub fn printed_reference(&self, nom: &str, prenom: &str) -> String {
        self.reference.replace("{nom}", nom).replace("{prenom}", prenom)
    }
}

/// When a piece is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At clôture (R12).
    Closing,
    /// Before the title deadline (R34).
    Titles,
    /// At clôture, from those who ask for the exemption (R22).
    ClosingIfExempt,
}

/// Who deposits a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depositor {
    /// The candidate.
    Candidate,
    /// The person the candidate names; the content stays confidential (R11).
    Referee,
}

/// A file format, told by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

/// A piece of the dossier (R10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Id, e.g. "identity".
    pub id: String,
    /// What the candidate is asked for.
    pub label: Label,
    /// When.
    pub due: Due,
    /// Of whom: ids of filières.
    pub filieres: Vec<String>,
    /// One piece of each group is enough (fiche d'appréciation or fiche de poursuite d'études).
    pub group: Option<String>,
    /// Who deposits it.
    pub by: Depositor,
    /// Accepted formats.
    pub formats: Vec<Format>,
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Where this is printed.
    pub source: String,
}
