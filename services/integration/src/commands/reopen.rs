//! The calendar moved an instant that had come: a close is withdrawn, a title deadline is no longer past (R5).
//!
//! Answers stay: they take effect again at the new close. Whoever resigned or was annulled meanwhile stays so.

use jiff::Timestamp;
use platform::db::{DbError, Tx};

use super::{
    Regulation,
    tell::{Step, tell},
};
use crate::{
    calendar::Calendar,
    domain::candidature::Standing,
    store::{self, Kept, answers::Actor, closes, periods, titles},
};

/// Takes a new calendar into account, once it is stored.
///
/// # Errors
/// The database does not answer.
pub async fn calendar_changed(tx: &mut Tx, regulation: &Regulation, at: Timestamp) -> Result<(), DbError> {
    store::lock_round(tx).await?;
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    if let Some(passed) = titles::passed_deadline(tx.conn()).await?
        && calendar.titles_due().is_some_and(|due| due > passed)
    {
        titles::forget_deadline(tx).await?;
        reopen_titles(tx, at).await?;
    }
    if let Some(period) = periods::last_opened(tx.conn()).await?
        && let (Some(closed), Some(closes)) = (period.close_due, calendar.closes(period.number))
        && closes > closed
    {
        reopen_period(tx, period.number, at).await?;
    }
    Ok(())
}

/// Everyone whom the close changed is where they were before it.
async fn reopen_period(tx: &mut Tx, number: u32, at: Timestamp) -> Result<(), DbError> {
    let before = closes::withdraw(tx, number).await?;
    let mut steps = Vec::new();
    for before in before {
        let Some(mut kept) = store::find_for_update(tx, before.dossier).await? else { continue };
        if matches!(kept.candidature.standing, Standing::Resigned | Standing::Annulled) {
            continue;
        }
        let left = std::mem::replace(&mut kept.candidature.standing, before.standing);
        for choice in &mut kept.candidature.choices {
            choice.given_up = before.given_up.contains(&choice.school);
        }
        steps.push(reopened(kept, left));
    }
    tracing::warn!(period = number, candidatures = steps.len(), "a close is withdrawn: its window was reopened");
    tell(tx, steps, at, &Actor::calendar()).await.map(drop)
}

/// Whoever lapsed is admitted sous réserve again.
async fn reopen_titles(tx: &mut Tx, at: Timestamp) -> Result<(), DbError> {
    let mut steps = Vec::new();
    for mut kept in store::all_for_update(tx).await? {
        if let Standing::Lapsed(school) = kept.candidature.standing.clone() {
            let left = std::mem::replace(&mut kept.candidature.standing, Standing::Accepted(school));
            steps.push(reopened(kept, left));
        }
    }
    tracing::warn!(candidatures = steps.len(), "the title deadline was moved on");
    tell(tx, steps, at, &Actor::calendar()).await.map(drop)
}

fn reopened(kept: Kept, left: Standing) -> Step {
    Step { before: left, kept, what: "reopened", answer: None, gives_up: Vec::new() }
}
