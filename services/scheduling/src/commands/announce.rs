//! The admissibility results go out: every convocation is announced (R19).

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use platform::db::{DbError, Tx};

use super::Telling;
use crate::{
    domain::Convocation,
    store::{self, Announcement},
};

/// At the instant: announces every convocation whose result is confirmed; from now on changes announce themselves.
///
/// # Errors
/// The database failed.
pub async fn publish_results(tx: &mut Tx, zone: &TimeZone, due: Timestamp) -> Result<(), DbError> {
    if let Announcement::Done(_) = store::announcement(tx).await? {
        // Reopened afterwards: what is out stays out, and is not announced again.
        return Ok(());
    }
    store::results_out(tx, due).await?;
    announce_released(tx, zone, Announcement::Done(due), None, due).await
}

/// A second person confirmed the publication of what was decided until `confirmed_at`. Before the instant that only
/// arms it; after it, the convocations of those whose results were waiting for it are announced now.
///
/// # Errors
/// The database failed.
pub async fn confirm_publication(
    tx: &mut Tx,
    zone: &TimeZone,
    confirmed_at: Timestamp,
    publish_at: Timestamp,
) -> Result<(), DbError> {
    let announcement = store::announcement(tx).await?;
    let before = store::latest_confirmation(tx.conn()).await?;
    if store::add_publication(tx, confirmed_at, publish_at).await? && matches!(announcement, Announcement::Done(_)) {
        announce_released(tx, zone, announcement, before, confirmed_at).await?;
    }
    Ok(())
}

/// Announces what is released, save what was decided until `announced`: that was announced before.
async fn announce_released(
    tx: &mut Tx,
    zone: &TimeZone,
    announcement: Announcement,
    announced: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), DbError> {
    let mut by_school: BTreeMap<String, Vec<Convocation>> = BTreeMap::new();
    let known = store::known(tx.conn(), None, None).await?;
    let convened: Vec<_> = known.iter().filter_map(|k| k.convocation().map(Convocation::dossier)).collect();
    let released = store::released(tx.conn(), &convened).await?;
    for candidate in &known {
        let Some((school, convocation)) = candidate.convened() else { continue };
        let new = candidate.decided_at > announced;
        if new && released.iter().any(|(dossier, _)| *dossier == convocation.dossier()) {
            by_school.entry(school.to_owned()).or_default().push(convocation.clone());
        }
    }
    for (school, convocations) in by_school {
        let remote = store::school_remote(tx.conn(), &school).await?.remote;
        let telling = Telling { school: &school, remote, zone, announcement };
        telling.announce(tx, &convocations, at).await?;
    }
    Ok(())
}
