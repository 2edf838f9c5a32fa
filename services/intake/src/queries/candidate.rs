//! The candidate's own view: everything but the content of the fiche (R11).

use contracts::{intake as pb, roles};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::{App, own},
    commands::only_the_notifier,
    domain::{completeness, dossier::State, verification::Verdict},
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
    let stored = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?;
    let d = stored.dossier;
    let referee = referees::last(&mut conn, id).await?;
    let corrections = verification::corrections(&mut conn, id).await?;
    // What is incomplete for good is the jury's to draw conclusions from, and not told before.
    let told = stored.verdict.filter(|v| *v != Verdict::Incomplete).zip(stored.verdict_at);
    let (left, ended_at) = match d.state {
        State::Open | State::Closed(_) => (true, None),
        State::NotClosed { at } => (true, Some(at)),
        State::Abandoned { at } => (false, Some(at)),
    };
    Ok(pb::Dossier {
        dossier_id: id.to_string(),
        number: d.number,
        state: wire::state_out(d.state_name()).into(),
        identity: left.then(|| wire::identity_out(&d.identity)),
        studies: left.then(|| wire::studies_out(&d.studies)),
        title: d.title.as_ref().map(|t| wire::title_out(&t.title)),
        filiere: d.title.as_ref().map(|t| t.filiere.clone()).unwrap_or_default(),
        other_route_declared: d.other_route_declared,
        order: wire::order_out(&d.order, d.title.as_ref()),
        pieces: d.pieces.iter().map(wire::own_piece_out).collect(),
        referee: referee.as_ref().filter(|_| left).map(wire::referee_out),
        fee: wire::fee_out(&d, false),
        receipt: wire::receipt_of(&d.state),
        corrections: corrections.iter().map(wire::correction_out).collect(),
        opened_at: wire::instant(d.opened_at),
        annulled_at: d.annulled.and_then(wire::instant),
        schools: d.title.iter().flat_map(|t| &t.standings).map(wire::standing_out).collect(),
        verdict: wire::verdict_out(told.map(|(verdict, _)| verdict)).into(),
        verdict_at: told.and_then(|(_, at)| wire::instant(at)),
        ended_at: ended_at.and_then(wire::instant),
    })
}

/// Everything that still stands between the dossier and its clôture.
///
/// # Errors
/// Neither the candidate's own nor asked by the notifier, who reminds of it (R13); or none.
pub async fn missing(app: &App, caller: &Caller, id: Uuid) -> Result<Vec<pb::MissingThing>, Refusal> {
    caller.require(&[roles::CANDIDATE, roles::SERVICE])?;
    if caller.role == roles::SERVICE {
        only_the_notifier(caller)?;
    } else {
        own(caller, id)?;
    }
    let mut conn = app.db.read().await?;
    let stored = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?;
    if stored.dossier.editable().is_err() {
        // Closed, nothing is missing any more; not closed, nothing would help.
        return Ok(Vec::new());
    }
    Ok(completeness::missing(&stored.dossier, &app.catalogue).iter().map(wire::missing_out).collect())
}
