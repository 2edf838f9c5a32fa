//! The jury annulled a candidature (R15): nothing is added to it any more.

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use uuid::Uuid;

use crate::store::dossiers;

/// Notes the annulment. False when it was known, or there is no candidature of that id.
///
/// # Errors
/// The database does not answer.
pub async fn annul(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool, DbError> {
    let Some(stored) = dossiers::lock(tx, id).await? else { return Ok(false) };
    let (_, news) = stored.dossier.annul(at);
    if news {
        dossiers::annul(tx, id, at).await?;
    }
    Ok(news)
}
