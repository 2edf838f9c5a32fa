//! The REST API on real services: tokens, errors, lists, what is not yet public, and nothing done twice.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expected")]

mod acts;
mod embargo;
mod lists;
mod system;
mod tokens;
#[path = "../portal/visitor.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod visitor;

use campaign::{Plan, world::World};
use jiff::Timestamp;
use notice::{Session, keys};

/// The 2026 session as people left it at an instant, with further tables of the portal's configuration.
pub async fn world_at(until: Option<Timestamp>, candidates: usize, portal: Option<&str>) -> World {
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), candidates, 7);
    let until = until.unwrap_or_else(|| instant(keys::PLATFORM_OPENS));
    campaign::play_until_with(&plan, portal, until).await.unwrap_or_else(|e| panic!("seed 7: {e}"))
}

/// An instant of the session.
pub fn instant(named: &str) -> Timestamp {
    let session = Session::load(&campaign::session_2026()).unwrap();
    campaign::instant(&session, named).unwrap_or_else(|| panic!("no {named}"))
}

/// Two schools of the session.
pub fn two(world: &World) -> (String, String) {
    let mut ids = world.session.schools.iter().map(|s| s.id.clone());
    (ids.next().unwrap(), ids.next().unwrap())
}
