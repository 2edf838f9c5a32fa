//! A clerical mistake in a signed decision, corrected by two people (R18).

use jiff::Timestamp;
use platform::db::Tx;
use uuid::Uuid;

use super::{AskedDetermination, Covered, Decided, Outcome, Refused, publish_admissibility::tell_published, tell};
use crate::{
    domain::{Candidature, Correction, Determination, Two, Verdict, digest},
    store::{
        admission,
        candidatures::{self, Kept},
    },
    wire,
};

/// A correction that would change something.
pub struct Plan {
    kept: Kept,
    correction: Correction,
    after: Candidature,
}

/// Works it out.
///
/// # Errors
/// Not a candidature, see [`Candidature::correct`], or it contradicts signed tables.
pub async fn plan(
    tx: &mut Tx,
    dossier: Uuid,
    admissible: bool,
    determinations: &[AskedDetermination],
    reason: &str,
) -> Result<Plan, Refused> {
    admission::admissibility_for_update(tx.conn()).await?;
    let stand = admission::for_update(tx.conn()).await?;
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    let found =
        |d: &AskedDetermination| (d.school.clone(), Determination { recevable: d.recevable, reason: d.reason.clone() });
    let correction = Correction {
        verdict: Verdict { admissible, reason: reason.into() },
        determinations: determinations.iter().map(found).collect(),
    };
    let after = kept.candidature.clone().corrected(correction.clone())?;
    if let Some(signature) = stand.signature() {
        let recevable = after.recevable_schools();
        let ranks = admission::ranks(tx.conn(), signature.number, dossier).await?;
        let tables: Vec<String> = ranks
            .into_iter()
            .filter(|(cell, _)| !after.admissible() || !recevable.contains(&cell.school))
            .map(|(cell, _)| cell.to_string())
            .collect();
        if !tables.is_empty() {
            return Err(Refused::Ranked { dossier, tables });
        }
    }
    Ok(Plan { kept, correction, after })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered {
            decisions: Decided::all([&self.after]),
            decision_before: Decided::of(&self.kept.candidature),
            dossier: Some(self.after.dossier),
            ..Covered::default()
        }
    }

    pub fn digest(&self) -> String {
        digest::of([
            digest::of_decisions([&self.kept.candidature]).as_str(),
            digest::of_decisions([&self.after]).as_str(),
        ])
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let dossier = self.kept.candidature.dossier;
        let by = &two.confirmed().subject;
        for (school, found) in &self.correction.determinations {
            candidatures::save_determination(tx.conn(), dossier, school, found, by, at).await?;
        }
        let after = self.kept.candidature.correct(two, self.correction)?;
        candidatures::save_decisions(tx.conn(), [&after]).await?;
        let versions = candidatures::next_versions(tx.conn(), &[dossier]).await?;
        tell(tx, &wire::admissibility_decided(&after), versions.get(&dossier).copied().unwrap_or_default(), at).await?;
        if self.kept.published_at.is_some() {
            tell_published(tx, &after, at).await?;
        }
        Ok(Outcome::default())
    }
}
