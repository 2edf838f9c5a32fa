//! SQL of notifier, nowhere else.

mod dossiers;
mod listing;
mod mailbox;
mod mails;
mod measured;
mod reminders;

pub use dossiers::{
    Fee, Heard, Situation, annulled, convocation, fee, open_dossiers, published, situation, state, states,
};
pub use listing::{Counts, Page, counts, list};
pub use mailbox::{Entry, Message, entries, message, put};
pub use mails::{
    About, Claimed, NewMail, Outcome, Row, bounced, claim, claim_taken, of_cause, one, pending, postpone, queue,
    release, reported, retry, store_outcome, unreported_bounces,
};
pub use measured::{Measured, measured};
pub use reminders::{Fired, fire, fired, hold};

use platform::db::DbError;

use crate::domain::Kind;

/// A stored word that the domain does not know: written by a newer version.
fn unknown_word(what: &'static str, word: &str) -> DbError {
    DbError::Sql(sqlx::Error::Decode(format!("{what} `{word}` is not known").into()))
}

fn kind(word: &str) -> Result<Kind, DbError> {
    Kind::of(word).ok_or_else(|| unknown_word("kind", word))
}

/// A count or number as PostgreSQL keeps it, where it cannot be negative.
fn natural(n: i32) -> u32 {
    n.cast_unsigned()
}
