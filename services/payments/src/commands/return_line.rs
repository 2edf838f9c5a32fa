//! A person orders a line's money back to its sender, or recognises the debit by which such money left (R23).

use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Placed, line_of};
use crate::{
    app::App,
    domain::line::State,
    store::{self, NewEntry},
};

/// Out of the queue, into what is ordered back.
///
/// # Errors
/// `LINE_UNKNOWN`; `LINE_STATE` unless it waits or is unknown; `NOTHING_TO_SEND` for a debit that no returned line covers.
pub async fn return_line(app: &App, caller: &Caller, line: Uuid, reason: &str) -> Result<Placed, Refusal> {
    let at = caller.received_at;
    let mut tx = app.db.begin("return_line").await?;
    let stored = line_of(&mut tx, caller, line).await?;
    if stored.line.state == State::SentBack {
        return Ok(Placed { line, state: State::SentBack, outcome: None, account: None, already_applied: true });
    }
    let pending = store::sent_back_pending(tx.conn(), &stored.line.school).await?;
    let (returned, movements) = stored.line.send_back(pending)?;
    let entries: Vec<NewEntry> = movements.into_iter().map(|m| NewEntry::of_line(line, None, m, reason)).collect();
    store::save(&mut tx, line, &returned).await?;
    store::enter(&mut tx, at, &caller.subject, &entries).await?;
    let details = json!({ "line": line, "school": returned.school, "cents": returned.cents.get(), "reason": reason });
    audit::append(&mut tx, at, &caller.subject, "line_returned", details).await?;
    tx.commit().await?;
    Ok(Placed { line, state: returned.state, outcome: None, account: None, already_applied: false })
}
