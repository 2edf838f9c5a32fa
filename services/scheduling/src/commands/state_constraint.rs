//! A convened candidate says what the slot collides with (R25).

use jiff::{SignedDuration, Timestamp};
use platform::db::Tx;
use uuid::Uuid;

use super::Refused;
use crate::{queries, store};

/// How many statements of one candidate are kept.
pub const MOST_CONSTRAINTS: usize = 20;

/// Keeps the statement for the planners. Who may not see a convocation gets the answer of those who have none (R19).
///
/// # Errors
/// There is nothing to show to this candidate, or they have said enough.
pub async fn state_constraint(tx: &mut Tx, dossier: Uuid, reason: &str, at: Timestamp) -> Result<Timestamp, Refused> {
    if queries::convocation(tx.conn(), dossier, at).await?.is_none() {
        return Err(Refused::NoConvocation);
    }
    let stated = store::count_constraints(tx, dossier).await?;
    if usize::try_from(stated).unwrap_or(usize::MAX) >= MOST_CONSTRAINTS {
        return Err(Refused::TooManyConstraints { most: MOST_CONSTRAINTS });
    }
    // A relative may speak at the same instant: the later one moves on by what PostgreSQL can tell apart.
    let mut stated_at = at;
    while !store::add_constraint(tx, dossier, stated_at, reason).await? {
        stated_at = stated_at.saturating_add(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX);
    }
    Ok(stated_at)
}
