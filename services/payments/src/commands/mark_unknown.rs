//! A person marks a line as no fee of this session (R23).

use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Placed, line_of};
use crate::{
    app::App,
    domain::line::State,
    store::{self, NewEntry},
};

/// Out of the queue, kept on the books as unknown.
///
/// # Errors
/// `LINE_UNKNOWN`, or `LINE_STATE` unless it waits.
pub async fn mark_unknown(app: &App, caller: &Caller, line: Uuid, reason: &str) -> Result<Placed, Refusal> {
    let at = caller.received_at;
    let mut tx = app.db.begin("mark_unknown").await?;
    let stored = line_of(&mut tx, caller, line).await?;
    if stored.line.state == State::Unknown {
        return Ok(Placed { line, state: State::Unknown, outcome: None, account: None, already_applied: true });
    }
    let (marked, movement) = stored.line.mark_unknown()?;
    store::save(&mut tx, line, &marked).await?;
    store::enter(&mut tx, at, &caller.subject, &[NewEntry::of_line(line, None, movement, reason)]).await?;
    let details = json!({ "line": line, "school": marked.school, "cents": marked.cents.get(), "reason": reason });
    audit::append(&mut tx, at, &caller.subject, "line_unknown", details).await?;
    tx.commit().await?;
    Ok(Placed { line, state: marked.state, outcome: None, account: None, already_applied: false })
}
