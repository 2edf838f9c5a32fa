//! A planner moves one exam of a candidate, or both, or places who has no slot yet (R25).

use notice::Session;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Act, Refused, Telling, rules};
use crate::{
    domain::{Convocation, Move, moved},
    store::{self, Known},
};

/// What to move, and why.
#[derive(Clone, Debug)]
pub struct MoveSlot<'a> {
    /// Whose.
    pub dossier: Uuid,
    /// Where to.
    pub moves: Vec<Move>,
    /// Why, for the audit log.
    pub reason: &'a str,
}

/// Moves exams of a candidate whom the school convenes, or places them. The domain checks every rule; the database would
/// refuse an overlap that it could not see.
///
/// # Errors
/// Nobody of that dossier is convened by the school, or every rule the new one would break.
pub async fn move_slot(
    tx: &mut Tx,
    session: &Session,
    act: Act<'_>,
    order: &MoveSlot<'_>,
) -> Result<Convocation, Refused> {
    let announcement = store::announcement_shared(tx).await?;
    let remote = store::lock_school(tx, act.school).await?.remote;
    store::lock_candidates(tx, act.school, Some(order.dossier)).await?;
    let setup = store::setup(tx.conn(), rules(session), act.school).await?;
    let all = store::known(tx.conn(), Some(act.school), None).await?;
    let convocations: Vec<_> = all.iter().filter_map(Known::convocation).collect();
    let who = all.iter().filter_map(Known::to_convene).find(|who| who.dossier == order.dossier);
    let who = who.ok_or(Refused::NoSlot)?;
    let after = moved(&setup, &who, &order.moves, convocations.iter().copied()).map_err(Refused::Impossible)?;
    if who.convocation.as_ref() == Some(&after) {
        return Ok(after);
    }
    store::remove_sittings(tx, &[order.dossier]).await?;
    store::save_sittings(tx, act.school, std::slice::from_ref(&after)).await?;
    store::set_missing(tx, &[order.dossier], "").await?;
    let telling = Telling { school: act.school, remote, zone: &session.zone, announcement };
    telling.convened(tx, std::slice::from_ref(&after), act.at).await?;
    let at = |c: &Convocation| json!([c.interview.during.from.to_string(), c.english.during.from.to_string()]);
    let details = json!({
        "school": act.school, "dossier": order.dossier, "from": who.convocation.as_ref().map(at), "to": at(&after), "reason": order.reason,
    });
    audit::append(tx, act.at, act.actor, "move_slot", details).await?;
    Ok(after)
}
