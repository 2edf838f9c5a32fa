//! The integration (R29 to R33): every period is looked at one millisecond before its opening, played, and closed.

use contracts::{
    integration::{self as api, Answer, State},
    jury, roles,
};
use jiff::{SignedDuration, Timestamp};
use notice::keys;

use super::{Answered, MILLISECOND, PeriodStory, Stage, admissibility::confirm, candidate, president, secretary};
use crate::{
    ask,
    cast::{Candidate, Move},
    failure::Failure,
    must, refused,
    world::Who,
};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let last = u32::try_from(stage.session().periods.len()).unwrap_or(u32::MAX);
    let printed = stage.session().schools.iter().flat_map(|s| stage.session().filieres.iter().map(move |f| (s, f)));
    let printed = printed.map(|(s, f)| ((s.id.clone(), f.id.clone()), stage.session().seats(&s.id, &f.id))).collect();
    stage.story().seats.push(printed);
    for number in 1..=last {
        one(stage, number, last).await?;
        if number < last {
            between(stage, number).await?;
            let seats = stage.story().seats.last().cloned().unwrap_or_default();
            let mut story = stage.story();
            if story.seats.len() <= number as usize {
                story.seats.push(seats);
            }
        }
    }
    Ok(())
}

/// Those who can have a part in the integration.
fn crowd<'a>(stage: &Stage<'a>) -> Vec<&'a Candidate> {
    let story = stage.story();
    let on_a_table = |id: &String| story.tables.values().any(|table| table.contains(id));
    stage.cast.iter().filter(|c| on_a_table(&c.id.to_string())).collect()
}

async fn one(stage: &Stage<'_>, number: u32, last: u32) -> Result<(), Failure> {
    let world = stage.world;
    let (opens, closes) = (stage.instant(&keys::period_opens(number))?, stage.instant(&keys::period_closes(number))?);
    let crowd = crowd(stage);
    stage.progress.act(format!("period {number}"), crowd.len());
    stage.story().periods.push(PeriodStory::default());
    world.advance_and_settle(opens - MILLISECOND).await?;
    if number == 1 {
        for who in crowd.iter().take(5) {
            refused!(
                world.integration,
                &candidate(who),
                get_situation,
                api::GetSituationRequest { dossier_id: who.id.to_string() },
                "NOT_YET_PUBLISHED"
            )?;
        }
    }
    world.advance_and_settle(opens).await?;
    world.advance_and_settle(opens + SignedDuration::from_hours(20)).await?;
    let (late, punctual): (Vec<&Candidate>, Vec<&Candidate>) = crowd.iter().partition(|c| c.merit.is_multiple_of(10));
    stage.each(punctual, |who| act(stage, who, number, last)).await?;
    // Some come at the last millisecond; it counts (R2).
    world.advance_and_settle(closes - MILLISECOND).await?;
    stage.each(late, |who| act(stage, who, number, last)).await?;
    world.settle().await?;
    if stage.races && number < last {
        race_the_close(stage, &crowd, closes).await?;
    } else {
        world.advance_and_settle(closes).await?;
    }
    let seen = stage.story().periods.last().map(|p| p.seen.clone()).unwrap_or_default();
    for who in crowd.iter().filter(|c| !seen.contains(&c.id.to_string())).take(2) {
        let answer =
            api::AnswerRequest { dossier_id: who.id.to_string(), answer: Answer::Attente.into(), confirmed: false };
        refused!(
            world.integration,
            &candidate(who),
            answer,
            answer,
            "PERIOD_NOT_OPEN" | "NO_LONGER_IN_THE_RUNNING" | "WINDOW_CLOSED"
        )?;
    }
    Ok(())
}

