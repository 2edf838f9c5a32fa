//! The jury decided on a candidature: keep what it found school by school (R16, R17), to be shown in time.

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use uuid::Uuid;

use crate::store;

/// What the jury found at one school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determination {
    /// Id of the school.
    pub school: String,
    /// The dossier is recevable there.
    pub recevable: bool,
    /// Why.
    pub reason: String,
}

/// Keeps the determinations of the jury's decision `version`, signed `at`, in place of those of an earlier one.
///
/// # Errors
/// The database failed.
pub async fn record_determinations(
    tx: &mut Tx,
    dossier: Uuid,
    version: u64,
    determinations: &[Determination],
    at: Timestamp,
) -> Result<(), DbError> {
    if store::decision_is_newer(tx, dossier, version, at).await? {
        store::replace_determinations(tx, dossier, determinations).await?;
    }
    Ok(())
}
