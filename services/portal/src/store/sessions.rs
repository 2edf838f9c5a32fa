//! Sessions of everyone, and what a page wants to find again within one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::domain::{grant::Grant, session::Kind};

/// A session as stored. That it has ended by its age is for the caller to tell.
#[derive(Debug, Clone)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub key: Vec<u8>,
    /// Whose.
    pub kind: Kind,
    /// Subject of the tokens we sign for it.
    pub subject: String,
    /// How to address them; empty where it is looked up.
    pub name: String,
    /// Whom a mandate acts for.
    pub act_for: Option<Uuid>,
    /// What they may be.
    pub grants: Vec<Grant>,
    /// Which of those is worn.
    pub worn: usize,
    /// The second factor is still asked for.
    pub half: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// Its last request.
    pub seen_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// What they are now.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.grants.get(self.worn)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredGrant {
    role: String,
    school: Option<String>,
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Candidate => "candidate",
        Kind::Mandate => "mandate",
        Kind::Staff => "staff",
    }
}

fn kind(word: &str) -> Kind {
    match word {
        "candidate" => Kind::Candidate,
        "mandate" => Kind::Mandate,
        _ => Kind::Staff,
    }
}

/// A new session.
///
/// # Errors
/// The database does not answer.
pub async fn insert(conn: &mut PgConnection, session: &Session) -> Result<(), DbError> {
    let grants: Vec<StoredGrant> =
        session.grants.iter().map(|g| StoredGrant { role: g.role.clone(), school: g.school.clone() }).collect();
    sqlx::query!(
        "insert into sessions (id_sha256, kind, subject, name, act_for, grants, worn, half, created_at, seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        session.key,
        word(session.kind),
        session.subject,
        session.name,
        session.act_for,
        Json(grants) as _,
        i32::try_from(session.worn).unwrap_or(0),
        session.half,
        session.created_at.to_sqlx(),
        session.seen_at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A session by the SHA-256 of its cookie, ended or not.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, key: &[u8]) -> Result<Option<Session>, DbError> {
    let row = sqlx::query!(
        r#"select id_sha256, kind, subject, name, act_for, grants as "grants: Json<Vec<StoredGrant>>", worn, half,
                  created_at, seen_at, ended_at
           from sessions where id_sha256 = $1"#,
        key,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Session {
        key: row.id_sha256,
        kind: kind(&row.kind),
        subject: row.subject,
        name: row.name,
        act_for: row.act_for,
        grants: row.grants.0.into_iter().map(|g| Grant { role: g.role, school: g.school }).collect(),
        worn: usize::try_from(row.worn).unwrap_or(0),
        half: row.half,
        created_at: row.created_at.to_jiff(),
        seen_at: row.seen_at.to_jiff(),
        ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
    }))
}

/// It was seen.
///
/// # Errors
/// The database does not answer.
pub async fn seen(conn: &mut PgConnection, key: &[u8], at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update sessions set seen_at = $2 where id_sha256 = $1 and seen_at < $2", key, at.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

/// Wears another of its grants.
///
/// # Errors
/// The database does not answer.
pub async fn wear(conn: &mut PgConnection, key: &[u8], worn: usize) -> Result<(), DbError> {
    let worn = i32::try_from(worn).unwrap_or(0);
    sqlx::query!("update sessions set worn = $2 where id_sha256 = $1", key, worn).execute(conn).await?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// The database does not answer.
pub async fn end(conn: &mut PgConnection, key: &[u8], at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update sessions set ended_at = $2 where id_sha256 = $1 and ended_at is null", key, at.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends every session of a subject, but one.
///
/// # Errors
/// The database does not answer.
pub async fn end_all(conn: &mut PgConnection, subject: &str, but: &[u8], at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "update sessions set ended_at = $3 where subject = $1 and id_sha256 <> $2 and ended_at is null",
        subject,
        but,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps something a page of this session wants to find again.
///
/// # Errors
/// The database does not answer.
pub async fn remember(
    conn: &mut PgConnection,
    key: &[u8],
    name: &str,
    value: &serde_json::Value,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into remembered (session_sha256, key, value) values ($1, $2, $3)
         on conflict (session_sha256, key) do update set value = excluded.value",
        key,
        name,
        value,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was kept.
///
/// # Errors
/// The database does not answer.
pub async fn recall(conn: &mut PgConnection, key: &[u8], name: &str) -> Result<Option<serde_json::Value>, DbError> {
    let value = sqlx::query_scalar!("select value from remembered where session_sha256 = $1 and key = $2", key, name);
    Ok(value.fetch_optional(conn).await?)
}

/// Forgets sessions and held forms that nobody can come back to.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(conn: &mut PgConnection, before: Timestamp) -> Result<u64, DbError> {
    let before = before.to_sqlx();
    let forms = sqlx::query!("delete from held_forms where at < $1", before).execute(&mut *conn).await?;
    let tries = sqlx::query!("delete from tries where began < $1", before).execute(&mut *conn).await?;
    let logins = sqlx::query!("delete from logins where began_at < $1", before).execute(&mut *conn).await?;
    let sessions = sqlx::query!("delete from sessions where seen_at < $1", before).execute(&mut *conn).await?;
    Ok(forms.rows_affected() + tries.rows_affected() + logins.rows_affected() + sessions.rows_affected())
}
