//! Money that moves by a school's word alone, under the school's own number: taken by another means, or ordered back.

use contracts::roles;
use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::account_of;
use crate::{
    app::App,
    domain::{
        account::{AccountRefused, Entry, Standing},
        ledger::{Kind, Movement},
        money::Cents,
    },
    refusals,
    store::{self, Account, NewEntry},
};

/// What a school records of a candidate's money.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// Whose.
    pub dossier: Uuid,
    /// How much.
    pub cents: Cents,
    /// By which means, or why.
    pub note: &'a str,
    /// The school's number of the act.
    pub receipt: &'a str,
}

/// A kind of such acts: its names in transactions and audit, and the rule that allows it to a school.
pub(super) struct Act {
    pub(super) kind: Kind,
    pub(super) transaction: &'static str,
    pub(super) audited: &'static str,
    pub(super) rule: fn(&Standing, &str, Cents) -> Result<Movement, AccountRefused>,
}

/// Records it for the clerk's school; under the same number again it changes nothing.
///
/// # Errors
/// `DOSSIER_UNKNOWN`, what the rule refuses, `RECEIPT_USED` when the number is that of something else.
pub(super) async fn record(app: &App, caller: &Caller, act: Act, said: Recorded<'_>) -> Result<Account, Refusal> {
    caller.require(&[roles::FINANCE])?;
    let school = app.of_finance(caller, caller.unit.as_deref().unwrap_or_default())?;
    let Recorded { dossier, cents, note, receipt } = said;
    let (fee, at) = (app.fee(), caller.received_at);
    let mut tx = app.db.begin(act.transaction).await?;
    store::lock_school(&mut tx, &school.id).await?;
    let mut account = account_of(&mut tx, dossier).await?;
    match store::receipt(tx.conn(), &school.id, act.kind, receipt).await? {
        Some(known) if known == (dossier, cents) => return Ok(account),
        Some(_) => return Err(refusals::receipt_used(receipt)),
        None => {}
    }
    let entry = Entry::Moved((act.rule)(&store::standing_of(&account, fee), &school.id, cents)?);
    let new =
        NewEntry { receipt: Some(receipt.to_owned()), note: note.to_owned(), ..NewEntry::of(dossier, entry.clone()) };
    store::enter(&mut tx, at, &caller.subject, &[new]).await?;
    account.history.push(entry);
    store::tell(&mut tx, &mut account, fee, at).await?;
    let details =
        json!({ "dossier": dossier, "school": school.id, "cents": cents.get(), "note": note, "receipt": receipt });
    audit::append(&mut tx, at, &caller.subject, act.audited, details).await?;
    tx.commit().await?;
    Ok(account)
}
