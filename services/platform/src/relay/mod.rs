//! Carries the outbox to the broker.
//!
//! One active relay per service, by an advisory lock of the session that also reads and marks the rows: with the
//! connection the lead is lost, and nothing can be marked without it. It polls, backing off when idle; a commit of
//! this process wakes it, as a hint only. Rows are claimed by `published_at is null`, never by a cursor, which would
//! miss late commits. Only the stream's acknowledgement counts.

use std::{collections::HashMap, sync::atomic::Ordering, time::Duration};

use async_nats::{HeaderMap, jetstream};
use opentelemetry::metrics::Counter;
use sqlx::PgConnection;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    db::{Db, try_lead},
    inbox::BoxError,
    streams, watchdog,
};

mod carry;
mod repair;

/// Rows claimed at once, and the largest batch; the broker takes up to 1,000.
const CLAIM: i64 = 500;
/// From this many on, rows go as one atomic batch: one sync of the broker's disk instead of one each.
const BATCH_FROM: usize = 8;
const SHORTEST_POLL: Duration = Duration::from_millis(5);
const LONGEST_POLL: Duration = Duration::from_millis(200);
const REPAIR_EVERY: Duration = Duration::from_secs(60);
/// Failures in a row from which on it is an alarm.
const ALARM_EVERY: u32 = 5;
/// A full comparison, subject by subject, every so many repairs.
const FULL_EVERY: u32 = 10;

/// A row as it travels.
pub(crate) struct Row {
    pub seq: i64,
    pub event_id: Uuid,
    pub stream: String,
    pub subject: String,
    pub headers: HeaderMap,
    pub payload: bytes::Bytes,
}

/// Carries one service's outbox.
pub struct Relay {
    db: Db,
    jetstream: jetstream::Context,
    replicas: usize,
    /// Creation time of each stream, as of the last repair.
    generations: HashMap<String, String>,
    /// The last sequence of each subject in its stream, as far as this relay knows.
    last: HashMap<String, u64>,
    /// Rows published so far by this process.
    carried: u64,
    published: Counter<u64>,
}

impl Relay {
    /// A relay for `db`'s outbox, whose streams stand on `replicas` servers at least.
    #[must_use]
    pub fn new(db: Db, jetstream: jetstream::Context, replicas: usize) -> Self {
        let published = opentelemetry::global::meter("platform")
            .u64_counter("platform.outbox.published")
            .with_unit("{event}")
            .with_description("Facts the broker acknowledged, by stream")
            .build();
        Self { db, jetstream, replicas, generations: HashMap::new(), last: HashMap::new(), carried: 0, published }
    }

    /// Runs until `stop`, then carries what is left if the broker takes it.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut pause = LONGEST_POLL;
        let mut carried = 0;
        let mut failures = 0;
        while !stop.is_cancelled() {
            let led = self.lead(&stop).await;
            if carried != self.carried {
                (carried, failures, pause) = (self.carried, 0, LONGEST_POLL);
            }
            match led {
                Ok(()) => pause = LONGEST_POLL,
                Err(error) => {
                    failures += 1;
                    if failures % ALARM_EVERY == 0 {
                        let text = format!("nothing could be published in {failures} tries: {error}");
                        watchdog::alarm("relay_stalled", &text);
                    } else {
                        tracing::warn!(%error, "the relay lost its lead or the broker; trying again");
                    }
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
        }
    }

    async fn lead(&mut self, stop: &CancellationToken) -> Result<(), BoxError> {
        let mut conn = self.db.dedicated().await?;
        while !try_lead(&mut conn, "platform.relay").await? {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(LONGEST_POLL) => {}
            }
        }
        streams::ensure(&self.jetstream, self.replicas).await?;
        // Whatever ended the last lead may have cost the broker something: look at everything.
        self.repair(&mut conn, true).await?;
        let (mut repaired, mut repairs, mut connects) = (Instant::now(), 0, self.connects());
        let mut poll = SHORTEST_POLL;
        loop {
            let rows = claim(&mut conn).await?;
            if rows.is_empty() {
                if stop.is_cancelled() {
                    return Ok(());
                }
                let woken = tokio::select! {
                    () = stop.cancelled() => true,
                    () = self.db.told().notified() => true,
                    () = tokio::time::sleep(poll) => false,
                };
                poll = if woken { SHORTEST_POLL } else { (poll * 2).min(LONGEST_POLL) };
            } else {
                self.carry(&mut conn, rows).await?;
                poll = SHORTEST_POLL;
            }
            // A new connection may be to a broker that came back with less.
            let reconnected = connects != self.connects();
            if reconnected || repaired.elapsed() >= REPAIR_EVERY {
                connects = self.connects();
                repairs += 1;
                self.repair(&mut conn, reconnected || repairs % FULL_EVERY == 0).await?;
                repaired = Instant::now();
            }
        }
    }
}

impl Relay {
    fn connects(&self) -> u64 {
        self.jetstream.client().statistics().connects.load(Ordering::Relaxed)
    }
}

/// The next rows to publish, in the order in which they were appended.
async fn claim(conn: &mut PgConnection) -> Result<Vec<Row>, BoxError> {
    let rows = sqlx::query!(
        "select seq, event_id, stream, subject, kind, source, aggregate, version, time, traceparent, payload
         from platform.outbox where published_at is null order by seq limit $1",
        CLAIM,
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", row.event_id.to_string());
        headers.insert("ce-specversion", "1.0");
        headers.insert("ce-id", row.event_id.to_string());
        headers.insert("ce-source", row.source);
        headers.insert("ce-type", row.kind);
        headers.insert("ce-subject", row.aggregate);
        headers.insert("ce-time", row.time.to_jiff().to_string());
        headers.insert("ce-aggregateversion", row.version.to_string());
        headers.insert("content-type", "application/json");
        if let Some(traceparent) = row.traceparent {
            headers.insert("traceparent", traceparent);
        }
        Row {
            seq: row.seq,
            event_id: row.event_id,
            stream: row.stream,
            subject: row.subject,
            headers,
            payload: row.payload.into(),
        }
    });
    Ok(rows.collect())
}
