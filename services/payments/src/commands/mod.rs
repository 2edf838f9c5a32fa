//! One file per thing the world may ask of payments, or tell it.

pub mod decide_exemption;
pub mod hear_dossier;
pub mod import_statement;
pub mod mark_unknown;
pub mod match_line;
pub mod place_by_name;
pub mod record_other_means;
pub mod record_refund;
pub mod return_line;
pub mod under_receipt;
pub mod unmatch_line;

use platform::{auth::Caller, db::Tx, refusal::Refusal};
use uuid::Uuid;

use crate::{
    domain::{
        account::{Standing, standing},
        ledger::PlacedAs,
        line::{Line, LineRefused, Outcome, State, outcome},
        money::Cents,
    },
    refusals,
    store::{self, Account, NewEntry, StoredLine},
};

/// What became of a line by a person's act.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The line.
    pub line: Uuid,
    /// Where it is now.
    pub state: State<Uuid>,
    /// What it did to the fee, when it is on an account.
    pub outcome: Option<Outcome>,
    /// The account concerned, if one is.
    pub account: Option<Account>,
    /// Nothing changed: it was so already.
    pub already_applied: bool,
}

/// A line of the caller's school, under the school's lock.
async fn line_of(tx: &mut Tx, caller: &Caller, id: Uuid) -> Result<StoredLine, Refusal> {
    let line = store::line_for_update(tx, id).await?;
    line.filter(|l| caller.unit.as_deref() == Some(l.line.school.as_str())).ok_or_else(|| refusals::unknown_line(id))
}

/// One account, locked.
async fn account_of(tx: &mut Tx, dossier: Uuid) -> Result<Account, Refusal> {
    let mut found = store::lock(tx, &[dossier]).await?;
    found.remove(&dossier).ok_or_else(|| refusals::unknown_dossier(dossier))
}

/// Puts a line on an account, whoever decided it: what the line becomes, the entries for it, and what it did. The
/// entries are in the account's history already; nothing is stored yet.
fn place(
    id: Uuid,
    line: Line<Uuid>,
    account: &mut Account,
    fee: Cents,
) -> Result<(Line<Uuid>, Vec<NewEntry>, Outcome), LineRefused> {
    let before: Standing = standing(fee, &account.history);
    let (line, movements) = line.place(account.dossier, &before)?;
    let entries: Vec<NewEntry> =
        movements.into_iter().map(|m| NewEntry::of_line(id, Some(account.dossier), m, "")).collect();
    account.history.extend(entries.iter().filter(|e| e.dossier.is_some()).map(|e| e.entry.clone()));
    let after = standing(fee, &account.history);
    let placed_as = match line.state {
        State::Placed { placed_as, .. } => placed_as,
        State::Queued(_) | State::Unknown | State::SentBack => PlacedAs::Received,
    };
    let outcome = outcome(&line.school, placed_as, &before, &after);
    Ok((line, entries, outcome))
}
