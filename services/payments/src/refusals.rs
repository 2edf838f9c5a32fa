//! What each refusal of the domain is to a caller: one place, so that a reason means one thing.

use platform::refusal::Refusal;
use uuid::Uuid;

use crate::{
    domain::{account::AccountRefused, line::LineRefused, statement::Unreadable},
    reasons,
};

/// No account of that id, for this caller.
pub(crate) fn unknown_dossier(id: Uuid) -> Refusal {
    Refusal::not_found("DOSSIER_UNKNOWN", id.to_string(), "no dossier of that id is known here")
}

/// No line of that id, for this caller.
pub(crate) fn unknown_line(id: Uuid) -> Refusal {
    Refusal::not_found("LINE_UNKNOWN", id.to_string(), "no line of that id is on your school's books")
}

/// The school's number of another act.
pub(crate) fn receipt_used(receipt: &str) -> Refusal {
    Refusal::already_exists("RECEIPT_USED", receipt, "this number was given to another act; nothing was recorded")
}

impl From<AccountRefused> for Refusal {
    fn from(refused: AccountRefused) -> Self {
        let why = refused.to_string();
        match refused {
            AccountRefused::NotClosed => Self::precondition("DOSSIER_NOT_CLOSED", "dossier", why),
            AccountRefused::NothingAsked => Self::precondition("NO_EXEMPTION_ASKED", "exemption", why),
            AccountRefused::NoReason => Self::invalid("REASON_MISSING").field("reason", why),
            AccountRefused::NotHeld { held, asked, .. } => Self::precondition("NOT_HELD", "cents", why)
                .with("asked", asked.get().to_string())
                .allowed([format!("1..={}", held.get())]),
            AccountRefused::Amount(_) => Self::invalid("AMOUNT_INVALID").field("cents", why),
            AccountRefused::NotThePayee { .. } => Self::precondition("NOT_THE_PAYEE", "dossier", why),
        }
    }
}

impl From<LineRefused> for Refusal {
    fn from(refused: LineRefused) -> Self {
        let why = refused.to_string();
        match refused {
            LineRefused::State { is, allowed } => {
                Self::precondition("LINE_STATE", "line", why).with("state", is).allowed([allowed])
            }
            LineRefused::NothingToSend { pending, .. } => {
                Self::precondition("NOTHING_TO_SEND", "line", why).with("pending_cents", pending.get().to_string())
            }
        }
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        let why = unreadable.to_string();
        match unreadable {
            Unreadable::Neither => {
                Self::invalid("FORMAT_UNKNOWN").field("content", why).allowed(["camt.053", "CFONB 120"])
            }
            Unreadable::TooLarge(_) | Unreadable::TooManyLines => {
                Self::invalid("STATEMENT_TOO_LARGE").field("content", why)
            }
            Unreadable::NotXml { .. }
            | Unreadable::Hostile { .. }
            | Unreadable::NotCamt053(_)
            | Unreadable::NotCfonb120 { .. } => {
                Self::invalid("STATEMENT_UNREADABLE").because("content", reasons::unread(&unreadable, &why))
            }
            Unreadable::Faults(faults) => {
                let refusal = Self::invalid("STATEMENT_INVALID").message(why);
                faults.into_iter().fold(refusal, |r, fault| r.because(fault.at, reasons::wrong(&fault.what)))
            }
        }
    }
}
