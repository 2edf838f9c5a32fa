//! The orals (R24, R25): planned under embargo, visible at the instant, one slot moved, one constraint stated.

use std::collections::BTreeMap;

use contracts::{jury, roles, scheduling as api};
use notice::keys;

use super::{Stage, candidate};
use crate::{failure::Failure, must, refused, world::Who};

/// Exams a panel can be counted on for in a day, with lunch, breaks and what the gaps cost.
const INTERVIEWS_A_DAY: usize = 10;
const ENGLISH_A_DAY: usize = 14;

/// Sets up every school and plans; first with too little, which names what is missing.
pub async fn plan(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    stage.progress.act("orals planned", stage.session().schools.len());
    let mut convened: BTreeMap<String, usize> = BTreeMap::new();
    let admissible = stage.story().admissible.clone();
    for id in &admissible {
        if let Some(school) = stage.story_orders_first(id) {
            *convened.entry(school).or_default() += 1;
        }
    }
    for school in &stage.session().schools {
        let planner = Who::at(roles::PLANNER, &school.id);
        let count = convened.get(&school.id).copied().unwrap_or(0);
        let days = stage.session().oral_days(&school.id).to_vec();
        for day in &days {
            let hours = |from: &str, to: &str| api::Hours { from: from.into(), to: to.into() };
            let request = api::DefineDayRequest {
                school: school.id.clone(),
                day: day.to_string(),
                hours: Some(hours("08:30", "18:00")),
                lunch: Some(hours("12:30", "13:30")),
                breaks: vec![hours("10:20", "10:35"), hours("15:40", "15:55")],
            };
            must!(world.scheduling, &planner, define_day, request)?;
        }
        let interviews = count.div_ceil(INTERVIEWS_A_DAY * days.len().max(1)).max(1);
        let english = count.div_ceil(ENGLISH_A_DAY * days.len().max(1)).max(1);
        for room in 0..interviews + english {
            must!(
                world.scheduling,
                &planner,
                define_room,
                api::DefineRoomRequest { school: school.id.clone(), room: format!("Salle {}", room + 1) }
            )?;
        }
        for i in 0..interviews {
            panel(stage, &planner, &school.id, api::Exam::Interview, i).await?;
        }
        if count > 0 {
            // Without an English examiner nobody can be convened, and the plan says so.
            let short = must!(world.scheduling, &planner, plan, api::PlanRequest { school: school.id.clone() })?;
            if short.placed != 0
                || short.unplaced_dossier_ids.len() != count
                || short.days.iter().all(|d| d.english_minutes_short == 0)
            {
                return Err(Failure::unexpected(
                    &planner.label,
                    "plan without English",
                    "nobody placed, minutes missing",
                    format!("{short:?}"),
                ));
            }
        }
        for i in 0..english {
            panel(stage, &planner, &school.id, api::Exam::English, i).await?;
        }
        let plan = must!(world.scheduling, &planner, plan, api::PlanRequest { school: school.id.clone() })?;
        if plan.placed as usize != count || !plan.unplaced_dossier_ids.is_empty() {
            return Err(Failure::unexpected(&planner.label, "plan", format!("{count} placed"), format!("{plan:?}")));
        }
        stage.progress.step();
    }
    world.settle().await
}

async fn panel(stage: &Stage<'_>, planner: &Who, school: &str, exam: api::Exam, i: usize) -> Result<(), Failure> {
    let world = stage.world;
    let name = if exam == api::Exam::Interview { "Jury" } else { "Anglais" };
    let members = if exam == api::Exam::Interview { stage.session().orals.panel_members } else { 1 };
    let examiners = (0..members).map(|m| format!("{school}-{name}-{i}-{m}")).collect();
    let request = api::DefinePanelRequest {
        school: school.into(),
        panel: format!("{name} {}", i + 1),
        exam: exam.into(),
        examiners,
    };
    must!(world.scheduling, planner, define_panel, request)?;
    Ok(())
}

/// At the results everyone sees theirs; a slot is moved; a constraint is stated.
pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    world.advance_and_settle(stage.instant(keys::ADMISSIBILITY_RESULTS)?).await?;
    let crowd: Vec<_> = stage.cast.iter().filter(|c| stage.story().closed.contains_key(&c.id.to_string())).collect();
    stage.progress.act("admissibility results", crowd.len());
    stage
        .each(crowd.iter().copied(), |who| async move {
            let id = who.id.to_string();
            let admissible = stage.story().admissible.contains(&id);
            let result = must!(
                world.jury,
                &candidate(who),
                get_admissibility,
                jury::GetAdmissibilityRequest { dossier_id: id.clone() }
            )?;
            if result.admissible != admissible {
                return Err(Failure::unexpected(
                    &who.label,
                    "admissibility result",
                    admissible.to_string(),
                    result.admissible.to_string(),
                ));
            }
            let ask = api::GetConvocationRequest { dossier_id: id };
            if admissible {
                must!(world.scheduling, &candidate(who), get_convocation, ask)?;
            } else {
                refused!(world.scheduling, &candidate(who), get_convocation, ask, "NO_CONVOCATION")?;
            }
            Ok(())
        })
        .await?;
    for school in &stage.session().schools {
        let planner = Who::at(roles::PLANNER, &school.id);
        let schedule =
            must!(world.scheduling, &planner, list_schedule, api::ListScheduleRequest { school: school.id.clone() })?;
        let placed: Vec<_> = schedule.candidates.iter().filter_map(|c| c.convocation.as_ref()).collect();
        if let [a, b, ..] = placed.as_slice() {
            // Onto someone else's slot, in their room: impossible, and nothing moves.
            let taken = b.interview.as_ref();
            let request = api::MoveSlotRequest {
                dossier_id: a.dossier_id.clone(),
                exam: api::Exam::Interview.into(),
                begins_at: taken.and_then(|s| s.begins_at),
                room: taken.map(|s| s.room.clone()).unwrap_or_default(),
                reason: "essai".into(),
                ..Default::default()
            };
            if taken.map(|s| (&s.begins_at, &s.room)) != a.interview.as_ref().map(|s| (&s.begins_at, &s.room)) {
                refused!(world.scheduling, &planner, move_slot, request, "SLOT_IMPOSSIBLE")?;
            }
            if let Some(who) = stage.by_id().get(&a.dossier_id) {
                must!(
                    world.scheduling,
                    &candidate(who),
                    state_constraint,
                    api::StateConstraintRequest {
                        dossier_id: a.dossier_id.clone(),
                        reason: "Examen à l'université".into()
                    }
                )?;
            }
        }
    }
    world.settle().await
}
