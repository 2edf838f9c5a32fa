//! The simulated clock of all services at once.

use std::{fs, sync::PoisonError, time::Duration};

use contracts::machinery::{AdvanceRequest, simulated_clock_client::SimulatedClockClient};
use jiff::Timestamp;
use tonic::transport::Channel;

use super::{World, ask::Who};
use crate::failure::Failure;

impl World {
    /// Sets the clock everywhere. Returns once every service holds the instant; a service that is being restarted is
    /// waited for, and starts from the file, which is written first.
    ///
    /// # Errors
    /// When a service does not take it; [`Failure::Reached`] where the play was to stop on the way there.
    pub async fn advance(&self, to: Timestamp) -> Result<(), Failure> {
        match self.until {
            Some(until) if to > until => {
                // The acts before it may have gone further already, by a service that ran ahead.
                self.set(until.max(self.now())).await?;
                Err(Failure::Reached(until))
            }
            _ => self.set(to).await,
        }
    }

    async fn set(&self, to: Timestamp) -> Result<(), Failure> {
        let new = self.clock_file.with_extension("new");
        fs::write(&new, to.to_string()).map_err(Failure::io("writing the clock"))?;
        fs::rename(&new, &self.clock_file).map_err(Failure::io("writing the clock"))?;
        for (service, _, channel) in self.each() {
            self.tell(service, channel, to).await?;
        }
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = to;
        Ok(())
    }

    /// Sets the clock of one service, which then runs ahead of the others until [`World::advance`].
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn advance_only(&self, service: &'static str, to: Timestamp) -> Result<(), Failure> {
        for (_, _, channel) in self.each().filter(|(name, _, _)| *name == service) {
            self.tell(service, channel, to).await?;
        }
        Ok(())
    }

    async fn tell(&self, service: &str, channel: &Channel, to: Timestamp) -> Result<(), Failure> {
        let mut operator = Who::role(contracts::roles::OPERATOR, "clock");
        for attempt in 1.. {
            let held = self
                .ask(&operator, AdvanceRequest { to: Some(to.into()) }, |request| {
                    let mut client = SimulatedClockClient::new(channel.clone());
                    async move { client.advance(request).await }
                })
                .await;
            match held {
                Ok(_) => break,
                // Restarted in between: it has read the newer file already, and a token of the old instant is dead.
                Err(status) if attempt < 6 => {
                    operator.issued_at = if attempt % 2 == 1 { Some(to) } else { None };
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    tracing::debug!(service, code = ?status.code(), "the clock was not taken, trying again");
                }
                Err(status) => return Err(Failure::refused(service, "advance", &status)),
            }
        }
        Ok(())
    }

    /// Advances and waits until everything that follows of it has been done.
    ///
    /// # Errors
    /// When a service does not take the clock or does not come to rest.
    pub async fn advance_and_settle(&self, to: Timestamp) -> Result<(), Failure> {
        self.advance(to).await?;
        self.settle().await
    }
}
