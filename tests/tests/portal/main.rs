//! The portal on real services, visited without a browser: doors, forms, sessions, and who may see which route.
//!
//! What needs a browser is in `tests/browser`; this needs cargo and python3 alone.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expected")]

mod doors;
mod embargo;
mod forms;
mod lists;
mod log_ins;
mod routes;
mod visitor;

use std::path::{Path, PathBuf};

use campaign::{Plan, world::World};
use jiff::Timestamp;

/// The 2026 session as people left it at an instant.
pub async fn world_at(until: impl Into<Option<&str>>, candidates: usize) -> World {
    let plan = Plan {
        session: Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml"),
        executable: PathBuf::from(env!("CARGO_BIN_EXE_campaign")),
        candidates,
        seed: 6,
        chaos: None,
    };
    let session = notice::Session::load(&plan.session).unwrap();
    let until: Timestamp = match until.into() {
        None => session.instant(notice::keys::PLATFORM_OPENS).unwrap(),
        Some(key) => session.instant(key).unwrap_or_else(|| key.parse().unwrap()),
    };
    let world = campaign::play_until(&plan, until).await.unwrap_or_else(|e| panic!("seed 6: {e}"));
    if world.now() < until {
        world.advance_and_settle(until).await.unwrap();
    }
    world
}

/// Who can be signed in as at the demo's door: role, kind of door, subject.
pub const PEOPLE: [(&str, &str); 7] = [
    ("staff", "staff@albi"),
    ("finance", "finance@albi"),
    ("planner", "planner@albi"),
    ("jury", "jury-member"),
    ("jury_president", "jury-president"),
    ("operator", "operator-1"),
    ("candidate", ""),
];
