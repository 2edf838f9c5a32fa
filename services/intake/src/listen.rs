//! What intake hears: the calendar, and the jury's annulments.

use contracts::{Fact as _, jury::CandidatureAnnulled, machinery::CalendarChanged};
use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar::{Effects, Window},
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};

use crate::{
    app::{DEPOSITS, TITLES},
    commands,
};

/// The windows that guard commands.
#[must_use]
pub fn windows() -> Vec<Window> {
    let window = |name: &str, opens: &str, closes: &str| Window {
        name: name.to_owned(),
        opens: opens.to_owned(),
        closes: closes.to_owned(),
    };
    vec![
        window(DEPOSITS, keys::PLATFORM_OPENS, keys::DEPOSITS_CLOSE),
        window(TITLES, keys::PLATFORM_OPENS, keys::TITLES_DUE),
    ]
}

/// What happens at transitions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Transitions;

#[tonic::async_trait]
impl Effects for Transitions {
    fn keys(&self) -> Vec<String> {
        vec![keys::DEPOSITS_CLOSE.to_owned(), keys::ADMISSION_COMMISSION.to_owned()]
    }

    async fn at(&self, tx: &mut Tx, key: &str, due: Timestamp) -> Result<(), HandleError> {
        match key {
            keys::DEPOSITS_CLOSE => {
                let ended = commands::end_window(tx, due).await?;
                tracing::info!(ended, "deposits closed");
            }
            keys::ADMISSION_COMMISSION => {
                let released = commands::release_preferences(tx, due).await?;
                tracing::info!(released, "orders released to those who prepare the integration");
            }
            other => tracing::warn!(key = other, "a transition nobody asked for"),
        }
        Ok(())
    }
}

/// A milestone that was moved: a window that had ended may be open again (R5).
#[derive(Debug, Clone, Copy, Default)]
pub struct Moves;

#[tonic::async_trait]
impl Listener for Moves {
    fn subjects(&self) -> Vec<String> {
        vec![CalendarChanged::subject()]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        // The platform, which hears it first, has stored it in this transaction.
        let reopened = commands::reopen_window(tx, event.time).await?;
        if reopened > 0 {
            tracing::warn!(reopened, "the deposits are open again");
        }
        Ok(())
    }
}

/// A candidature that the jury annulled (R15).
#[derive(Debug, Clone, Copy, Default)]
pub struct Annulments;

#[tonic::async_trait]
impl Listener for Annulments {
    fn subjects(&self) -> Vec<String> {
        vec![CandidatureAnnulled::subject()]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let fact: CandidatureAnnulled = event.decode()?;
        let dossier = fact.dossier_id.parse().map_err(HandleError::reject)?;
        let at = match fact.at {
            Some(at) => Timestamp::try_from(at).map_err(HandleError::reject)?,
            None => event.time,
        };
        if !commands::annul(tx, dossier, at).await? {
            tracing::info!(%dossier, "annulled before, or no candidature here");
        }
        Ok(())
    }
}
