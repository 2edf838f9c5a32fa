//! Recevabilité of one closed dossier, with the jury's word once it may be seen.

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::DbError};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::Determination,
    domain::{Assessment, Viewer, visible},
    store,
};

/// What is known of a closed dossier.
#[derive(Clone, Debug)]
pub struct Recevabilites {
    /// What the tables said, for the schools applied to.
    pub assessment: Assessment,
    /// When they were asked.
    pub assessed_at: Timestamp,
    /// What the jury found; empty before `viewer` may see it.
    pub determinations: Vec<Determination>,
}

/// What `viewer`, asking at `at`, may know of a dossier; none if it is not a closed one. The same statements run
/// whatever the answer: nothing can be told from the time it takes (R19).
///
/// # Errors
/// The database failed.
pub async fn recevabilites(
    conn: &mut PgConnection,
    dossier: Uuid,
    viewer: Viewer,
    at: Timestamp,
) -> Result<Option<Recevabilites>, DbError> {
    let stored = store::assessment(conn, dossier).await?;
    let found = store::determinations(conn, dossier).await?;
    let due = calendar::passed(conn, keys::ADMISSIBILITY_RESULTS, at).await?;
    let confirmed = store::released(conn, dossier).await?.is_some_and(|publish_at| publish_at <= at);
    let determinations = if visible(viewer, due && confirmed) { found } else { Vec::new() };
    Ok(stored.map(|(assessment, assessed_at)| Recevabilites { assessment, assessed_at, determinations }))
}
