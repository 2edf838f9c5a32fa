//! What a form held when its session turned out to have ended.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;

/// Keeps a form for its subject.
///
/// # Errors
/// The database does not answer.
pub async fn hold(
    conn: &mut PgConnection,
    token: &[u8],
    subject: &str,
    path: &str,
    body: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into held_forms (token_sha256, subject, path, body, at) values ($1, $2, $3, $4, $5)",
        token,
        subject,
        path,
        body,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The form held under a token, if it is this subject's and of this page.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, token: &[u8], subject: &str, path: &str) -> Result<Option<String>, DbError> {
    let body = sqlx::query_scalar!(
        "select body from held_forms where token_sha256 = $1 and subject = $2 and path = $3",
        token,
        subject,
        path,
    );
    Ok(body.fetch_optional(conn).await?)
}

/// It was sent: forgotten.
///
/// # Errors
/// The database does not answer.
pub async fn drop(conn: &mut PgConnection, token: &[u8]) -> Result<(), DbError> {
    sqlx::query!("delete from held_forms where token_sha256 = $1", token).execute(conn).await?;
    Ok(())
}
