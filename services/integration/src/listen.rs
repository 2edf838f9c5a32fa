//! What other services' facts do here. A fact may wait for another one (a table for its sign-off, a sign-off for orders
//! of schools): each is kept, and whichever comes last computes.

use std::sync::Arc;

use contracts::{Fact, intake, jury, machinery};
use jiff::Timestamp;
use platform::{
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{
    commands::{Regulation, annul, compute, reopen, settle_titles},
    store::{
        self,
        signed::{self, SignOff},
        titles::{self, Deposited},
    },
};

/// Hears intake, the jury and the calendar.
pub struct Listen {
    /// The session.
    pub regulation: Arc<Regulation>,
}

#[tonic::async_trait]
impl Listener for Listen {
    fn subjects(&self) -> Vec<String> {
        vec![
            intake::DossierClosed::subject(),
            intake::PreferencesReleased::subject(),
            intake::LatePieceDeposited::subject(),
            jury::TableSigned::subject(),
            jury::AdmissionSigned::subject(),
            jury::AdmissionPublicationConfirmed::subject(),
            jury::SeatsSet::subject(),
            jury::SupernumeraryGranted::subject(),
            jury::CandidatureAnnulled::subject(),
            machinery::CalendarChanged::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let computes = if event.is::<intake::DossierClosed>() {
            dossier_closed(tx, &event.decode()?).await?
        } else if event.is::<intake::PreferencesReleased>() {
            preferences_released(tx, &event.decode()?).await?
        } else if event.is::<intake::LatePieceDeposited>() {
            self.late_piece_deposited(tx, &event.decode()?, event.time).await?
        } else if event.is::<jury::TableSigned>() {
            table_signed(tx, &event.decode()?).await?
        } else if event.is::<jury::AdmissionSigned>() {
            admission_signed(tx, event.decode()?).await?
        } else if event.is::<jury::AdmissionPublicationConfirmed>() {
            let confirmed: jury::AdmissionPublicationConfirmed = event.decode()?;
            signed::keep_publication(tx, confirmed.signature).await?;
            true
        } else if event.is::<jury::SeatsSet>() {
            seats_set(tx, event.decode()?, event.version).await?
        } else if event.is::<jury::SupernumeraryGranted>() {
            let granted: jury::SupernumeraryGranted = event.decode()?;
            signed::keep_supernumerary(tx, id(&granted.dossier_id)?, &granted.school, granted.from_period).await?;
            true
        } else if event.is::<jury::CandidatureAnnulled>() {
            self.candidature_annulled(tx, &event.decode()?, event.time).await?
        } else if event.is::<machinery::CalendarChanged>() {
            // The platform, which hears it first, has stored it in this transaction.
            reopen::calendar_changed(tx, &self.regulation, event.time).await?;
            false
        } else {
            false
        };
        if computes {
            compute::try_compute(tx, &self.regulation, event.time).await?;
        }
        Ok(())
    }
}

impl Listen {
    async fn late_piece_deposited(
        &self,
        tx: &mut Tx,
        deposited: &intake::LatePieceDeposited,
        at: Timestamp,
    ) -> Result<bool, HandleError> {
        let (dossier, piece) = (id(&deposited.dossier_id)?, deposited.piece.clone());
        let kept = store::find_for_update(tx, dossier).await?.ok_or_else(|| unknown(dossier))?;
        // Corrections come the same way; only title pieces concern the integration.
        if self.regulation.required_titles(&kept.filiere.0).contains(&piece) {
            let at = instant(deposited.deposited_at)?;
            titles::keep(tx, &Deposited { dossier, piece, piece_id: id(&deposited.piece_id)?, at }).await?;
        }
        settle_titles::settle_one(tx, &self.regulation, dossier, at).await?;
        Ok(false)
    }

    async fn candidature_annulled(
        &self,
        tx: &mut Tx,
        annulled: &jury::CandidatureAnnulled,
        at: Timestamp,
    ) -> Result<bool, HandleError> {
        let dossier = id(&annulled.dossier_id)?;
        let at = annulled.at.map_or(Ok(at), |at| at.try_into().map_err(HandleError::reject))?;
        if !annul::annul(tx, &self.regulation, dossier, at).await? {
            return Err(unknown(dossier));
        }
        Ok(false)
    }
}

async fn dossier_closed(tx: &mut Tx, closed: &intake::DossierClosed) -> Result<bool, HandleError> {
    store::insert(tx, id(&closed.dossier_id)?, &closed.filiere, instant(closed.closed_at)?).await?;
    Ok(false)
}

async fn preferences_released(tx: &mut Tx, released: &intake::PreferencesReleased) -> Result<bool, HandleError> {
    let dossier = id(&released.dossier_id)?;
    // Before the row: whoever computes or closes a period holds this lock and then takes every row.
    store::lock_round(tx).await?;
    store::find_for_update(tx, dossier).await?.ok_or_else(|| unknown(dossier))?;
    Ok(store::set_preferences(tx, dossier, &released.schools).await?)
}

async fn table_signed(tx: &mut Tx, signed: &jury::TableSigned) -> Result<bool, HandleError> {
    let dossiers = signed.dossier_ids.iter().map(|dossier| id(dossier)).collect::<Result<Vec<Uuid>, _>>()?;
    signed::keep_table(tx, signed.signature, &signed.school, &signed.filiere, &dossiers).await?;
    Ok(true)
}

async fn admission_signed(tx: &mut Tx, signed: jury::AdmissionSigned) -> Result<bool, HandleError> {
    let cells = signed.cells.into_iter().map(|cell| (cell.school, cell.filiere)).collect();
    let sign_off = SignOff { signature: signed.signature, cells, digest: signed.digest };
    signed::keep_sign_off(tx, &sign_off, instant(signed.signed_at)?).await?;
    Ok(true)
}

async fn seats_set(tx: &mut Tx, set: jury::SeatsSet, version: u64) -> Result<bool, HandleError> {
    let seats: Vec<(String, u32)> = set.seats.into_iter().map(|seats| (seats.filiere, seats.seats)).collect();
    signed::keep_seats(tx, &set.school, set.from_period, version, &seats).await?;
    Ok(true)
}

fn id(text: &str) -> Result<Uuid, HandleError> {
    text.parse().map_err(|error| HandleError::reject(format!("{text:?} is not an id: {error}")))
}

fn instant(at: Option<contracts::Timestamp>) -> Result<Timestamp, HandleError> {
    let at = at.ok_or_else(|| HandleError::reject("an instant is missing"))?;
    at.try_into().map_err(HandleError::reject)
}

/// Facts of the jury and of intake about one dossier come on different lanes: its clôture may be heard of last.
fn unknown(dossier: Uuid) -> HandleError {
    HandleError::retry(format!("the clôture of {dossier} has not been heard of"))
}
