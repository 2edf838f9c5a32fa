//! Fires the next transition, in the transaction that announces it.

use jiff::Timestamp;
use platform::{
    db::{Db, DbError},
    outbox,
};

use crate::{domain::Fired, store, wire};

/// Fires the next transition if it is due at `now`; `None` if nothing is, or another replica was first.
///
/// # Errors
/// The database does not answer; nothing has fired, or the commit's outcome is unknown and the next look shows it.
pub async fn fire(db: &Db, now: Timestamp) -> Result<Option<Fired>, DbError> {
    let mut tx = db.begin("fire_transition").await?;
    let (calendar, zone) = store::calendar_for_update(&mut tx).await?;
    let Ok((calendar, fired)) = calendar.fire_next(now) else {
        tx.rollback().await?;
        return Ok(None);
    };
    store::save_fired(&mut tx, &calendar, &fired).await?;
    let moves = store::confirmed_moves(tx.conn()).await?;
    let fact = wire::calendar_changed(&calendar, &zone, &moves);
    outbox::append(&mut tx, &fact, calendar.version, fired.due_at).await?;
    tx.commit().await?;
    Ok(Some(fired))
}
