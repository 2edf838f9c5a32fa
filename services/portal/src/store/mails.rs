//! Mail that accounts wait for, and the links in it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::i18n::Lang;

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// Proves the address.
    Verify,
    /// Sets another password.
    Reset,
    /// The address has an account already.
    Exists,
    /// Something about signing in changed.
    Changed,
}

impl MailKind {
    /// Its word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Exists => "exists",
            Self::Changed => "changed",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "verify" => Self::Verify,
            "reset" => Self::Reset,
            "exists" => Self::Exists,
            _ => Self::Changed,
        }
    }

    /// Whether it bears a link.
    #[must_use]
    pub const fn links(self) -> bool {
        matches!(self, Self::Verify | Self::Reset)
    }
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its id.
    pub id: Uuid,
    /// What for.
    pub kind: MailKind,
    /// Whereto.
    pub email: String,
    /// In which language.
    pub lang: Lang,
    /// When its link ends.
    pub until: Timestamp,
}

/// Asks for a mail.
///
/// # Errors
/// The database does not answer.
pub async fn ask(conn: &mut PgConnection, mail: &Mail, account: Option<Uuid>, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into account_mails (id, account, kind, email, language, asked_at, until)
         values ($1, $2, $3, $4, $5, $6, $7)",
        mail.id,
        account,
        mail.kind.word(),
        mail.email,
        mail.lang.tag(),
        at.to_sqlx(),
        mail.until.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Mails that wait, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn waiting(conn: &mut PgConnection, limit: i64, now: Timestamp) -> Result<Vec<Mail>, DbError> {
    let rows = sqlx::query!(
        "select id, kind, email, language, until from account_mails where sent_at is null and until > $2
         order by asked_at, id limit $1",
        limit,
        now.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Mail {
            id: row.id,
            kind: MailKind::of(&row.kind),
            email: row.email,
            lang: Lang::of_tag(&row.language).unwrap_or_default(),
            until: row.until.to_jiff(),
        })
        .collect())
}

/// A token that opens a mail's link.
///
/// # Errors
/// The database does not answer.
pub async fn mint(conn: &mut PgConnection, mail: Uuid, token_sha256: &[u8]) -> Result<(), DbError> {
    sqlx::query!("insert into account_links (token_sha256, mail) values ($1, $2)", token_sha256, mail)
        .execute(conn)
        .await?;
    Ok(())
}

/// The mail left. `None`: no such mail; `Some(false)`: it had left before.
///
/// # Errors
/// The database does not answer.
pub async fn sent(conn: &mut PgConnection, id: Uuid, at: Timestamp) -> Result<Option<bool>, DbError> {
    let newly =
        sqlx::query!("update account_mails set sent_at = $2 where id = $1 and sent_at is null", id, at.to_sqlx())
            .execute(&mut *conn)
            .await?
            .rows_affected()
            == 1;
    if newly {
        return Ok(Some(true));
    }
    let known = sqlx::query_scalar!("select id from account_mails where id = $1", id).fetch_optional(conn).await?;
    Ok(known.map(|_| false))
}

/// What a link is for: the mail and its account, if it is still good at `now`.
///
/// # Errors
/// The database does not answer.
pub async fn link(
    conn: &mut PgConnection,
    token_sha256: &[u8],
    kind: MailKind,
    now: Timestamp,
) -> Result<Option<(Uuid, Uuid)>, DbError> {
    let row = sqlx::query!(
        r#"select m.id, m.account as "account!" from account_links l join account_mails m on m.id = l.mail
           where l.token_sha256 = $1 and m.kind = $2 and m.used_at is null and m.until > $3 and m.account is not null"#,
        token_sha256,
        kind.word(),
        now.to_sqlx(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id, row.account)))
}

/// The links of a mail end; so do those of every earlier mail of that kind to the account.
///
/// # Errors
/// The database does not answer.
pub async fn used(conn: &mut PgConnection, account: Uuid, kind: MailKind, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "update account_mails set used_at = $3 where account = $1 and kind = $2 and used_at is null",
        account,
        kind.word(),
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}
