//! Mails to send: queued with the fact they tell of, claimed by one replica at a time, settled once.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{kind, natural, unknown_word};
use crate::domain::Kind;

/// What a mail is about, beside its dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Number of the period.
    pub period: Option<u32>,
    /// Id of the school.
    pub school: Option<String>,
    /// The fee, in cents.
    pub due_cents: Option<i64>,
    /// What arrived of it.
    pub received_cents: Option<i64>,
}

/// A mail that a fact or a moment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Its template.
    pub kind: Kind,
    /// Whom it is about; `None` for account mail.
    pub dossier: Option<Uuid>,
    /// What asks for it, unique per kind and dossier.
    pub cause: String,
    /// When that was true.
    pub at: Timestamp,
    /// What it is about.
    pub about: About,
}

/// A mail whose turn has come, claimed for this replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its id; the Message-ID is made of it.
    pub id: Uuid,
    /// Its template.
    pub kind: Kind,
    /// Whom it is about.
    pub dossier: Option<Uuid>,
    /// When what it tells was true.
    pub at: Timestamp,
    /// What it is about.
    pub about: About,
    /// Number of this try, from 1; also what guards its outcome.
    pub tries: u32,
    /// From when on it is tried.
    pub patience_from: Timestamp,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It refused for good.
    Bounced(String),
    /// To be tried again from then on.
    Later(Timestamp, String),
    /// Tried for long enough.
    GivenUp(String),
    /// No longer needed.
    Moot,
}

/// Queues mails, in the transaction of what asks for them, unless they were queued before.
///
/// # Errors
/// The database does not answer.
pub async fn queue(tx: &mut Tx, mails: &[NewMail], now: Timestamp) -> Result<u64, DbError> {
    let mut queued = 0;
    for mail in mails {
        let done = sqlx::query!(
            "insert into mails (id, kind, dossier_id, cause, at, period, school, due_cents, received_cents, taken,
                                asked_at, patience_from, next_try_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11)
             on conflict (kind, dossier_id, cause) do nothing",
            Uuid::new_v4(),
            mail.kind.word(),
            mail.dossier,
            mail.cause,
            mail.at.to_sqlx() as _,
            mail.about.period.map(u32::cast_signed),
            mail.about.school,
            mail.about.due_cents,
            mail.about.received_cents,
            mail.kind.taken(),
            now.to_sqlx() as _,
        )
        .execute(tx.conn())
        .await?;
        queued += done.rows_affected();
    }
    Ok(queued)
}

/// Claims mails whose turn has come, those for the silent or all others, for `lease` of the database's time. A try is counted before it is made.
///
/// # Errors
/// The database does not answer.
pub async fn claim(
    tx: &mut Tx,
    silent: bool,
    limit: i64,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<Claimed>, DbError> {
    let kinds: Vec<String> =
        Kind::ALL.iter().filter(|kind| kind.for_the_silent() == silent).map(|kind| kind.word().to_owned()).collect();
    let rows = sqlx::query!(
        "update mails set tries = tries + 1, leased_until = clock_timestamp() + make_interval(secs => $2)
         where id in (select id from mails where state = 'pending' and not taken and kind = any($4) and next_try_at <= $3
                      and (leased_until is null or leased_until < clock_timestamp())
                      order by next_try_at, arrival limit $1 for update skip locked)
         returning id, kind, dossier_id, at, period, school, due_cents, received_cents, tries, patience_from",
        limit,
        lease.as_secs_f64(),
        now.to_sqlx() as _,
        &kinds,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Claimed {
                id: row.id,
                kind: kind(&row.kind)?,
                dossier: row.dossier_id,
                at: row.at.to_jiff(),
                about: About {
                    period: row.period.map(natural),
                    school: row.school,
                    due_cents: row.due_cents,
                    received_cents: row.received_cents,
                },
                tries: natural(row.tries),
                patience_from: row.patience_from.to_jiff(),
            })
        })
        .collect()
}

/// Claims the mail of a cause that another service hands over, if its turn has come and nobody else has it.
///
/// # Errors
/// The database does not answer.
pub async fn claim_taken(
    tx: &mut Tx,
    of: (Kind, &str),
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Claimed>, DbError> {
    let row = sqlx::query!(
        "update mails set tries = tries + 1, leased_until = clock_timestamp() + make_interval(secs => $3)
         where kind = $1 and cause = $2 and state = 'pending' and next_try_at <= $4
           and (leased_until is null or leased_until < clock_timestamp())
         returning id, dossier_id, at, tries, patience_from",
        of.0.word(),
        of.1,
        lease.as_secs_f64(),
        now.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Claimed {
        id: row.id,
        kind: of.0,
        dossier: row.dossier_id,
        at: row.at.to_jiff(),
        about: About::default(),
        tries: natural(row.tries),
        patience_from: row.patience_from.to_jiff(),
    }))
}

