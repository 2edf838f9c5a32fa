//! Who bears a name: asked of intake when another route's list is imported (R15), never stored.

use contracts::intake::{FindByNameRequest, intake_client::IntakeClient};
use platform::{peers::PeerChannel, refusal::Refusal};
use uuid::Uuid;

/// Finds dossiers by their candidate's name.
#[tonic::async_trait]
pub trait Names: Send + Sync + 'static {
    /// Dossiers whose candidate bears that name.
    ///
    /// # Errors
    /// The names cannot be asked now.
    async fn find(&self, name: String) -> Result<Vec<Uuid>, Refusal>;
}

/// Intake, which has the names.
pub struct AtIntake(IntakeClient<PeerChannel>);

impl AtIntake {
    /// Over that channel.
    #[must_use]
    pub fn new(channel: PeerChannel) -> Self {
        Self(IntakeClient::new(channel))
    }
}

#[tonic::async_trait]
impl Names for AtIntake {
    async fn find(&self, name: String) -> Result<Vec<Uuid>, Refusal> {
        let reply = self.0.clone().find_by_name(FindByNameRequest { text: name }).await.map_err(|status| {
            // The status may quote the question, which holds a name: only its code is logged.
            tracing::warn!(code = ?status.code(), "intake did not find by name");
            Refusal::retry_later("INTAKE_UNAVAILABLE", "intake", "names cannot be looked up now; try again")
        })?;
        Ok(reply.into_inner().contacts.into_iter().filter_map(|contact| contact.dossier_id.parse().ok()).collect())
    }
}
