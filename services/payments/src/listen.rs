//! Event → command.

use std::any::Any;

use contracts::{Fact as _, intake, payments as own};
use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar::Effects,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{
    app::App,
    commands::{hear_dossier, place_by_name},
    domain::account::Entry,
    wire,
};

/// Hears intake's facts about dossiers.
pub struct Dossiers(
    /// The service's hands.
    pub App,
);

fn uuid(text: &str) -> Result<Uuid, HandleError> {
    text.parse().map_err(|_| HandleError::reject(format!("`{text}` is not a UUID")))
}

fn instant(at: Option<contracts::Timestamp>, event: &Envelope) -> Result<Timestamp, HandleError> {
    at.map_or(Ok(event.time), |at| Timestamp::try_from(at).map_err(HandleError::reject))
}

#[tonic::async_trait]
impl Listener for Dossiers {
    fn subjects(&self) -> Vec<String> {
        vec![
            intake::DossierOpened::subject(),
            intake::FeeClaimed::subject(),
            intake::DossierClosed::subject(),
            intake::DossierNotClosed::subject(),
            intake::DossierAbandoned::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let fee = self.0.fee();
        if event.is::<intake::DossierOpened>() {
            let fact: intake::DossierOpened = event.decode()?;
            let at = instant(fact.opened_at, event)?;
            return hear_dossier::opened(tx, uuid(&fact.dossier_id)?, fact.number, fee, at).await;
        }
        let mut attestation = None;
        let (dossier, entry, at) = if event.is::<intake::FeeClaimed>() {
            let fact: intake::FeeClaimed = event.decode()?;
            let claim = wire::claim(fact.claim());
            let claim = claim.ok_or_else(|| HandleError::reject("a claim that this version does not know"))?;
            if !fact.attestation_piece_id.is_empty() {
                attestation = Some(uuid(&fact.attestation_piece_id)?);
            }
            (fact.dossier_id, Entry::Claimed { claim, school: fact.payee_school }, fact.claimed_at)
        } else if event.is::<intake::DossierClosed>() {
            let fact: intake::DossierClosed = event.decode()?;
            let claim = wire::claim(fact.fee_claim());
            (fact.dossier_id, Entry::Closed { school: fact.first_school, claim }, fact.closed_at)
        } else if event.is::<intake::DossierAbandoned>() {
            let fact: intake::DossierAbandoned = event.decode()?;
            (fact.dossier_id, Entry::NotACandidature, fact.at)
        } else {
            let fact: intake::DossierNotClosed = event.decode()?;
            (fact.dossier_id, Entry::NotACandidature, fact.at)
        };
        if let Entry::Claimed { school, .. } | Entry::Closed { school, .. } = &entry
            && self.0.session.school(school).is_none()
        {
            return Err(HandleError::reject(format!("`{school}` is no school of this session")));
        }
        hear_dossier::told(tx, uuid(&dossier)?, (entry, attestation), fee, instant(at, event)?).await
    }
}

/// Looks for the payer of a line by name.
pub struct Payers(
    /// The service's hands.
    pub App,
);

#[tonic::async_trait]
impl Listener for Payers {
    fn subjects(&self) -> Vec<String> {
        vec![own::LineQueued::subject()]
    }

    async fn before(&self, event: &Envelope) -> Result<Option<Box<dyn Any + Send>>, HandleError> {
        let fact: own::LineQueued = event.decode()?;
        let found = place_by_name::search(&self.0, uuid(&fact.line_id)?).await?;
        Ok(found.map(|ids| Box::new(ids) as Box<dyn Any + Send>))
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let fact: own::LineQueued = event.decode()?;
        let Some(found) = tx.prepared::<Vec<Uuid>>() else { return Ok(()) };
        place_by_name::place_by_name(&self.0, tx, uuid(&fact.line_id)?, &found, event.time).await
    }
}

/// Lists unsettled fees at their instant (R22).
pub struct Milestones(
    /// The service's hands.
    pub App,
);

#[tonic::async_trait]
impl Effects for Milestones {
    fn keys(&self) -> Vec<String> {
        vec![keys::FEES_LISTED.to_owned()]
    }

    async fn at(&self, tx: &mut Tx, _key: &str, due: Timestamp) -> Result<(), HandleError> {
        Ok(hear_dossier::list_unsettled(tx, self.0.fee(), due).await?)
    }
}
