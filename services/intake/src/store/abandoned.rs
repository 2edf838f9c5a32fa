//! What hangs from a dossier that its candidate gave up.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use uuid::Uuid;

/// Erases pieces, fiche, the persons named and uploads of a dossier whose row says already that it was given up. Links
/// stay as what they are kept as, so that whoever follows one learns that it has ended. Sessions stay as abandoned ones,
/// the committed among them too: the sweep takes away their bytes, and then their rows.
///
/// # Errors
/// The database does not answer, or the dossier was not given up.
pub async fn erase(tx: &mut Tx, dossier: Uuid, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("delete from fiches where dossier_id = $1", dossier).execute(tx.conn()).await?;
    sqlx::query!("delete from pieces where dossier_id = $1", dossier).execute(tx.conn()).await?;
    sqlx::query!(
        "update invitations set state = 'revoked', ended_at = coalesce(ended_at, $2), name = '', email = '',
                capacity = '', bounce = null
         where dossier_id = $1",
        dossier,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update uploads set committed_at = null, abandoned_at = coalesce(abandoned_at, $2), name = ''
         where dossier_id = $1",
        dossier,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
