//! First requests of each period (R31), as lists read them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::int;

/// The first request of a period.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// Which period.
    pub period: u32,
    /// When.
    pub at: Timestamp,
    /// The token's subject: the candidate, or a mandate.
    pub actor: String,
}

/// Those of one candidate, by period.
///
/// # Errors
/// The database does not answer.
pub async fn of(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<LogIn>, DbError> {
    let rows = sqlx::query!("select period, at, actor from log_in where dossier_id = $1 order by period", dossier);
    let log_ins = rows.fetch_all(conn).await?.into_iter().map(|row| LogIn {
        period: row.period.cast_unsigned(),
        at: row.at.to_jiff(),
        actor: row.actor,
    });
    Ok(log_ins.collect())
}

/// When a candidate was seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct LastSeen {
    /// First in the period asked about.
    pub in_period: Option<Timestamp>,
    /// First in the last period before it in which they were seen.
    pub before: Option<Timestamp>,
}

/// Of everyone who was seen until the end of a period.
///
/// # Errors
/// The database does not answer.
pub async fn last_seen(conn: &mut PgConnection, period: u32) -> Result<BTreeMap<Uuid, LastSeen>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, max(at) filter (where period = $1) as in_period, max(at) filter (where period < $1) as before
         from log_in where period <= $1 group by dossier_id",
        int(period),
    );
    let seen = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let instant = |at: Option<jiff_sqlx::Timestamp>| at.map(jiff_sqlx::Timestamp::to_jiff);
        (row.dossier_id, LastSeen { in_period: instant(row.in_period), before: instant(row.before) })
    });
    Ok(seen.collect())
}
