//! From the opening to the clôture (R2, R3, R12, R13): dossiers are made over several visits, and the last evening
//! is played to the millisecond.

use contracts::intake as api;
use notice::keys;

use super::{MILLISECOND, Stage, candidate, dossier};
use crate::{
    ask,
    cast::{Candidate, Finish, VISITS},
    failure::Failure,
    must, refused,
};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let opens = stage.instant(keys::PLATFORM_OPENS)?;
    let closes = stage.instant(keys::DEPOSITS_CLOSE)?;
    stage.progress.act("dossiers", stage.cast.len());
    world.advance_and_settle(opens - MILLISECOND).await?;
    if let Some(early) = stage.cast.first() {
        let open = api::OpenDossierRequest {
            dossier_id: early.id.to_string(),
            identity: Some(identity()),
            request_id: String::new(),
            ..Default::default()
        };
        refused!(world.intake, &candidate(early), open_dossier, open, "WINDOW_NOT_YET_OPEN")?;
    }
    world.advance_and_settle(opens).await?;
    let step = closes.duration_since(opens) / i32::try_from(VISITS + 1).unwrap_or(6);
    for visit in 0..VISITS {
        if visit > 0 {
            world.advance_and_settle(opens + step * i32::try_from(visit).unwrap_or(0)).await?;
        }
        let crowd = stage.cast.iter().enumerate().filter(|(_, c)| c.visit == visit);
        let numbers: std::collections::BTreeMap<&str, usize> =
            crowd.clone().map(|(i, c)| (c.label.as_str(), i)).collect();
        stage
            .each(crowd.map(|(_, c)| c), |who| {
                let number = numbers.get(who.label.as_str()).copied().unwrap_or(0);
                make_and_close(stage, who, number)
            })
            .await?;
    }
    stage.progress.act("the last evening", stage.cast.len());
    last_evening(stage).await
}

fn identity() -> api::Identity {
    api::Identity {
        family_name: "Trop".into(),
        first_names: "Tôt".into(),
        birth_date: "2004-01-01".into(),
        email: "tot@example.org".into(),
        nationality: "FR".into(),
        ..Default::default()
    }
}

async fn make_and_close(stage: &Stage<'_>, who: &Candidate, number: usize) -> Result<(), Failure> {
    let world = stage.world;
    let me = candidate(who);
    let id = who.id.to_string();
    dossier::make(stage, who, number).await?;
    let missing = must!(world.intake, &me, missing, api::MissingRequest { dossier_id: id.clone() })?;
    match who.finish {
        Finish::Incomplete => {
            if missing.things.is_empty() {
                return Err(Failure::unexpected(&who.label, "missing", "something", "nothing"));
            }
            refused!(
                world.intake,
                &me,
                close_dossier,
                api::CloseDossierRequest { dossier_id: id.clone() },
                "DOSSIER_INCOMPLETE"
            )?;
        }
        _ if !missing.things.is_empty() => {
            return Err(Failure::unexpected(&who.label, "missing", "nothing", format!("{:?}", missing.things)));
        }
        Finish::Early => {
            close(stage, who).await?;
            if number.is_multiple_of(7) {
                let again =
                    must!(world.intake, &me, close_dossier, api::CloseDossierRequest { dossier_id: id.clone() })?;
                let receipt = again.receipt.unwrap_or_default();
                let known = stage.story().closed.get(&id).cloned();
                if !again.already_applied || known.is_none_or(|(_, digest)| digest != receipt.digest) {
                    return Err(Failure::unexpected(
                        &who.label,
                        "a second clôture",
                        "the same receipt",
                        format!("{receipt:?}"),
                    ));
                }
            }
            if number.is_multiple_of(11) {
                let order = stage.story().orders.get(&id).cloned().unwrap_or_default().into_iter().rev().collect();
                refused!(
                    world.intake,
                    &me,
                    set_order,
                    api::SetOrderRequest { dossier_id: id, schools: order },
                    "ORDER_FINAL"
                )?;
            }
        }
        Finish::LastMillisecond | Finish::OnTheInstant => {}
    }
    Ok(())
}

async fn close(stage: &Stage<'_>, who: &Candidate) -> Result<(), Failure> {
    let world = stage.world;
    close_as(stage, who, &candidate(who), world.now()).await
}

async fn close_as(
    stage: &Stage<'_>,
    who: &Candidate,
    me: &crate::world::Who,
    expected: jiff::Timestamp,
) -> Result<(), Failure> {
    let world = stage.world;
    let reply = must!(world.intake, me, close_dossier, api::CloseDossierRequest { dossier_id: who.id.to_string() })?;
    let receipt = reply.receipt.unwrap_or_default();
    let at = receipt.closed_at.and_then(|t| jiff::Timestamp::try_from(t).ok());
    if at != Some(expected) {
        return Err(Failure::unexpected(&who.label, "instant of the receipt", expected.to_string(), format!("{at:?}")));
    }
    stage.story().closed.insert(who.id.to_string(), (expected, receipt.digest));
    Ok(())
}

/// 22:59:59.999 is in, 23:00:00.000 is out (R2), and what counts is when the platform received the request (R3).
async fn last_evening(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let closes = stage.instant(keys::DEPOSITS_CLOSE)?;
    let last = closes - MILLISECOND;
    world.advance_and_settle(last).await?;
    let (queued, direct): (Vec<&Candidate>, Vec<&Candidate>) =
        stage.cast.iter().filter(|c| c.finish == Finish::LastMillisecond).partition(|c| c.merit.is_multiple_of(2));
    stage.each(direct, |who| close(stage, who)).await?;
    // Intake alone reaches the instant: the close has not been fired yet. A request that the edge received in time and
    // that waited in a queue is accepted all the same.
    world.advance_only("intake", closes).await?;
    stage.each(queued, |who| async move { close_as(stage, who, &candidate(who).received(last), last).await }).await?;
    world.advance(closes).await?;
    let late = stage.cast.iter().filter(|c| c.finish == Finish::OnTheInstant);
    stage
        .each(late, |who| async move {
            refused!(
                world.intake,
                &candidate(who),
                close_dossier,
                api::CloseDossierRequest { dossier_id: who.id.to_string() },
                "WINDOW_CLOSED" | "NOT_A_CANDIDATURE"
            )?;
            stage.story().not_closed.insert(who.id.to_string());
            Ok(())
        })
        .await?;
    world.settle().await?;
    for who in stage.cast.iter().filter(|c| c.finish == Finish::Incomplete) {
        let state =
            ask!(world.intake, &candidate(who), get_dossier, api::GetDossierRequest { dossier_id: who.id.to_string() });
        let state = state.map_err(|s| Failure::refused(&who.label, "get_dossier", &s))?.state();
        if state != api::DossierState::NotClosed {
            return Err(Failure::unexpected(
                &who.label,
                "an incomplete dossier after the deadline",
                "NOT_CLOSED",
                format!("{state:?}"),
            ));
        }
        stage.story().not_closed.insert(who.id.to_string());
    }
    Ok(())
}
