//! Watches how far our clock is from the database's, which every replica shares.

use std::time::Duration;

use jiff_sqlx::Timestamp as SqlTimestamp;
use opentelemetry::global;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock},
    db::Db,
};

const ASK_EVERY: Duration = Duration::from_secs(30);

/// Compares the clocks at once and every thirty seconds, measures the difference and alarms past 50 ms: a stamp of
/// receipt taken here could then contradict one taken elsewhere.
pub(super) async fn watch(db: Db, clock: Clock, stop: CancellationToken) {
    let gauge = global::meter("platform")
        .f64_gauge("platform.clock.skew")
        .with_unit("s")
        .with_description("Our clock minus the database's")
        .build();
    loop {
        if let Some(skew) = measure(&db, &clock).await {
            gauge.record(skew.as_secs_f64(), &[]);
            if skew.abs() > clock::SKEW_ALARM {
                tracing::error!(alarm = "clock_skew", millis = skew.as_millis(), "our clock is off the database's");
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await.is_none() {
            return;
        }
    }
}

async fn measure(db: &Db, clock: &Clock) -> Option<jiff::SignedDuration> {
    let mut conn = db.read().await.ok()?;
    let before = clock.now();
    // Unchecked on purpose: it names no table.
    let theirs: SqlTimestamp = sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut *conn).await.ok()?;
    Some(clock::skew(before, theirs.to_jiff(), clock.now()))
}
