//! A second person carries a prepared move out: one transaction, audited and announced (R5).

use jiff::Timestamp;
use platform::{
    audit,
    db::{Db, DbError},
    outbox,
};
use uuid::Uuid;

use crate::{
    domain::{ConfirmRefused, Links, Move, MoveState},
    store, wire,
};

/// Why it was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmMoveRefused {
    /// No such move.
    #[error("no move {0}")]
    Unknown(Uuid),
    /// By the rules.
    #[error(transparent)]
    Confirm(#[from] ConfirmRefused),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Carries the move `id` out, confirmed by `by`. One that was carried out already is returned as it is.
///
/// # Errors
/// It is unknown, the rules do not allow it (any more), or the database does not answer.
pub async fn confirm_move(
    db: &Db,
    at: Timestamp,
    links: &Links,
    id: Uuid,
    by: String,
) -> Result<Move<Uuid>, ConfirmMoveRefused> {
    let mut tx = db.begin("confirm_move").await?;
    let (calendar, zone) = store::calendar_for_update(&mut tx).await?;
    let prepared = store::moves(tx.conn(), Some(id)).await?.pop().ok_or(ConfirmMoveRefused::Unknown(id))?;
    if matches!(prepared.state, MoveState::Confirmed { .. }) {
        tx.rollback().await?;
        return Ok(prepared);
    }
    let (confirmed, calendar) = prepared.confirm(calendar, links, by.clone(), at)?;
    store::save_moved(&mut tx, &calendar, &confirmed, &by, at).await?;
    let moves = store::confirmed_moves(tx.conn()).await?;
    let fact = wire::calendar_changed(&calendar, &zone, &moves);
    outbox::append(&mut tx, &fact, calendar.version, at).await?;
    audit::append(&mut tx, at, &by, "move_confirmed", wire::audited(&confirmed)).await?;
    tx.commit().await?;
    tracing::warn!(key = confirmed.key, to = %confirmed.to, version = calendar.version, "the calendar was moved");
    Ok(confirmed)
}
