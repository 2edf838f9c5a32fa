//! What a service tells, written in the transaction that makes it true. The [`crate::relay`] carries it out.

use contracts::{Fact, Published, subjects};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::Serialize;
use uuid::{NoContext, Uuid};

use crate::{
    db::{DbError, Tx},
    telemetry,
};

/// Below nats-server's default `max_payload` of 1 MiB, headers included.
const LARGEST: usize = 1_000_000;

/// Appends a private fact for our own services.
///
/// Lock the aggregate's row before: the order of `seq` is then the order of commits. `version` is the aggregate's,
/// `at` the instant at which the fact became true (UTC).
///
/// # Errors
/// The row cannot be written; the transaction is lost.
pub async fn append<F: Fact>(tx: &mut Tx, fact: &F, version: u64, at: Timestamp) -> Result<(), DbError> {
    let event = Outgoing {
        stream: subjects::FACTS,
        subject: F::subject(),
        kind: format!("{}.{}", F::SERVICE, F::NAME),
        aggregate: fact.aggregate(),
        version,
        at,
    };
    insert(tx, event, fact).await
}

/// Appends a published fact for other systems: a separate, versioned contract, mapped where the private fact is told.
///
/// # Errors
/// The row cannot be written; the transaction is lost.
pub async fn publish<P: Published>(tx: &mut Tx, fact: &P, version: u64, at: Timestamp) -> Result<(), DbError> {
    let event = Outgoing {
        stream: subjects::ADMISSIONS,
        subject: fact.subject(),
        kind: format!("{}.{}", subjects::ADMISSIONS_ALL.trim_end_matches(".>"), P::NAME),
        aggregate: fact.aggregate(),
        version,
        at,
    };
    insert(tx, event, fact).await
}

pub(crate) struct Outgoing {
    pub stream: &'static str,
    pub subject: String,
    pub kind: String,
    pub aggregate: String,
    pub version: u64,
    pub at: Timestamp,
}

pub(crate) async fn insert<M: Serialize>(tx: &mut Tx, event: Outgoing, message: &M) -> Result<(), DbError> {
    let payload = serde_json::to_string(message)?;
    if payload.len() > LARGEST {
        return Err(DbError::TooLarge { kind: event.kind, bytes: payload.len(), limit: LARGEST });
    }
    let source = tx.service();
    sqlx::query!(
        "insert into platform.outbox
             (event_id, stream, subject, kind, source, aggregate, version, time, traceparent, payload)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        event_id(event.at),
        event.stream,
        event.subject,
        event.kind,
        source,
        event.aggregate,
        event.version.cast_signed(),
        event.at.to_sqlx(),
        telemetry::current_traceparent(),
        payload,
    )
    .execute(tx.conn())
    .await?;
    tx.after_commit(|db| db.told().notify_one());
    Ok(())
}

/// Sortable by the fact's instant, which keeps the index compact; 74 random bits keep it unique.
fn event_id(at: Timestamp) -> Uuid {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
}
