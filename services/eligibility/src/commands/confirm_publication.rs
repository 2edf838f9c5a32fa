//! A second person confirmed that the admissibility results go out (R19).

use jiff::Timestamp;
use platform::db::{DbError, Tx};

use crate::store;

/// What the jury decided until `confirmed_at` may be shown from `publish_at` on, and never before the calendar's instant.
///
/// # Errors
/// The database failed.
pub async fn confirm_publication(tx: &mut Tx, confirmed_at: Timestamp, publish_at: Timestamp) -> Result<(), DbError> {
    store::add_publication(tx, confirmed_at, publish_at).await
}
