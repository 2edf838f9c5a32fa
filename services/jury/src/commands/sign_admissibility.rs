//! The commission signs every decision that is not signed (R18).

use jiff::Timestamp;
use notice::keys;
use platform::db::Tx;
use uuid::Uuid;

use super::{Covered, Decided, Outcome, Refused, commission_sits, tell};
use crate::{
    domain::{self, Candidature, Two, digest},
    store::{admission, candidatures},
    wire,
};

/// Decisions ready to be signed.
pub struct Plan {
    drafted: Vec<Candidature>,
}

/// Works it out.
///
/// # Errors
/// Before the commission, nothing to sign, or everything that is undecided or undetermined.
pub async fn plan(tx: &mut Tx, at: Timestamp) -> Result<Plan, Refused> {
    commission_sits(tx.conn(), keys::ADMISSIBILITY_COMMISSION, at).await?;
    admission::admissibility_for_update(tx.conn()).await?;
    let drafted: Vec<Candidature> = candidatures::all_for_update(tx.conn())
        .await?
        .into_iter()
        .map(|kept| kept.candidature)
        .filter(|c| !c.annulled && c.decision.signed().is_none())
        .collect();
    if drafted.is_empty() {
        return Err(Refused::NothingToSign);
    }
    let faults: Vec<domain::Refused> = drafted.iter().flat_map(Candidature::unready).collect();
    if faults.is_empty() { Ok(Plan { drafted }) } else { Err(Refused::Unready(faults)) }
}

/// Everything that keeps the decisions from being signed, without a lock.
///
/// # Errors
/// The database.
pub async fn missing(conn: &mut sqlx::PgConnection) -> Result<Vec<domain::Refused>, Refused> {
    Ok(candidatures::load(conn, None).await?.iter().flat_map(|kept| kept.candidature.unready()).collect())
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered { decisions: Decided::all(&self.drafted), ..Covered::default() }
    }

    pub fn digest(&self) -> String {
        digest::of_decisions(&self.drafted)
    }

    pub fn covers(&self) -> usize {
        self.drafted.len()
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let mut signed = Vec::with_capacity(self.drafted.len());
        for candidature in self.drafted {
            signed.push(candidature.sign(two)?);
        }
        candidatures::save_decisions(tx.conn(), &signed).await?;
        let ids: Vec<Uuid> = signed.iter().map(|c| c.dossier).collect();
        let versions = candidatures::next_versions(tx.conn(), &ids).await?;
        for candidature in &signed {
            let version = versions.get(&candidature.dossier).copied().unwrap_or_default();
            tell(tx, &wire::admissibility_decided(candidature), version, at).await?;
        }
        Ok(Outcome::default())
    }
}
