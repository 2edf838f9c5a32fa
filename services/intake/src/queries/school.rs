//! The school of choice 1's view (R14). The order is in none of it.

use contracts::{intake as pb, roles};
use jiff::Timestamp;
use platform::{auth::Caller, refusal::Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Page;
use crate::{
    app::App,
    domain::{
        dossier::{FeeClaim, StateName},
        names::words,
        text::Faults,
        verification::Verdict,
    },
    refusals::unknown_dossier,
    store::{
        dossiers::{self, Stored},
        notes, pieces,
        queue::{self, Filter, Search, Sort, ToVerify},
        referees::{self, FicheContent},
        verification,
    },
    wire,
};

/// The queue of dossiers to verify, filtered, searched and sorted.
///
/// # Errors
/// Not staff of that school, an unknown filière, an unsound text or page.
pub async fn dossiers_to_verify(
    app: &App,
    caller: &Caller,
    asked: &pb::ListDossiersToVerifyRequest,
    page: Page,
) -> Result<pb::ListDossiersToVerifyReply, Refusal> {
    caller.require_unit(&[roles::STAFF], &asked.school)?;
    let filter = filter(app, asked, caller.received_at)?;
    let mut conn = app.db.read().await?;
    let (lines, totals) = queue::to_verify(&mut conn, &filter, page.wanted()).await?;
    let (lines, next_page_token) = page.cut(lines, |l| l.number);
    let line = |l: ToVerify| pb::DossierToVerify {
        dossier_id: l.id.to_string(),
        number: l.number,
        family_name: l.family_name,
        first_names: l.first_names,
        filiere: l.filiere,
        closed_at: wire::instant(l.closed_at),
        verdict: wire::verdict_out(l.verdict).into(),
        open_corrections: l.open_corrections,
        looks_alike: l.looks_alike,
        notes: l.notes,
    };
    Ok(pb::ListDossiersToVerifyReply {
        dossiers: lines.into_iter().map(line).collect(),
        next_page_token,
        not_yet: totals.not_yet,
        complete: totals.complete,
        correction_requested: totals.correction_requested,
        incomplete: totals.incomplete,
    })
}

fn filter<'a>(app: &App, asked: &'a pb::ListDossiersToVerifyRequest, at: Timestamp) -> Result<Filter<'a>, Refusal> {
    let filiere = Some(asked.filiere.as_str()).filter(|f| !f.is_empty());
    if filiere.is_some_and(|f| app.session.filieres.iter().all(|known| known.id != f)) {
        let known = app.session.filieres.iter().map(|f| f.id.clone());
        return Err(Refusal::invalid("FILIERE_UNKNOWN").field("filiere", "no such filière").allowed(known));
    }
    let mut verdicts = asked.verdicts().map(wire::verdict_wanted).collect::<Vec<_>>();
    if verdicts.is_empty() {
        verdicts = vec![None, Some(Verdict::CorrectionRequested)];
        if asked.include_verified {
            verdicts.extend([Some(Verdict::Complete), Some(Verdict::Incomplete)]);
        }
    }
    let mut faults = Faults::default();
    let text = faults.line("text", &asked.text, 0, 100);
    let text = faults.or(text)?;
    let search = match text.parse() {
        _ if text.is_empty() => Search::All,
        Ok(number) => Search::Number(number),
        Err(_) => Search::Words(words(&text)),
    };
    let sort = match asked.sort() {
        pb::VerificationSort::Unspecified | pb::VerificationSort::Number => Sort::Number,
        pb::VerificationSort::Name => Sort::Name,
        pb::VerificationSort::ClosedAt => Sort::ClosedAt,
    };
    let (open_corrections, look_alikes) = (asked.open_corrections_only, asked.look_alikes_only);
    Ok(Filter { school: &asked.school, filiere, verdicts, open_corrections, look_alikes, search, sort, at })
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
    let notes = notes::of(&mut conn, id, school).await?;
    let mut seen = whole(&mut conn, stored).await?;
    seen.notes = notes.into_iter().map(wire::note_out).collect();
    if let Some(receipt) = &mut seen.receipt {
        // The order is under the digest, with nothing else that the school does not know: three schools have few orders,
        // and trying them all would tell which it is (R14).
        receipt.digest.clear();
    }
    Ok(seen)
}

/// A closed dossier but for its order and for a school's notes.
pub(super) async fn whole(conn: &mut PgConnection, stored: Stored) -> Result<pb::SchoolDossier, Refusal> {
    let Stored { dossier: d, .. } = stored;
    let last = verification::last_verdict(conn, d.id).await?;
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
        verdict: wire::verdict_out(last.as_ref().map(|(verdict, ..)| *verdict)).into(),
        verdict_at: last.as_ref().and_then(|(_, at, _)| wire::instant(*at)),
        verdict_note: last.map(|(.., note)| note).unwrap_or_default(),
        other_route_declared: d.other_route_declared,
        fiche,
        attestation_piece_id: wire::attestation_of(claim),
        annulled_at: d.annulled.and_then(wire::instant),
        notes: Vec::new(),
    })
}
