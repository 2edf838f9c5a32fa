//! What is wrong with a bank's file, as reasons that the portal has sentences for.

use contracts::machinery::Reason;

use crate::domain::statement::{Unreadable, Wrong};

/// Why a file cannot be read as the statement that it may be.
pub(crate) fn unread(unreadable: &Unreadable, why: &str) -> Reason {
    let reason = |code| Reason::new(code, why);
    match unreadable {
        Unreadable::NotXml { line, .. } => reason("NOT_XML").with("line", line),
        Unreadable::Hostile { line, .. } => reason("XML_NOT_TAKEN").with("line", line),
        Unreadable::NotCamt053(found) => reason("NOT_CAMT_053").with("found", found),
        Unreadable::NotCfonb120 { line, found } => reason("NOT_CFONB_120").with("line", line).with("found", found),
        Unreadable::Neither | Unreadable::TooLarge(_) | Unreadable::TooManyLines | Unreadable::Faults(_) => {
            reason("NOT_A_STATEMENT")
        }
    }
}

/// What is wrong at one place. Elements and fields bear the names that the formats give them.
pub(crate) fn wrong(wrong: &Wrong) -> Reason {
    let reason = |code| Reason::new(code, wrong);
    match wrong {
        Wrong::Missing(what) => reason("FIELD_MISSING").with("what", what),
        Wrong::Value { what, found, expected } => {
            reason("FIELD_VALUE").with("what", what).with("found", found).with("expected", expected)
        }
        Wrong::Account { found, expected } => reason("OTHER_ACCOUNT").with("found", found).with("expected", expected),
        Wrong::Currency { found, expected } => reason("OTHER_CURRENCY").with("found", found).with("expected", expected),
        Wrong::Total { what, stated, computed } => reason("TOTAL_WRONG")
            .with("what", what)
            .with("stated_cents", stated.get())
            .with("computed_cents", computed.get()),
        Wrong::Count { what, stated, computed } => {
            reason("COUNT_WRONG").with("what", what).with("stated", stated).with("computed", computed)
        }
        Wrong::Order { found, after } => reason("OUT_OF_ORDER").with("found", found).with("after", after),
        Wrong::TooLong(what, most) => reason("FIELD_TOO_LONG").with("what", what).with("most", most),
        Wrong::Control(what) => reason("CONTROL_CHARACTER").with("what", what),
    }
}
