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

use campaign::{Plan, world::World};

/// The 2026 session as people left it at an instant.
pub async fn world_at(until: &str, candidates: usize) -> World {
    world_of(Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), candidates, SEED), until).await
}

/// What the casts of these tests are drawn from.
pub const SEED: u64 = 6;

/// The same of a plan of one's own.
pub async fn world_of(plan: Plan, until: &str) -> World {
    let session = notice::Session::load(&plan.session).unwrap();
    let until = campaign::instant(&session, until).unwrap_or_else(|| panic!("no {until}"));
    campaign::play_until(&plan, until).await.unwrap_or_else(|e| panic!("seed {}: {e}", plan.seed))
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
