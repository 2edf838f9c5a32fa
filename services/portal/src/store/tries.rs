//! Tries per door and window of time.

use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use crate::domain::throttle::Door;

/// Counts a try of `door` by `who`; false when there were too many in this window.
///
/// # Errors
/// The database does not answer.
pub async fn count(conn: &mut PgConnection, door: Door, who: &str, now: jiff::Timestamp) -> Result<bool, DbError> {
    Ok(so_far(conn, door, who, now).await? <= door.limit().0)
}

/// Counts a try, and says how many there were in this window, itself included. The key is kept as a digest: no address of
/// a person or a network stands in this table.
///
/// # Errors
/// The database does not answer.
pub async fn so_far(conn: &mut PgConnection, door: Door, who: &str, now: jiff::Timestamp) -> Result<i32, DbError> {
    let key = Sha256::digest(format!("{}\0{who}", door.word())).to_vec();
    let tries = sqlx::query_scalar!(
        "insert into tries as t (key_sha256, began, count) values ($1, $2, 1)
         on conflict (key_sha256, began) do update set count = t.count + 1 returning count",
        key,
        door.window(now).to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(tries)
}

/// Forgets windows that have ended.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(conn: &mut PgConnection, before: jiff::Timestamp) -> Result<u64, DbError> {
    let swept = sqlx::query!("delete from tries where began < $1", before.to_sqlx()).execute(conn).await?;
    Ok(swept.rows_affected())
}
