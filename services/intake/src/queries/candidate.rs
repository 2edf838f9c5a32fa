//! The candidate's own view: everything but the content of the fiche (R11).

use contracts::intake as pb;
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::{App, own},
    domain::completeness,
    refusals::unknown_dossier,
    store::{dossiers, referees, verification},
    wire,
};

/// The dossier as its candidate sees it.
///
/// # Errors
/// Not the candidate's own, or none.
pub async fn get_dossier(app: &App, caller: &Caller, id: Uuid) -> Result<pb::Dossier, Refusal> {
    own(caller, id)?;
    let mut conn = app.db.read().await?;
    let d = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?.dossier;
    let referee = referees::last(&mut conn, id).await?;
    let corrections = verification::corrections(&mut conn, id).await?;
    Ok(pb::Dossier {
        dossier_id: id.to_string(),
        number: d.number,
        state: wire::state_out(d.state_name()).into(),
        identity: Some(wire::identity_out(&d.identity)),
        studies: Some(wire::studies_out(&d.studies)),
        title: d.title.as_ref().map(|t| wire::title_out(&t.title)),
        filiere: d.title.as_ref().map(|t| t.filiere.clone()).unwrap_or_default(),
        other_route_declared: d.other_route_declared,
        order: wire::order_out(&d.order, d.title.as_ref()),
        // What the school finds of a piece is the school's until it asks for a correction.
        pieces: d.pieces.iter().map(|p| pb::Piece { verdict: 0, ..wire::piece_out(p) }).collect(),
        referee: referee.as_ref().map(wire::referee_out),
        fee: wire::fee_out(&d, false),
        receipt: wire::receipt_of(&d.state),
        corrections: corrections.iter().map(wire::correction_out).collect(),
        opened_at: wire::instant(d.opened_at),
        annulled_at: d.annulled.and_then(wire::instant),
        schools: d.title.iter().flat_map(|t| &t.standings).map(wire::standing_out).collect(),
        ..Default::default()
    })
}

/// Everything that still stands between the dossier and its clôture.
///
/// # Errors
/// Not the candidate's own, or none.
pub async fn missing(app: &App, caller: &Caller, id: Uuid) -> Result<Vec<pb::MissingThing>, Refusal> {
    own(caller, id)?;
    let mut conn = app.db.read().await?;
    let stored = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?;
    if stored.dossier.editable().is_err() {
        // Closed, nothing is missing any more; not closed, nothing would help.
        return Ok(Vec::new());
    }
    Ok(completeness::missing(&stored.dossier, &app.catalogue).iter().map(wire::missing_out).collect())
}
