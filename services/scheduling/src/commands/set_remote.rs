//! Orals at a distance, for all of a school or for one candidate (R25).

use notice::Session;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Act, Refused, Telling};
use crate::{
    domain::{Candidature, Convocation},
    store,
};

/// Whose orals, and how.
#[derive(Clone, Copy, Debug)]
pub struct SetRemote<'a> {
    /// One candidate; all of the school if none.
    pub dossier: Option<Uuid>,
    /// At a distance, or back in rooms.
    pub remote: bool,
    /// Address of the video room; empty when back in rooms.
    pub link: &'a str,
}

/// Puts orals at a distance, or back, and tells the convocations that changed by it. Slots and rooms stay as they are:
/// what has no room then is placed again by the next plan.
///
/// # Errors
/// No such candidate is convened by the school.
pub async fn set_remote(tx: &mut Tx, session: &Session, act: Act<'_>, order: SetRemote<'_>) -> Result<usize, Refused> {
    let announcement = store::announcement_shared(tx).await?;
    let mut school = store::lock_school(tx, act.school).await?;
    store::lock_candidates(tx, act.school, order.dossier).await?;
    let known = store::known(tx.conn(), Some(act.school), order.dossier).await?;
    let changed = match order.dossier {
        Some(dossier) => {
            let convened = known.iter().any(|k| matches!(k.candidature, Candidature::Admissible { .. }));
            if !convened {
                return Err(Refused::NoSlot);
            }
            store::set_candidate_remote(tx, dossier, order.remote, order.link).await?
        }
        None => {
            let changed = (school.remote, school.link.as_str()) != (order.remote, order.link);
            store::set_school_remote(tx, act.school, order.remote, order.link).await?;
            school.remote = order.remote;
            changed
        }
    };
    if !changed {
        return Ok(0);
    }
    let convocations: Vec<Convocation> = known
        .iter()
        .filter_map(store::Known::convocation)
        .cloned()
        .map(|c| if order.dossier.is_some() { Convocation { remote: order.remote, ..c } } else { c })
        .collect();
    let telling = Telling { school: act.school, remote: school.remote, zone: &session.zone, announcement };
    telling.convened(tx, &convocations, act.at).await?;
    let details = json!({
        "school": act.school, "dossier": order.dossier, "remote": order.remote, "link": order.link,
    });
    audit::append(tx, act.at, act.actor, "set_remote", details).await?;
    Ok(convocations.len())
}
