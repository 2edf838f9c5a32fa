//! How the fee will be met (R22): payments hears of it and decides everything after.

use platform::{auth::Caller, outbox, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::dossier::{Dossier, FeeClaim},
    store::dossiers,
    wire,
};

/// Claims. The second value is false when the same was claimed before.
///
/// # Errors
/// Not the candidate's own, outside the window, not open, nobody owed, or no attestation.
pub async fn claim_fee(app: &App, caller: &Caller, id: Uuid, claim: FeeClaim) -> Result<(Dossier, bool), Refusal> {
    own(caller, id)?;
    let at = caller.received_at;
    let mut tx = app.db.begin("claim_fee").await?;
    app.windows.guard(&mut tx, DEPOSITS, at).await?;
    let stored = locked(&mut tx, id).await?;
    let (dossier, changed) = stored.dossier.claim_fee(claim, at, &app.catalogue)?;
    if changed && let Some((fact, at)) = wire::fee_claimed(&dossier) {
        let version = stored.version + 1;
        outbox::append(&mut tx, &fact, version, at).await?;
        dossiers::save(&mut tx, &dossier, version).await?;
        tx.commit().await?;
    }
    Ok((dossier, changed))
}
