//! What intake tells of a dossier: it was opened, its fee claimed, it was closed, or it was not.

use jiff::Timestamp;
use platform::{
    audit,
    db::{DbError, Tx},
    inbox::HandleError,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::{account::Entry, money::Cents, reference::Reference},
    store::{self, NewEntry},
};

/// The actor of what another service told.
const INTAKE: &str = "intake";

/// An account opens with its dossier; its reference follows from the number (R21).
///
/// # Errors
/// Rejected for a number that no reference can carry.
pub async fn opened(tx: &mut Tx, dossier: Uuid, number: u64, fee: Cents, at: Timestamp) -> Result<(), HandleError> {
    Reference::of(number).map_err(HandleError::reject)?;
    store::open(tx, dossier, number, fee, at).await?;
    Ok(())
}

/// The candidate's side said or did something that bears on the fee (R22). `attestation` is the piece that supports a
/// claim.
///
/// # Errors
/// To be tried again while the account is not open: intake tells the opening first.
pub async fn told(
    tx: &mut Tx,
    dossier: Uuid,
    (entry, attestation): (Entry, Option<Uuid>),
    fee: Cents,
    at: Timestamp,
) -> Result<(), HandleError> {
    let mut locked = store::lock(tx, &[dossier]).await?;
    let Some(account) = locked.get_mut(&dossier) else {
        return Err(HandleError::retry(format!("the account of dossier {dossier} is not open yet")));
    };
    store::enter(tx, at, INTAKE, &[NewEntry::of(dossier, entry.clone())]).await?;
    if matches!(entry, Entry::Claimed { .. }) {
        store::set_attestation(tx, dossier, attestation).await?;
    }
    account.history.push(entry);
    store::tell(tx, account, fee, at).await?;
    Ok(())
}

/// Fees that were unsettled at `due` are listed (R22).
///
/// # Errors
/// The database does not answer.
pub async fn list_unsettled(tx: &mut Tx, fee: Cents, due: Timestamp) -> Result<(), DbError> {
    let listed = store::store_unsettled(tx, fee, due).await?;
    audit::append(tx, due, "payments", "unsettled_listed", json!({ "fees": listed })).await
}
