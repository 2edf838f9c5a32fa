//! The domain's words as the database keeps them.

use platform::db::DbError;

use super::unknown_word;
use crate::domain::{
    account::{Claim, Status},
    ledger::{PlacedAs, Pocket},
    line::Why,
    statement::Format,
};

/// A closed set of words.
pub trait Word: Sized + Copy + 'static {
    const WHAT: &'static str;
    const ALL: &'static [(Self, &'static str)];
    fn same(self, other: Self) -> bool;

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(value, _)| value.same(self)).map_or("", |(_, word)| word)
    }

    fn read(word: &str) -> Result<Self, DbError> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
            .ok_or_else(|| unknown_word(Self::WHAT, word))
    }
}

macro_rules! words {
    ($($type:ident $what:literal { $($variant:ident $word:literal),* $(,)? })*) => {$(
        impl Word for $type {
            const WHAT: &'static str = $what;
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),*];
            fn same(self, other: Self) -> bool {
                // A match without a wildcard: a new variant does not compile until it has a word.
                match self { $(Self::$variant => matches!(other, Self::$variant),)* }
            }
        }
    )*};
}

words! {
    Status "status" {
        Due "due", Declared "declared", ExemptionRequested "exemption_requested", Settled "settled", Exempt "exempt",
        ExemptionRefused "exemption_refused", Short "short", Over "over", Refunded "refunded", NotOwed "not_owed",
    }
    Claim "claim" { Transfer "transfer", Exemption "exemption" }
    Pocket "pocket" {
        Bank "bank", Counter "counter", Queue "queue", Unknown "unknown", Account "account", Refunds "refunds",
    }
    PlacedAs "placement" {
        Received "received", TakenBack "taken_back", RefundCameBack "refund_came_back", PaidOut "paid_out",
        RefundSent "refund_sent",
    }
    Why "reason" { NoReference "no_reference", UnknownReference "unknown_reference", Ambiguous "ambiguous" }
    Format "format" { Camt053 "camt053", Cfonb120 "cfonb120" }
}
