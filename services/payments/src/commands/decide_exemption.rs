//! The payee accepts or refuses the exemption (R20, R22).

use contracts::roles;
use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::account_of;
use crate::{
    app::App,
    domain::account,
    refusals,
    store::{self, Account, NewEntry},
};

/// Decides; the same decision again changes nothing, the other one corrects it.
///
/// # Errors
/// `DOSSIER_UNKNOWN` also for other schools' people, `DOSSIER_NOT_CLOSED`, `NO_EXEMPTION_ASKED`, `REASON_MISSING`.
pub async fn decide_exemption(
    app: &App,
    caller: &Caller,
    dossier: Uuid,
    accept: bool,
    reason: &str,
) -> Result<Account, Refusal> {
    caller.require(&[roles::STAFF, roles::FINANCE])?;
    let (fee, at) = (app.fee(), caller.received_at);
    let mut tx = app.db.begin("decide_exemption").await?;
    let mut account = account_of(&mut tx, dossier).await?;
    let standing = store::standing_of(&account, fee);
    if standing.payee.is_none() || standing.payee != caller.unit {
        return Err(refusals::unknown_dossier(dossier));
    }
    let Some(entry) = account::decide_exemption(&standing, accept, reason)? else {
        return Ok(account);
    };
    let new = NewEntry { note: reason.to_owned(), ..NewEntry::of(dossier, entry.clone()) };
    store::enter(&mut tx, at, &caller.subject, &[new]).await?;
    account.history.push(entry);
    store::tell(&mut tx, &mut account, fee, at).await?;
    let details = json!({ "dossier": dossier, "accepted": accept, "school": caller.unit, "reason": reason });
    audit::append(&mut tx, at, &caller.subject, "exemption_decided", details).await?;
    tx.commit().await?;
    Ok(account)
}
