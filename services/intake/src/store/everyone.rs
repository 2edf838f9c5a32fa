//! What happens to every dossier at once, at a transition of the calendar.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{Db, DbError, Tx};
use uuid::Uuid;

use super::unsigned;

/// Ends every dossier still open, and names each with its new version (R13).
///
/// # Errors
/// The database does not answer.
pub async fn end_window(tx: &mut Tx, at: Timestamp) -> Result<Vec<(Uuid, u64)>, DbError> {
    let rows = sqlx::query!(
        "update dossiers set state = 'not_closed', not_closed_at = $1, version = version + 1 where state = 'open'
         returning id, version",
        at.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, unsigned(r.version))).collect())
}

/// How many dossiers there are in each state, none left out.
///
/// # Errors
/// The database does not answer.
pub async fn count(db: &Db) -> Result<Vec<(String, u64)>, DbError> {
    let mut conn = db.read().await?;
    let rows = sqlx::query!(
        r#"select s.state as "state!", count(d.id) as "count!"
           from unnest('{open,closed,not_closed,abandoned}'::text[]) as s (state) left join dossiers d using (state)
           group by s.state"#
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, unsigned(row.count))).collect())
}

/// Opens again what the window's end ended before `until`, and names each (R5).
///
/// # Errors
/// The database does not answer.
pub async fn reopen(tx: &mut Tx, until: Timestamp) -> Result<Vec<Uuid>, DbError> {
    let rows = sqlx::query_scalar!(
        "update dossiers set state = 'open', not_closed_at = null
         where state = 'not_closed' and not_closed_at < $1 returning id",
        until.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What the admission commission is told of one dossier.
#[derive(Debug, Clone)]
pub struct Released {
    /// The dossier.
    pub id: Uuid,
    /// Its version with this.
    pub version: u64,
    /// Its filière.
    pub filiere: String,
    /// Best first.
    pub order: Vec<String>,
}

/// The order of schools of every closed dossier, each with a new version (R14).
///
/// # Errors
/// The database does not answer.
pub async fn release_orders(tx: &mut Tx) -> Result<Vec<Released>, DbError> {
    let rows = sqlx::query!(
        r#"update dossiers set version = version + 1 where state = 'closed'
           returning id, version, filiere as "filiere!", school_order"#,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Released { id: r.id, version: unsigned(r.version), filiere: r.filiere, order: r.school_order })
        .collect())
}
