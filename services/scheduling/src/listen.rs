//! What this service hears, and what it does when the results go out.

use std::sync::Arc;

use contracts::{Fact as _, jury};
use jiff::Timestamp;
use notice::{Session, keys};
use platform::{
    calendar::Effects,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{commands, domain::Decision};

/// The jury's decisions, and the confirmation that they go out.
pub struct Facts {
    session: Arc<Session>,
}

impl Facts {
    /// Hears for `session`.
    #[must_use]
    pub const fn new(session: Arc<Session>) -> Self {
        Self { session }
    }
}

fn dossier_id(id: &str) -> Result<Uuid, HandleError> {
    id.parse().map_err(HandleError::reject)
}

#[tonic::async_trait]
impl Listener for Facts {
    fn subjects(&self) -> Vec<String> {
        vec![
            jury::AdmissibilityDecided::subject(),
            jury::AdmissibilityPublicationConfirmed::subject(),
            jury::CandidatureAnnulled::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let zone = &self.session.zone;
        if event.is::<jury::AdmissibilityDecided>() {
            let fact: jury::AdmissibilityDecided = event.decode()?;
            let dossier = dossier_id(&fact.dossier_id)?;
            if self.session.school(&fact.first_school).is_none() {
                return Err(HandleError::reject(format!("no school {:?} in this session", fact.first_school)));
            }
            let decision = Decision { admissible: fact.admissible, school: fact.first_school };
            return Ok(commands::decide(tx, zone, dossier, decision, event.version, event.time).await?);
        }
        if event.is::<jury::CandidatureAnnulled>() {
            let fact: jury::CandidatureAnnulled = event.decode()?;
            return Ok(commands::annul(tx, zone, dossier_id(&fact.dossier_id)?, event.time).await?);
        }
        if event.is::<jury::AdmissibilityPublicationConfirmed>() {
            let fact: jury::AdmissibilityPublicationConfirmed = event.decode()?;
            let publish_at = match fact.publish_at {
                Some(publish_at) => Timestamp::try_from(publish_at).map_err(HandleError::reject)?,
                None => event.time,
            };
            return Ok(commands::confirm_publication(tx, zone, event.time, publish_at).await?);
        }
        Ok(())
    }
}

/// At the admissibility results, every convocation is announced.
pub struct Results {
    session: Arc<Session>,
}

impl Results {
    /// Acts for `session`.
    #[must_use]
    pub const fn new(session: Arc<Session>) -> Self {
        Self { session }
    }
}

#[tonic::async_trait]
impl Effects for Results {
    fn keys(&self) -> Vec<String> {
        vec![keys::ADMISSIBILITY_RESULTS.to_owned()]
    }

    async fn at(&self, tx: &mut Tx, key: &str, due: Timestamp) -> Result<(), HandleError> {
        if key == keys::ADMISSIBILITY_RESULTS {
            commands::publish_results(tx, &self.session.zone, due).await?;
        }
        Ok(())
    }
}
