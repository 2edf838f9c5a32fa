//! The admissibility results go out at their instant, once a second person has confirmed it (R19).

use contracts::jury;
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::Tx, outbox};

use super::{Covered, Decided, Outcome, Refused, tell};
use crate::{
    domain::{Candidature, Two, digest, publication::publish_at},
    store::{admission, candidatures},
    wire,
};

/// Signed decisions whose publication nobody has confirmed.
pub struct Plan {
    waiting: Vec<Candidature>,
    due_ran: bool,
}

/// Works it out.
///
/// # Errors
/// A candidature is not signed, or nothing waits: results go out together.
pub async fn plan(tx: &mut Tx) -> Result<Plan, Refused> {
    let stand = admission::admissibility_for_update(tx.conn()).await?;
    let all = candidatures::all_for_update(tx.conn()).await?;
    let unsigned = all.iter().filter(|k| !k.candidature.annulled && k.candidature.decision.signed().is_none()).count();
    let waiting: Vec<Candidature> = all
        .into_iter()
        .filter(|k| k.released_at.is_none() && k.candidature.decision.signed().is_some())
        .map(|k| k.candidature)
        .collect();
    if unsigned > 0 || waiting.is_empty() {
        return Err(Refused::NotAllSigned { unsigned, signed: waiting.len() });
    }
    Ok(Plan { waiting, due_ran: stand.due_at.is_some() })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered { decisions: Decided::all(&self.waiting), ..Covered::default() }
    }

    pub fn digest(&self) -> String {
        digest::of_decisions(&self.waiting)
    }

    pub fn covers(&self) -> usize {
        self.waiting.len()
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, _two: &Two) -> Result<Outcome, Refused> {
        let due = calendar::instant_of(tx.conn(), keys::ADMISSIBILITY_RESULTS).await?;
        let publish = publish_at(due.ok_or(Refused::CalendarUnknown)?, at);
        candidatures::release_signed(tx.conn(), at).await?;
        let version = admission::admissibility_released(tx.conn(), at).await?;
        let fact = jury::AdmissibilityPublicationConfirmed { publish_at: Some(publish.into()) };
        tell(tx, &fact, version, at).await?;
        if self.due_ran {
            // The instant has come and gone: nothing else will tell them.
            publish_released(tx, publish).await?;
        }
        Ok(Outcome { signature: 0, publish_at: Some(publish) })
    }
}

/// The transition `admissibility_results` is due: what was confirmed goes out; what is confirmed later goes out then.
///
/// # Errors
/// The database.
pub async fn publish_due(tx: &mut Tx, due: Timestamp) -> Result<(), Refused> {
    let stand = admission::admissibility_for_update(tx.conn()).await?;
    admission::admissibility_due(tx.conn(), due).await?;
    match stand.released_at {
        Some(released) => publish_released(tx, publish_at(due, released)).await,
        None => {
            tracing::warn!("the admissibility results are due, and nobody has confirmed their publication");
            Ok(())
        }
    }
}

async fn publish_released(tx: &mut Tx, at: Timestamp) -> Result<(), Refused> {
    let ids = candidatures::publish_released(tx.conn(), at).await?;
    for kept in candidatures::load(tx.conn(), Some(&ids)).await? {
        tell_published(tx, &kept.candidature, at).await?;
    }
    Ok(())
}

/// One result becomes public: to our services, and to every school applied to.
pub(super) async fn tell_published(tx: &mut Tx, candidature: &Candidature, at: Timestamp) -> Result<(), Refused> {
    let versions = candidatures::next_versions(tx.conn(), &[candidature.dossier]).await?;
    let version = versions.get(&candidature.dossier).copied().unwrap_or_default();
    tell(tx, &wire::admissibility_published(candidature, at), version, at).await?;
    for fact in wire::published_admissibility(candidature, at) {
        outbox::publish(tx, &fact, version, at).await?;
    }
    Ok(())
}
