//! The school of choice 1's view (R14). The order is in none of it.

use contracts::{intake as pb, roles};
use platform::{auth::Caller, refusal::Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Page;
use crate::{
    app::App,
    domain::dossier::{FeeClaim, StateName},
    refusals::unknown_dossier,
    store::{
        dossiers::{self, Stored},
        pieces, reading,
        referees::{self, FicheContent},
        verification,
    },
    wire,
};

/// The list of dossiers to verify.
///
/// # Errors
/// Not staff of that school, or an unsound page.
pub async fn dossiers_to_verify(
    app: &App,
    caller: &Caller,
    school: &str,
    page: Page,
    verified_too: bool,
) -> Result<pb::ListDossiersToVerifyReply, Refusal> {
    caller.require_unit(&[roles::STAFF], school)?;
    let mut conn = app.db.read().await?;
    let lines = reading::to_verify(&mut conn, school, page.wanted(), verified_too, caller.received_at).await?;
    let (lines, next_page_token) = page.cut(lines, |l| l.number);
    let line = |l: reading::ToVerify| pb::DossierToVerify {
        dossier_id: l.id.to_string(),
        number: l.number,
        family_name: l.family_name,
        first_names: l.first_names,
        filiere: l.filiere,
        closed_at: wire::instant(l.closed_at),
        verdict: wire::verdict_out(l.verdict).into(),
        open_corrections: l.open_corrections,
        ..Default::default()
    };
    Ok(pb::ListDossiersToVerifyReply {
        dossiers: lines.into_iter().map(line).collect(),
        next_page_token,
        ..Default::default()
    })
}

/// A closed dossier, for the school that verifies it.
///
/// # Errors
/// Not staff of that school, or no closed dossier of theirs.
pub async fn dossier_for_school(
    app: &App,
    caller: &Caller,
    school: &str,
    id: Uuid,
) -> Result<pb::SchoolDossier, Refusal> {
    caller.require_unit(&[roles::STAFF], school)?;
    let mut conn = app.db.read().await?;
    let stored = dossiers::read(&mut conn, id).await?.ok_or_else(|| unknown_dossier(id))?;
    let d = &stored.dossier;
    if d.state_name() != StateName::Closed || d.first_school() != Some(school) {
        return Err(unknown_dossier(id));
    }
    let mut seen = whole(&mut conn, stored).await?;
    if let Some(receipt) = &mut seen.receipt {
        // The order is under the digest, with nothing else that the school does not know: three schools have few orders,
        // and trying them all would tell which it is (R14).
        receipt.digest.clear();
    }
    Ok(seen)
}

/// A closed dossier but for its order.
pub(super) async fn whole(conn: &mut PgConnection, stored: Stored) -> Result<pb::SchoolDossier, Refusal> {
    let Stored { dossier: d, verdict, .. } = stored;
    let fiche = match referees::fiche(conn, d.id).await? {
        Some((_, FicheContent::Answers(answers))) => Some(wire::answers_out(&answers)),
        Some((_, FicheContent::File(_))) | None => None,
    };
    let pieces = pieces::of_all(conn, d.id).await?;
    let corrections = verification::corrections(conn, d.id).await?;
    let claim: Option<FeeClaim> = d.fee.map(|(claim, _)| claim);
    Ok(pb::SchoolDossier {
        dossier_id: d.id.to_string(),
        number: d.number,
        identity: Some(wire::identity_out(&d.identity)),
        studies: Some(wire::studies_out(&d.studies)),
        title: d.title.as_ref().map(|t| wire::title_out(&t.title)),
        filiere: d.title.as_ref().map(|t| t.filiere.clone()).unwrap_or_default(),
        pieces: pieces.iter().map(wire::piece_out).collect(),
        corrections: corrections.iter().map(wire::correction_out).collect(),
        fee_claim: wire::claim_out(claim).into(),
        receipt: wire::receipt_of(&d.state),
        verdict: wire::verdict_out(verdict).into(),
        other_route_declared: d.other_route_declared,
        fiche,
        attestation_piece_id: wire::attestation_of(claim),
        annulled_at: d.annulled.and_then(wire::instant),
        ..Default::default()
    })
}
