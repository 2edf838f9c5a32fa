//! The payee took the fee by another means than a transfer (R20).

use contracts::roles;
use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::account_of;
use crate::{
    app::App,
    domain::{
        account::{self, Entry},
        ledger::Kind,
        money::Cents,
    },
    refusals,
    store::{self, Account, NewEntry},
};

/// Records it under the school's receipt number; the same number again changes nothing.
///
/// # Errors
/// `DOSSIER_UNKNOWN`, `NOT_THE_PAYEE`, `AMOUNT_INVALID`; `RECEIPT_USED` when the number is that of something else.
pub async fn record_other_means(
    app: &App,
    caller: &Caller,
    dossier: Uuid,
    cents: Cents,
    means: &str,
    receipt: &str,
) -> Result<Account, Refusal> {
    caller.require(&[roles::FINANCE])?;
    let school = app.of_finance(caller, caller.unit.as_deref().unwrap_or_default())?;
    let (fee, at) = (app.fee(), caller.received_at);
    let mut tx = app.db.begin("record_other_means").await?;
    store::lock_school(&mut tx, &school.id).await?;
    let mut account = account_of(&mut tx, dossier).await?;
    match store::receipt(tx.conn(), &school.id, Kind::OtherMeans, receipt).await? {
        Some(known) if known == (dossier, cents) => return Ok(account),
        Some(_) => return Err(refusals::receipt_used(receipt)),
        None => {}
    }
    let movement = account::other_means(&store::standing_of(&account, fee), &school.id, cents)?;
    let entry = Entry::Moved(movement);
    let new =
        NewEntry { receipt: Some(receipt.to_owned()), note: means.to_owned(), ..NewEntry::of(dossier, entry.clone()) };
    store::enter(&mut tx, at, &caller.subject, &[new]).await?;
    account.history.push(entry);
    store::tell(&mut tx, &mut account, fee, at).await?;
    let details =
        json!({ "dossier": dossier, "school": school.id, "cents": cents.get(), "means": means, "receipt": receipt });
    audit::append(&mut tx, at, &caller.subject, "other_means_recorded", details).await?;
    tx.commit().await?;
    Ok(account)
}
