//! Log-in outages (R31).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

/// A reported outage of `[from, until)`.
#[derive(Debug, Clone)]
pub struct Outage {
    /// Its id.
    pub id: Uuid,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why, as reported.
    pub reason: String,
    /// Who reported it.
    pub actor: String,
}

/// Log-in was down.
///
/// # Errors
/// The database does not answer.
pub async fn keep(tx: &mut Tx, outage: &Outage) -> Result<(), DbError> {
    sqlx::query!(
        "insert into outage (id, began_at, ended_at, reason, actor) values ($1, $2, $3, $4, $5)",
        outage.id,
        outage.from.to_sqlx(),
        outage.until.to_sqlx(),
        outage.reason,
        outage.actor,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every reported outage, latest first.
///
/// # Errors
/// The database does not answer.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Outage>, DbError> {
    let rows = sqlx::query!("select id, began_at, ended_at, reason, actor from outage order by began_at desc, id");
    let outages = rows.fetch_all(conn).await?.into_iter().map(|row| Outage {
        id: row.id,
        from: row.began_at.to_jiff(),
        until: row.ended_at.to_jiff(),
        reason: row.reason,
        actor: row.actor,
    });
    Ok(outages.collect())
}

/// Seconds of `[opens, closes)` in which log-in was down, overlapping reports counted once.
///
/// # Errors
/// The database does not answer.
pub async fn seconds(conn: &mut PgConnection, opens: Timestamp, closes: Timestamp) -> Result<f64, DbError> {
    let seconds = sqlx::query_scalar!(
        r#"select coalesce(sum(extract(epoch from upper(span) - lower(span))), 0)::double precision as "seconds!"
           from unnest((select range_agg(tstzrange(greatest(began_at, $1), least(ended_at, $2)))
                        from outage where began_at < $2 and ended_at > $1)) as span"#,
        opens.to_sqlx(),
        closes.to_sqlx(),
    );
    Ok(seconds.fetch_one(conn).await?)
}
