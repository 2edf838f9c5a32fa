//! Requests of other systems that change something, by the key they were given.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is ours to carry out now.
    New,
    /// It was given to another request.
    Other,
    /// It is being carried out.
    Begun,
    /// It was answered so.
    Answered(u16, Vec<u8>),
}

/// Takes a key for a request, unless somebody has. What was begun before `stale` and never answered may be carried out
/// again: whoever began it is gone.
///
/// # Errors
/// The database does not answer.
pub async fn take(
    conn: &mut PgConnection,
    (token, key): (Uuid, &str),
    request_sha256: &[u8],
    now: Timestamp,
    stale: Timestamp,
) -> Result<Known, DbError> {
    let taken = sqlx::query!(
        "insert into api_requests as r (token, key, request_sha256, began_at) values ($1, $2, $3, $4)
         on conflict (token, key) do update set began_at = excluded.began_at
         where r.request_sha256 = excluded.request_sha256 and r.status is null and r.began_at < $5",
        token,
        key,
        request_sha256,
        now.to_sqlx(),
        stale.to_sqlx(),
    )
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Known::New);
    }
    let row = sqlx::query!(
        "select request_sha256, status, body from api_requests where token = $1 and key = $2",
        token,
        key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(match row {
        Some(row) if row.request_sha256 != request_sha256 => Known::Other,
        Some(row) => match (row.status, row.body) {
            (Some(status), Some(body)) => Known::Answered(u16::try_from(status).unwrap_or(500), body),
            _ => Known::Begun,
        },
        // Given up in between: whoever asks again finds it free.
        None => Known::Begun,
    })
}

/// Keeps the answer.
///
/// # Errors
/// The database does not answer.
pub async fn answer(
    conn: &mut PgConnection,
    (token, key): (Uuid, &str),
    status: u16,
    body: &[u8],
) -> Result<(), DbError> {
    sqlx::query!(
        "update api_requests set status = $3, body = $4 where token = $1 and key = $2",
        token,
        key,
        i16::try_from(status).unwrap_or(500),
        body,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the key back: it was not carried out, and may be tried again.
///
/// # Errors
/// The database does not answer.
pub async fn give_up(conn: &mut PgConnection, (token, key): (Uuid, &str)) -> Result<(), DbError> {
    sqlx::query!("delete from api_requests where token = $1 and key = $2 and status is null", token, key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets what is old.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(conn: &mut PgConnection, before: Timestamp) -> Result<u64, DbError> {
    let swept = sqlx::query!("delete from api_requests where began_at < $1", before.to_sqlx()).execute(conn).await?;
    Ok(swept.rows_affected())
}
