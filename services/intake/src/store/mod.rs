//! SQL lives only here.
//!
//! Every command that changes a dossier locks its row first ([`dossiers::lock`]); invitations are locked after it,
//! never before. Instants are stored in microseconds, which is what [`crate::app::in_microseconds`] rounds receipts down to.

pub mod abandoned;
pub mod dossiers;
pub mod everyone;
pub mod notes;
pub mod pieces;
pub mod queue;
pub mod reading;
pub mod referees;
pub mod uploads;
pub mod verification;

use platform::db::DbError;

/// A stored value that no version of ours wrote.
pub(crate) fn corrupt(what: &str, value: &str) -> DbError {
    sqlx::Error::Decode(format!("{what} {value:?} in the database").into()).into()
}

/// Counts and sizes are never negative; PostgreSQL has no unsigned integers.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The other way: what does not fit is refused by the table's checks.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A digest as stored.
pub(crate) fn digest(bytes: &[u8]) -> Result<[u8; 32], DbError> {
    bytes.try_into().map_err(|_| corrupt("digest", &hex::encode(bytes)))
}
