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

use campaign::{Plan, world::World};
use notice::{Session, keys};

/// The 2026 session as people left it at an instant; its opening if none is named.
pub async fn world_at(until: impl Into<Option<&str>>, candidates: usize) -> World {
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), candidates, 6);
    let until = instant(until.into().unwrap_or(keys::PLATFORM_OPENS));
    campaign::play_until(&plan, until).await.unwrap_or_else(|e| panic!("seed 6: {e}"))
}

/// An instant of the session.
pub fn instant(named: &str) -> jiff::Timestamp {
    let session = Session::load(&campaign::session_2026()).unwrap();
    campaign::instant(&session, named).unwrap_or_else(|| panic!("no {named}"))
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
