//! What may be shown, and from when on (R19).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whether the instant's effect has run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// It has not: it will announce every convocation there is then.
    ToCome,
    /// It has, for this instant: each change announces itself.
    Done(Timestamp),
}

fn of(row: Option<jiff_sqlx::Timestamp>) -> Announcement {
    row.map_or(Announcement::ToCome, |at| Announcement::Done(at.to_jiff()))
}

/// Keeps it from changing until the transaction ends. Taken before any school and any candidate.
pub async fn announcement_shared(tx: &mut Tx) -> Result<Announcement, DbError> {
    let row = sqlx::query_scalar!("select results_out_at from announcement for share").fetch_one(tx.conn()).await?;
    Ok(of(row))
}

/// Waits for every command that relies on it, and keeps new ones waiting.
pub async fn announcement(tx: &mut Tx) -> Result<Announcement, DbError> {
    let row = sqlx::query_scalar!("select results_out_at from announcement for update").fetch_one(tx.conn()).await?;
    Ok(of(row))
}

/// The instant's effect runs.
pub async fn results_out(tx: &mut Tx, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update announcement set results_out_at = $1", at.to_sqlx() as _).execute(tx.conn()).await?;
    Ok(())
}

/// Notes a confirmation; false if it is noted already.
pub async fn add_publication(tx: &mut Tx, confirmed_at: Timestamp, publish_at: Timestamp) -> Result<bool, DbError> {
    let added = sqlx::query!(
        "insert into publications (confirmed_at, publish_at) values ($1, $2) on conflict do nothing",
        confirmed_at.to_sqlx() as _,
        publish_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() > 0)
}

/// From when on each candidate's result may be shown, as far as people go; absent while nobody confirmed it.
pub async fn released(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<Vec<(Uuid, Timestamp)>, DbError> {
    let rows = sqlx::query!(
        r#"select c.dossier_id, min(p.publish_at) as "publish_at!"
           from candidates c join publications p on p.confirmed_at >= c.decided_at
           where c.dossier_id = any($1) group by c.dossier_id order by c.dossier_id"#,
        dossiers,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.dossier_id, r.publish_at.to_jiff())).collect())
}

/// Whether anything was confirmed to go out by then.
pub async fn published(conn: &mut PgConnection, at: Timestamp) -> Result<bool, DbError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from publications where publish_at <= $1) as "found!""#,
        at.to_sqlx() as _
    );
    Ok(found.fetch_one(conn).await?)
}

/// The latest confirmation there is.
pub async fn latest_confirmation(conn: &mut PgConnection) -> Result<Option<Timestamp>, DbError> {
    let latest = sqlx::query_scalar!("select max(confirmed_at) from publications").fetch_one(conn).await?;
    Ok(latest.map(jiff_sqlx::Timestamp::to_jiff))
}
