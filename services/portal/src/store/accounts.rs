//! Accounts of candidates.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{domain::email::Email, i18n::Lang};

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The candidate's id everywhere.
    pub id: Uuid,
    /// Address as typed.
    pub email: String,
    /// PHC string, if a password is set.
    pub password: Option<String>,
    /// Language of the last page.
    pub lang: Lang,
    /// Encrypted, if there is a second factor.
    pub totp_secret: Option<Vec<u8>>,
    /// Time step of the last code taken.
    pub totp_step: i64,
    /// The address was proven to be theirs.
    pub verified: bool,
}

struct Row {
    id: Uuid,
    email: String,
    password: Option<String>,
    language: String,
    totp_secret: Option<Vec<u8>>,
    totp_step: i64,
    verified_at: Option<jiff_sqlx::Timestamp>,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            email: row.email,
            password: row.password,
            lang: Lang::of_tag(&row.language).unwrap_or_default(),
            totp_secret: row.totp_secret,
            totp_step: row.totp_step,
            verified: row.verified_at.is_some(),
        }
    }
}

/// The open account of an address.
///
/// # Errors
/// The database does not answer.
pub async fn by_email(conn: &mut PgConnection, email: &Email) -> Result<Option<Account>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, email, password, language, totp_secret, totp_step, verified_at as "verified_at: _"
           from accounts where email_key = $1 and closed_at is null"#,
        email.key,
    );
    Ok(row.fetch_optional(conn).await?.map(Account::from))
}

/// An open account by its id.
///
/// # Errors
/// The database does not answer.
pub async fn by_id(conn: &mut PgConnection, id: Uuid) -> Result<Option<Account>, DbError> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, email, password, language, totp_secret, totp_step, verified_at as "verified_at: _"
           from accounts where id = $1 and closed_at is null"#,
        id,
    );
    Ok(row.fetch_optional(conn).await?.map(Account::from))
}

/// A new account, unless the address has one. `password`: a PHC string.
///
/// # Errors
/// The database does not answer.
pub async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    email: &Email,
    password: Option<&str>,
    lang: Lang,
    at: Timestamp,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into accounts (id, email, email_key, password, language, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        id,
        email.shown,
        email.key,
        password,
        lang.tag(),
        at.to_sqlx(),
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// The password of an account that is not verified yet: whoever asked last and reads the mail owns it.
///
/// # Errors
/// The database does not answer.
pub async fn set_password(conn: &mut PgConnection, id: Uuid, password: &str) -> Result<(), DbError> {
    sqlx::query!("update accounts set password = $2 where id = $1", id, password).execute(conn).await?;
    Ok(())
}

/// The address is theirs.
///
/// # Errors
/// The database does not answer.
pub async fn verify(conn: &mut PgConnection, id: Uuid, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update accounts set verified_at = coalesce(verified_at, $2) where id = $1", id, at.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets or takes away the second factor.
///
/// # Errors
/// The database does not answer.
pub async fn set_second_factor(conn: &mut PgConnection, id: Uuid, secret: Option<&[u8]>) -> Result<(), DbError> {
    sqlx::query!("update accounts set totp_secret = $2 where id = $1", id, secret).execute(conn).await?;
    Ok(())
}

/// Takes a code's time step, once: false if it or a later one was taken before.
///
/// # Errors
/// The database does not answer.
pub async fn take_step(conn: &mut PgConnection, id: Uuid, step: i64) -> Result<bool, DbError> {
    let done = sqlx::query!("update accounts set totp_step = $2 where id = $1 and totp_step < $2", id, step);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// The account is closed: who signed in with it is forgotten, the address may open another.
///
/// # Errors
/// The database does not answer.
pub async fn close(conn: &mut PgConnection, id: Uuid, at: Timestamp) -> Result<(), DbError> {
    let forgotten = format!("closed:{id}");
    sqlx::query!(
        "update accounts set email = '', email_key = $2, password = null, totp_secret = null, closed_at = $3
         where id = $1 and closed_at is null",
        id,
        forgotten,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
