//! The admission commission opens: those who prepare the integration learn the orders, under embargo (R14).

use contracts::intake::PreferencesReleased;
use jiff::Timestamp;
use platform::{
    db::{DbError, Tx},
    outbox,
};

use crate::store::everyone;

/// Releases the order of every closed dossier.
///
/// # Errors
/// The database does not answer.
pub async fn release_preferences(tx: &mut Tx, at: Timestamp) -> Result<usize, DbError> {
    let released = everyone::release_orders(tx).await?;
    let count = released.len();
    for r in released {
        let fact = PreferencesReleased { dossier_id: r.id.to_string(), filiere: r.filiere, schools: r.order };
        outbox::append(tx, &fact, r.version, at).await?;
    }
    Ok(count)
}
