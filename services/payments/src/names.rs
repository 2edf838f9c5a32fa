//! Who bears a name that stands in a transfer: intake knows, and is asked outside any transaction (R23).

use contracts::intake::{FindByNameRequest, intake_client::IntakeClient};
use platform::{inbox::BoxError, peers::PeerChannel};
use uuid::Uuid;

/// Longest text that may be searched, in characters.
pub const MAX_SEARCHED: usize = 200;

/// Someone who knows the candidates' names.
#[tonic::async_trait]
pub trait Names: Send + Sync + 'static {
    /// Dossiers whose candidate's name stands in `text`, which has at most [`MAX_SEARCHED`] characters. Only ids come
    /// back: no name is kept here.
    async fn bearing(&self, text: &str) -> Result<Vec<Uuid>, BoxError>;
}

#[tonic::async_trait]
impl Names for IntakeClient<PeerChannel> {
    async fn bearing(&self, text: &str) -> Result<Vec<Uuid>, BoxError> {
        let reply = self.clone().find_by_name(FindByNameRequest { text: text.to_owned() }).await?;
        Ok(reply.into_inner().contacts.iter().map(|c| c.dossier_id.parse()).collect::<Result<_, _>>()?)
    }
}
