//! Hears which version of the calendar each service has taken as its own.

use contracts::{calendar_acknowledged_subject, machinery::CalendarAcknowledged};
use jiff_sqlx::ToSqlx as _;
use platform::{
    clock::Clock,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};

/// The listener.
pub struct Acknowledgements {
    /// The present instant, kept with each acknowledgement.
    pub clock: Clock,
}

#[tonic::async_trait]
impl Listener for Acknowledgements {
    fn subjects(&self) -> Vec<String> {
        vec![calendar_acknowledged_subject("*")]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        // Told by every service under its own name, so it is no fact of one service.
        let heard: CalendarAcknowledged = serde_json::from_slice(&event.data).map_err(HandleError::reject)?;
        let at = self.clock.now().to_sqlx();
        crate::store::acknowledge(tx.conn(), &heard.service, heard.version, at).await?;
        Ok(())
    }
}
