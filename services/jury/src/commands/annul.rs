//! Nullity of a candidature, "sous peine de nullité" (R15).

use contracts::jury;
use jiff::Timestamp;
use platform::db::Tx;
use uuid::Uuid;

use super::{Covered, Outcome, Refused, tell};
use crate::{
    domain::{self, Candidature, Two, digest},
    store::candidatures,
};

/// A candidature that may be annulled.
pub struct Plan {
    candidature: Candidature,
}

/// Works it out.
///
/// # Errors
/// Not a candidature, or annulled before.
pub async fn plan(tx: &mut Tx, dossier: Uuid) -> Result<Plan, Refused> {
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    if kept.candidature.annulled {
        return Err(domain::Refused::Annulled { dossier }.into());
    }
    Ok(Plan { candidature: kept.candidature })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered { dossier: Some(self.candidature.dossier), ..Covered::default() }
    }

    pub fn digest(&self) -> String {
        digest::of([self.candidature.dossier.to_string().as_str()])
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let dossier = self.candidature.dossier;
        self.candidature.annul(two)?;
        candidatures::save_annulled(tx.conn(), dossier, at).await?;
        let versions = candidatures::next_versions(tx.conn(), &[dossier]).await?;
        let fact = jury::CandidatureAnnulled { dossier_id: dossier.to_string(), at: Some(at.into()) };
        tell(tx, &fact, versions.get(&dossier).copied().unwrap_or_default(), at).await?;
        Ok(Outcome::default())
    }
}
