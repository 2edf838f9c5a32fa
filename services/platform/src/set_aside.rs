//! Events that could not be handled, kept for a person: seen, replayed, never lost.
//!
//! Later events of the same aggregate wait behind: replay goes in their order. Storing behind another and replaying
//! take the same advisory lock, so that nothing is stored behind an event that was just replayed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use crate::{
    db::{Db, DbError, Tx},
    inbox::{Envelope, HandleError, Hearing, Outcome},
};

/// One event that waits.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// The event.
    pub event: Envelope,
    /// Who could not handle it.
    pub consumer: String,
    /// How often it was tried.
    pub tries: u32,
    /// What the last try said.
    pub error: String,
    /// When it was set aside, by PostgreSQL's clock.
    pub set_aside_at: Timestamp,
}

/// What a replay did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Handled now.
    pub replayed: u32,
    /// Still waiting, of those asked for.
    pub still_set_aside: u32,
}

async fn lock(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<(), DbError> {
    let key = format!("platform.set_aside:{consumer}:{}", event.lane());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key).fetch_one(tx.conn()).await?;
    Ok(())
}

/// Stores an event with its error. Storing it twice changes nothing.
pub(crate) async fn store(
    tx: &mut Tx,
    consumer: &str,
    event: &Envelope,
    tries: u32,
    error: &str,
) -> Result<(), DbError> {
    lock(tx, consumer, event).await?;
    sqlx::query!(
        "insert into platform.set_aside
             (consumer, event_id, subject, kind, source, aggregate, version, time, traceparent, payload, tries, error)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
         where not exists (select from platform.inbox where consumer = $1 and event_id = $2)
         on conflict do nothing",
        consumer,
        event.id,
        event.subject,
        event.kind,
        event.source,
        event.lane(),
        event.version.cast_signed(),
        event.time.to_sqlx(),
        event.traceparent,
        &event.data[..],
        i32::try_from(tries).unwrap_or(i32::MAX),
        error,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores an event behind an earlier one of its aggregate; if that one was replayed meanwhile, the event is due to be
/// handled after all and the caller tries again.
pub(crate) async fn behind(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<Outcome, HandleError> {
    lock(tx, consumer, event).await?;
    let waiting = sqlx::query_scalar!(
        r#"select exists (select from platform.set_aside
                          where consumer = $1 and aggregate = $2 and replayed_at is null) as "waiting!""#,
        consumer,
        event.lane(),
    )
    .fetch_one(tx.conn())
    .await?;
    if !waiting {
        return Err(HandleError::retry("the event before it was just replayed"));
    }
    store(tx, consumer, event, 0, "waits behind an earlier event of its aggregate").await?;
    Ok(Outcome::Behind)
}

/// Locks the event's row and takes its place in the inbox. `false`: someone else handled it.
pub(crate) async fn take(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<bool, DbError> {
    lock(tx, consumer, event).await?;
    let waits = sqlx::query_scalar!(
        "select seq from platform.set_aside
         where consumer = $1 and event_id = $2 and replayed_at is null for update",
        consumer,
        event.id,
    )
    .fetch_optional(tx.conn())
    .await?;
    if waits.is_none() {
        return Ok(false);
    }
    let fresh = sqlx::query!(
        "insert into platform.inbox (consumer, event_id) values ($1, $2) on conflict do nothing",
        consumer,
        event.id,
    )
    .execute(tx.conn())
    .await?;
    Ok(fresh.rows_affected() == 1)
}

pub(crate) async fn done(tx: &mut Tx, consumer: &str, event: &Envelope) -> Result<(), DbError> {
    sqlx::query!(
        "update platform.set_aside set replayed_at = clock_timestamp(), tries = tries + 1
         where consumer = $1 and event_id = $2 and replayed_at is null",
        consumer,
        event.id,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Everything that waits, in the order in which it was set aside.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db) -> Result<Vec<SetAside>, DbError> {
    let mut conn = db.read().await?;
    let rows = sqlx::query!(
        "select consumer, event_id, subject, kind, source, aggregate, version, time, traceparent, payload, tries,
                error, set_aside_at
         from platform.set_aside where replayed_at is null order by seq"
    )
    .fetch_all(&mut *conn)
    .await?;
    let waiting = rows.into_iter().map(|row| SetAside {
        event: Envelope {
            id: row.event_id,
            kind: row.kind,
            subject: row.subject,
            aggregate: row
                .aggregate
                .strip_prefix(&format!("{}/", row.source))
                .map_or_else(|| row.aggregate.clone(), str::to_owned),
            source: row.source,
            time: row.time.to_jiff(),
            version: row.version.cast_unsigned(),
            traceparent: row.traceparent,
            data: row.payload.into(),
        },
        consumer: row.consumer,
        tries: u32::try_from(row.tries).unwrap_or(0),
        error: row.error,
        set_aside_at: row.set_aside_at.to_jiff(),
    });
    Ok(waiting.collect())
}

/// Handles what was set aside again: one event (with those of its aggregate before it, which it waits for), or all.
/// Within an aggregate the first failure stops the rest.
///
/// # Errors
/// The database does not answer. An event that fails again is no error: it stays, with the new reason.
pub(crate) async fn replay(hearing: &Hearing, only: Option<Uuid>) -> Result<Replayed, DbError> {
    let mut done = Replayed::default();
    let mut stuck: Vec<String> = Vec::new();
    // Deliveries go on meanwhile and may store behind: go round until nothing new waits.
    loop {
        let mut waiting: Vec<SetAside> =
            list(&hearing.db).await?.into_iter().filter(|w| w.consumer == hearing.consumer()).collect();
        if let Some(id) = only {
            let Some(last) = waiting.iter().position(|w| w.event.id == id) else { break };
            let lane = waiting[last].event.lane();
            waiting.truncate(last + 1);
            waiting.retain(|w| w.event.lane() == lane);
        }
        waiting.retain(|w| !stuck.contains(&w.event.lane()));
        if waiting.is_empty() {
            break;
        }
        for one in waiting {
            let lane = one.event.lane();
            if stuck.contains(&lane) {
                continue;
            }
            match hearing.again(&one.event).await {
                Ok(()) => done.replayed += 1,
                Err(error) => {
                    failed_again(&hearing.db, &one, &error.to_string()).await?;
                    stuck.push(lane);
                }
            }
        }
    }
    let left = list(&hearing.db).await?;
    let of_interest = left.iter().filter(|w| only.is_none_or(|id| w.event.id == id));
    done.still_set_aside = u32::try_from(of_interest.count()).unwrap_or(u32::MAX);
    Ok(done)
}

async fn failed_again(db: &Db, one: &SetAside, error: &str) -> Result<(), DbError> {
    let mut tx = db.begin("replay_failed").await?;
    sqlx::query!(
        "update platform.set_aside set tries = tries + 1, error = $3
         where consumer = $1 and event_id = $2 and replayed_at is null",
        one.consumer,
        one.event.id,
        error,
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
