//! What this service hears.

use std::sync::Arc;

use contracts::{Fact as _, intake, jury};
use jiff::Timestamp;
use notice::Session;
use platform::{
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{
    commands::{
        AssessFailed, ClosedDossier, Determination, assess_dossier, confirm_publication, record_determinations,
    },
    wire,
};

/// Dossiers closed, and what the jury decided about them.
pub struct Facts {
    session: Arc<Session>,
}

impl Facts {
    /// Assesses by `session`.
    #[must_use]
    pub const fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn closed(&self, tx: &mut Tx, fact: intake::DossierClosed, at: Timestamp) -> Result<(), HandleError> {
        let dossier = dossier_id(&fact.dossier_id)?;
        let closed_at = match fact.closed_at {
            Some(closed_at) => Timestamp::try_from(closed_at).map_err(HandleError::reject)?,
            None => at,
        };
        let title = fact.title.map(wire::stated_title).ok_or_else(|| HandleError::reject("no title"))?;
        let closed = ClosedDossier { dossier, title, schools: fact.schools, closed_at };
        match assess_dossier(tx, &self.session, &closed).await {
            Ok(()) => Ok(()),
            Err(AssessFailed::Db(error)) => Err(error.into()),
            Err(refused @ AssessFailed::Title(_)) => Err(HandleError::reject(refused)),
        }
    }
}

fn dossier_id(id: &str) -> Result<Uuid, HandleError> {
    id.parse().map_err(HandleError::reject)
}

#[tonic::async_trait]
impl Listener for Facts {
    fn subjects(&self) -> Vec<String> {
        vec![
            intake::DossierClosed::subject(),
            jury::AdmissibilityDecided::subject(),
            jury::AdmissibilityPublicationConfirmed::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        if event.is::<intake::DossierClosed>() {
            return self.closed(tx, event.decode()?, event.time).await;
        }
        if event.is::<jury::AdmissibilityDecided>() {
            let fact: jury::AdmissibilityDecided = event.decode()?;
            let dossier = dossier_id(&fact.dossier_id)?;
            let found: Vec<_> = fact
                .determinations
                .into_iter()
                .map(|d| Determination { school: d.school, recevable: d.recevable, reason: d.reason })
                .collect();
            return Ok(record_determinations(tx, dossier, event.version, &found, event.time).await?);
        }
        if event.is::<jury::AdmissibilityPublicationConfirmed>() {
            let fact: jury::AdmissibilityPublicationConfirmed = event.decode()?;
            let publish_at = match fact.publish_at {
                Some(publish_at) => Timestamp::try_from(publish_at).map_err(HandleError::reject)?,
                None => event.time,
            };
            return Ok(confirm_publication(tx, event.time, publish_at).await?);
        }
        Ok(())
    }
}
