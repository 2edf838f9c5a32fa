//! Sleeps until the next pending instant and fires it.
//!
//! Every replica does the same; whoever takes the session's row first fires, the others find nothing due. After an
//! outage the transitions fire one after another in order, each dated by its due instant.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use platform::{clock::Clock, db::Db};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{commands::fire, domain::Fired, queries};

/// Another replica may have reopened a window, which makes an instant due that we do not sleep for: we look this often.
/// Everything else that changes lies later than what we sleep for.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Pause after a failure, doubled up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(50);
/// See [`PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// From this failure in a row on, it is an alarm.
const ALARM_FROM: u32 = 3;

/// Fires until `stop`. `changed` wakes it when this replica moved something; `told` is called after each commit with
/// how late that was.
pub async fn run(
    db: Db,
    clock: Clock,
    changed: Arc<Notify>,
    told: impl Fn(&Fired, SignedDuration) + Send + Sync,
    stop: CancellationToken,
) {
    let (mut failures, mut pause) = (0_u32, PAUSE);
    while !stop.is_cancelled() {
        match step(&db, &clock, &told).await {
            Ok(Step::Fired) => (failures, pause) = (0, PAUSE),
            Ok(Step::Wait(next)) => {
                (failures, pause) = (0, PAUSE);
                let due = async {
                    match next {
                        Some(next) => clock.sleep_until(next).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = changed.notified() => {}
                    () = due => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
            }
            Err(error) => {
                failures += 1;
                if failures >= ALARM_FROM {
                    tracing::error!(alarm = "calendar_stands", %error, failures, "the calendar cannot fire");
                } else {
                    tracing::warn!(%error, failures, "the calendar could not fire; trying again");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

enum Step {
    Fired,
    Wait(Option<Timestamp>),
}

async fn step(
    db: &Db,
    clock: &Clock,
    told: &(impl Fn(&Fired, SignedDuration) + Sync),
) -> Result<Step, platform::db::DbError> {
    // Read without a lock: only who finds something due asks for the row.
    let next = queries::next_due(db).await?;
    if next.is_none_or(|due| due > clock.now()) {
        return Ok(Step::Wait(next));
    }
    let Some(fired) = fire(db, clock.now()).await? else {
        return Ok(Step::Wait(queries::next_due(db).await?));
    };
    told(&fired, clock.now().duration_since(fired.due_at));
    Ok(Step::Fired)
}

/// Tells metrics and the log how late each transition fired.
pub fn measure() -> impl Fn(&Fired, SignedDuration) + Send + Sync {
    let lateness = opentelemetry::global::meter("scheduler")
        .f64_histogram("scheduler.lateness")
        .with_unit("s")
        .with_description("From a transition's due instant to the commit that fired it")
        .with_boundaries(platform::telemetry::SECONDS.to_vec())
        .build();
    move |fired, late| {
        lateness.record(late.as_secs_f64(), &[]);
        tracing::info!(key = %fired.key, due = %fired.due_at, late_seconds = late.as_secs_f64(), "transition fired");
    }
}
