//! A school's whole schedule, for its planners and the jury.

use std::collections::BTreeMap;

use jiff::Timestamp;
use notice::{Session, keys};
use platform::{calendar, db::DbError};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::rules,
    domain::{Candidature, Setup},
    queries::Shown,
    store,
};

/// Who sits when at a school, and what it set up.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The results are not out: nothing of this may leave the planners and the jury.
    pub embargoed: bool,
    /// Admissible candidates by dossier, with what is missing where there is no convocation.
    pub candidates: Vec<(Uuid, Option<Shown>, String)>,
    /// What they said against their slots.
    pub constraints: BTreeMap<Uuid, Vec<(Timestamp, String)>>,
    /// What the school set up.
    pub setup: Setup,
}

/// The schedule of `school` as of `at`.
///
/// # Errors
/// The database failed.
pub async fn schedule(
    conn: &mut PgConnection,
    session: &Session,
    school: &str,
    at: Timestamp,
) -> Result<Schedule, DbError> {
    let setup = store::setup(conn, rules(session), school).await?;
    let remote = store::school_remote(conn, school).await?;
    let known = store::known(conn, Some(school), None).await?;
    let constraints = store::constraints(conn, school).await?;
    let due = calendar::passed(conn, keys::ADMISSIBILITY_RESULTS, at).await?;
    let admissible: Vec<_> =
        known.into_iter().filter(|k| matches!(k.candidature, Candidature::Admissible { .. })).collect();
    let dossiers: Vec<_> = admissible.iter().map(|k| k.candidature.dossier()).collect();
    let released = store::released(conn, &dossiers).await?;
    let all_out = dossiers.iter().all(|d| released.iter().any(|(r, publish_at)| r == d && *publish_at <= at));
    let candidates =
        admissible.iter().map(|k| (k.candidature.dossier(), Shown::of(k, &remote), k.missing.clone())).collect();
    Ok(Schedule { embargoed: !(due && all_out), candidates, constraints, setup })
}
