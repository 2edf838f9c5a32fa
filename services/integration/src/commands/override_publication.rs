//! Two people let out a period that is held back (R19, R38): one prepares, another confirms the very same outputs.

use jiff::Timestamp;
use platform::{audit, db::Tx, refusal::Refusal};
use serde_json::json;

use super::{Regulation, compute, outages::require_reason};
use crate::{
    refusals,
    store::{
        self,
        periods::{self, Period},
    },
};

/// Prepares it: the digest of what would go out.
///
/// # Errors
/// The period is out already, or not computed, or there is no reason.
pub async fn prepare(
    tx: &mut Tx,
    number: u32,
    reason: &str,
    (actor, at): (&str, Timestamp),
) -> Result<String, Refusal> {
    require_reason(reason)?;
    store::lock_round(tx).await?;
    let (period, digest) = computed(tx, number).await?;
    periods::prepare_override(tx, period.number, &digest, actor, reason).await?;
    let details = json!({ "period": number, "outputs": digest, "objections": period.objections, "reason": reason });
    audit::append(tx, at, actor, "publication_override_prepared", details).await?;
    Ok(digest)
}

/// Confirms it. Whether the period opened: it does not before its instant.
///
/// # Errors
/// Nothing is prepared, something else was, or the same person prepared it.
pub async fn confirm(
    tx: &mut Tx,
    regulation: &Regulation,
    number: u32,
    digest: &str,
    (actor, at): (&str, Timestamp),
) -> Result<bool, Refusal> {
    store::lock_round(tx).await?;
    let (period, current) = computed(tx, number).await?;
    let subject = format!("period/{number}");
    let Some(prepared_by) = &period.override_prepared else {
        return Err(Refusal::precondition("OVERRIDE_NOT_PREPARED", subject, "somebody else prepares it first"));
    };
    if prepared_by == actor {
        return Err(Refusal::denied(
            "TWO_PEOPLE_REQUIRED",
            subject,
            "another person than the one who prepared it confirms",
        ));
    }
    if digest != current || period.override_digest.as_deref() != Some(digest) {
        let why = "this is not what was prepared, or it was computed anew since";
        return Err(Refusal::precondition("CHANGED_SINCE_PREPARED", subject, why).with("outputs_digest", current));
    }
    periods::confirm_override(tx, number, actor).await?;
    let details = json!({ "period": number, "outputs": digest, "prepared_by": prepared_by });
    audit::append(tx, at, actor, "publication_override_confirmed", details).await?;
    compute::try_compute(tx, regulation, at).await?;
    Ok(periods::find(tx.conn(), number).await?.is_some_and(|period| period.opened_at.is_some()))
}

async fn computed(tx: &mut Tx, number: u32) -> Result<(Period, String), Refusal> {
    let period = periods::find(tx.conn(), number).await?.ok_or_else(|| refusals::no_period(number))?;
    let subject = format!("period/{number}");
    if period.opened_at.is_some() {
        return Err(Refusal::precondition("ALREADY_OPENED", subject, "its proposals are out"));
    }
    match period.outputs_digest.clone() {
        Some(digest) => Ok((period, digest)),
        None => Err(Refusal::precondition("NOT_COMPUTED", subject, "there is nothing to publish yet")),
    }
}
