//! Mails as an operator sees them: without address, subject or content.

use jiff::Timestamp;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::natural;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Place in the list.
    pub arrival: i64,
    /// Its id.
    pub id: Uuid,
    /// Its template.
    pub kind: String,
    /// Whom it is about.
    pub dossier: Option<Uuid>,
    /// "pending", "sent", "bounced", "given_up" or "moot".
    pub state: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// When it is tried again; only while it waits.
    pub next_try_at: Option<Timestamp>,
    /// What the mail server said last.
    pub last_error: String,
}

/// Of all mails, by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting.
    pub pending: u64,
    /// Taken by the mail server.
    pub sent: u64,
    /// Came back.
    pub bounced: u64,
    /// Given up.
    pub given_up: u64,
}

/// Mails of a state and kind (empty for any), latest first, before a place.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    conn: &mut PgConnection,
    state: &str,
    kind: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Page>, DbError> {
    let rows = sqlx::query!(
        "select arrival, id, kind, dossier_id, state, tries, asked_at, sent_at, next_try_at, last_error from mails
         where ($1 = '' or state = $1) and ($2 = '' or kind = $2) and arrival < $3 order by arrival desc limit $4",
        state,
        kind,
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let row = rows.into_iter().map(|row| Page {
        next_try_at: (row.state == "pending").then(|| row.next_try_at.to_jiff()),
        arrival: row.arrival,
        id: row.id,
        kind: row.kind,
        dossier: row.dossier_id,
        state: row.state,
        tries: natural(row.tries),
        asked_at: row.asked_at.to_jiff(),
        sent_at: row.sent_at.map(jiff_sqlx::Timestamp::to_jiff),
        last_error: row.last_error,
    });
    Ok(row.collect())
}

/// How many mails stand where.
///
/// # Errors
/// The database does not answer.
pub async fn counts(conn: &mut PgConnection) -> Result<Counts, DbError> {
    let row = sqlx::query!(
        r#"select count(*) filter (where state = 'pending') as "pending!", count(*) filter (where state = 'sent') as "sent!",
                  count(*) filter (where state = 'bounced') as "bounced!",
                  count(*) filter (where state = 'given_up') as "given_up!"
           from mails"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Counts {
        pending: row.pending.cast_unsigned(),
        sent: row.sent.cast_unsigned(),
        bounced: row.bounced.cast_unsigned(),
        given_up: row.given_up.cast_unsigned(),
    })
}
