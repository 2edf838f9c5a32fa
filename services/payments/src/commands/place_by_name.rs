//! A line without a reference: a search by name at intake, outside any transaction, then the domain's word (R23).

use jiff::Timestamp;
use platform::{audit, db::Tx, inbox::HandleError};
use serde_json::json;
use uuid::Uuid;

use super::place;
use crate::{
    app::App,
    domain::{line::State, matching},
    names::MAX_SEARCHED,
    store,
};

/// The actor of what the service does by itself.
const PAYMENTS: &str = "payments";

/// Whose name is in the line: ids only, the names stay at intake. `None` when there is nothing left to search for.
///
/// # Errors
/// To be tried again while intake does not answer.
pub async fn search(app: &App, line: Uuid) -> Result<Option<Vec<Uuid>>, HandleError> {
    let stored = store::line(&mut *app.db.read().await?, line).await?;
    let Some(stored) = stored.filter(|l| l.to_search) else { return Ok(None) };
    for text in matching::name_texts(&stored.remittance, &stored.counterparty, MAX_SEARCHED) {
        let found = app.names.bearing(&text).await.map_err(HandleError::retry)?;
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(Some(Vec::new()))
}

/// Places the line, or leaves it to a person; either way its search is made.
///
/// # Errors
/// The database does not answer.
pub async fn place_by_name(
    app: &App,
    tx: &mut Tx,
    line: Uuid,
    found: &[Uuid],
    at: Timestamp,
) -> Result<(), HandleError> {
    let Some(stored) = store::line_for_update(tx, line).await? else { return Ok(()) };
    let State::Queued(_) = stored.line.state else { return Ok(()) };
    if !stored.to_search {
        return Ok(());
    }
    let fee = app.fee();
    let mut accounts = store::lock(tx, found).await?;
    let decided = matching::by_name(stored.line.cents, found, |dossier| {
        accounts.get(dossier).map(|account| store::standing_of(account, fee))
    });
    match decided.copied() {
        Ok(dossier) => {
            let Some(account) = accounts.get_mut(&dossier) else { return Ok(()) };
            let (placed, entries, _) = place(line, stored.line, account, fee).map_err(HandleError::reject)?;
            store::save(tx, line, &placed).await?;
            store::enter(tx, at, PAYMENTS, &entries).await?;
            store::tell(tx, account, fee, at).await?;
            let details = json!({ "line": line, "dossier": dossier, "school": placed.school, "by": "name" });
            audit::append(tx, at, PAYMENTS, "line_matched", details).await?;
        }
        Err(why) => store::save(tx, line, &stored.line.queued_because(why)).await?,
    }
    Ok(())
}
