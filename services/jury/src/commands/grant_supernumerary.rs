//! A seat beyond the published number, for a person wronged (R33).

use contracts::jury;
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::Tx};
use uuid::Uuid;

use super::{Covered, Outcome, Refused, Regulation, next_opening, tell};
use crate::{
    domain::{self, Cell, Two, digest, visible},
    store::{admission, candidatures, seats},
};

/// A seat that may be granted.
pub struct Plan {
    dossier: Uuid,
    cell: Cell,
    from_period: u32,
}

/// Works it out.
///
/// # Errors
/// Tables not signed or not public, annulled, not on that school's table (correct it first), granted before, or no
/// opening left.
pub async fn plan(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    dossier: Uuid,
    school: &str,
) -> Result<Plan, Refused> {
    let stand = admission::for_update(tx.conn()).await?;
    let signature = stand.signed()?;
    let number = signature.number;
    // The fact says that the person is on that table, and every service hears it: until everyone may know, nobody is
    // wronged whom a corrected table would not serve (R19).
    let due = calendar::instant_of(tx.conn(), keys::ADMISSION_RESULTS).await?;
    if !visible(due, signature.released_at, at) {
        return Err(Refused::NotPublished);
    }
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    if kept.candidature.annulled {
        return Err(domain::Refused::Annulled { dossier }.into());
    }
    let cell = regulation.cell(school, &kept.candidature.filiere)?;
    if !admission::ranks(tx.conn(), number, dossier).await?.iter().any(|(on, _)| *on == cell) {
        return Err(Refused::NotOnTable { dossier, table: cell.to_string() });
    }
    if seats::is_granted(tx.conn(), dossier, school).await? {
        return Err(Refused::AlreadyGranted { dossier, school: school.into() });
    }
    let from_period = next_opening(tx.conn(), &regulation.periods, at).await?.ok_or(Refused::NoOpeningLeft)?;
    Ok(Plan { dossier, cell, from_period })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        let Cell { school, filiere } = self.cell.clone();
        Covered { dossier: Some(self.dossier), seat: Some((school, filiere)), ..Covered::default() }
    }

    /// Without the period: it may open between the two people without changing what they grant.
    pub fn digest(&self) -> String {
        digest::of([self.dossier.to_string().as_str(), self.cell.to_string().as_str()])
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, _two: &Two, act: Uuid) -> Result<Outcome, Refused> {
        seats::save_granted(tx.conn(), self.dossier, &self.cell, self.from_period, act).await?;
        let versions = candidatures::next_versions(tx.conn(), &[self.dossier]).await?;
        let fact = jury::SupernumeraryGranted {
            dossier_id: self.dossier.to_string(),
            school: self.cell.school,
            filiere: self.cell.filiere,
            from_period: self.from_period,
        };
        tell(tx, &fact, versions.get(&self.dossier).copied().unwrap_or_default(), at).await?;
        Ok(Outcome::default())
    }
}
