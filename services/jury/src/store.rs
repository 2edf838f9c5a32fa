//! SQL lives only here.

pub mod acts;
pub mod admission;
pub mod candidatures;
pub mod heard;
pub mod listing;
pub mod numbers;
pub mod routes;
pub mod sealed;
pub mod seats;
pub mod shares;

use platform::db::DbError;
use thiserror::Error;

/// A row that no command of ours writes, or the database itself.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A value that does not mean anything here.
    #[error("the database holds {what} {value:?}, which means nothing here")]
    Alien {
        /// Kind of value.
        what: &'static str,
        /// The value.
        value: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

pub(crate) fn alien(what: &'static str, value: impl Into<String>) -> StoreError {
    StoreError::Alien { what, value: value.into() }
}
