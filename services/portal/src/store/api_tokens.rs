//! Tokens of other systems.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

/// A token as stored: everything but itself.
#[derive(Debug, Clone)]
pub struct Token {
    /// Also the subject's last part.
    pub id: Uuid,
    /// School it is limited to.
    pub school: String,
    /// Role in which it asks.
    pub role: String,
    /// Which system it is for.
    pub name: String,
    /// What it opens, as words.
    pub scopes: Vec<String>,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// From then on it opens nothing.
    pub expires_at: Timestamp,
    /// Its last request, to the minute.
    pub seen_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

struct Row {
    id: Uuid,
    school: String,
    role: String,
    name: String,
    scopes: Vec<String>,
    made_by: String,
    made_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    seen_at: Option<jiff_sqlx::Timestamp>,
    revoked_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for Token {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            school: row.school,
            role: row.role,
            name: row.name,
            scopes: row.scopes,
            made_by: row.made_by,
            made_at: row.made_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            seen_at: row.seen_at.map(jiff_sqlx::Timestamp::to_jiff),
            revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

/// A new token; false if its form was sent before.
///
/// # Errors
/// The database does not answer.
pub async fn insert(conn: &mut PgConnection, token: &Token, sha256: &[u8]) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into api_tokens (id, token_sha256, school, role, name, scopes, made_by, made_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
        token.id,
        sha256,
        token.school,
        token.role,
        token.name,
        &token.scopes,
        token.made_by,
        token.made_at.to_sqlx(),
        token.expires_at.to_sqlx(),
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// The token of this SHA-256, whether it still opens anything or not.
///
/// # Errors
/// The database does not answer.
pub async fn by_sha256(conn: &mut PgConnection, sha256: &[u8]) -> Result<Option<Token>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, school, role, name, scopes, made_by, made_at as "made_at: _", expires_at as "expires_at: _",
                  seen_at as "seen_at: _", revoked_at as "revoked_at: _"
           from api_tokens where token_sha256 = $1"#,
        sha256,
    );
    Ok(row.fetch_optional(conn).await?.map(Token::from))
}

/// A school's tokens of one role, the latest first.
///
/// # Errors
/// The database does not answer.
pub async fn of(conn: &mut PgConnection, school: &str, role: &str) -> Result<Vec<Token>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, school, role, name, scopes, made_by, made_at as "made_at: _", expires_at as "expires_at: _",
                  seen_at as "seen_at: _", revoked_at as "revoked_at: _"
           from api_tokens where school = $1 and role = $2 order by made_at desc, id"#,
        school,
        role,
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(Token::from).collect())
}

/// It was used.
///
/// # Errors
/// The database does not answer.
pub async fn seen(conn: &mut PgConnection, id: Uuid, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update api_tokens set seen_at = $2 where id = $1", id, at.to_sqlx()).execute(conn).await?;
    Ok(())
}

/// Ends it; false if it had been before.
///
/// # Errors
/// The database does not answer.
pub async fn revoke(conn: &mut PgConnection, id: Uuid, by: &str, at: Timestamp) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update api_tokens set revoked_at = $3, revoked_by = $2 where id = $1 and revoked_at is null",
        id,
        by,
        at.to_sqlx(),
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}
