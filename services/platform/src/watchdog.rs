//! Alarms, and the watch over deliveries: pending that grows while nothing is acknowledged.

use std::{sync::OnceLock, time::Duration};

use async_nats::jetstream;
use contracts::subjects;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge},
};
use tokio_util::sync::CancellationToken;

use crate::{db::Db, inbox::BoxError};

/// How often it looks, in real time.
const EVERY: Duration = Duration::from_secs(30);

/// Something a person should look at: an error in the log and a count that alerts go by.
pub fn alarm(kind: &'static str, message: &str) {
    static ALARMS: OnceLock<Counter<u64>> = OnceLock::new();
    let alarms = ALARMS.get_or_init(|| {
        opentelemetry::global::meter("platform")
            .u64_counter("platform.alarms")
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
    unchained: Gauge<u64>,
    set_aside: Gauge<u64>,
}

/// Watches one service until `stop`.
pub(crate) async fn run(db: Db, jetstream: jetstream::Context, hears: bool, stop: CancellationToken) {
    let meter = opentelemetry::global::meter("platform");
    let gauges = Gauges {
        pending: meter.u64_gauge("platform.inbox.pending").build(),
        unpublished: meter.u64_gauge("platform.outbox.unpublished").build(),
        unchained: meter.u64_gauge("platform.audit.unchained").build(),
        set_aside: meter.u64_gauge("platform.set_aside").build(),
    };
    let mut before: Option<Deliveries> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match look(&db, &jetstream, hears, &gauges).await {
            Ok(now) => {
                if let (Some(then), Some(now)) = (before, now)
                    && now.stalled_since(then)
                {
                    alarm("consumer_stalled", &format!("nothing is acknowledged while more waits: {then:?}, {now:?}"));
                }
                before = now;
            }
            Err(error) => tracing::debug!(%error, "the watch could not look"),
        }
    }
}

async fn look(
    db: &Db,
    jetstream: &jetstream::Context,
    hears: bool,
    gauges: &Gauges,
) -> Result<Option<Deliveries>, BoxError> {
    let mut conn = db.read().await?;
    let row = sqlx::query!(
        r#"select (select count(*) from platform.outbox where published_at is null) as "unpublished!",
                  (select count(*) from platform.set_aside where replayed_at is null) as "set_aside!",
                  (select count(*) from platform.audit where position is null) as "unchained!""#
    )
    .fetch_one(&mut *conn)
    .await?;
    drop(conn);
    gauges.unpublished.record(row.unpublished.cast_unsigned(), &[]);
    gauges.set_aside.record(row.set_aside.cast_unsigned(), &[]);
    gauges.unchained.record(row.unchained.cast_unsigned(), &[]);
    if !hears {
        return Ok(None);
    }
    let stream = jetstream.get_stream_no_info(subjects::FACTS).await?;
    let info = stream.consumer_info(db.service()).await?;
    let waiting = info.num_pending + info.num_ack_pending as u64;
    gauges.pending.record(waiting, &[]);
    Ok(Some(Deliveries { waiting, floor: info.ack_floor.stream_sequence }))
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
