//! The deposits are open again for everyone (R5): what had ended goes on.

use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar,
    db::{DbError, Tx},
    outbox,
};

use crate::{
    store::{dossiers, everyone},
    wire,
};

/// Opens again what the window's earlier end ended, if the calendar now has a later one. Whoever had claimed is told of
/// again: who heard that nothing is owed hears that it is.
///
/// # Errors
/// The database does not answer.
pub async fn reopen_window(tx: &mut Tx, at: Timestamp) -> Result<usize, DbError> {
    let Some(until) = calendar::instant_of(tx.conn(), keys::DEPOSITS_CLOSE).await? else { return Ok(0) };
    let reopened = everyone::reopen(tx, until).await?;
    for id in &reopened {
        let stored = dossiers::read(tx.conn(), *id).await?;
        if let Some((fact, _)) = stored.and_then(|s| wire::fee_claimed(&s.dossier)) {
            let version = dossiers::bump(tx, *id).await?;
            outbox::append(tx, &fact, version, at).await?;
        }
    }
    Ok(reopened.len())
}
