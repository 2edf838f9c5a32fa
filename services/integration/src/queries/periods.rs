//! What periods brought, and where they stand.

use std::time::Duration;

use contracts::integration as api;
use jiff::Timestamp;
use platform::refusal::Refusal;
use sqlx::PgConnection;

use super::published_period;
use crate::{
    calendar::Calendar,
    commands::{
        Regulation,
        close_period::{Down, down},
        compute::missing_tables,
        open_period::held_back,
    },
    refusals,
    store::{
        answers, computations, history, outages,
        periods::{self, Period},
        signed,
    },
    wire::{self, reasons},
};

/// The state of every period.
///
/// # Errors
/// The database does not answer.
pub async fn list(conn: &mut PgConnection) -> Result<api::ListPeriodsReply, Refusal> {
    let latest = signed::sign_offs(conn).await?.into_iter().next();
    let (missing_tables, missing_preferences) = match &latest {
        Some(latest) => {
            let tables = signed::tables(conn, latest.signature).await?;
            (missing_tables(latest, &tables), signed::missing_preferences(conn, latest.signature).await?)
        }
        None => Default::default(),
    };
    let mut statuses = Vec::new();
    for period in periods::all(conn).await? {
        let mut status = status(conn, period).await?;
        if status.opened_at.is_none() {
            status.missing_tables.clone_from(&missing_tables);
            status.missing_preferences = missing_preferences;
        }
        statuses.push(status);
    }
    Ok(api::ListPeriodsReply { periods: statuses })
}

async fn status(conn: &mut PgConnection, period: Period) -> Result<api::PeriodStatus, Refusal> {
    let due_and_not_open = period.opening_due.is_some() && period.opened_at.is_none();
    let held_back = if due_and_not_open { held_back(conn, &period).await? } else { None };
    Ok(api::PeriodStatus {
        period: period.number,
        computed_at: period.computed_at.map(Into::into),
        signature: period.signature.unwrap_or(0),
        checked: period.outputs_digest.is_some() && period.objections.is_empty(),
        objections: reasons::restored(&period.objections),
        opened_at: period.opened_at.map(Into::into),
        held_back: held_back.map(|why| why.word().to_owned()).unwrap_or_default(),
        closed_at: period.closed_at.map(Into::into),
        close_waits: period.close_waits.unwrap_or_default(),
        inputs_digest: period.inputs_digest.unwrap_or_default(),
        outputs_digest: period.outputs_digest.unwrap_or_default(),
        missing_tables: Vec::new(),
        missing_preferences: 0,
    })
}

/// Reported outages, and how much of each period they and late openings took.
///
/// # Errors
/// The database does not answer.
pub async fn list_outages(conn: &mut PgConnection, regulation: &Regulation) -> Result<api::ListOutagesReply, Refusal> {
    let calendar = Calendar::load(conn, regulation.periods()).await?;
    let mut periods = Vec::new();
    for period in periods::all(conn).await? {
        let Some(span) = calendar.opens(period.number).zip(calendar.closes(period.number)) else { continue };
        let Down { seconds, waits_from } = down(conn, regulation, &period, span).await?;
        // Whole seconds, rounded up: the limit is reached when the number says so.
        let whole = |seconds: f64| Duration::try_from_secs_f64(seconds.ceil()).unwrap_or_default().as_secs();
        periods.push(api::PeriodOutage {
            period: period.number,
            seconds: whole(seconds),
            close_waits_from_seconds: whole(waits_from),
        });
    }
    let outages = outages::all(conn).await?.into_iter().map(|outage| api::Outage {
        outage_id: outage.id.to_string(),
        from: Some(outage.from.into()),
        until: Some(outage.until.into()),
        reason: outage.reason,
        reported_by: outage.actor,
    });
    Ok(api::ListOutagesReply { outages: outages.collect(), periods })
}

/// Refuses what nobody may see yet: a period that is not published at `at`.
///
/// # Errors
/// There is no such period, or it is not published.
pub async fn require_published(
    conn: &mut PgConnection,
    regulation: &Regulation,
    number: u32,
    at: Timestamp,
) -> Result<Period, Refusal> {
    let calendar = Calendar::load(conn, regulation.periods()).await?;
    if number == 0 || number > regulation.periods() {
        return Err(refusals::no_period(number));
    }
    let published = published_period(conn, &calendar, at).await?;
    let period = periods::find(conn, number).await?.filter(|_| number <= published);
    period.ok_or_else(|| refusals::not_yet_published(calendar.opens(number)))
}

/// What a period brought, for everyone or for one school.
///
/// # Errors
/// It is not published.
pub async fn results(
    conn: &mut PgConnection,
    regulation: &Regulation,
    number: u32,
    school: Option<&str>,
    at: Timestamp,
) -> Result<api::PeriodResultsReply, Refusal> {
    let period = require_published(conn, regulation, number, at).await?;
    let here = |of: &str| school.is_none_or(|school| school == of);
    let cells = computations::cells(conn, number).await?.into_iter().filter(|(school, ..)| here(&school.0));
    let proposals =
        computations::proposals(conn, number).await?.into_iter().filter(|proposal| here(&proposal.school.0));
    let proposals: Vec<_> = proposals.collect();
    // A school hears of the people it has a seat for, and of no other.
    let ours = |dossier: uuid::Uuid| school.is_none() || proposals.iter().any(|proposal| proposal.dossier.0 == dossier);
    let standing = answers::all_standing(conn, number).await?.into_iter().filter(|given| ours(given.dossier));
    let eliminated = answers::eliminations(conn, number).await?.into_iter().filter(|one| ours(one.dossier));
    let resigned = history::resignations(conn, number).await?.into_iter().filter(|(dossier, _)| ours(*dossier));
    Ok(api::PeriodResultsReply {
        period: number,
        cells: cells.map(|(school, filiere, cell)| wire::cell(&school, &filiere, cell)).collect(),
        answers: standing
            .map(|given| api::StandingAnswer {
                dossier_id: given.dossier.to_string(),
                answer: wire::answer_out(given.answer).into(),
                school: given.school.unwrap_or_default(),
                at: Some(given.at.into()),
                by_mandate: given.actor.by_mandate,
            })
            .collect(),
        eliminated: eliminated
            .map(|one| api::Elimination {
                dossier_id: one.dossier.to_string(),
                reason: wire::reason_out(one.reason).into(),
                rule: one.rule,
                facts_json: one.facts.to_string(),
            })
            .collect(),
        resigned: resigned
            .map(|(dossier, at)| api::Resignation { dossier_id: dossier.to_string(), at: Some(at.into()) })
            .collect(),
        proposals: proposals
            .iter()
            .map(|proposal| api::Proposal {
                dossier_id: proposal.dossier.to_string(),
                school: proposal.school.0.clone(),
                filiere: proposal.filiere.0.clone(),
                rank: proposal.rank,
                new: proposal.new,
                supernumerary: proposal.supernumerary,
            })
            .collect(),
        opened: period.opened_at.is_some(),
        closed: period.closed_at.is_some(),
    })
}
