//! Replacing every process of the platform in turn, as a rolling upgrade does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::World;
use crate::failure::Failure;

/// How long a new process may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Stops each process with SIGTERM and starts another in its place, one after the other and again from the first, until
    /// told to `stop`: at least every one once. The next goes when the last one is ready. Answers how many were replaced.
    ///
    /// # Errors
    /// When one does not come back.
    pub async fn replace_all(&self, stop: &AtomicBool) -> Result<usize, Failure> {
        let mut replaced = 0;
        loop {
            for (service, process, channel) in self.each() {
                let process = Arc::clone(process);
                // It drains while the session goes on.
                let done = tokio::task::spawn_blocking(move || process.replace()).await;
                done.map_err(|e| Failure::unexpected("campaign", service, "a new process", e.to_string()))??;
                let began = Instant::now();
                while !ready(channel).await {
                    if began.elapsed() > PATIENCE {
                        let seconds = PATIENCE.as_secs();
                        return Err(Failure::Silent { what: service.into(), seconds, last: "not ready".into() });
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                replaced += 1;
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(replaced);
            }
        }
    }
}

async fn ready(channel: &tonic::transport::Channel) -> bool {
    let reply = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
    reply.is_ok_and(|reply| reply.into_inner().status() == ServingStatus::Serving)
}
