//! R2, R3, R7, R12, R13: what was acknowledged is a candidature, and nothing else is.

use contracts::intake::DossierState;
use jiff::Timestamp;
use notice::keys;

use super::{Invariant, Seen};
use crate::play::{Stage, Story};

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Vec<Invariant> {
    let mut acknowledged = Invariant::new("an acknowledged clôture is a candidature, as its receipt says");
    for (id, (at, digest)) in &story.closed {
        let dossier = seen.dossiers.get(id);
        let same = dossier.is_some_and(|d| {
            d.state() == DossierState::Closed && d.digest == *digest && instant(d.closed_at) == Some(*at)
        });
        acknowledged.hold(same && seen.candidatures.contains_key(id), || {
            format!("{id}: closed at {at} with {digest}, found {dossier:?}")
        });
    }
    let mut window = Invariant::new("nothing is closed outside the deposit window");
    let bounds = (stage.session().instant(keys::PLATFORM_OPENS), stage.session().instant(keys::DEPOSITS_CLOSE));
    for dossier in seen.dossiers.values().filter(|d| d.state() == DossierState::Closed) {
        let at = instant(dossier.closed_at);
        window.hold(bounds.0 <= at && at < bounds.1, || format!("{}: closed at {at:?}", dossier.dossier_id));
    }
    let mut nobody_else = Invariant::new("what was not acknowledged is no candidature");
    for id in &story.not_closed {
        let state = seen.dossiers.get(id).map(contracts::intake::DossierSummary::state);
        nobody_else.hold(state == Some(DossierState::NotClosed) && !seen.candidatures.contains_key(id), || {
            format!("{id}: {state:?}")
        });
    }
    for id in seen.candidatures.keys() {
        nobody_else.hold(story.closed.contains_key(id), || format!("{id}: a candidature nobody knows of"));
    }
    let mut once = Invariant::new("one dossier per candidate");
    for who in stage.cast {
        once.hold(seen.dossiers.contains_key(&who.id.to_string()), || format!("{}: no dossier", who.label));
    }
    once.hold(seen.dossiers.len() == stage.cast.len(), || {
        format!("{} dossiers of {} candidates", seen.dossiers.len(), stage.cast.len())
    });
    vec![acknowledged, window, nobody_else, once]
}

/// An instant of the wire.
pub fn instant(at: Option<contracts::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::try_from(at).ok())
}
