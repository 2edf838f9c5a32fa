//! How the deposits go, in numbers: dossiers by state, and each clôture as it happens.

use std::sync::OnceLock;

use opentelemetry::{KeyValue, global, metrics::Counter};
use tokio_util::sync::CancellationToken;

use crate::{app::App, store::everyone};

/// A dossier was closed: the rate of this is what the last evening is watched by.
pub(crate) fn closed() {
    static CLOSURES: OnceLock<Counter<u64>> = OnceLock::new();
    let closures = CLOSURES.get_or_init(|| {
        global::meter("intake")
            .u64_counter("intake.closures")
            .with_unit("{dossier}")
            .with_description("Dossiers closed by this process")
            .build()
    });
    closures.add(1, &[]);
}

/// Counts dossiers until `stop`, once for every time that metrics are sent.
pub(crate) async fn run(app: &App, every: std::time::Duration, stop: CancellationToken) {
    let dossiers = global::meter("intake")
        .u64_gauge("intake.dossiers")
        .with_unit("{dossier}")
        .with_description("Dossiers by state")
        .build();
    loop {
        match everyone::count(&app.db).await {
            Ok(counts) => {
                for (state, count) in counts {
                    dossiers.record(count, &[KeyValue::new("state", state)]);
                }
            }
            Err(error) => tracing::debug!(%error, "dossiers could not be counted"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(every)).await.is_none() {
            return;
        }
    }
}