/// Answers stamped in time that arrive while the period is being closed: each is either acknowledged and counts, or is
/// refused and changes nothing. Nothing is killed meanwhile, so that no acknowledgement is lost on its way.
async fn race_the_close(stage: &Stage<'_>, crowd: &[&Candidate], closes: Timestamp) -> Result<(), Failure> {
    let world = stage.world;
    world.keep_calm(true);
    world.settle().await?;
    let seen = stage.story().periods.last().map(|p| p.seen.clone()).unwrap_or_default();
    let racers = crowd.iter().copied().filter(|c| seen.contains(&c.id.to_string()));
    let race = stage.each(racers, |who| async move {
        let (me, id) = (candidate(who).received(closes - MILLISECOND), who.id.to_string());
        for answer in [Answer::OuiMais, Answer::NonMais].into_iter().cycle().take(400) {
            let message = api::AnswerRequest { dossier_id: id.clone(), answer: answer.into(), confirmed: false };
            let Ok(receipt) = ask!(world.integration, &me, answer, message) else { break };
            let at = receipt.received_at.and_then(|t| Timestamp::try_from(t).ok()).unwrap_or_default();
            if let Some(period) = stage.story().periods.last_mut() {
                period.answers.insert(id.clone(), Answered { answer, at });
            }
        }
        Ok(())
    });
    let close = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.advance(closes).await
    };
    let (raced, closed) = tokio::join!(race, close);
    raced.and(closed)?;
    world.settle().await?;
    world.keep_calm(false);
    Ok(())
}

/// One candidate's part in a period.
async fn act(stage: &Stage<'_>, who: &Candidate, number: u32, last: u32) -> Result<(), Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    let before = stage.story().annulled.contains(&id) || stage.story().periods.iter().any(|p| p.resigned.contains(&id));
    if before || who.temper.play(number, last, State::Waiting, &[]) == Move::StayAway {
        return Ok(());
    }
    let me = candidate(who);
    let logged = must!(world.integration, &me, record_login, api::RecordLoginRequest { dossier_id: id.clone() })?;
    if logged.period != number {
        return Err(Failure::unexpected(
            &who.label,
            "log-in counts for period",
            number.to_string(),
            logged.period.to_string(),
        ));
    }
    see(stage, &id);
    let situation = must!(world.integration, &me, get_situation, api::GetSituationRequest { dossier_id: id.clone() })?;
    let allowed: Vec<Answer> = situation.allowed.iter().map(api::AllowedAnswer::answer).collect();
    if let Some(wrong) = [Answer::OuiDefinitif, Answer::OuiMais, Answer::NonMais, Answer::Attente]
        .into_iter()
        .find(|a| !allowed.contains(a))
        && who.merit.is_multiple_of(6)
        && !allowed.is_empty()
    {
        let answer = api::AnswerRequest { dossier_id: id.clone(), answer: wrong.into(), confirmed: true };
        refused!(world.integration, &me, answer, answer, "ANSWER_NOT_ALLOWED")?;
    }
    match who.temper.play(number, last, situation.state(), &allowed) {
        Move::Answer(answer) => say(stage, who, &me, answer, &situation).await,
        Move::ChangeOfMind(first, then) => {
            say(stage, who, &me, first, &situation).await?;
            say(stage, who, &me, then, &situation).await
        }
        Move::StayAway | Move::Look | Move::ResignAfterwards => Ok(()),
    }
}

fn see(stage: &Stage<'_>, id: &str) {
    if let Some(period) = stage.story().periods.last_mut() {
        period.seen.insert(id.to_owned());
    }
}

/// Sends one answer, by oneself or through a relative.
async fn say(
    stage: &Stage<'_>,
    who: &Candidate,
    me: &Who,
    answer: Answer,
    situation: &api::Situation,
) -> Result<(), Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    let message = |confirmed| api::AnswerRequest { dossier_id: id.clone(), answer: answer.into(), confirmed };
    let needs = situation.allowed.iter().any(|a| a.answer() == answer && a.needs_confirmation);
    if needs {
        refused!(world.integration, me, answer, message(false), "CONFIRMATION_REQUIRED")?;
    }
    let relative = if who.by_mandate { Some(mandate(stage, who, me).await?) } else { None };
    let receipt = must!(world.integration, relative.as_ref().unwrap_or(me), answer, message(needs))?;
    let at = receipt.received_at.and_then(|t| Timestamp::try_from(t).ok()).unwrap_or_default();
    let mut story = stage.story();
    if let Some(period) = story.periods.last_mut() {
        period.answers.insert(id.clone(), Answered { answer, at });
        // In the last period a NON MAIS is the NON that it was confirmed as; a NON acts at once.
        if answer == Answer::Non {
            period.resigned.insert(id);
        }
    }
    Ok(())
}

