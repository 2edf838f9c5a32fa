//! Sign-ins of staff that their provider has not answered yet.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;

/// What the provider's answer must match.
#[derive(Debug, Clone)]
pub struct Login {
    /// In the identity token.
    pub nonce: String,
    /// Goes with the code (PKCE).
    pub verifier: String,
    /// Where they wanted to go.
    pub next: String,
}

/// Keeps what was sent to the provider, for one browser.
///
/// # Errors
/// The database does not answer.
pub async fn begin(
    conn: &mut PgConnection,
    state_sha256: &[u8],
    cookie_sha256: &[u8],
    login: &Login,
    at: Timestamp,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into logins (state_sha256, cookie_sha256, nonce, verifier, next, began_at)
         values ($1, $2, $3, $4, $5, $6)",
        state_sha256,
        cookie_sha256,
        login.nonce,
        login.verifier,
        login.next,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a login out, once and for all, if it is this browser's and began after `since`.
///
/// # Errors
/// The database does not answer.
pub async fn take(
    conn: &mut PgConnection,
    state_sha256: &[u8],
    cookie_sha256: &[u8],
    since: Timestamp,
) -> Result<Option<Login>, DbError> {
    let login = sqlx::query_as!(
        Login,
        "delete from logins where state_sha256 = $1 and cookie_sha256 = $2 and began_at > $3
         returning nonce, verifier, next",
        state_sha256,
        cookie_sha256,
        since.to_sqlx(),
    );
    Ok(login.fetch_optional(conn).await?)
}
