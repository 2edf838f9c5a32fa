//! The school of choice 1 verifies (R14): pieces, corrections, verdicts, and nobody else's dossiers.

use contracts::{intake as api, roles};
use jiff::SignedDuration;
use notice::{Depositor, keys};

use super::{Stage, candidate, dossier::upload};
use crate::{ask, failure::Failure, files, must, refused, world::Who};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let closes = stage.instant(keys::DEPOSITS_CLOSE)?;
    world.advance_and_settle(closes + SignedDuration::from_hours(36)).await?;
    let closed = stage.story().closed.len();
    stage.progress.act("verification", closed);
    let by_id = stage.by_id();
    for school in &stage.session().schools {
        let staff = Who::at(roles::STAFF, &school.id);
        let mut token = String::new();
        loop {
            let request = api::ListDossiersToVerifyRequest {
                school: school.id.clone(),
                page_size: 50,
                page_token: token,
                ..Default::default()
            };
            let page = must!(world.intake, &staff, list_dossiers_to_verify, request)?;
            for (i, listed) in page.dossiers.iter().enumerate() {
                let Some(who) = by_id.get(&listed.dossier_id) else {
                    return Err(Failure::unexpected(
                        &staff.label,
                        "list of dossiers",
                        "our candidates",
                        listed.dossier_id.clone(),
                    ));
                };
                verify(stage, &staff, who, &school.id, i).await?;
                stage.progress.step();
            }
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
    }
    world.settle().await
}

async fn verify(
    stage: &Stage<'_>,
    staff: &Who,
    who: &crate::cast::Candidate,
    school: &str,
    number: usize,
) -> Result<(), Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    let seen = must!(
        world.intake,
        staff,
        get_dossier_for_school,
        api::GetDossierForSchoolRequest { school: school.into(), dossier_id: id.clone() }
    )?;
    if number == 0
        && let Some(other) = stage.session().schools.iter().find(|s| s.id != school)
    {
        let stranger = Who::at(roles::STAFF, &other.id);
        let request = api::GetDossierForSchoolRequest { school: other.id.clone(), dossier_id: id.clone() };
        refused!(
            world.intake,
            &stranger,
            get_dossier_for_school,
            request,
            "NOT_YOUR_DOSSIER" | "UNIT_NOT_ALLOWED" | "DOSSIER_UNKNOWN"
        )?;
    }
    let check = |piece: &api::Piece, verdict: api::PieceVerdict| api::CheckPieceRequest {
        school: school.into(),
        dossier_id: id.clone(),
        piece_id: piece.piece_id.clone(),
        verdict: verdict.into(),
    };
    // A piece of the candidate's own: the fiche is the referee's, and no correction can be asked of it.
    let own = |p: &&api::Piece| {
        let known = stage.session().piece(&p.piece);
        known.is_some_and(|k| k.by == Depositor::Candidate && k.id != stage.session().fee.exemption_piece)
    };
    let mut first = seen.pieces.iter().filter(own).min_by(|a, b| a.piece.cmp(&b.piece));
    if number % 19 == 3
        && let Some(piece) = first.take()
    {
        must!(world.intake, staff, check_piece, check(piece, api::PieceVerdict::Unreadable))?;
        let until = world.now() + SignedDuration::from_hours(72);
        let correction = api::RequestCorrectionRequest {
            school: school.into(),
            dossier_id: id.clone(),
            piece_id: piece.piece_id.clone(),
            until: Some(until.into()),
            reason: "Scan illisible".into(),
        };
        let correction = match ask!(world.intake, staff, request_correction, correction) {
            Ok(correction) => correction,
            // Asked for already, by a call whose answer was lost on its way: it stands in the dossier.
            Err(status) => {
                let request = api::GetDossierForSchoolRequest { school: school.into(), dossier_id: id.clone() };
                let seen = must!(world.intake, staff, get_dossier_for_school, request)?;
                let open = seen.corrections.into_iter().find(|c| c.piece_id == piece.piece_id);
                open.ok_or_else(|| Failure::refused(&staff.label, "request_correction", &status))?
            }
        };
        record(stage, staff, &id, school, api::Verdict::CorrectionRequested).await?;
        let me = candidate(who);
        let again = upload(
            world,
            &me,
            &id,
            &piece.piece,
            api::Purpose::Correction,
            &correction.correction_id,
            &files::pdf(&format!("{} lisible", who.label)),
            1,
        )
        .await?;
        must!(
            world.intake,
            staff,
            check_piece,
            api::CheckPieceRequest { piece_id: again, ..check(piece, api::PieceVerdict::Ok) }
        )?;
    } else if let Some(piece) = first {
        must!(world.intake, staff, check_piece, check(piece, api::PieceVerdict::Ok))?;
    }
    record(stage, staff, &id, school, api::Verdict::Complete).await
}

async fn record(stage: &Stage<'_>, staff: &Who, id: &str, school: &str, verdict: api::Verdict) -> Result<(), Failure> {
    let world = stage.world;
    let request = api::RecordVerdictRequest {
        school: school.into(),
        dossier_id: id.into(),
        verdict: verdict.into(),
        note: String::new(),
    };
    must!(world.intake, staff, record_verdict, request)?;
    Ok(())
}
