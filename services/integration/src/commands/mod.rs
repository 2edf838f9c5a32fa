//! One file per thing the world, the calendar or another service's fact may ask of the integration.

pub mod annul;
pub mod answer;
pub mod close_period;
pub mod compute;
pub mod mandates;
pub mod open_period;
pub mod outages;
pub mod override_publication;
pub mod receive_integration_dossier;
pub mod recompute;
pub mod record_login;
pub mod reopen;
pub mod review_title;
pub mod settle_titles;
pub mod tell;

use notice::{Due, Session};
use platform::{calendar::WindowGuard, db::DbError, inbox::HandleError, refusal::Refusal, watchdog};
use thiserror::Error;

use crate::domain::titles::PieceId;

/// The session, and how this deployment guards it.
#[derive(Debug)]
pub struct Regulation {
    /// The session file.
    pub session: Session,
    /// Guards the periods.
    pub windows: WindowGuard,
    /// Share of a period, in percent, from which a log-in outage makes its close wait for a person.
    pub outage_percent: u32,
}

impl Regulation {
    /// Number of periods.
    #[must_use]
    pub fn periods(&self) -> u32 {
        u32::try_from(self.session.periods.len()).unwrap_or(u32::MAX)
    }

    /// Name of a period's window.
    #[must_use]
    pub fn window(number: u32) -> String {
        format!("period_{number}")
    }

    /// Title pieces required of a filière, in the session file's order (R34).
    #[must_use]
    pub fn required_titles(&self, filiere: &str) -> Vec<PieceId> {
        let pieces = self.session.pieces_for(filiere).filter(|piece| piece.due == Due::Titles);
        pieces.map(|piece| piece.id.clone()).collect()
    }
}

/// What can go wrong inside, beyond what a command refuses.
#[derive(Debug, Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A computation that cannot be written or read back.
    #[error("a computation is not its own JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Db(error) => error.into(),
            Fault::Json(error) => Self::internal(error),
        }
    }
}

impl From<Fault> for HandleError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Db(error) => error.into(),
            Fault::Json(error) => Self::retry(error),
        }
    }
}

/// Tells people that something needs them. It goes to a log, before a period opens as well: `what` names no candidate
/// and no result (R19).
pub(crate) fn alarm(name: &'static str, period: u32, what: &str) {
    watchdog::alarm(name, &format!("period {period}: {what}"));
}
