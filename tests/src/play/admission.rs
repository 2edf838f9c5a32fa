//! The admission commission (R27): one merit list per filière, ties refused, tables signed by two, results confirmed.

use contracts::jury as api;
use notice::keys;

use super::{MILLISECOND, Stage, admissibility::confirm, president, secretary};
use crate::{
    cast::{Candidate, Outcome},
    failure::Failure,
    must, refused,
};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let commission = stage.instant(keys::ADMISSION_COMMISSION)?;
    world.advance_and_settle(commission - MILLISECOND).await?;
    refused!(world.jury, &secretary(), prepare_admission, api::PrepareAdmissionRequest {}, "BEFORE_COMMISSION")?;
    world.advance_and_settle(commission).await?;
    stage.progress.act("admission", stage.session().filieres.len());
    let eliminating = stage.session().orals.eliminating_hundredths;
    let passed = |mark: Outcome| mark.is_some_and(|m| m > eliminating);
    for filiere in &stage.session().filieres {
        let mut list: Vec<&Candidate> = stage
            .cast
            .iter()
            .filter(|c| {
                c.filiere == filiere.id
                    && stage.story().admissible.contains(&c.id.to_string())
                    && passed(c.interview)
                    && passed(c.english)
            })
            // The jury does not rank everyone: the rest is "non retenu".
            .filter(|c| c.merit % 13 != 0)
            .collect();
        list.sort_by_key(|c| std::cmp::Reverse(c.merit));
        if let [first, second, ..] = list.as_slice() {
            let tie =
                |c: &Candidate| api::Merit { dossier_id: c.id.to_string(), score: "15.5".into(), ..Default::default() };
            let import =
                api::ImportMeritRequest { filiere: filiere.id.clone(), entries: vec![tie(first), tie(second)] };
            refused!(world.jury, &secretary(), import_merit, import, "TIES")?;
        }
        let eliminated = stage.cast.iter().find(|c| {
            c.filiere == filiere.id && stage.story().admissible.contains(&c.id.to_string()) && !passed(c.interview)
        });
        let ids: Vec<String> = list.iter().map(|c| c.id.to_string()).collect();
        if let Some(eliminated) = eliminated {
            let with = ids.iter().cloned().chain([eliminated.id.to_string()]).collect();
            refused!(
                world.jury,
                &secretary(),
                submit_merit_list,
                api::SubmitMeritListRequest { filiere: filiere.id.clone(), dossier_ids: with },
                "RANKING_INVALID"
            )?;
        }
        must!(
            world.jury,
            &secretary(),
            submit_merit_list,
            api::SubmitMeritListRequest { filiere: filiere.id.clone(), dossier_ids: ids }
        )?;
        stage.progress.step();
    }
    let act = must!(world.jury, &secretary(), prepare_admission, api::PrepareAdmissionRequest {})?;
    confirm(world, &president(), &act).await?;
    let publication =
        must!(world.jury, &secretary(), prepare_admission_publication, api::PrepareAdmissionPublicationRequest {})?;
    confirm(world, &president(), &publication).await?;
    for school in &stage.session().schools {
        for filiere in &stage.session().filieres {
            if stage.session().seats(&school.id, &filiere.id) == 0 {
                continue;
            }
            let table = must!(
                world.jury,
                &secretary(),
                get_table,
                api::GetTableRequest { school: school.id.clone(), filiere: filiere.id.clone() }
            )?;
            stage.story().tables.insert((school.id.clone(), filiere.id.clone()), table.dossier_ids);
        }
    }
    let results = stage.instant(keys::ADMISSION_RESULTS)?;
    stage.story().published.insert("admission".into(), results);
    world.settle().await
}
