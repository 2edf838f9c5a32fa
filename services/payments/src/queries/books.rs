//! A school's books: its ledger, and where its money stands.

use contracts::payments as wire_api;
use jiff::Timestamp;
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{ledger::Pocket, money::Cents},
    store::{self, LedgerRow},
    wire,
};

/// A page of the ledger after an entry; with `dossier`, of that candidate's account at the school alone.
///
/// # Errors
/// Not the school's finance.
pub async fn ledger(
    app: &App,
    caller: &Caller,
    school: &str,
    dossier: Option<Uuid>,
    (after, limit): (u64, u32),
) -> Result<wire_api::LedgerReply, Refusal> {
    let school = app.of_finance(caller, school)?;
    let after = after.min(i64::MAX.cast_unsigned());
    let page = store::ledger(&mut *app.db.read().await?, &school.id, dossier, after, limit).await?;
    let mut closing = page.opening;
    let mut entries = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        let effect = effect(&row, dossier.is_some());
        closing = closing + effect;
        entries.push(wire_api::LedgerEntry {
            sequence: row.sequence,
            at: Some(row.at.into()),
            from: wire::pocket(row.from).into(),
            to: wire::pocket(row.to).into(),
            cents: row.cents.get(),
            dossier_id: row.dossier.map(|d| d.to_string()).unwrap_or_default(),
            line_id: row.line.map(|l| l.to_string()).unwrap_or_default(),
            note: row.note,
            balance_effect_cents: effect.get(),
        });
    }
    Ok(wire_api::LedgerReply {
        opening_cents: page.opening.get(),
        entries,
        closing_cents: closing.get(),
        last_page: page.last,
    })
}

/// What an entry adds to what the school holds, or to the one account that is looked at.
fn effect(row: &LedgerRow, of_account: bool) -> Cents {
    match (of_account, row.from, row.to) {
        (false, Pocket::Bank | Pocket::Counter, _) | (true, _, Pocket::Account) => row.cents,
        (true, Pocket::Account, _) => -row.cents,
        _ => Cents::ZERO,
    }
}

/// Where a school's money stands at `until`, itself out, and what moved from `since` on.
///
/// # Errors
/// Not the school's finance, or `SPAN_INVALID`.
pub async fn balance(
    app: &App,
    caller: &Caller,
    school: &str,
    (since, until): (Option<Timestamp>, Option<Timestamp>),
) -> Result<wire_api::BalanceReply, Refusal> {
    let school = app.of_finance(caller, school)?;
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        return Err(Refusal::invalid("SPAN_INVALID").field("since", format!("after `until`, {until}")));
    }
    let b = store::balance(&mut *app.db.read().await?, &school.id, since, until).await?;
    let inside = b.accounts + b.other_school + b.queue + b.unknown + b.refunds;
    Ok(wire_api::BalanceReply {
        bank_cents: b.bank.get(),
        other_means_cents: b.other_means.get(),
        accounts_cents: b.accounts.get(),
        other_school_cents: b.other_school.get(),
        queue_cents: b.queue.get(),
        unknown_cents: b.unknown.get(),
        refunds_cents: b.refunds.get(),
        lines: b.lines,
        adds_up: inside == b.bank + b.other_means && inside == b.opening + b.bank_since + b.other_means_since,
        opening_cents: b.opening.get(),
        bank_since_cents: b.bank_since.get(),
        other_means_since_cents: b.other_means_since.get(),
        closing_cents: inside.get(),
    })
}
