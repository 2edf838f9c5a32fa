//! Places every admissible candidate whom a school convenes, or names what is missing (R24, R25).

use std::collections::BTreeSet;

use notice::Session;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Act, Refused, Telling, rules};
use crate::{
    domain::{DayReport, plan},
    store, wire,
};

/// What planning came to.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Admissible candidates whom the school convenes.
    pub candidates: usize,
    /// Of those, convened now.
    pub placed: usize,
    /// Of those, slots that stood and stand.
    pub kept: usize,
    /// Those left over.
    pub unplaced: Vec<Uuid>,
    /// What each day of the school still holds, and lacks.
    pub days: Vec<DayReport>,
}

/// Plans a school's orals. Slots that can stand are kept; doing it again changes nothing.
///
/// # Errors
/// The database refused an overlap with another school's plan made meanwhile, or failed.
pub async fn plan_orals(tx: &mut Tx, session: &Session, act: Act<'_>) -> Result<Planned, Refused> {
    let announcement = store::announcement_shared(tx).await?;
    let remote = store::lock_school(tx, act.school).await?.remote;
    store::lock_candidates(tx, act.school, None).await?;
    let setup = store::setup(tx.conn(), rules(session), act.school).await?;
    let known = store::known(tx.conn(), Some(act.school), None).await?;
    let to_convene: Vec<_> = known.iter().filter_map(store::Known::to_convene).collect();
    let plan = plan(&setup, session.oral_days(act.school), &to_convene);

    let kept: BTreeSet<_> = plan.kept.iter().copied().collect();
    let had_slots = to_convene.iter().filter(|c| c.convocation.is_some()).map(|c| c.dossier);
    let freed: Vec<_> = had_slots.filter(|d| !kept.contains(d)).collect();
    store::remove_sittings(tx, &freed).await?;
    store::save_sittings(tx, act.school, &plan.placed).await?;
    let placed: Vec<_> = plan.placed.iter().map(crate::domain::Convocation::dossier).collect();
    store::set_missing(tx, &placed, "").await?;

    let telling = Telling { school: act.school, remote, zone: &session.zone, announcement };
    telling.convened(tx, &plan.placed, act.at).await?;
    let missing = plan.missing();
    let why = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    for dossier in store::set_missing(tx, &plan.unplaced, &wire::kept(&missing)).await? {
        telling.not_convened(tx, dossier, &why, act.at).await?;
    }
    let planned = Planned {
        candidates: to_convene.len(),
        placed: plan.kept.len() + plan.placed.len(),
        kept: plan.kept.len(),
        unplaced: plan.unplaced,
        days: plan.days,
    };
    let details = json!({
        "school": act.school, "candidates": planned.candidates, "placed": planned.placed, "kept": planned.kept,
    });
    audit::append(tx, act.at, act.actor, "plan_orals", details).await?;
    Ok(planned)
}
