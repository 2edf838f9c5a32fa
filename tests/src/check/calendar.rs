//! R2, R5: each transition fired once, in order, dated by its instant.

use std::collections::BTreeMap;

use contracts::machinery::CalendarChanged;

use super::{Invariant, Seen, dossiers::instant};
use crate::{failure::Failure, play::Stage};

pub fn check(stage: &Stage<'_>, seen: &Seen) -> Result<Vec<Invariant>, Failure> {
    let mut fired = Invariant::new("each transition fires once, in order, at its instant");
    let changes = seen.facts_of::<CalendarChanged>();
    let mut firings: BTreeMap<String, usize> = BTreeMap::new();
    let mut before: Option<CalendarChanged> = None;
    for (_, change) in changes {
        if let Some(before) = &before {
            fired.hold(change.version == before.version + 1, || {
                format!("version {} follows {}", change.version, before.version)
            });
            for transition in &change.transitions {
                let old = before.transitions.iter().find(|t| t.key == transition.key);
                if transition.fired_at.is_some() && old.is_some_and(|t| t.fired_at.is_none()) {
                    *firings.entry(transition.key.clone()).or_default() += 1;
                }
            }
        } else {
            for transition in change.transitions.iter().filter(|t| t.fired_at.is_some()) {
                *firings.entry(transition.key.clone()).or_default() += 1;
            }
        }
        before = Some(change);
    }
    let last = before.unwrap_or_default();
    for transition in stage.session().transitions() {
        let key = transition.key.clone();
        fired.hold(firings.get(&key) == Some(&1), || format!("{key} fired {:?} times", firings.get(&key)));
        let known = last.transitions.iter().find(|t| t.key == key);
        let due = stage.instant(&key)?;
        fired.hold(known.is_some_and(|t| instant(t.fired_at) == Some(due)), || format!("{key}: {known:?}, due {due}"));
    }
    Ok(vec![fired])
}
