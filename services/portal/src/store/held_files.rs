//! Files between their preview and their confirmation, each held for one session.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

/// A file that waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFile {
    /// Its name as the browser gave it.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Holds a file under `id`, in place of what the session held for that page.
///
/// # Errors
/// The database does not answer.
pub async fn hold(
    conn: &mut PgConnection,
    id: Uuid,
    session: &[u8],
    path: &str,
    file: &HeldFile,
    at: Timestamp,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into held_files as h (id, session_sha256, path, name, content, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (session_sha256, path) do update
         set id = excluded.id, name = excluded.name, content = excluded.content, at = excluded.at",
        id,
        session,
        path,
        file.name,
        file.content,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The file that this session holds under `id`, if it was held since an instant.
///
/// # Errors
/// The database does not answer.
pub async fn find(
    conn: &mut PgConnection,
    id: Uuid,
    session: &[u8],
    since: Timestamp,
) -> Result<Option<HeldFile>, DbError> {
    let row = sqlx::query!(
        "select name, content from held_files where id = $1 and session_sha256 = $2 and at >= $3",
        id,
        session,
        since.to_sqlx(),
    );
    let row = row.fetch_optional(conn).await?;
    Ok(row.map(|row| HeldFile { name: row.name, content: row.content }))
}

/// Forgets it.
///
/// # Errors
/// The database does not answer.
pub async fn drop(conn: &mut PgConnection, id: Uuid, session: &[u8]) -> Result<(), DbError> {
    sqlx::query!("delete from held_files where id = $1 and session_sha256 = $2", id, session).execute(conn).await?;
    Ok(())
}

/// Forgets what nobody confirmed.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(conn: &mut PgConnection, before: Timestamp) -> Result<u64, DbError> {
    let swept = sqlx::query!("delete from held_files where at < $1", before.to_sqlx()).execute(conn).await?;
    Ok(swept.rows_affected())
}
