//! Clôture (R12): once, complete, inside the window.

use contracts::intake as pb;
use platform::{audit, auth::Caller, calendar::WindowRefused, outbox, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::dossier::{CloseRefused, State},
    measure,
    refusals::unknown_dossier,
    store::dossiers,
    wire,
};

/// Closes. A dossier closed before answers with its receipt, whatever the hour.
///
/// # Errors
/// Not the candidate's own; everything missing, at once; outside the window; not a candidature any more (R13).
pub async fn close_dossier(app: &App, caller: &Caller, id: Uuid) -> Result<(pb::Receipt, bool), Refusal> {
    own(caller, id)?;
    let at = caller.received_at;
    let mut tx = app.db.begin("close_dossier").await?;
    match app.windows.guard(&mut tx, DEPOSITS, at).await {
        Ok(()) => {}
        Err(WindowRefused::Db(error)) => return Err(error.into()),
        Err(window) => {
            let stored = dossiers::read(tx.conn(), id).await?.ok_or_else(|| unknown_dossier(id))?;
            return match stored.dossier.state {
                State::Closed(receipt) => Ok((wire::receipt_out(&receipt), true)),
                State::NotClosed { at } => Err(CloseRefused::NotACandidature { at }.into()),
                State::Open | State::Abandoned { .. } => Err(window.into()),
            };
        }
    }
    let stored = locked(&mut tx, id).await?;
    let (dossier, fresh) = stored.dossier.close(at, &app.catalogue)?;
    if fresh {
        let Some((closed, received, _)) = wire::dossier_closed(&dossier, &app.catalogue) else {
            return Err(Refusal::internal("a dossier closed without title or order"));
        };
        let mut version = stored.version + 1;
        outbox::append(&mut tx, &closed, version, at).await?;
        outbox::publish(&mut tx, &received, version, at).await?;
        // A title or transcript that was there from the start: who waits for it hears of it like of a later one.
        for piece in dossier.pieces.iter().filter(|p| app.catalogue.kind(&p.kind).is_some_and(|k| k.late())) {
            version += 1;
            outbox::append(&mut tx, &wire::late_piece(id, piece), version, at).await?;
        }
        dossiers::save(&mut tx, &dossier, version).await?;
        let details = serde_json::json!({ "dossier": id, "number": dossier.number, "digest": closed.digest });
        audit::append(&mut tx, at, &caller.subject, "dossier_closed", details).await?;
        tx.commit().await?;
        measure::closed();
    }
    match wire::receipt_of(&dossier.state) {
        Some(receipt) => Ok((receipt, !fresh)),
        None => Err(Refusal::internal("a closed dossier without a receipt")),
    }
}
