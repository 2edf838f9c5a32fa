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

use std::path::{Path, PathBuf};

use campaign::{Plan, world::World};
use jiff::Timestamp;

/// The 2026 session as people left it at an instant, with further tables of the portal's configuration.
pub async fn world_at(until: Option<Timestamp>, candidates: usize, portal: Option<&str>) -> World {
    let plan = Plan {
        session: Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml"),
        executable: PathBuf::from(env!("CARGO_BIN_EXE_campaign")),
        candidates,
        seed: 7,
        chaos: None,
    };
    let session = notice::Session::load(&plan.session).unwrap();
    let until = until.unwrap_or_else(|| session.instant(notice::keys::PLATFORM_OPENS).unwrap());
    let world = campaign::play_until_with(&plan, portal, until).await.unwrap_or_else(|e| panic!("seed 7: {e}"));
    if world.now() < until {
        world.advance_and_settle(until).await.unwrap();
    }
    world
}

/// An instant of the session.
pub fn instant(key: &str) -> Timestamp {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml");
    notice::Session::load(&file).unwrap().instant(key).unwrap_or_else(|| panic!("no {key}"))
}

/// Two schools of the session.
pub fn two(world: &World) -> (String, String) {
    let mut ids = world.session.schools.iter().map(|s| s.id.clone());
    (ids.next().unwrap(), ids.next().unwrap())
}
