//! A convened candidate says what the slot collides with (R25).

use jiff::Timestamp;
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
    store::add_constraint(tx, dossier, at, reason).await?;
    Ok(at)
}
