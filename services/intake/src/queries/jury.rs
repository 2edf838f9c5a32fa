//! The common jury's view: whole dossiers, and the list of all.

use contracts::{intake as pb, roles};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::{Page, school::whole};
use crate::{
    app::App,
    domain::dossier::StateName,
    refusals::unknown_dossier,
    store::{dossiers, reading},
    wire,
};

/// A closed dossier, order and fiche included.
///
/// # Errors
/// Not the jury, or no closed dossier.
pub async fn read_dossier(app: &App, caller: &Caller, id: Uuid) -> Result<pb::JuryDossier, Refusal> {
    caller.require(&[roles::JURY, roles::JURY_PRESIDENT])?;
    let mut conn = app.db.read().await?;
    let stored = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?;
    if stored.dossier.state_name() != StateName::Closed {
        return Err(unknown_dossier(id));
    }
    let order = wire::order_out(&stored.dossier.order, stored.dossier.title.as_ref());
    Ok(pb::JuryDossier { dossier: Some(whole(&mut conn, stored).await?), order })
}

/// Every dossier and its state, without names or order.
///
/// # Errors
/// Neither jury nor operator, or an unsound page.
pub async fn list_dossiers(app: &App, caller: &Caller, page: Page) -> Result<pb::ListDossiersReply, Refusal> {
    caller.require(&[roles::JURY, roles::JURY_PRESIDENT, roles::OPERATOR])?;
    let mut conn = app.db.read().await?;
    let lines = reading::all(&mut conn, page.after, page.wanted().1).await?;
    let (lines, next_page_token) = page.cut(lines, |l| l.number);
    let line = |l: reading::Summary| {
        let closed = l.state == StateName::Closed;
        pb::DossierSummary {
            dossier_id: l.id.to_string(),
            number: l.number,
            state: wire::state_out(l.state).into(),
            filiere: l.filiere.unwrap_or_default(),
            schools: app.catalogue.neutral(&l.order),
            first_school: l.order.first().filter(|_| closed).cloned().unwrap_or_default(),
            closed_at: l.closed_at.and_then(wire::instant),
            verdict: wire::verdict_out(l.verdict).into(),
            digest: l.digest.map(hex::encode).unwrap_or_default(),
        }
    };
    Ok(pb::ListDossiersReply { dossiers: lines.into_iter().map(line).collect(), next_page_token })
}
