//! The dossier d'intégration arrived at the school of the seat (R34): once, it follows the seat.

use jiff::Timestamp;
use platform::{audit, db::Tx, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::candidature::Standing,
    refusals,
    store::{self, Kept, titles},
};

/// Where and when it was first received, and whether it was before.
///
/// # Errors
/// There is no seat, or the caller's school is not the seat's.
pub async fn receive(
    tx: &mut Tx,
    dossier: Uuid,
    unit: Option<&str>,
    (actor, at): (&str, Timestamp),
) -> Result<(String, Timestamp, bool), Refusal> {
    let kept = store::find_for_update(tx, dossier).await?.ok_or_else(refusals::no_candidature)?;
    let school = seat_at(&kept, unit)?;
    let (first, received_at, already) = titles::receive(tx, dossier, &school, at, actor).await?;
    if !already {
        let details = json!({ "dossier": dossier, "school": school });
        audit::append(tx, at, actor, "integration_dossier_received", details).await?;
    }
    Ok((first, received_at, already))
}

/// The school of the seat that an OUI keeps, if it is the caller's.
///
/// # Errors
/// There is no such seat, or it is at another school; the refusal does not say at which.
pub fn seat_at(kept: &Kept, unit: Option<&str>) -> Result<String, Refusal> {
    let seat = match &kept.candidature.standing {
        Standing::Holding(school) | Standing::Accepted(school) | Standing::Admitted(school) => Some(&school.0),
        _ => None,
    };
    match seat {
        Some(school) if unit == Some(school.as_str()) => Ok(school.clone()),
        _ => Err(Refusal::precondition("NO_SEAT_HERE", "candidature", "the candidate holds no seat at this school")),
    }
}
