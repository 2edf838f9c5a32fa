//! What can go wrong between a service and its database, and whether it passes.

use std::time::Duration;

/// What can go wrong between a service and its database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Too many transactions were waiting already.
    #[error("the database admitted no transaction within {} s", .0.as_secs())]
    Busy(Duration),
    /// PostgreSQL or the way to it.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// A fact that has no JSON form.
    #[error("a fact cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A fact larger than the broker takes; the aggregate it describes is too large.
    #[error("fact {kind} has {bytes} bytes, the broker takes {limit}")]
    TooLarge {
        /// Its type.
        kind: String,
        /// Its size.
        bytes: usize,
        /// The size allowed.
        limit: usize,
    },
}

impl DbError {
    /// Trying the same again later may succeed: nothing is wrong with what was asked.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) => true,
            Self::Json(_) | Self::TooLarge { .. } => false,
            Self::Sql(error) => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed => true,
                // Lost connection, shutdown, serialization, deadlock, lock timeout, out of resources.
                sqlx::Error::Database(e) => e.code().is_some_and(|code| {
                    matches!(&*code, "40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03" | "25006")
                        || code.starts_with("08")
                        || code.starts_with("53")
                }),
                _ => false,
            },
        }
    }

    /// A value of the request that PostgreSQL cannot hold, though its type could: text with a NUL, an instant before its
    /// calendar begins.
    #[must_use]
    pub fn is_unstorable(&self) -> bool {
        match self {
            // character_not_in_repertoire, untranslatable_character, datetime_field_overflow
            Self::Sql(sqlx::Error::Database(e)) => {
                e.code().is_some_and(|code| matches!(&*code, "22021" | "22P05" | "22008"))
            }
            _ => false,
        }
    }

    /// Name of the constraint that refused the statement, if one did.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Sql(sqlx::Error::Database(e)) => e.constraint(),
            _ => None,
        }
    }
}
