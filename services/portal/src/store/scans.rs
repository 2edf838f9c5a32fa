//! What clamd found, by the SHA-256 of what it looked at.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;

use crate::antivirus::Found;

/// What was found in this content since an instant, if it was looked at since.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, sha256: &[u8], since: Timestamp) -> Result<Option<Found>, DbError> {
    let row =
        sqlx::query!("select signature from scans where sha256 = $1 and scanned_at >= $2", sha256, since.to_sqlx(),);
    let row = row.fetch_optional(conn).await?;
    Ok(row.map(|row| row.signature.map_or(Found::Clean, Found::Infected)))
}

/// Keeps what was found; a later look replaces an earlier one.
///
/// # Errors
/// The database does not answer.
pub async fn keep(conn: &mut PgConnection, sha256: &[u8], found: &Found, at: Timestamp) -> Result<(), DbError> {
    let signature = match found {
        Found::Clean => None,
        Found::Infected(name) => Some(name.as_str()),
    };
    sqlx::query!(
        "insert into scans (sha256, signature, scanned_at) values ($1, $2, $3)
         on conflict (sha256) do update set signature = excluded.signature, scanned_at = excluded.scanned_at",
        sha256,
        signature,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
