//! After the last period (R34): titles and transcripts in time, too late or not at all, and what the schools make of it.

use contracts::{
    intake,
    integration::{self as api, State},
    roles,
};
use jiff::SignedDuration;
use notice::{Due, keys};

use super::{MILLISECOND, Stage, candidate, dossier::upload};
use crate::{
    cast::{Candidate, Proof},
    failure::Failure,
    files, must, refused,
    world::Who,
};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let due = stage.instant(keys::TITLES_DUE)?;
    let by_id = stage.by_id();
    let staff = |school: &str| Who::at(roles::STAFF, school);
    let seated = seated(stage).await?;
    stage.progress.act("titles", seated.len());
    world.advance_and_settle(due - SignedDuration::from_mins(30)).await?;
    let crowd: Vec<&Candidate> = seated.iter().filter_map(|entry| by_id.get(&entry.dossier_id).copied()).collect();
    stage.each(crowd.iter().copied(), |who| deposit(stage, who)).await?;
    world.settle().await?;
    // Half of what was deposited is looked at before the deadline, half after: only the deposit's instant counts.
    for half in 0..2 {
        if half == 1 {
            world.advance_and_settle(due - MILLISECOND).await?;
            world.advance_and_settle(due).await?;
        }
        for entry in seated.iter().enumerate().filter(|(i, _)| i % 2 == half).map(|(_, entry)| entry) {
            // Past the deadline, who lacks a piece has lapsed: there is nothing left to look at.
            let lapsed = half == 1 && by_id.get(&entry.dossier_id).is_some_and(|c| c.proof != Proof::InTime);
            if lapsed {
                continue;
            }
            let proofs = stage.story().proofs.get(&entry.dossier_id).cloned().unwrap_or_default();
            for piece in proofs {
                let request = api::ReviewTitleRequest {
                    dossier_id: entry.dossier_id.clone(),
                    piece,
                    accepted: true,
                    ..Default::default()
                };
                must!(world.integration, &staff(&entry.school), review_title, request)?;
            }
            let arrived = api::ReceiveIntegrationDossierRequest { dossier_id: entry.dossier_id.clone() };
            must!(world.integration, &staff(&entry.school), receive_integration_dossier, arrived)?;
        }
    }
    for who in crowd.iter().filter(|c| c.proof == Proof::TooLate) {
        let Some(piece) = stage.session().pieces_for(&who.filiere).find(|p| p.due == Due::Titles) else { continue };
        let begin = intake::BeginUploadRequest {
            dossier_id: who.id.to_string(),
            piece: piece.id.clone(),
            size: 10,
            name: "titre.pdf".into(),
            purpose: intake::Purpose::Late.into(),
            correction_id: String::new(),
        };
        refused!(world.intake, &candidate(who), begin_upload, begin, "WINDOW_CLOSED")?;
    }
    world.settle().await
}

/// Who holds a seat for good after the last close.
async fn seated(stage: &Stage<'_>) -> Result<Vec<api::FinalEntry>, Failure> {
    let world = stage.world;
    let list =
        must!(world.integration, &super::secretary(), final_list, api::FinalListRequest { school: String::new() })?;
    if let Some(odd) = list.entries.iter().find(|e| e.state() != State::Accepted) {
        return Err(Failure::unexpected("jury", "final list before any title", "ACCEPTED", format!("{odd:?}")));
    }
    Ok(list.entries)
}

async fn deposit(stage: &Stage<'_>, who: &Candidate) -> Result<(), Failure> {
    let pieces: Vec<_> = stage.session().pieces_for(&who.filiere).filter(|p| p.due == Due::Titles).collect();
    let count = match who.proof {
        Proof::InTime => pieces.len(),
        Proof::OneMissing => pieces.len().saturating_sub(1),
        Proof::Nothing | Proof::TooLate => 0,
    };
    for (i, piece) in pieces.into_iter().take(count).enumerate() {
        let file = files::pdf(&format!("{} {}", who.label, piece.id));
        upload(stage.world, &candidate(who), &who.id.to_string(), &piece.id, intake::Purpose::Late, "", &file, i + 1)
            .await?;
        stage.story().proofs.entry(who.id.to_string()).or_default().insert(piece.id.clone());
    }
    Ok(())
}
