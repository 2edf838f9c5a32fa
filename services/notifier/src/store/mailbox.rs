//! The demo's mailbox.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::kind;
use crate::{domain::Kind, letters::Letter};

/// A mail in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in it.
    pub arrival: i64,
    /// The mail.
    pub mail: Uuid,
    /// Its template.
    pub kind: Kind,
    /// Whom it would have gone to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When.
    pub at: Timestamp,
}

/// A mail in it, with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What the list shows.
    pub entry: Entry,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// Puts a mail in, once.
///
/// # Errors
/// The database does not answer.
pub async fn put(tx: &mut Tx, mail: Uuid, to: &str, letter: &Letter, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into mailbox (mail_id, recipient, subject, body_text, body_html, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (mail_id) do nothing",
        mail,
        to,
        letter.subject,
        letter.text,
        letter.html,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Mails to an address, or to any (empty), latest first, before a place.
///
/// # Errors
/// The database does not answer.
pub async fn entries(conn: &mut PgConnection, to: &str, before: i64, limit: i64) -> Result<Vec<Entry>, DbError> {
    let rows = sqlx::query!(
        "select b.arrival, b.mail_id, m.kind, b.recipient, b.subject, b.at
         from mailbox b join mails m on m.id = b.mail_id
         where ($1 = '' or b.recipient = $1) and b.arrival < $2 order by b.arrival desc limit $3",
        to,
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Entry {
                arrival: row.arrival,
                mail: row.mail_id,
                kind: kind(&row.kind)?,
                to: row.recipient,
                subject: row.subject,
                at: row.at.to_jiff(),
            })
        })
        .collect()
}

/// One of them.
///
/// # Errors
/// The database does not answer.
pub async fn message(conn: &mut PgConnection, mail: Uuid) -> Result<Option<Message>, DbError> {
    let row = sqlx::query!(
        "select b.arrival, m.kind, b.recipient, b.subject, b.at, b.body_text, b.body_html
         from mailbox b join mails m on m.id = b.mail_id where b.mail_id = $1",
        mail,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let entry = Entry {
            arrival: row.arrival,
            mail,
            kind: kind(&row.kind)?,
            to: row.recipient,
            subject: row.subject,
            at: row.at.to_jiff(),
        };
        Ok(Message { entry, text: row.body_text, html: row.body_html })
    })
    .transpose()
}
