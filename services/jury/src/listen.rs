//! Event → projection: what the jury hears, and what it does at transitions.

use contracts::{
    Fact, eligibility,
    intake::{self, Verdict},
    integration, payments,
};
use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar::Effects,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{
    commands::{Refused, publish_due},
    store::{
        StoreError,
        heard::{self, Assessed, Closed},
    },
};

/// Hears the facts the jury decides on.
pub struct Heard;

fn id(given: &str) -> Result<Uuid, HandleError> {
    given.parse().map_err(|_| HandleError::reject(format!("{given:?} is no dossier id")))
}

fn failed(error: StoreError) -> HandleError {
    match error {
        StoreError::Db(error) => HandleError::Db(error),
        StoreError::Alien { .. } => HandleError::reject(error),
    }
}

#[tonic::async_trait]
impl Listener for Heard {
    fn subjects(&self) -> Vec<String> {
        vec![
            intake::DossierClosed::subject(),
            intake::DossierVerified::subject(),
            eligibility::RecevabiliteAssessed::subject(),
            payments::FeeChanged::subject(),
            integration::PeriodComputed::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        if event.is::<intake::DossierClosed>() {
            dossier_closed(tx, &event.decode()?, event.version).await
        } else if event.is::<intake::DossierVerified>() {
            dossier_verified(tx, &event.decode()?, event.version).await
        } else if event.is::<eligibility::RecevabiliteAssessed>() {
            recevabilite_assessed(tx, &event.decode()?, event.version).await
        } else if event.is::<payments::FeeChanged>() {
            fee_changed(tx, &event.decode()?, event.version).await
        } else if event.is::<integration::PeriodComputed>() {
            period_computed(tx, &event.decode()?, event.version).await
        } else {
            Ok(())
        }
    }
}

async fn dossier_closed(tx: &mut Tx, fact: &intake::DossierClosed, version: u64) -> Result<(), HandleError> {
    let closed_at = fact.closed_at.and_then(|at| Timestamp::try_from(at).ok());
    let title = fact.title.clone().unwrap_or_default();
    let dossier = Closed {
        dossier: id(&fact.dossier_id)?,
        number: fact.number,
        filiere: fact.filiere.clone(),
        diploma: title.diploma,
        mention: title.mention,
        equivalent_to: title.equivalent_to,
        first_school: fact.first_school.clone(),
        schools: fact.schools.clone(),
        other_route_declared: fact.other_route_declared,
        closed_at: closed_at.ok_or_else(|| HandleError::reject("a dossier closed at no instant"))?,
    };
    heard::closed(tx.conn(), &dossier, version).await.map_err(failed)
}

async fn dossier_verified(tx: &mut Tx, fact: &intake::DossierVerified, version: u64) -> Result<(), HandleError> {
    let verdict = fact.verdict().as_str_name();
    let verdict = verdict.strip_prefix("VERDICT_").filter(|_| fact.verdict() != Verdict::Unspecified);
    // A verdict of a later version of the contract says nothing here; the one before stands.
    let Some(verdict) = verdict else { return Ok(()) };
    heard::verified(tx.conn(), id(&fact.dossier_id)?, verdict, version).await.map_err(failed)
}

async fn recevabilite_assessed(
    tx: &mut Tx,
    fact: &eligibility::RecevabiliteAssessed,
    version: u64,
) -> Result<(), HandleError> {
    use eligibility::Recevabilite;
    let mut schools = Vec::with_capacity(fact.schools.len());
    for school in &fact.schools {
        let reading = match school.recevabilite() {
            Recevabilite::Open => "open",
            Recevabilite::Closed => "closed",
            Recevabilite::ForJury => "for_jury",
            // Not known yet is for the jury to find out: nothing is decided by a word we do not know.
            Recevabilite::Unspecified => continue,
        };
        schools.push(Assessed {
            school: school.school.clone(),
            reading,
            table: school.table.clone(),
            row: school.row.clone(),
        });
    }
    heard::assessed(tx.conn(), id(&fact.dossier_id)?, &schools, version).await.map_err(failed)
}

async fn fee_changed(tx: &mut Tx, fact: &payments::FeeChanged, version: u64) -> Result<(), HandleError> {
    let status = fact.status().as_str_name();
    let status = status.strip_prefix("FEE_STATUS_").unwrap_or(status);
    heard::fee_changed(tx.conn(), id(&fact.dossier_id)?, status, version).await.map_err(failed)
}

async fn period_computed(tx: &mut Tx, fact: &integration::PeriodComputed, version: u64) -> Result<(), HandleError> {
    for cell in &fact.cells {
        heard::computed(tx.conn(), fact.period, &cell.school, &cell.filiere, cell.taken, version)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// Publishes what was confirmed when its instant comes (R19).
pub struct AtTransitions;

#[tonic::async_trait]
impl Effects for AtTransitions {
    fn keys(&self) -> Vec<String> {
        vec![keys::ADMISSIBILITY_RESULTS.into()]
    }

    async fn at(&self, tx: &mut Tx, _key: &str, due: Timestamp) -> Result<(), HandleError> {
        publish_due(tx, due).await.map_err(|refused| match refused {
            Refused::Store(error) => failed(error),
            other => HandleError::reject(other),
        })
    }
}
