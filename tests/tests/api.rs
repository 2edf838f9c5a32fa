//! PyPI `schemathesis` asks everything that the OpenAPI document describes, and much that it does not, with every check it
//! has: it finds nothing.
//!
//! The packages are pinned in `tests/api/requirements.txt`; `ADMIS_API_SEED` asks the same again.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what it expected")]

#[path = "rest/system.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod system;
#[path = "portal/visitor.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod visitor;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use campaign::{Plan, world::World};
use system::{FINANCE, STAFF, System};

/// Cases per operation of the phase that makes them up.
const EXAMPLES: &str = "40";

async fn world() -> World {
    let plan = Plan {
        session: Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml"),
        executable: PathBuf::from(env!("CARGO_BIN_EXE_campaign")),
        candidates: 40,
        seed: 8,
        chaos: None,
    };
    let session = notice::Session::load(&plan.session).unwrap();
    // Late enough that everything is published, and there is something of everything.
    let until = session.instant(&notice::keys::period_opens(2)).unwrap();
    let portal = "\n[service.api]\nper_minute = 1000000\n";
    campaign::play_until_with(&plan, Some(portal), until).await.unwrap_or_else(|e| panic!("seed 8: {e}"))
}

/// Runs it with one token; what it says, and whether it found nothing.
fn run(world: &World, token: &str, seed: u32, dir: &Path) -> (String, bool) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
    let packages = engines::wheels(include_str!("../api/requirements.txt")).unwrap();
    let mut command = Command::new("python3");
    command
        .args(["-c", "from schemathesis.cli import schemathesis; schemathesis()"])
        .arg("--config-file")
        .arg(here.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{}{}", world.portal_url, portal::api::DOCUMENT))
        .args(["--checks", "all", "--max-examples", EXAMPLES, "--seed", &seed.to_string(), "--workers", "2"])
        .args(["--request-timeout", "60", "--no-color", "--continue-on-failure"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .env("PYTHONPATH", &packages)
        .env("SCHEMATHESIS_HOOKS", here.join("hooks.py"))
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(dir);
    println!("{command:?}");
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() {
    let seed = std::env::var("ADMIS_API_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random::<u32>);
    println!("ADMIS_API_SEED={seed}");
    let world = world().await;
    let school = world.session.schools.first().unwrap().id.clone();
    for (role, scopes) in [("staff", &STAFF[..]), ("finance", &FINANCE[..])] {
        let token = System::of(&world.portal_url, role, &school, scopes).await.token;
        let dir = tempfile::tempdir().unwrap();
        let (said, nothing) = tokio::task::block_in_place(|| run(&world, &token, seed, dir.path()));
        println!("--- as {role}\n{said}");
        assert!(nothing, "as {role}, seed {seed}");
    }
    world.keep_logs();
}
