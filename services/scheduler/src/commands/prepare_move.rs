//! One person prepares to move a transition later (R5). Nothing moves yet.

use jiff::Timestamp;
use platform::{
    audit,
    db::{Db, DbError},
};
use uuid::Uuid;

use crate::{
    domain::{Links, Move, MoveRefused},
    store, wire,
};

/// What is asked.
#[derive(Debug, Clone)]
pub struct PrepareMove {
    /// The transition.
    pub key: String,
    /// Where to, UTC.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: String,
}

/// Why it was refused.
#[derive(Debug, thiserror::Error)]
pub enum PrepareMoveRefused {
    /// By the rules.
    #[error(transparent)]
    Move(#[from] MoveRefused),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Prepares a move and says everything that it would move.
///
/// # Errors
/// The rules do not allow it, or the database does not answer.
pub async fn prepare_move(
    db: &Db,
    at: Timestamp,
    links: &Links,
    command: PrepareMove,
) -> Result<Move<Uuid>, PrepareMoveRefused> {
    let mut tx = db.begin("prepare_move").await?;
    let (calendar, _) = store::calendar_for_update(&mut tx).await?;
    let PrepareMove { key, to, reason, by } = command;
    let prepared = Move::prepare(Uuid::new_v4(), &calendar, links, key, to, reason, by, at)?;
    store::insert_move(tx.conn(), &prepared).await?;
    audit::append(&mut tx, at, &prepared.prepared_by, "move_prepared", wire::audited(&prepared)).await?;
    tx.commit().await?;
    Ok(prepared)
}
