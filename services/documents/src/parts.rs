//! What several documents name.

use jiff::civil::Date;
use serde::Serialize;

/// Whom a document is about.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// The dossier's number, as people quote it.
    pub number: String,
    /// Family name, as in the dossier.
    pub family_name: String,
    /// First names, as in the dossier.
    pub first_names: String,
    /// Civil date of birth.
    #[serde(serialize_with = "crate::moment::day")]
    pub birth_date: Date,
}

/// What proves that the platform issued a receipt: an Ed25519 signature over the text `signed`.
#[derive(Clone, Debug, Serialize)]
pub struct Seal {
    /// The exact text that is signed, one line.
    pub signed: String,
    /// The signature as text (base64 or hex, as the platform publishes it).
    pub signature: String,
    /// Which of the platform's keys signed.
    pub key_id: String,
    /// https address that checks this receipt; also in the QR code. Holds no name.
    pub verify_at: String,
}
