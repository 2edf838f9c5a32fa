//! The invariant check: everything is computed again from what the services answer, from the event streams, and from
//! what the people know, and compared.
//!
//! A check never trusts one source for both sides of a comparison. Each is named as the report names it, counts what it
//! looked at, and says what it found wrong; a check that looked at nothing has failed.

mod calendar;
mod dossiers;
mod events;
mod integration;
mod mail;
mod money;
mod operations;
mod orals;
mod replay;
mod seen;

use crate::{failure::Failure, play::Stage};
pub use seen::Seen;

/// One invariant, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// What holds.
    pub name: &'static str,
    /// How many things were looked at.
    pub checked: u64,
    /// What was found wrong.
    pub violations: Vec<String>,
}

impl Invariant {
    /// A check to be filled.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, checked: 0, violations: Vec::new() }
    }

    /// Looks at one thing.
    pub fn hold(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.violations.push(what());
        }
    }

    /// Whether it looked at something and found nothing wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checked > 0 && self.violations.is_empty()
    }
}

/// Looks at everything.
///
/// # Errors
/// When a service or the broker does not answer.
pub async fn check(stage: &Stage<'_>) -> Result<(Seen, Vec<Invariant>), Failure> {
    stage.progress.act("invariants", 1);
    let seen = Seen::gather(stage).await?;
    let story = stage.story().clone();
    let mut all = Vec::new();
    all.extend(dossiers::check(stage, &story, &seen));
    all.extend(money::check(stage, &story, &seen));
    all.extend(orals::check(stage, &story, &seen));
    all.extend(integration::check(stage, &story, &seen));
    all.extend(calendar::check(stage, &seen)?);
    all.extend(events::check(stage, &story, &seen));
    all.extend(mail::check(stage, &story, &seen)?);
    all.extend(operations::check(stage, &seen)?);
    stage.progress.end();
    Ok((seen, all))
}
