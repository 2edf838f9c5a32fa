//! Contract → domain and back.

use contracts::{integration::State, notifier as pb, payments::FeeStatus};

use crate::{
    domain::hear::{Fee, Situation},
    letters::Missing,
    store,
};

pub(crate) fn fee(status: &str) -> Fee {
    match FeeStatus::from_str_name(status) {
        Some(FeeStatus::Settled) => Fee::Settled,
        Some(FeeStatus::Short) => Fee::Short,
        Some(FeeStatus::ExemptionRefused) => Fee::ExemptionRefused,
        _ => Fee::Other,
    }
}

pub(crate) fn situation(state: &str) -> Situation {
    match State::from_str_name(state) {
        Some(State::NotRetained) => Situation::NotRetained,
        Some(State::Proposed) => Situation::Proposed,
        Some(State::Eliminated) => Situation::Eliminated,
        Some(State::Resigned) => Situation::Resigned,
        Some(State::Admitted) => Situation::Admitted,
        Some(State::Lapsed) => Situation::Lapsed,
        // Waiting and answers are the candidate's own; an annulment is told by the jury.
        _ => Situation::Other,
    }
}

pub(crate) fn missing(things: Vec<contracts::intake::MissingThing>) -> Vec<Missing> {
    things.into_iter().map(|thing| Missing { what: thing.what, any_of: thing.any_of }).collect()
}

const STATES: [(&str, pb::MailState); 5] = [
    ("pending", pb::MailState::Pending),
    ("sent", pb::MailState::Sent),
    ("bounced", pb::MailState::Bounced),
    ("given_up", pb::MailState::GivenUp),
    ("moot", pb::MailState::Moot),
];

pub(crate) fn state(word: &str) -> pb::MailState {
    STATES.iter().find(|(stored, _)| *stored == word).map_or(pb::MailState::Unspecified, |(_, state)| *state)
}

/// How a state is stored; empty for any.
pub(crate) fn state_word(state: pb::MailState) -> &'static str {
    STATES.iter().find(|(_, known)| *known == state).map_or("", |(word, _)| word)
}

pub(crate) fn mail(row: store::Page) -> pb::Mail {
    pb::Mail {
        mail_id: row.id.to_string(),
        kind: row.kind,
        dossier_id: row.dossier.map(|id| id.to_string()).unwrap_or_default(),
        state: state(&row.state).into(),
        tries: row.tries,
        asked_at: Some(row.asked_at.into()),
        sent_at: row.sent_at.map(Into::into),
        next_try_at: row.next_try_at.map(Into::into),
        last_error: row.last_error,
    }
}

pub(crate) fn entry(entry: store::Entry) -> pb::MailboxEntry {
    pb::MailboxEntry {
        mail_id: entry.mail.to_string(),
        kind: entry.kind.word().to_owned(),
        to: entry.to,
        subject: entry.subject,
        at: Some(entry.at.into()),
    }
}
