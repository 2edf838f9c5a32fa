//! Takes a piece out of an open dossier.

use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    store::pieces,
};

/// Removes it. False when it was not there (any more).
///
/// # Errors
/// Not the candidate's own, outside the window, or not open: from clôture on nothing vanishes (R12).
pub async fn remove_piece(app: &App, caller: &Caller, id: Uuid, piece: Uuid) -> Result<bool, Refusal> {
    own(caller, id)?;
    let mut tx = app.db.begin("remove_piece").await?;
    app.windows.guard(&mut tx, DEPOSITS, caller.received_at).await?;
    let stored = locked(&mut tx, id).await?;
    let (_, was_there) = stored.dossier.remove_piece(piece)?;
    if was_there {
        pieces::remove(&mut tx, piece, caller.received_at).await?;
        tx.commit().await?;
    }
    Ok(was_there)
}
