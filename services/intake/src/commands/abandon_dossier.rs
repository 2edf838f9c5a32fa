//! The candidate gives up an open dossier: what it held is erased.

use contracts::intake::DossierAbandoned;
use jiff::Timestamp;
use platform::{audit, auth::Caller, calendar::WindowRefused, outbox, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::dossier::{AbandonRefused, State},
    refusals::unknown_dossier,
    store::{abandoned, dossiers},
    wire,
};

/// Gives it up, and says when. Given up before, it answers with that instant, whatever the hour: the second value is true.
///
/// # Errors
/// Not the candidate's own, not open, or outside the window.
pub async fn abandon_dossier(app: &App, caller: &Caller, id: Uuid) -> Result<(Timestamp, bool), Refusal> {
    own(caller, id)?;
    let at = caller.received_at;
    let mut tx = app.db.begin("abandon_dossier").await?;
    match app.windows.guard(&mut tx, DEPOSITS, at).await {
        Ok(()) => {}
        Err(WindowRefused::Db(error)) => return Err(error.into()),
        Err(window) => {
            let dossier = dossiers::read(tx.conn(), id).await?.ok_or_else(|| unknown_dossier(id))?.dossier;
            return match dossier.state {
                State::Abandoned { at } => Ok((at, true)),
                State::Closed(_) => Err(AbandonRefused { state: dossier.state_name() }.into()),
                State::Open | State::NotClosed { .. } => Err(window.into()),
            };
        }
    }
    let stored = locked(&mut tx, id).await?;
    let (dossier, news) = stored.dossier.abandon(at)?;
    let State::Abandoned { at: since } = dossier.state else {
        return Err(Refusal::internal("a dossier given up that is not"));
    };
    if news {
        let version = stored.version + 1;
        dossiers::save(&mut tx, &dossier, version).await?;
        abandoned::erase(&mut tx, id, at).await?;
        let fact = DossierAbandoned { dossier_id: id.to_string(), at: wire::instant(at) };
        outbox::append(&mut tx, &fact, version, at).await?;
        let details = serde_json::json!({ "dossier": id, "number": dossier.number });
        audit::append(&mut tx, at, &caller.subject, "dossier_abandoned", details).await?;
        tx.commit().await?;
    }
    Ok((since, !news))
}
