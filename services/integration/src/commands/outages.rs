//! Log-in outages, and closes that wait for a person because of one (R31).

use jiff::Timestamp;
use platform::{audit, db::Tx, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Regulation, close_period};
use crate::{
    refusals,
    store::{
        self,
        outages::{self, Outage},
        periods,
    },
};

/// An operator reports that log-in was down.
///
/// # Errors
/// The instants are not in order, or not yet past, or there is no reason.
pub async fn report(
    tx: &mut Tx,
    from: Timestamp,
    until: Timestamp,
    reason: &str,
    (actor, at): (&str, Timestamp),
) -> Result<Uuid, Refusal> {
    if from >= until {
        return Err(Refusal::invalid("OUTAGE_NOT_USABLE").field("until", "must be after `from`"));
    }
    if until > at {
        return Err(Refusal::invalid("OUTAGE_NOT_USABLE").field("until", "lies in the future"));
    }
    require_reason(reason)?;
    let id = Uuid::new_v4();
    let outage = Outage { id, from, until, reason: reason.to_owned(), actor: actor.to_owned() };
    outages::keep(tx, &outage).await?;
    let details = json!({ "from": from.to_string(), "until": until.to_string(), "reason": reason });
    audit::append(tx, at, actor, "outage_reported", details).await?;
    Ok(id)
}

/// The jury's president decides a close that waits. Returns how many are eliminated.
///
/// # Errors
/// No close waits there, or there is no reason.
pub async fn resolve(
    tx: &mut Tx,
    regulation: &Regulation,
    number: u32,
    spare: bool,
    reason: &str,
    (actor, at): (&str, Timestamp),
) -> Result<usize, Refusal> {
    require_reason(reason)?;
    store::lock_round(tx).await?;
    let period = periods::find(tx.conn(), number).await?.ok_or_else(|| refusals::no_period(number))?;
    let waiting = period.close_due.filter(|_| period.close_waits.is_some() && period.closed_at.is_none());
    let Some(due) = waiting else {
        let why = "its close does not wait for a decision";
        return Err(Refusal::precondition("CLOSE_DOES_NOT_WAIT", format!("period/{number}"), why));
    };
    if period.opened_at.is_none() {
        let why = "it was never opened; publish it or reopen its window first";
        return Err(Refusal::precondition("PERIOD_NEVER_OPENED", format!("period/{number}"), why));
    }
    let details = json!({ "period": number, "spare": spare, "why": period.close_waits, "reason": reason });
    audit::append(tx, at, actor, "close_resolved", details).await?;
    Ok(close_period::close(tx, regulation, &period, due, spare).await?)
}

/// An act on the record says why.
///
/// # Errors
/// It does not.
pub fn require_reason(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::invalid("REASON_REQUIRED").field("reason", "say why: it is kept with the act"));
    }
    Ok(())
}
