//! The machinery's own books: audit chains and messages set aside.

use broker::hears::Hears;

use super::{Invariant, Seen};
use crate::{failure::Failure, play::Stage, world::SERVICES};

pub fn check(stage: &Stage<'_>, seen: &Seen) -> Result<Vec<Invariant>, Failure> {
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
    // More would be read for nothing, and less is not heard.
    let mut hears = Invariant::new("what the broker brings each service is what it hears");
    let table = Hears::committed().map_err(|e| Failure::Streams(e.to_string()))?;
    for service in SERVICES {
        let heard =
            stage.world.postgres.sql(service, "select subject from platform.heard order by subject collate \"C\"")?;
        let brought = table.of(service).join("\n");
        hears.hold(heard == brought, || format!("{service} hears\n{heard}\nand is brought\n{brought}"));
    }
    Ok(vec![audits, aside, hears])
}
