//! A second person confirmed that the admissibility results go out (R19).

use jiff::Timestamp;
use platform::db::{DbError, Tx};

use crate::store;

/// From `publish_at` on, and never before the calendar's instant, determinations may be shown.
///
/// # Errors
/// The database failed.
pub async fn confirm_publication(tx: &mut Tx, publish_at: Timestamp) -> Result<(), DbError> {
    store::set_publication(tx, publish_at).await
}
