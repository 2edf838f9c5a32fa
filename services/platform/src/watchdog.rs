//! Alarms, and the watch over what waits: deliveries, outbox, audit chain, calendar, windows.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_nats::jetstream;
use contracts::subjects;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge},
};
use tokio_util::sync::CancellationToken;

use crate::{calendar, clock::Clock, db::Db, inbox::BoxError};

/// How often it looks, in real time; at once at the start, so that a process that was restarted is not unseen meanwhile.
const EVERY: Duration = Duration::from_secs(30);

/// Something a person should look at: an error in the log and a count that alerts go by.
pub fn alarm(kind: &'static str, message: &str) {
    static ALARMS: OnceLock<Counter<u64>> = OnceLock::new();
    let alarms = ALARMS.get_or_init(|| {
        opentelemetry::global::meter("platform")
            .u64_counter("platform.alarms")
            .with_unit("{alarm}")
            .with_description("Things a person should look at, by kind")
            .build()
    });
    alarms.add(1, &[KeyValue::new("kind", kind)]);
    tracing::error!(alarm = kind, "{message}");
}

/// How far a consumer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deliveries {
    /// At the broker, or delivered and not acknowledged.
    waiting: u64,
    /// Stream sequence up to which everything is acknowledged.
    floor: u64,
}

impl Deliveries {
    fn stalled_since(self, then: Self) -> bool {
        self.waiting > then.waiting && self.floor == then.floor
    }
}

struct Gauges {
    pending: Gauge<u64>,
    unpublished: Gauge<u64>,
    age: Gauge<f64>,
    unchained: Gauge<u64>,
    set_aside: Gauge<u64>,
    overdue: Gauge<f64>,
    remaining: Gauge<f64>,
}

impl Gauges {
    fn new() -> Self {
        let meter = opentelemetry::global::meter("platform");
        Self {
            pending: meter
                .u64_gauge("platform.inbox.pending")
                .with_unit("{event}")
                .with_description("Events at the broker, or delivered, that are not acknowledged")
                .build(),
            unpublished: meter
                .u64_gauge("platform.outbox.unpublished")
                .with_unit("{event}")
                .with_description("Facts that the broker has not acknowledged")
                .build(),
            age: meter
                .f64_gauge("platform.outbox.age")
                .with_unit("s")
                .with_description("Since when the first of them waits; 0 if none does")
                .build(),
            unchained: meter
                .u64_gauge("platform.audit.unchained")
                .with_unit("{entry}")
                .with_description("Audit entries that are not in the hash chain yet")
                .build(),
            set_aside: meter
                .u64_gauge("platform.set_aside")
                .with_unit("{event}")
                .with_description("Events that wait for a person")
                .build(),
            overdue: meter
                .f64_gauge("platform.calendar.overdue")
                .with_unit("s")
                .with_description(
                    "Since when the first transition waits for what this service does at it; 0 if none does",
                )
                .build(),
            remaining: meter
                .f64_gauge("platform.window.remaining")
                .with_unit("s")
                .with_description("Until a window closes; negative once it should have")
                .build(),
        }
    }
}

/// What is watched: one service.
pub(crate) struct Watch {
    pub db: Db,
    pub jetstream: jetstream::Context,
    pub clock: Clock,
    /// It hears something: there is a consumer to ask about.
    pub hears: bool,
    /// Transitions it acts on.
    pub keys: Arc<[String]>,
}

impl Watch {
    /// Watches until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let gauges = Gauges::new();
        let mut before: Option<Deliveries> = None;
        loop {
            match self.look(&gauges).await {
                Ok(now) => {
                    if let (Some(then), Some(now)) = (before, now)
                        && now.stalled_since(then)
                    {
                        alarm(
                            "consumer_stalled",
                            &format!("nothing is acknowledged while more waits: {then:?}, {now:?}"),
                        );
                    }
                    before = now;
                }
                Err(error) => tracing::debug!(%error, "the watch could not look"),
            }
            if stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
                return;
            }
        }
    }

    async fn look(&self, gauges: &Gauges) -> Result<Option<Deliveries>, BoxError> {
        let mut conn = self.db.read().await?;
        let row = sqlx::query!(
            r#"select (select count(*) from platform.outbox where published_at is null) as "unpublished!",
                      coalesce((select extract(epoch from clock_timestamp() - coalesce(appended_at, time))
                                from platform.outbox where published_at is null order by seq limit 1),
                               0)::float8 as "age!",
                      (select count(*) from platform.set_aside where replayed_at is null) as "set_aside!",
                      (select count(*) from platform.audit where position is null) as "unchained!""#
        )
        .fetch_one(&mut *conn)
        .await?;
        let now = self.clock.now();
        let first = calendar::first_unhandled(&mut conn, &self.keys).await?;
        let windows = calendar::closings(&mut conn).await?;
        drop(conn);
        gauges.unpublished.record(row.unpublished.cast_unsigned(), &[]);
        gauges.age.record(row.age.max(0.0), &[]);
        gauges.set_aside.record(row.set_aside.cast_unsigned(), &[]);
        gauges.unchained.record(row.unchained.cast_unsigned(), &[]);
        gauges.overdue.record(first.map_or(0.0, |due| now.duration_since(due).as_secs_f64().max(0.0)), &[]);
        for (window, closes) in windows {
            gauges.remaining.record(closes.duration_since(now).as_secs_f64(), &[KeyValue::new("window", window)]);
        }
        if !self.hears {
            return Ok(None);
        }
        let stream = self.jetstream.get_stream_no_info(subjects::FACTS).await?;
        let info = stream.consumer_info(self.db.service()).await?;
        let waiting = info.num_pending + info.num_ack_pending as u64;
        gauges.pending.record(waiting, &[]);
        Ok(Some(Deliveries { waiting, floor: info.ack_floor.stream_sequence }))
    }
}

#[cfg(test)]
mod tests {
    use super::Deliveries;

    #[test]
    fn stalled_is_more_waiting_over_a_floor_that_stands_still() {
        let then = Deliveries { waiting: 10, floor: 100 };
        let now = |waiting, floor| Deliveries { waiting, floor };
        assert!(now(11, 100).stalled_since(then));
        assert!(!now(11, 101).stalled_since(then), "slow, but it moves");
        assert!(!now(10, 100).stalled_since(then), "one long piece of work");
        assert!(!now(0, 100).stalled_since(then));
    }
}
