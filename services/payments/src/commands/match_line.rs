//! A person puts a waiting or unknown line on a candidate's account (R23).

use platform::{audit, auth::Caller, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Placed, account_of, line_of, place};
use crate::{app::App, domain::line::State, store};

/// Places the line.
///
/// # Errors
/// `LINE_UNKNOWN`, `DOSSIER_UNKNOWN`, or `LINE_STATE` when it is on another account or was sent back.
pub async fn match_line(app: &App, caller: &Caller, line: Uuid, dossier: Uuid) -> Result<Placed, Refusal> {
    let (fee, at) = (app.fee(), caller.received_at);
    let mut tx = app.db.begin("match_line").await?;
    let stored = line_of(&mut tx, caller, line).await?;
    let mut account = account_of(&mut tx, dossier).await?;
    if matches!(stored.line.state, State::Placed { dossier: on, .. } if on == dossier) {
        let state = stored.line.state;
        return Ok(Placed { line, state, outcome: None, account: Some(account), already_applied: true });
    }
    let (placed, entries, outcome) = place(line, stored.line, &mut account, fee)?;
    store::save(&mut tx, line, &placed).await?;
    store::enter(&mut tx, at, &caller.subject, &entries).await?;
    store::tell(&mut tx, &mut account, fee, at).await?;
    let details = json!({ "line": line, "dossier": dossier, "school": placed.school, "cents": placed.cents.get() });
    audit::append(&mut tx, at, &caller.subject, "line_matched", details).await?;
    tx.commit().await?;
    Ok(Placed { line, state: placed.state, outcome: Some(outcome), account: Some(account), already_applied: false })
}
