//! Waiting until nothing is under way: outboxes empty, messages handled, effects of the calendar done.

use std::time::{Duration, Instant};

use contracts::machinery::{PendingReply, PendingRequest, operations_client::OperationsClient};

use super::{SERVICES, World, ask::Who, process::Process};
use crate::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(180);

impl World {
    /// Waits until no service has anything left to do. Two looks in a row must see nothing pending and nothing moved.
    ///
    /// # Errors
    /// When that does not come about.
    pub async fn settle(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut before: Option<Vec<PendingReply>> = None;
        loop {
            let mut now = Vec::new();
            for service in SERVICES {
                now.push(self.pending(service).await?);
            }
            let idle = |p: &PendingReply| {
                p.outbox_unpublished + p.consumer_pending + p.consumer_ack_pending + p.effects_pending + p.own_pending
                    == 0
            };
            if now.iter().all(idle) && before.as_ref() == Some(&now) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                let busy: Vec<String> =
                    SERVICES.iter().zip(&now).filter(|(_, p)| !idle(p)).map(|(s, p)| format!("{s}: {p:?}")).collect();
                return Err(Failure::Silent {
                    what: "rest".into(),
                    seconds: PATIENCE.as_secs(),
                    last: busy.join("; "),
                });
            }
            before = now.iter().all(idle).then_some(now);
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// What one service has still to do.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn pending(&self, service: &'static str) -> Result<PendingReply, Failure> {
        let operator = Who::role(contracts::roles::OPERATOR, "campaign");
        self.ask(&operator, PendingRequest {}, |request| {
            let mut client = OperationsClient::new(self.channel(service));
            async move { client.pending(request).await }
        })
        .await
        .map_err(|status| Failure::refused(service, "pending", &status))
    }

    /// Waits until every service answers.
    pub(super) async fn ready(&self) -> Result<(), Failure> {
        for service in SERVICES {
            let began = Instant::now();
            let operator = Who::role(contracts::roles::OPERATOR, "campaign");
            loop {
                let mut client = OperationsClient::new(self.channel(service));
                let request =
                    self.request(&operator, PendingRequest {}).map_err(|s| Failure::refused(service, "pending", &s))?;
                let Err(status) = client.pending(request).await else { break };
                let process = self.first(service);
                let alive = process.is_some_and(Process::alive);
                if !alive || began.elapsed() > PATIENCE {
                    let log = process.map(Process::log_tail).unwrap_or_default();
                    return Err(Failure::Silent {
                        what: service.into(),
                        seconds: began.elapsed().as_secs(),
                        last: format!("{status:?}\n{log}"),
                    });
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        Ok(())
    }
}
