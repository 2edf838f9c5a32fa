//! Whether this process can serve: `grpc.health.v1`, as probes and load balancers read it.
//!
//! The overall service `""` and the service's own name serve only while the database answers and nothing is being drained;
//! `liveness` serves as long as the process runs, so that a database outage restarts nobody. A broker that is away keeps
//! nobody from acting: what is to be told waits in the outbox, and an alarm says so.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::machinery::Machinery;

/// Name under which a liveness probe asks.
pub const LIVENESS: &str = "liveness";

/// How often the dependencies are asked.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// A dependency that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reports readiness under the overall name and `service`.
#[derive(Clone)]
pub(crate) struct Health {
    reporter: HealthReporter,
    service: &'static str,
}

impl Health {
    /// Not ready yet.
    pub(crate) async fn new(reporter: HealthReporter, service: &'static str) -> Self {
        let health = Self { reporter, service };
        health.set(ServingStatus::NotServing).await;
        health.reporter.set_service_status(LIVENESS, ServingStatus::Serving).await;
        health
    }

    /// Ends the streams on which others follow our health, which would keep connections open for ever.
    pub(crate) async fn close(&mut self) {
        for name in ["", self.service, LIVENESS] {
            self.reporter.clear_service_status(name).await;
        }
    }

    async fn set(&self, status: ServingStatus) {
        self.reporter.set_service_status("", status).await;
        self.reporter.set_service_status(self.service, status).await;
    }

    /// Follows the dependencies until `draining`, then says "not serving" for good.
    pub(crate) async fn follow(self, machinery: Machinery, draining: CancellationToken) {
        let mut serving = false;
        // One slow answer is a busy moment; two in a row are an outage.
        let mut misses = 0;
        let watch = async {
            loop {
                let answer = match tokio::time::timeout(PATIENCE, machinery.reachable()).await {
                    Ok(answer) => answer,
                    Err(_) => Err("no answer in time".to_owned()),
                };
                misses = if answer.is_ok() { 0 } else { misses + 1 };
                if answer.is_ok() != serving && (misses == 0 || misses >= 2) {
                    serving = answer.is_ok();
                    match answer {
                        Ok(()) => tracing::info!("ready"),
                        Err(error) => tracing::warn!(error, "not ready"),
                    }
                    self.set(if serving { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        };
        draining.run_until_cancelled(watch).await;
        self.set(ServingStatus::NotServing).await;
    }
}
