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
/// Rows of one insert.
const CHUNK: usize = 2_000;

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
    let payload = written(&event.kind, message)?;
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

/// Appends many private facts in one round trip, in their order, each with its aggregate's version: what an effect over
/// many aggregates tells. `at` dates them all.
///
/// # Errors
/// The rows cannot be written; the transaction is lost.
pub async fn append_all<F: Fact>(tx: &mut Tx, facts: &[(F, u64)], at: Timestamp) -> Result<(), DbError> {
    let kind = format!("{}.{}", F::SERVICE, F::NAME);
    let source = tx.service();
    let traceparent = telemetry::current_traceparent();
    for chunk in facts.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|_| event_id(at)).collect();
        let aggregates: Vec<String> = chunk.iter().map(|(fact, _)| fact.aggregate()).collect();
        let versions: Vec<i64> = chunk.iter().map(|(_, version)| version.cast_signed()).collect();
        let payloads = chunk.iter().map(|(fact, _)| written(&kind, fact)).collect::<Result<Vec<_>, _>>()?;
        sqlx::query!(
            "insert into platform.outbox
                 (event_id, stream, subject, kind, source, aggregate, version, time, traceparent, payload)
             select new.event_id, $5, $6, $7, $8, new.aggregate, new.version, $9, $10, new.payload
             from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
                  with ordinality as new (event_id, aggregate, version, payload, place)
             order by new.place",
            &ids,
            &aggregates,
            &versions,
            &payloads,
            subjects::FACTS,
            F::subject(),
            kind,
            source,
            at.to_sqlx(),
            traceparent,
        )
        .execute(tx.conn())
        .await?;
    }
    tx.after_commit(|db| db.told().notify_one());
    Ok(())
}

/// Canonical proto3 JSON, if the broker would take it.
fn written<M: Serialize>(kind: &str, message: &M) -> Result<String, DbError> {
    let payload = serde_json::to_string(message)?;
    if payload.len() > LARGEST {
        return Err(DbError::TooLarge { kind: kind.to_owned(), bytes: payload.len(), limit: LARGEST });
    }
    Ok(payload)
}

/// Sortable by the fact's instant, which keeps the index compact; 74 random bits keep it unique.
fn event_id(at: Timestamp) -> Uuid {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
}
