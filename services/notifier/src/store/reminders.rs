//! Reminders: each moment fired once.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;

/// A moment that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Key of the transition at which it closes.
    pub transition: String,
    /// That close, as the calendar had it.
    pub closes: Timestamp,
    /// The moment.
    pub due: Timestamp,
    /// Mails were queued; else it waits for its period to be published.
    pub fired: bool,
}

/// Every moment that was looked at.
///
/// # Errors
/// The database does not answer.
pub async fn fired(conn: &mut PgConnection) -> Result<Vec<Fired>, DbError> {
    let rows = sqlx::query!(r#"select transition, closes_at, due_at, fired_at is not null as "fired!" from reminders"#)
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Fired {
            transition: row.transition,
            closes: row.closes_at.to_jiff(),
            due: row.due_at.to_jiff(),
            fired: row.fired,
        })
        .collect())
}

/// Marks a moment fired at `now`. False when another replica did, whose mails stand.
///
/// # Errors
/// The database does not answer.
pub async fn fire(
    tx: &mut Tx,
    transition: &str,
    closes: Timestamp,
    due: Timestamp,
    now: Timestamp,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into reminders as mine (transition, closes_at, due_at, fired_at) values ($1, $2, $3, $4)
         on conflict (transition, closes_at, due_at) do update set fired_at = excluded.fired_at
         where mine.fired_at is null",
        transition,
        closes.to_sqlx() as _,
        due.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a moment waits for its period to be published.
///
/// # Errors
/// The database does not answer.
pub async fn hold(tx: &mut Tx, transition: &str, closes: Timestamp, due: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into reminders (transition, closes_at, due_at) values ($1, $2, $3) on conflict do nothing",
        transition,
        closes.to_sqlx() as _,
        due.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
