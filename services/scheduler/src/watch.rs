//! Alarms when a service has not taken a move as its own while that still matters (R5); measures what is due and has not
//! fired.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::SignedDuration;
use opentelemetry::KeyValue;
use platform::{
    clock::Clock,
    db::{Db, DbError},
};
use tokio_util::sync::CancellationToken;

use crate::{domain, queries};

/// How often it looks, in real time; far below any patience.
const EVERY: Duration = Duration::from_secs(1);

/// Watches until `stop`.
pub async fn run(db: Db, clock: Clock, expects: Arc<[String]>, patience: SignedDuration, stop: CancellationToken) {
    let meter = opentelemetry::global::meter("scheduler");
    let gauge = meter
        .u64_gauge("scheduler.calendar.unacknowledged")
        .with_unit("{service}")
        .with_description("Services that have not taken the last move as their own")
        .build();
    let late = meter
        .f64_gauge("scheduler.overdue")
        .with_unit("s")
        .with_description("Since when the first pending transition is due; 0 if none is")
        .build();
    let alarms = meter
        .u64_counter("scheduler.calendar.alarms")
        .with_unit("{alarm}")
        .with_description("Acknowledgements of a move that were missing when they mattered, by service")
        .build();
    let mut told = BTreeSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        // Not what fired late, but what has not fired: a calendar that stands measures nothing else.
        match queries::next_due(&db).await {
            Ok(due) => late.record(due.map_or(0.0, |due| clock.now().duration_since(due).as_secs_f64().max(0.0)), &[]),
            Err(error) => tracing::warn!(%error, "what is due could not be read"),
        }
        match look(&db, &clock, &expects, patience).await {
            Ok((unacknowledged, overdue)) => {
                gauge.record(unacknowledged, &[]);
                for (service, version) in overdue {
                    if told.insert((service.clone(), version)) {
                        alarms.add(1, &[KeyValue::new("expected_service", service.clone())]);
                        tracing::error!(
                            alarm = "calendar_unacknowledged",
                            service,
                            version,
                            "a service has not taken a move of the calendar as its own"
                        );
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "acknowledgements could not be read"),
        }
    }
}

/// How many lack the last move, and whose lack of which version is overdue.
async fn look(
    db: &Db,
    clock: &Clock,
    expects: &[String],
    patience: SignedDuration,
) -> Result<(u64, Vec<(String, u64)>), DbError> {
    let moved = queries::moved(db).await?;
    let Some(last) = moved.iter().map(|m| m.version).max() else { return Ok((0, Vec::new())) };
    let acknowledged = queries::acknowledged(db).await?;
    let now = clock.now();
    let overdue = moved
        .iter()
        .filter(|m| domain::overdue(m, now, patience))
        .flat_map(|m| domain::missing(expects, &acknowledged, m.version).into_iter().map(|s| (s.to_owned(), m.version)))
        .collect();
    Ok((domain::missing(expects, &acknowledged, last).len() as u64, overdue))
}
