//! The guard in front of a command.

use jiff::Timestamp;

use crate::db::{DbError, Tx};

/// Guards commands by window. Stateless: what it knows stands in the database.
#[derive(Debug, Clone, Copy, Default)]
pub struct WindowGuard;

/// Why a command may not be given.
#[derive(Debug, thiserror::Error)]
pub enum WindowRefused {
    /// This service does not know the window's instants yet: try again.
    #[error("the calendar has not arrived yet")]
    Unknown,
    /// Stamped before the opening.
    #[error("not open before {opens_at}")]
    NotYetOpen {
        /// The opening instant, UTC.
        opens_at: Timestamp,
    },
    /// Stamped in time, and what happens at the opening is not stored yet: try again.
    #[error("opening; try again in a moment")]
    Opening,
    /// Closed, and the stored state says so.
    #[error("closed since {closed_at}")]
    Closed {
        /// The closing instant, UTC.
        closed_at: Timestamp,
    },
    /// Stamped at the closing instant or later, and the close is not stored yet. It may still be moved: try again,
    /// and say nothing of a deadline that has passed.
    #[error("closing; try again in a moment")]
    Closing,
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WindowGuard {
    /// A guard.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// Lets a command stamped `at` pass if that lies in the window, and keeps the window from closing until `tx` ends:
    /// a shared advisory lock, so that guarded commands do not wait for each other.
    ///
    /// # Errors
    /// Why it may not pass; for [`WindowRefused::Unknown`], [`WindowRefused::Opening`] and [`WindowRefused::Closing`]
    /// the same command may pass later.
    pub async fn guard(&self, tx: &mut Tx, window: &str, at: Timestamp) -> Result<(), WindowRefused> {
        let row = sqlx::query!(
            r#"select opens_at as "opens_at!", closes_at as "closes_at!", closed as "closed!", opening as "opening!"
               from platform.guard_window($1)"#,
            window,
        )
        .fetch_optional(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or(WindowRefused::Unknown)?;
        // Compared here and not in SQL: PostgreSQL would round the stamp to microseconds, over the edge.
        decide(row.opens_at.to_jiff(), row.closes_at.to_jiff(), row.closed, row.opening, at)
    }
}

fn decide(
    opens_at: Timestamp,
    closes_at: Timestamp,
    closed: bool,
    opening: bool,
    at: Timestamp,
) -> Result<(), WindowRefused> {
    if closed {
        return Err(WindowRefused::Closed { closed_at: closes_at });
    }
    if at < opens_at {
        return Err(WindowRefused::NotYetOpen { opens_at });
    }
    if at >= closes_at {
        return Err(WindowRefused::Closing);
    }
    if opening { Err(WindowRefused::Opening) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{WindowRefused, decide};
    use jiff::{Timestamp, ToSpan as _};

    #[test]
    fn half_open_to_the_nanosecond() {
        let opens: Timestamp = "2026-01-26T13:00:00Z".parse().unwrap();
        let closes: Timestamp = "2026-03-20T22:00:00Z".parse().unwrap();
        let ns = 1.nanosecond();
        assert!(matches!(decide(opens, closes, false, false, opens - ns), Err(WindowRefused::NotYetOpen { .. })));
        assert!(decide(opens, closes, false, false, opens).is_ok());
        assert!(decide(opens, closes, false, false, closes - ns).is_ok());
        assert!(matches!(decide(opens, closes, false, false, closes), Err(WindowRefused::Closing)));
        assert!(matches!(decide(opens, closes, false, true, opens), Err(WindowRefused::Opening)));
        assert!(matches!(decide(opens, closes, true, false, closes), Err(WindowRefused::Closed { .. })));
    }
}
