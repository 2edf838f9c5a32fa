//! Draft decisions (R18): the last one stands until the sign-off.

use std::collections::HashMap;

use jiff::Timestamp;
use platform::db::Tx;
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::Refused;
use crate::{
    domain::{self, Candidature, Verdict, candidature::Change},
    store::{candidatures, sealed},
};

/// One draft decision.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The dossier.
    pub dossier: Uuid,
    /// What is proposed.
    pub verdict: Verdict,
}

/// What is wrong with one line of a batch.
#[derive(Debug, Clone, Error)]
pub enum BatchFault {
    /// No candidature, or named on an earlier line.
    #[error("{dossier} is no candidature, or stands on an earlier line")]
    UnknownOrTwice {
        /// The id given.
        dossier: Uuid,
    },
    /// Its candidature does not allow it.
    #[error(transparent)]
    Candidature(#[from] domain::Refused),
}

/// Drafts decisions, all or nothing; how many changed something.
///
/// # Errors
/// Every line that is no candidature or whose candidature does not allow it.
pub async fn draft(tx: &mut Tx, at: Timestamp, by: &str, drafts: Vec<Draft>) -> Result<u32, Refused> {
    let ids: Vec<Uuid> = drafts.iter().map(|d| d.dossier).collect();
    let kept = candidatures::many_for_update(tx.conn(), &ids).await?;
    let mut known: HashMap<Uuid, Candidature> =
        kept.into_iter().map(|k| (k.candidature.dossier, k.candidature)).collect();
    if let [only] = ids.as_slice()
        && !known.contains_key(only)
    {
        return Err(Refused::NoCandidature { dossier: *only });
    }
    let (mut faults, mut changed) = (Vec::new(), Vec::new());
    for (line, draft) in drafts.into_iter().enumerate() {
        let Some(candidature) = known.remove(&draft.dossier) else {
            // Unknown, or named twice: its first line took it.
            faults.push((line, BatchFault::UnknownOrTwice { dossier: draft.dossier }));
            continue;
        };
        match candidature.draft(draft.verdict) {
            Ok((candidature, Change::Changed)) => changed.push(candidature),
            Ok((_, Change::Same)) => {}
            Err(fault) => faults.push((line, fault.into())),
        }
    }
    if let ([_], Some((_, BatchFault::Candidature(_)))) = (ids.as_slice(), faults.first())
        && let (_, BatchFault::Candidature(fault)) = faults.remove(0)
    {
        return Err(fault.into());
    }
    if !faults.is_empty() {
        return Err(Refused::Batch(faults));
    }
    candidatures::save_decisions(tx.conn(), &changed).await?;
    for candidature in &changed {
        let Some(verdict) = candidature.decision.verdict() else { continue };
        let secret = json!({ "admissible": verdict.admissible, "reason": verdict.reason });
        let open = json!({ "dossier": candidature.dossier });
        sealed::audit(tx, at, by, "admissibility_drafted", open, &secret).await?;
    }
    Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
}
