//! A person takes a line off the account it was put on: a clerical mistake.

use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Placed, account_of, line_of};
use crate::{
    app::App,
    domain::line::State,
    store::{self, NewEntry},
};

/// Back into the queue. The reason is required.
///
/// # Errors
/// `LINE_UNKNOWN`, or `LINE_STATE` when it is on no account.
pub async fn unmatch_line(app: &App, caller: &Caller, line: Uuid, reason: &str) -> Result<Placed, Refusal> {
    let (fee, at) = (app.fee(), caller.received_at);
    let mut tx = app.db.begin("unmatch_line").await?;
    let stored = line_of(&mut tx, caller, line).await?;
    if let State::Queued(_) = stored.line.state {
        let state = stored.line.state;
        return Ok(Placed { line, state, outcome: None, account: None, already_applied: true });
    }
    let placed = stored.line.state;
    let (queued, movement) = stored.line.unplace()?;
    let State::Placed { dossier, .. } = placed else {
        return Err(Refusal::internal("a line was taken off no account"));
    };
    let mut account = account_of(&mut tx, dossier).await?;
    let entry = NewEntry::of_line(line, Some(dossier), movement, reason);
    account.history.push(entry.entry.clone());
    store::save(&mut tx, line, &queued).await?;
    store::enter(&mut tx, at, &caller.subject, &[entry]).await?;
    store::tell(&mut tx, &mut account, fee, at).await?;
    let details = json!({ "line": line, "dossier": dossier, "school": queued.school, "reason": reason });
    audit::append(&mut tx, at, &caller.subject, "line_unmatched", details).await?;
    tx.commit().await?;
    Ok(Placed { line, state: queued.state, outcome: None, account: Some(account), already_applied: false })
}
