//! A real browser on the real platform: Chromium walks each person's part, on a phone, by keyboard, without scripts.
//!
//! Needs Chromium, ChromeDriver, and `npm ci` in this folder (axe-core, vnu-jar; java runs the latter). Nothing here is
//! skipped: what is missing fails.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expected")]

mod account;
mod answers;
mod browser;
mod cloture;
mod commission;
mod crawl;
mod dossier;
mod follow_up;
mod grid;
mod hands;
mod house;
mod mandate;
mod page;
mod screenshots;
mod titles;

use std::path::{Path, PathBuf};

use campaign::{Plan, world::World};
use jiff::Timestamp;

/// The 2026 session as people left it at an instant: a transition's key or RFC 3339.
pub async fn world_at(until: &str, candidates: usize) -> World {
    world_of(&session_2026(), until, candidates).await
}

/// What the casts of these tests are drawn from.
pub const SEED: u64 = 6;

/// The published session.
pub fn session_2026() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml")
}

/// The same of another session file.
pub async fn world_of(session: &Path, until: &str, candidates: usize) -> World {
    let seed = SEED;
    let plan = Plan {
        session: session.to_owned(),
        executable: PathBuf::from(env!("CARGO_BIN_EXE_campaign")),
        candidates,
        seed,
        chaos: None,
    };
    let session = notice::Session::load(&plan.session).unwrap();
    let instant: Timestamp = session.instant(until).unwrap_or_else(|| until.parse().unwrap());
    let world = campaign::play_until(&plan, instant).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    if world.now() < instant {
        world.advance_and_settle(instant).await.unwrap();
    }
    world
}

/// Everyone of the house at the demo's door: role and subject.
pub const HOUSE: [(&str, &str); 6] = [
    ("staff", "staff@albi"),
    ("finance", "finance@albi"),
    ("planner", "planner@albi"),
    ("jury", "jury-member"),
    ("jury_president", "jury-president"),
    ("operator", "operator-1"),
];
