//! What can be read of the calendar.

use std::collections::BTreeMap;

use jiff::Timestamp;
use platform::db::{Db, DbError};
use uuid::Uuid;

use crate::{
    domain::{Calendar, Move, MoveState, Moved},
    store,
};

/// The calendar as it stands, and the name of its zone.
///
/// # Errors
/// The database does not answer.
pub async fn calendar(db: &Db) -> Result<(Calendar, String), DbError> {
    store::calendar(&mut *db.read().await?).await
}

/// When the next pending transition is due, UTC.
///
/// # Errors
/// The database does not answer.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, DbError> {
    store::next_due(&mut *db.read().await?).await
}

/// Every move, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn moves(db: &Db) -> Result<Vec<Move<Uuid>>, DbError> {
    store::moves(&mut *db.read().await?, None).await
}

/// The last version that each service acknowledged.
///
/// # Errors
/// The database does not answer.
pub async fn acknowledged(db: &Db) -> Result<BTreeMap<String, u64>, DbError> {
    store::acknowledged(&mut *db.read().await?).await
}

/// Every move that was carried out, as far as acknowledging it goes.
///
/// # Errors
/// The database does not answer.
pub async fn moved(db: &Db) -> Result<Vec<Moved>, DbError> {
    let moved = |m: Move<Uuid>| match m.state {
        MoveState::Confirmed { at, version, .. } => {
            let old_instant = m.shifts.iter().map(|s| s.from).min()?;
            Some(Moved { version, confirmed_at: at, old_instant })
        }
        MoveState::Prepared => None,
    };
    Ok(moves(db).await?.into_iter().filter_map(moved).collect())
}
