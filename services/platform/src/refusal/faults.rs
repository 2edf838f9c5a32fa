//! How the machinery's own faults are told to a caller.

use tonic::Status;

use crate::{calendar::WindowRefused, db::DbError, refusal::Refusal};

impl From<DbError> for Refusal {
    /// A passing trouble is worth another try, a value that cannot be kept is the caller's; anything else is a fault of
    /// ours. Trouble and faults are logged here, once.
    fn from(error: DbError) -> Self {
        if error.is_unstorable() {
            let why = "holds a character (NUL) or an instant that cannot be kept";
            return Self::invalid("VALUE_NOT_STORABLE").field("request", why);
        }
        if error.is_transient() {
            tracing::warn!(%error, "the database is in passing trouble");
            return Self::retry_later("DATABASE_UNAVAILABLE", "database", "the database did not answer; try again");
        }
        Self::internal(error)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<WindowRefused> for Refusal {
    /// "Closed" is said only when the stored state says so; what may still change is worth another try.
    fn from(refused: WindowRefused) -> Self {
        let why = refused.to_string();
        match refused {
            WindowRefused::Unknown => Self::retry_later("CALENDAR_UNKNOWN", "window", why),
            WindowRefused::Opening => Self::retry_later("WINDOW_OPENING", "window", why),
            WindowRefused::Closing => Self::retry_later("WINDOW_CLOSING", "window", why),
            WindowRefused::NotYetOpen { opens_at } => {
                Self::precondition("WINDOW_NOT_YET_OPEN", "window", why).with("opens_at", opens_at.to_string())
            }
            WindowRefused::Closed { closed_at } => {
                Self::precondition("WINDOW_CLOSED", "window", why).with("closed_at", closed_at.to_string())
            }
            WindowRefused::Db(error) => error.into(),
        }
    }
}

impl From<DbError> for Status {
    fn from(error: DbError) -> Self {
        Refusal::from(error).into()
    }
}

impl From<WindowRefused> for Status {
    fn from(refused: WindowRefused) -> Self {
        Refusal::from(refused).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    #[test]
    fn only_a_stored_close_is_told_as_closed() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let closed = Refusal::from(WindowRefused::Closed { closed_at: at });
        assert_eq!((closed.code(), closed.reason()), (Code::FailedPrecondition, "WINDOW_CLOSED"));
        let decoded = Refusal::from_status(&closed.into()).unwrap();
        assert_eq!(decoded.metadata.get("closed_at").map(String::as_str), Some("1970-01-01T00:00:00Z"));
        for passing in [WindowRefused::Unknown, WindowRefused::Opening, WindowRefused::Closing] {
            let passing = Refusal::from(passing);
            assert_eq!(passing.code(), Code::Unavailable);
            assert!(Refusal::from_status(&passing.into()).unwrap().retry_after.is_some());
        }
    }

    #[test]
    fn passing_trouble_of_the_database_invites_another_try_and_a_fault_does_not() {
        assert_eq!(Refusal::from(DbError::from(sqlx::Error::PoolTimedOut)).code(), Code::Unavailable);
        assert_eq!(Refusal::from(sqlx::Error::RowNotFound).code(), Code::Internal);
    }
}
