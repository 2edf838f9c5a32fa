//! How mail leaves, in numbers.

use std::time::Duration;

use opentelemetry::{KeyValue, global};
use tokio_util::sync::CancellationToken;

use crate::{app::App, store};

/// Counts mails until `stop`, once for every time that metrics are sent.
pub(crate) async fn run(app: &App, every: Duration, stop: CancellationToken) {
    let meter = global::meter("notifier");
    let mails = meter.u64_gauge("notifier.mails").with_unit("{mail}").with_description("Mails by state").build();
    let delay = meter
        .f64_gauge("notifier.delay")
        .with_unit("s")
        .with_description(
            "Since when the first mail that has not left was asked for, its turn being come; 0 if none waits",
        )
        .build();
    loop {
        match store::measured(&app.db, app.clock.now()).await {
            Ok(measured) => {
                for (state, count) in measured.by_state {
                    mails.record(count, &[KeyValue::new("state", state)]);
                }
                delay.record(measured.delay.as_secs_f64(), &[]);
            }
            Err(error) => tracing::debug!(%error, "mails could not be counted"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(every)).await.is_none() {
            return;
        }
    }
}