/// Writes what came of a try. What was sent is so, whoever holds the lease by now; anything else counts only while
/// nobody has begun another try.
///
/// # Errors
/// The database does not answer.
pub async fn store_outcome(tx: &mut Tx, mail: &Claimed, outcome: &Outcome, now: Timestamp) -> Result<(), DbError> {
    let (state, next, error) = match outcome {
        Outcome::Sent => ("sent", now, ""),
        Outcome::Bounced(why) => ("bounced", now, why.as_str()),
        Outcome::Later(at, why) => ("pending", *at, why.as_str()),
        Outcome::GivenUp(why) => ("given_up", now, why.as_str()),
        Outcome::Moot => ("moot", now, ""),
    };
    sqlx::query!(
        "update mails set state = $3, next_try_at = $4, last_error = $5, leased_until = null,
                          sent_at = case when $3 = 'sent' then $6::timestamptz end
         where id = $1 and state = 'pending' and (tries = $2 or $3 = 'sent')",
        mail.id,
        mail.tries.cast_signed(),
        state,
        next.to_sqlx() as _,
        error,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives claimed mails back untried: someone else was away, which is not theirs to count.
///
/// # Errors
/// The database does not answer.
pub async fn release(tx: &mut Tx, mails: &[Claimed]) -> Result<(), DbError> {
    let (ids, tries): (Vec<Uuid>, Vec<i32>) = mails.iter().map(|m| (m.id, m.tries.cast_signed())).unzip();
    sqlx::query!(
        "update mails set tries = mails.tries - 1, leased_until = null
         from unnest($1::uuid[], $2::integer[]) as mine (id, tries)
         where mails.id = mine.id and mails.tries = mine.tries and state = 'pending'",
        &ids,
        &tries,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The same until an instant before which it may not leave.
///
/// # Errors
/// The database does not answer.
pub async fn postpone(tx: &mut Tx, mail: &Claimed, until: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "update mails set tries = tries - 1, leased_until = null, next_try_at = $3
         where id = $1 and tries = $2 and state = 'pending'",
        mail.id,
        mail.tries.cast_signed(),
        until.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Mails whose turn has come and that have not left.
///
/// # Errors
/// The database does not answer.
pub async fn pending(conn: &mut PgConnection, now: Timestamp) -> Result<u64, DbError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from mails where state = 'pending' and not taken and next_try_at <= $1"#,
        now.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(count.cast_unsigned())
}

/// Where a mail stands, to those who act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its template.
    pub kind: Kind,
    /// What asked for it.
    pub cause: String,
    /// "pending", "sent", "bounced", "given_up" or "moot".
    pub state: String,
    /// What the mail server said last.
    pub last_error: String,
}

/// A mail, its row locked until `tx` ends.
///
/// # Errors
/// The database does not answer.
pub async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, DbError> {
    let row = sqlx::query!("select kind, cause, state, last_error from mails where id = $1 for update", id)
        .fetch_optional(tx.conn())
        .await?;
    row.map(|row| {
        let kind = kind(&row.kind)?;
        Ok(Row { id, kind, cause: row.cause, state: row.state, last_error: row.last_error })
    })
    .transpose()
}

/// The mail of a cause that another service hands over.
///
/// # Errors
/// The database does not answer.
pub async fn of_cause(conn: &mut PgConnection, of: Kind, cause: &str) -> Result<Option<Row>, DbError> {
    let row = sqlx::query!("select id, state, last_error from mails where kind = $1 and cause = $2", of.word(), cause,)
        .fetch_optional(conn)
        .await?;
    let cause = cause.to_owned();
    Ok(row.map(|row| Row { id: row.id, kind: of, cause, state: row.state, last_error: row.last_error }))
}

/// Who wanted it sent knows what became of it.
///
/// # Errors
/// The database does not answer.
pub async fn reported(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    sqlx::query!("update mails set reported = true where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// Mails of another service that did not reach their reader, of which it does not know yet.
///
/// # Errors
/// The database does not answer.
pub async fn unreported_bounces(conn: &mut PgConnection, of: Kind, limit: i64) -> Result<Vec<Row>, DbError> {
    let rows = sqlx::query!(
        "select id, cause, state, last_error from mails
         where kind = $1 and taken and state in ('bounced', 'given_up') and not reported order by arrival limit $2",
        of.word(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    let row = |id, cause, state, last_error| Row { id, kind: of, cause, state, last_error };
    Ok(rows.into_iter().map(|r| row(r.id, r.cause, r.state, r.last_error)).collect())
}

/// A mail came back: `why` in codes or words without addresses.
///
/// # Errors
/// The database does not answer.
pub async fn bounced(tx: &mut Tx, id: Uuid, why: &str) -> Result<(), DbError> {
    sqlx::query!(
        "update mails set state = 'bounced', last_error = $2, leased_until = null, reported = false where id = $1",
        id,
        why,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Starts a mail over that was given up, at `now`.
///
/// # Errors
/// The database does not answer, or the mail's state is not known.
pub async fn retry(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<(), DbError> {
    let done = sqlx::query!(
        "update mails set state = 'pending', next_try_at = $2, patience_from = $2, leased_until = null, reported = false
         where id = $1 and state = 'given_up'",
        id,
        now.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(unknown_word("state of the mail", "not given up")) }
}
