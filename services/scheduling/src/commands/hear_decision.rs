//! The jury decided, corrected itself, or annulled a candidature: whom to convene changes, and slots come free (R18).

use jiff::{Timestamp, tz::TimeZone};
use platform::db::{DbError, Tx};
use uuid::Uuid;

use super::Telling;
use crate::{
    domain::{Applied, Candidature, Decision},
    store,
};

/// Takes the jury's decision, its version and the time it was signed; an older one changes nothing.
///
/// # Errors
/// The database failed.
pub async fn decide(
    tx: &mut Tx,
    zone: &TimeZone,
    dossier: Uuid,
    decision: Decision,
    version: u64,
    at: Timestamp,
) -> Result<(), DbError> {
    store::announcement_shared(tx).await?;
    // The school of choice 1 is fixed at clôture (R22): a correction names the same one.
    store::lock_school(tx, &decision.school).await?;
    store::lock_school_of(tx, dossier).await?;
    if store::heard_version(tx, dossier).await? >= version {
        return Ok(());
    }
    let known = store::known(tx.conn(), None, Some(dossier)).await?.pop();
    let applied = match known {
        Some(known) => known.candidature.decide(decision),
        None => Applied { candidature: Candidature::new(dossier, decision), freed: None },
    };
    apply(tx, zone, applied, Some((at, version)), at).await
}

/// Takes the nullity of a candidature (R15).
///
/// # Errors
/// The database failed.
pub async fn annul(tx: &mut Tx, zone: &TimeZone, dossier: Uuid, at: Timestamp) -> Result<(), DbError> {
    store::announcement_shared(tx).await?;
    store::lock_school_of(tx, dossier).await?;
    let known = store::known(tx.conn(), None, Some(dossier)).await?.pop();
    let applied = match known {
        Some(known) => known.candidature.annul(),
        None => Applied { candidature: Candidature::Annulled { dossier, school: None }, freed: None },
    };
    apply(tx, zone, applied, None, at).await
}

async fn apply(
    tx: &mut Tx,
    zone: &TimeZone,
    applied: Applied,
    decided: Option<(Timestamp, u64)>,
    at: Timestamp,
) -> Result<(), DbError> {
    let dossier = applied.candidature.dossier();
    if applied.freed.is_some() {
        store::remove_sittings(tx, &[dossier]).await?;
    }
    store::save_candidature(tx, &applied.candidature, decided).await?;
    if let Some(freed) = applied.freed {
        let announcement = store::announcement_shared(tx).await?;
        let telling = Telling { school: &freed.school, remote: false, zone, announcement };
        telling.not_convened(tx, dossier, freed.why, at).await?;
    }
    Ok(())
}
