//! The admission results go out at their instant, once a second person has confirmed it (R19).

use contracts::jury;
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::Tx};

use super::{Covered, Outcome, Ranked, Refused, Regulation, tell};
use crate::{
    domain::{Admission, AdmissionRefused, Two, publication::publish_at},
    store::admission,
};

/// A signature that nobody has confirmed for publication.
pub struct Plan {
    stand: Admission,
    signature: u64,
    digest: String,
    tables: Vec<Ranked>,
}

/// Works it out.
///
/// # Errors
/// Not signed, or confirmed before.
pub async fn plan(tx: &mut Tx, regulation: &Regulation) -> Result<Plan, Refused> {
    let stand = admission::for_update(tx.conn()).await?;
    let signature = stand.signed()?;
    if let Some(at) = signature.released_at {
        return Err(AdmissionRefused::AlreadyReleased { at }.into());
    }
    let digest = format!("{}:{}", signature.number, signature.digest);
    let signature = signature.number;
    let tables = Ranked::signed(tx.conn(), regulation, signature).await?;
    Ok(Plan { stand, signature, digest, tables })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered { tables: self.tables.clone(), signature: self.signature, ..Covered::default() }
    }

    pub fn digest(&self) -> String {
        self.digest.clone()
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let due = calendar::instant_of(tx.conn(), keys::ADMISSION_RESULTS).await?;
        let publish = publish_at(due.ok_or(Refused::CalendarUnknown)?, at);
        let released = self.stand.release(two, at)?;
        let version = admission::save(tx.conn(), &released, at).await?;
        let signature = released.signed()?.number;
        tell(tx, &jury::AdmissionPublicationConfirmed { signature }, version, at).await?;
        Ok(Outcome { signature, publish_at: Some(publish) })
    }
}
