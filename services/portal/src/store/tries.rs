//! Tries per door and window of time.

use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use crate::domain::throttle::Door;

/// Counts a try of `door` by `who`; false when there were too many in this window. The key is kept as a digest: no
/// address of a person or a network stands in this table.
///
/// # Errors
/// The database does not answer.
pub async fn count(conn: &mut PgConnection, door: Door, who: &str, now: jiff::Timestamp) -> Result<bool, DbError> {
    let key = Sha256::digest(format!("{}\0{who}", door.word())).to_vec();
    let count = sqlx::query_scalar!(
        "insert into tries as t (key_sha256, began, count) values ($1, $2, 1)
         on conflict (key_sha256, began) do update set count = t.count + 1 returning count",
        key,
        door.window(now).to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(count <= door.limit().0)
}
