//! The receipt of an answer in an integration period (R30, R36).

use jiff::Zoned;
use serde::Serialize;

use crate::{Candidate, Seal};

/// What was answered and what follows.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerReceipt {
    /// The session's title.
    pub session: String,
    /// For whom.
    pub candidate: Candidate,
    /// What was answered.
    pub answer: Answer,
    /// Name of the school answered about, if there was one.
    pub school: Option<String>,
    /// Number of the last period that opened.
    pub period: u32,
    /// When the platform received it (R3), in the session's zone.
    #[serde(serialize_with = "crate::moment::instant")]
    pub received_at: Zoned,
    /// When it takes effect: the period's close, or at once for a NON.
    #[serde(serialize_with = "crate::moment::instant")]
    pub takes_effect_at: Zoned,
    /// Names of the schools that are given up with it.
    pub gives_up: Vec<String>,
    /// Who acted.
    pub actor: Actor,
    /// Proof of origin, if the platform seals answers.
    pub seal: Option<Seal>,
}

/// The answers of R30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The seat is kept, every other school is given up.
    OuiDefinitif,
    /// The seat is held, better schools stay possible.
    OuiMais,
    /// The seat is given up, better schools stay possible.
    NonMais,
    /// The schools still open stay so.
    Attente,
    /// Resigns everywhere.
    Non,
}

/// Who gave an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The candidate, signed in.
    Candidate,
    /// A relative, with a mandate's code (R36).
    Mandate {
        /// As the candidate named them.
        name: String,
    },
}
