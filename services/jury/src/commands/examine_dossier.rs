//! What the jury notes on a dossier before deciding: opinions, and recevabilité at one school (R16, R17).

use jiff::Timestamp;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::Refused;
use crate::{
    domain::{Determination, candidature::Change},
    store::{candidatures, sealed},
};

/// A member's opinion; the same member's later one replaces it. False if it is the one given before.
///
/// # Errors
/// Not a candidature.
pub async fn record_opinion(
    tx: &mut Tx,
    at: Timestamp,
    by: &str,
    dossier: Uuid,
    favourable: bool,
    text: &str,
) -> Result<bool, Refused> {
    if candidatures::for_update(tx.conn(), dossier).await?.is_none() {
        return Err(Refused::NoCandidature { dossier });
    }
    let changed = candidatures::save_opinion(tx.conn(), dossier, by, favourable, text, at).await?;
    if changed {
        let secret = json!({ "favourable": favourable, "text": text });
        sealed::audit(tx, at, by, "opinion_recorded", json!({ "dossier": dossier }), &secret).await?;
    }
    Ok(changed)
}

/// The jury finds the dossier recevable or not at one school. False if that was found before.
///
/// # Errors
/// Not a candidature, or see [`crate::domain::Candidature::determine`].
pub async fn record_determination(
    tx: &mut Tx,
    at: Timestamp,
    by: &str,
    dossier: Uuid,
    school: &str,
    found: Determination,
) -> Result<bool, Refused> {
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    let (_, change) = kept.candidature.determine(school, found.clone())?;
    if change == Change::Same {
        return Ok(false);
    }
    candidatures::save_determination(tx.conn(), dossier, school, &found, by, at).await?;
    let secret = json!({ "recevable": found.recevable, "reason": found.reason });
    let open = json!({ "dossier": dossier, "school": school });
    sealed::audit(tx, at, by, "determination_recorded", open, &secret).await?;
    Ok(true)
}
