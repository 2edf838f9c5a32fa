//! The order of schools, best first (§3.1, R8, R9).

use platform::{auth::Caller, calendar::WindowRefused, outbox, refusal::Refusal};
use uuid::Uuid;

use super::locked;
use crate::{
    app::{App, DEPOSITS, own},
    domain::dossier::{Dossier, OrderRefused, StateName},
    refusals::unknown_dossier,
    store::dossiers,
    wire,
};

/// Sets the order. The recevabilité it is checked against is the one eligibility answered when the title was stated; both
/// follow from the session file, which does not change while a session runs.
///
/// # Errors
/// Not the candidate's own; final since clôture (§3.1), whatever the hour; outside the window; or a school that cannot be
/// ordered.
pub async fn set_order(app: &App, caller: &Caller, id: Uuid, order: Vec<String>) -> Result<Dossier, Refusal> {
    own(caller, id)?;
    let mut tx = app.db.begin("set_order").await?;
    match app.windows.guard(&mut tx, DEPOSITS, caller.received_at).await {
        Ok(()) => {}
        Err(WindowRefused::Db(error)) => return Err(error.into()),
        Err(window) => {
            // Why it is refused for good comes before why it is refused now.
            let stored = dossiers::read(tx.conn(), id).await?.ok_or_else(|| unknown_dossier(id))?;
            return Err(match stored.dossier.state_name() {
                StateName::Closed => OrderRefused::Final.into(),
                _ => window.into(),
            });
        }
    }
    let stored = locked(&mut tx, id).await?;
    let allowed: Vec<String> =
        stored.dossier.title.as_ref().map(|t| t.allowed().map(str::to_owned).collect()).unwrap_or_default();
    let (dossier, payee_changed) = stored.dossier.set_order(order, &app.catalogue).map_err(|refused| {
        let closed = matches!(refused, OrderRefused::ClosedByTable(_));
        let refusal = Refusal::from(refused);
        if closed { refusal.allowed(allowed) } else { refusal }
    })?;
    let mut version = stored.version;
    if payee_changed && let Some((fact, _)) = wire::fee_claimed(&dossier) {
        version += 1;
        outbox::append(&mut tx, &fact, version, caller.received_at).await?;
    }
    dossiers::save(&mut tx, &dossier, version).await?;
    tx.commit().await?;
    Ok(dossier)
}
