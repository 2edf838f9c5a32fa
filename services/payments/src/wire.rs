//! Domain ↔ contracts.

use contracts::{intake::FeeClaim, payments as wire};

use crate::domain::{
    account::{Claim, Status},
    ledger::{PlacedAs, Pocket},
    line::{Outcome, State, Why},
    statement::Format,
    suggesting::FoundBy,
};

/// A status on the wire.
#[must_use]
pub fn status(status: Status) -> wire::FeeStatus {
    match status {
        Status::Due => wire::FeeStatus::Due,
        Status::Declared => wire::FeeStatus::Declared,
        Status::ExemptionRequested => wire::FeeStatus::ExemptionRequested,
        Status::Settled => wire::FeeStatus::Settled,
        Status::Exempt => wire::FeeStatus::Exempt,
        Status::ExemptionRefused => wire::FeeStatus::ExemptionRefused,
        Status::Short => wire::FeeStatus::Short,
        Status::Over => wire::FeeStatus::Over,
        Status::Refunded => wire::FeeStatus::Refunded,
        Status::NotOwed => wire::FeeStatus::NotOwed,
    }
}

/// A status that a list is asked for; `None` for one of a later version.
#[must_use]
pub fn status_asked(asked: wire::FeeStatus) -> Option<Status> {
    Some(match asked {
        wire::FeeStatus::Unspecified => return None,
        wire::FeeStatus::Due => Status::Due,
        wire::FeeStatus::Declared => Status::Declared,
        wire::FeeStatus::ExemptionRequested => Status::ExemptionRequested,
        wire::FeeStatus::Settled => Status::Settled,
        wire::FeeStatus::Exempt => Status::Exempt,
        wire::FeeStatus::ExemptionRefused => Status::ExemptionRefused,
        wire::FeeStatus::Short => Status::Short,
        wire::FeeStatus::Over => Status::Over,
        wire::FeeStatus::Refunded => Status::Refunded,
        wire::FeeStatus::NotOwed => Status::NotOwed,
    })
}

/// Why an account was found.
#[must_use]
pub fn found_by(by: FoundBy) -> wire::FoundBy {
    match by {
        FoundBy::Reference => wire::FoundBy::Reference,
        FoundBy::ReferenceMistyped => wire::FoundBy::ReferenceMistyped,
        FoundBy::Name => wire::FoundBy::Name,
        FoundBy::Number => wire::FoundBy::Number,
        FoundBy::Amount => wire::FoundBy::Amount,
        FoundBy::Payee => wire::FoundBy::Payee,
    }
}

/// A status as other systems read it: the contract's word without its prefix.
#[must_use]
pub fn status_word(of: Status) -> &'static str {
    status(of).as_str_name().trim_start_matches("FEE_STATUS_")
}

/// A candidate's claim from the wire; `None` for one of a later version.
#[must_use]
pub fn claim(claim: FeeClaim) -> Option<Claim> {
    match claim {
        FeeClaim::Transfer => Some(Claim::Transfer),
        FeeClaim::Exemption => Some(Claim::Exemption),
        FeeClaim::Unspecified => None,
    }
}

/// A format on the wire.
#[must_use]
pub fn format(format: Format) -> wire::StatementFormat {
    match format {
        Format::Camt053 => wire::StatementFormat::Camt053,
        Format::Cfonb120 => wire::StatementFormat::Cfonb120,
    }
}

/// A format from the wire; `None`: to be told from the content.
#[must_use]
pub fn format_asked(format: wire::StatementFormat) -> Option<Format> {
    match format {
        wire::StatementFormat::Unspecified => None,
        wire::StatementFormat::Camt053 => Some(Format::Camt053),
        wire::StatementFormat::Cfonb120 => Some(Format::Cfonb120),
    }
}

/// A pocket on the wire.
#[must_use]
pub fn pocket(pocket: Pocket) -> wire::Pocket {
    match pocket {
        Pocket::Bank => wire::Pocket::Bank,
        Pocket::Counter => wire::Pocket::Counter,
        Pocket::Queue => wire::Pocket::Queue,
        Pocket::Unknown => wire::Pocket::Unknown,
        Pocket::Account => wire::Pocket::Account,
        Pocket::Refunds => wire::Pocket::Refunds,
    }
}

/// What placing a line did.
#[must_use]
pub fn outcome(outcome: Outcome) -> wire::LineOutcome {
    match outcome {
        Outcome::Settles => wire::LineOutcome::Settles,
        Outcome::Short => wire::LineOutcome::Short,
        Outcome::Over => wire::LineOutcome::Over,
        Outcome::Double => wire::LineOutcome::Double,
        Outcome::OtherSchool => wire::LineOutcome::OtherSchool,
        Outcome::Returned => wire::LineOutcome::Returned,
        Outcome::RefundSent => wire::LineOutcome::RefundSent,
        Outcome::RefundCameBack => wire::LineOutcome::RefundCameBack,
        Outcome::PaidOut => wire::LineOutcome::PaidOut,
    }
}

/// What became of a line that is on no account.
#[must_use]
pub fn state<D>(state: &State<D>) -> wire::LineOutcome {
    match state {
        State::Queued(Why::NoReference) => wire::LineOutcome::Queued,
        State::Queued(Why::UnknownReference) => wire::LineOutcome::QueuedUnknownReference,
        State::Queued(Why::Ambiguous) => wire::LineOutcome::QueuedAmbiguous,
        State::Unknown => wire::LineOutcome::Unknown,
        State::SentBack => wire::LineOutcome::Returning,
        State::Placed { placed_as, .. } => match placed_as {
            PlacedAs::Received => wire::LineOutcome::Unspecified,
            PlacedAs::TakenBack => wire::LineOutcome::Returned,
            PlacedAs::RefundCameBack => wire::LineOutcome::RefundCameBack,
            PlacedAs::PaidOut => wire::LineOutcome::PaidOut,
            PlacedAs::RefundSent => wire::LineOutcome::RefundSent,
        },
    }
}
