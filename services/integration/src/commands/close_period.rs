//! A period closes: absence and silence eliminate, answers take effect (R30, R31), and the next period is computed.

use contracts::integration as api;
use jiff::Timestamp;
use platform::{
    db::{DbError, Tx},
    outbox,
};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    Fault, Regulation, alarm, compute, settle_titles,
    tell::{Step, tell},
};
use crate::{
    calendar::Calendar,
    domain::candidature::{Closing, Reason, Seen, Standing},
    store::{
        self, Kept,
        answers::{self, Actor, Elimination},
        closes, computations, outages,
        periods::{self, Period},
    },
    wire,
};

/// Why a close waits for a person.
const LOGIN_OUTAGE: &str = "LOGIN_OUTAGE";
const NEVER_OPENED: &str = "NEVER_OPENED";

/// The close's instant has come.
///
/// # Errors
/// The database does not answer.
pub async fn due(tx: &mut Tx, regulation: &Regulation, number: u32, due: Timestamp) -> Result<(), Fault> {
    store::lock_round(tx).await?;
    let Some(period) = periods::find(tx.conn(), number).await?.filter(|period| period.closed_at.is_none()) else {
        return Ok(());
    };
    let waits = waits(tx, regulation, &period, due).await?;
    periods::close_is_due(tx, number, due, waits).await?;
    if let Some(why) = waits {
        alarm("close_waits", number, why);
        return Ok(());
    }
    close(tx, regulation, &period, due, false).await?;
    Ok(())
}

async fn waits(
    tx: &mut Tx,
    regulation: &Regulation,
    period: &Period,
    due: Timestamp,
) -> Result<Option<&'static str>, DbError> {
    let Some(opened) = period.opened_at else { return Ok(Some(NEVER_OPENED)) };
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    let opens = calendar.opens(period.number).unwrap_or(opened);
    let Down { seconds, waits_from } = down(tx.conn(), regulation, period, (opens, due)).await?;
    Ok((seconds > 0.0 && seconds >= waits_from).then_some(LOGIN_OUTAGE))
}

/// How much of a period candidates could not use, and how much makes its close wait for a person; seconds.
#[derive(Debug, Clone, Copy)]
pub struct Down {
    /// Log-in was down, or proposals were held back.
    pub seconds: f64,
    /// From here on the close waits.
    pub waits_from: f64,
}

/// Of `[opens, closes)`.
///
/// # Errors
/// The database does not answer.
pub async fn down(
    conn: &mut PgConnection,
    regulation: &Regulation,
    period: &Period,
    (opens, closes): (Timestamp, Timestamp),
) -> Result<Down, DbError> {
    // Until its proposals were out nobody could answer them.
    let out = period.opened_at.unwrap_or(opens).max(opens);
    let seconds = out.duration_since(opens).as_secs_f64() + outages::seconds(conn, out, closes).await?;
    let waits_from = closes.duration_since(opens).as_secs_f64() * f64::from(regulation.outage_percent) / 100.0;
    Ok(Down { seconds, waits_from })
}

/// Closes an open period whose instant has come. With `spare`, nobody is eliminated: a person decided so after an outage.
/// Returns how many were eliminated.
///
/// # Errors
/// The database does not answer.
pub async fn close(
    tx: &mut Tx,
    regulation: &Regulation,
    period: &Period,
    at: Timestamp,
    spare: bool,
) -> Result<usize, Fault> {
    let last = period.number == regulation.periods();
    let all = store::all_for_update(tx).await?;
    let seen = answers::seen(tx.conn(), period.number).await?;
    let (mut steps, mut eliminated, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for mut kept in all {
        let found = seen.get(&kept.candidature.dossier.0).copied().unwrap_or(Seen { logged_in: false, answer: None });
        let before = kept.candidature.clone();
        kept.candidature = kept.candidature.close_period(found, Closing { last, spare });
        if let (Standing::Eliminated(reason), false) = (&kept.candidature.standing, before.standing.is_out()) {
            eliminated.push(elimination(&kept, &before.standing, found, *reason, (period, at)));
        }
        if kept.candidature != before {
            kept.period = period.number;
            steps.push(Step::to(kept, before.standing.clone(), found.answer));
            changed.push(before);
        }
    }
    closes::keep(tx, period.number, &changed).await?;
    answers::eliminate(tx, period.number, &eliminated).await?;
    tell(tx, steps, at, &Actor::calendar()).await?;
    let version = periods::closed(tx, period.number, at).await?;
    let fact = api::PeriodClosed { period: period.number, cells: cells(tx, period.number).await? };
    outbox::append(tx, &fact, version, at).await?;
    tracing::info!(period = period.number, eliminated = eliminated.len(), spare, "period closed");
    settle_titles::settle_all(tx, regulation, at).await?;
    compute::try_compute(tx, regulation, at).await?;
    Ok(eliminated.len())
}

fn elimination(
    kept: &Kept,
    before: &Standing,
    found: Seen,
    reason: Reason,
    (period, at): (&Period, Timestamp),
) -> Elimination {
    let rule = match reason {
        Reason::NoLogin => "R31: no authenticated request was received during the period",
        Reason::NoAnswer => "R31: a new proposal was left without an answer until the close",
    };
    let facts = json!({
        "period": period.number,
        "opened_at": period.opened_at.map(|opened| opened.to_string()),
        "closes_at": at.to_string(),
        "logged_in": found.logged_in,
        "answer": found.answer.map(answers::write),
        "standing": store::write_standing(before).0,
        "school": before.seat().map(|school| school.0.clone()),
    });
    Elimination { dossier: kept.candidature.dossier.0, reason, rule: rule.into(), facts }
}

/// Seats still taken after the close.
async fn cells(tx: &mut Tx, number: u32) -> Result<Vec<api::CellResult>, DbError> {
    let mut cells = Vec::new();
    let all = store::all(tx.conn()).await?;
    for (school, filiere, mut cell) in computations::cells(tx.conn(), number).await? {
        let here = |kept: &&Kept| kept.filiere == filiere && kept.candidature.standing.seat() == Some(&school);
        cell.taken = u32::try_from(all.iter().filter(here).count()).unwrap_or(u32::MAX);
        cells.push(wire::cell(&school, &filiere, cell));
    }
    Ok(cells)
}
