//! What this service refuses, as the wire says it: one mapping.

use jiff::Timestamp;
use platform::refusal::Refusal;

use crate::domain::answers::{Answer, AnswerRefused};
use crate::wire;

impl From<AnswerRefused> for Refusal {
    fn from(refused: AnswerRefused) -> Self {
        let why = refused.to_string();
        match refused {
            AnswerRefused::NotRetained => Self::precondition("NOT_RETAINED", "candidature", why),
            AnswerRefused::NoLongerInTheRunning => Self::precondition("NO_LONGER_IN_THE_RUNNING", "candidature", why),
            AnswerRefused::NotAllowed { given, allowed } => Self::precondition("ANSWER_NOT_ALLOWED", "situation", why)
                .with("given", word(given))
                .allowed(words(&allowed)),
            AnswerRefused::Unconfirmed { given, allowed } => {
                Self::precondition("CONFIRMATION_REQUIRED", "confirmed", why)
                    .with("given", word(given))
                    .allowed(words(&allowed))
            }
        }
    }
}

fn word(answer: Answer) -> &'static str {
    wire::answer_out(answer).as_str_name()
}

fn words(answers: &[Answer]) -> impl Iterator<Item = &'static str> {
    answers.iter().map(|answer| word(*answer))
}

/// Nobody may know anything of it yet (R19).
#[must_use]
pub fn not_yet_published(opens_at: Option<Timestamp>) -> Refusal {
    let refusal = Refusal::precondition("NOT_YET_PUBLISHED", "period", "nothing of this is published yet (R19)");
    match opens_at {
        Some(opens_at) => refusal.with("opens_at", opens_at.to_string()),
        None => refusal,
    }
}

/// Outside any period only NON is heard (R30).
#[must_use]
pub fn period_not_open(next: Option<Timestamp>, allowed: &[Answer]) -> Refusal {
    let refusal = Refusal::precondition("PERIOD_NOT_OPEN", "period", "no period is open; only NON is heard (R30)")
        .allowed(words(allowed));
    match next {
        Some(next) => refusal.with("opens_at", next.to_string()),
        None => refusal,
    }
}

/// The title deadline has passed: the schools go on from here.
#[must_use]
pub fn integration_over() -> Refusal {
    Refusal::precondition("INTEGRATION_OVER", "session", "the integration is over; the school of the seat can help")
}

/// There is no such candidature, or not for this caller.
#[must_use]
pub fn no_candidature() -> Refusal {
    Refusal::not_found("NO_CANDIDATURE", "candidature", "no dossier of this candidate was closed")
}

/// There is no such period.
#[must_use]
pub fn no_period(number: u32) -> Refusal {
    Refusal::not_found("NO_PERIOD", format!("period/{number}"), "the session has no such period")
}
