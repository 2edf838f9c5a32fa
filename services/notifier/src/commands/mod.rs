//! What the service does: by itself, or because an operator asks.

pub mod desk;
pub mod post;
pub mod remind;
pub mod send;
pub mod take_accounts;
pub mod take_invitations;
pub mod waiting;

use platform::db::DbError;
use tonic::{Code, Status};

/// Why a round was cut short; it is gone over again.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Another service was away, or refused.
    #[error("{service} answered {code:?}")]
    Peer {
        /// Which.
        service: &'static str,
        /// How. What it said stays out of the log: it may quote what it was asked.
        code: Code,
    },
}

impl RoundError {
    fn peer(service: &'static str) -> impl FnOnce(Status) -> Self {
        move |status| Self::Peer { service, code: status.code() }
    }

    /// It says nothing that a person must mend: a service is being restarted, or not there yet.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Peer { code, .. } => {
                matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted)
            }
        }
    }
}
