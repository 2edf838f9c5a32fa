//! The admissibility commission (R16 to R19): determinations, decisions, sign-off by two, publication at the instant.

use contracts::{eligibility::Recevabilite, jury as api, scheduling};
use notice::keys;

use super::{MILLISECOND, Stage, candidate, president, secretary};
use crate::{
    failure::Failure,
    must, refused,
    world::{Who, World},
};

pub(super) async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let commission = stage.instant(keys::ADMISSIBILITY_COMMISSION)?;
    let results = stage.instant(keys::ADMISSIBILITY_RESULTS)?;
    world.advance_and_settle(commission - MILLISECOND).await?;
    refused!(
        world.jury,
        &secretary(),
        prepare_admissibility,
        api::PrepareAdmissibilityRequest {},
        "BEFORE_COMMISSION"
    )?;
    world.advance_and_settle(commission).await?;
    let all = candidatures(world).await?;
    stage.progress.act("admissibility", all.len());
    if all.len() != stage.story().closed.len() {
        return Err(Failure::unexpected(
            "jury",
            "candidatures",
            stage.story().closed.len().to_string(),
            all.len().to_string(),
        ));
    }
    refused!(world.jury, &secretary(), prepare_admissibility, api::PrepareAdmissibilityRequest {}, "UNDECIDED")?;
    let by_id = stage.by_id();
    let mut decisions = Vec::new();
    for candidature in &all {
        let Some(who) = by_id.get(&candidature.dossier_id) else {
            return Err(Failure::unexpected("jury", "candidature", "one of ours", candidature.dossier_id.clone()));
        };
        let mut recevable_somewhere = false;
        for school in &candidature.schools {
            let for_jury = school.recevabilite == word(Recevabilite::ForJury);
            // The jury finds most equivalences, and now and then a formation that does not cohere with the school's.
            let found = if for_jury { who.merit % 5 != 0 } else { who.merit % 47 != 0 };
            if for_jury || !found {
                let reason = if found { "Programme équivalent" } else { "Programme trop éloigné" };
                let request = api::RecordDeterminationRequest {
                    dossier_id: candidature.dossier_id.clone(),
                    school: school.school.clone(),
                    recevable: found,
                    reason: reason.into(),
                };
                must!(world.jury, &secretary(), record_determination, request)?;
            }
            recevable_somewhere |= found;
        }
        let admissible = who.admissible && recevable_somewhere;
        if admissible {
            stage.story().admissible.insert(candidature.dossier_id.clone());
        }
        decisions.push(api::DraftAdmissibilityRequest {
            dossier_id: candidature.dossier_id.clone(),
            admissible,
            reason: "Vu le dossier".into(),
        });
        stage.progress.step();
    }
    for batch in decisions.chunks(200) {
        must!(
            world.jury,
            &secretary(),
            draft_admissibility_batch,
            api::DraftAdmissibilityBatchRequest { decisions: batch.to_vec() }
        )?;
    }
    let act = must!(world.jury, &secretary(), prepare_admissibility, api::PrepareAdmissibilityRequest {})?;
    refused!(
        world.jury,
        &secretary(),
        confirm,
        api::ConfirmRequest { act_id: act.act_id.clone(), digest: act.digest.clone() },
        "SAME_PERSON"
    )?;
    confirm(world, &president(), &act).await?;
    if let Some(signed) = decisions.first() {
        refused!(world.jury, &secretary(), draft_admissibility, signed.clone(), "ADMISSIBILITY_SIGNED")?;
    }
    let publication = must!(
        world.jury,
        &secretary(),
        prepare_admissibility_publication,
        api::PrepareAdmissibilityPublicationRequest {}
    )?;
    confirm(world, &president(), &publication).await?;
    stage.story().published.insert("admissibility".into(), results);
    world.advance_and_settle(results - MILLISECOND).await?;
    super::orals::plan(stage).await?;
    nothing_shows(stage).await
}

/// What the fact's enumeration is called in the jury's answers.
fn word(recevabilite: Recevabilite) -> String {
    recevabilite.as_str_name().trim_start_matches("RECEVABILITE_").to_owned()
}

/// Every candidature, page by page.
pub async fn candidatures(world: &World) -> Result<Vec<api::Candidature>, Failure> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let page = must!(
            world.jury,
            &secretary(),
            list_candidatures,
            api::ListCandidaturesRequest { page_size: 200, page_token: token, ..Default::default() }
        )?;
        all.extend(page.candidatures);
        token = page.next_page_token;
        if token.is_empty() {
            return Ok(all);
        }
    }
}

/// The second person confirms what they saw.
pub async fn confirm(world: &World, who: &Who, act: &api::Act) -> Result<api::ConfirmReply, Failure> {
    must!(world.jury, who, confirm, api::ConfirmRequest { act_id: act.act_id.clone(), digest: act.digest.clone() })
}

/// One millisecond before the results: admissible or not, the answer is the same (R19).
async fn nothing_shows(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let (yes, no): (Vec<_>, Vec<_>) = stage
        .cast
        .iter()
        .filter(|c| stage.story().closed.contains_key(&c.id.to_string()))
        .partition(|c| stage.story().admissible.contains(&c.id.to_string()));
    for who in yes.iter().take(5).chain(no.iter().take(5)) {
        let id = who.id.to_string();
        refused!(
            world.jury,
            &candidate(who),
            get_admissibility,
            api::GetAdmissibilityRequest { dossier_id: id.clone() },
            "NOT_PUBLISHED"
        )?;
        refused!(
            world.scheduling,
            &candidate(who),
            get_convocation,
            scheduling::GetConvocationRequest { dossier_id: id },
            "NO_CONVOCATION"
        )?;
    }
    Ok(())
}
