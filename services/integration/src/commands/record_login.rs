//! Records that a candidate was seen (R31), before any page is shown: one row per period, however often.

use jiff::Timestamp;
use platform::{calendar::WindowRefused, db::Tx};
use uuid::Uuid;

use super::Regulation;
use crate::{
    calendar::Calendar,
    store::answers::{self, Actor},
};

/// Records it for the period that the request's instant lies in, and says which; between periods, none.
///
/// # Errors
/// The period is at its very opening or close, or the database does not answer: the same request may pass later.
pub async fn record_login(
    tx: &mut Tx,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
    actor: &Actor,
) -> Result<Option<u32>, WindowRefused> {
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    let Some(period) = calendar.period_at(at) else { return Ok(None) };
    match regulation.windows.guard(tx, &Regulation::window(period), at).await {
        // A log-in counts from the opening's instant, whether or not what happens at it is stored yet.
        Ok(()) | Err(WindowRefused::Opening) => {
            answers::log_in(tx, period, dossier, at, actor).await?;
            Ok(Some(period))
        }
        // The close is stored: it was received in time and came after the grace all the same.
        Err(WindowRefused::Closed { .. }) => Ok(None),
        Err(refused) => Err(refused),
    }
}