/// A relative's own code (R36), exchanged for a token by whoever issues tokens.
async fn mandate(stage: &Stage<'_>, who: &Candidate, me: &Who) -> Result<Who, Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    if let Some(known) = stage.story().mandates.get(&id) {
        return Ok(known.clone());
    }
    let given = must!(
        world.integration,
        me,
        create_mandate,
        api::CreateMandateRequest { dossier_id: id.clone(), label: "Ma mère".into() }
    )?;
    let issuer = Who::role(roles::SERVICE, "portal");
    let known = must!(world.integration, &issuer, exchange_mandate, api::ExchangeMandateRequest { code: given.code })?;
    let relative = Who {
        label: format!("relative of {}", who.label),
        subject: known.mandate_id,
        act_for: Some(known.dossier_id),
        role: roles::MANDATE.into(),
        ..Who::default()
    };
    stage.story().mandates.insert(id, relative.clone());
    Ok(relative)
}

/// Between two periods: resignations, an annulment, seats moved.
async fn between(stage: &Stage<'_>, number: u32) -> Result<(), Failure> {
    let world = stage.world;
    let last = u32::try_from(stage.session().periods.len()).unwrap_or(u32::MAX);
    let closes = stage.instant(&keys::period_closes(number))?;
    world.advance_and_settle(closes + SignedDuration::from_hours(2)).await?;
    for who in crowd(stage) {
        let id = who.id.to_string();
        let seen = stage.story().periods.last().is_some_and(|p| p.seen.contains(&id));
        if seen && who.temper.play(number, last, State::Waiting, &[]) == Move::ResignAfterwards {
            let me = candidate(who);
            let situation =
                must!(world.integration, &me, get_situation, api::GetSituationRequest { dossier_id: id.clone() })?;
            if situation.allowed.iter().any(|a| a.answer() == Answer::Non) {
                say(stage, who, &me, Answer::Non, &situation).await?;
            }
        }
    }
    if number == 2 {
        annul_one(stage).await?;
    }
    transfer(stage, number).await?;
    world.settle().await
}

/// The jury annuls a candidature (R15): of those who declared another route, the first still in the running.
async fn annul_one(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let Some(who) = crowd(stage).into_iter().find(|c| c.other_route || c.merit.is_multiple_of(17)) else {
        return Ok(());
    };
    let request =
        jury::PrepareAnnulmentRequest { dossier_id: who.id.to_string(), reason: "Inscrit par une autre voie".into() };
    let act = must!(world.jury, &secretary(), prepare_annulment, request)?;
    confirm(world, &president(), &act).await?;
    stage.story().annulled.insert(who.id.to_string());
    Ok(())
}

/// Moves one seat that the last computation left empty, if any school has one and another filière for it (R28).
async fn transfer(stage: &Stage<'_>, number: u32) -> Result<(), Failure> {
    let world = stage.world;
    let seats = must!(world.jury, &secretary(), list_seats, jury::ListSeatsRequest {})?;
    let empty = seats.cells.iter().find_map(|from| {
        let to =
            seats.cells.iter().find(|to| to.school == from.school && to.filiere != from.filiere && to.printed > 0)?;
        (from.transferable > 0).then(|| (from.clone(), to.clone()))
    });
    let Some((from, to)) = empty else { return Ok(()) };
    let request = jury::TransferSeatsRequest {
        request_id: uuid::Uuid::from_u128(u128::from(number)).to_string(),
        school: from.school.clone(),
        from_filiere: from.filiere.clone(),
        to_filiere: to.filiere.clone(),
        count: 1,
        reason: "Places non pourvues".into(),
    };
    let done = must!(world.jury, &president(), transfer_seats, request)?;
    let mut story = stage.story();
    let mut after = story.seats.last().cloned().unwrap_or_default();
    after.insert((from.school.clone(), from.filiere), done.from_seats);
    after.insert((from.school, to.filiere), done.to_seats);
    // They count from the next opening, the index of which is this period's number.
    story.seats.push(after);
    Ok(())
}
