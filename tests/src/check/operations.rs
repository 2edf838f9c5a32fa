//! The machinery's own books: audit chains and messages set aside.

use super::{Invariant, Seen};

pub fn check(seen: &Seen) -> Vec<Invariant> {
    let mut audits = Invariant::new("every audit chain is intact");
    for (service, audit) in &seen.audits {
        audits.hold(audit.intact, || format!("{service}: broken at {}", audit.first_broken));
    }
    let mut aside = Invariant::new("nothing was set aside");
    for (service, messages) in &seen.set_aside {
        aside.hold(messages.is_empty(), || {
            format!("{service}: {} messages, first {:?}", messages.len(), messages.first())
        });
    }
    vec![audits, aside]
}
