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

use std::{collections::BTreeSet, fmt::Write as _, path::Path, process::Command};

use campaign::{Plan, world::World};
use system::{FINANCE, STAFF, System};
use uuid::Uuid;

/// Cases per operation of the phase that makes them up.
const EXAMPLES: &str = "40";

async fn world() -> World {
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), 40, 8);
    let session = notice::Session::load(&plan.session).unwrap();
    // Late enough that everything is published, and there is something of everything.
    let until = session.instant(&notice::keys::period_opens(2)).unwrap();
    let portal = "\n[service.api]\nper_minute = 1000000\n";
    campaign::play_until_with(&plan, Some(portal), until).await.unwrap_or_else(|e| panic!("seed 8: {e}"))
}

/// What is there to be asked for, as the API itself tells it: made-up identifiers are nobody's.
async fn known(system: &System, world: &World) -> String {
    let mut dossiers = BTreeSet::new();
    for list in ["/dossiers?limit=2", "/admissions?limit=2", "/fees?limit=2"] {
        let page = system.get(list).await.body;
        let items = page["items"].as_array().into_iter().flatten();
        dossiers.extend(items.filter_map(|item| item["dossier_id"].as_str().map(str::to_owned)));
    }
    assert!(dossiers.len() > 1, "nothing to ask for");
    let mut pieces = BTreeSet::from([Uuid::nil().to_string()]);
    for id in &dossiers {
        let dossier = system.get(&format!("/dossiers/{id}")).await.body;
        let own = dossier["pieces"].as_array().into_iter().flatten().take(2);
        pieces.extend(own.filter_map(|piece| piece["piece_id"].as_str().map(str::to_owned)));
    }
    let session = &world.session;
    let titles = session.pieces.iter().filter(|p| p.due == notice::Due::Titles).map(|p| p.id.clone());
    let lists = [
        ("dossier_id", dossiers),
        ("piece_id", pieces),
        ("filiere", session.filieres.iter().map(|f| f.id.clone()).collect()),
        ("piece", titles.collect()),
    ];
    let mut text = String::new();
    for (name, values) in &lists {
        let values: Vec<&String> = values.iter().collect();
        write!(text, "\n[dictionaries.{name}]\nvalues = {values:?}\n").unwrap();
    }
    text.push_str("\n[parameters]\n");
    for (name, _) in &lists {
        writeln!(text, "\"path.{name}\" = {{ dictionary = \"{name}\", probability = 0.8 }}").unwrap();
    }
    text
}

/// Runs it with one token; what it says, and whether it found nothing.
fn run(world: &World, token: &str, seed: u32, known: &str) -> (String, bool) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("schemathesis.toml");
    std::fs::write(&config, format!("{}{known}", include_str!("../api/schemathesis.toml"))).unwrap();
    let packages = engines::wheels(include_str!("../api/requirements.txt")).unwrap();
    let mut command = Command::new("python3");
    command
        .args(["-c", "from schemathesis.cli import schemathesis; schemathesis()"])
        .arg("--config-file")
        .arg(&config)
        .arg("run")
        .arg(format!("{}{}", world.portal_url, portal::api::DOCUMENT))
        .args(["--checks", "all", "--max-examples", EXAMPLES, "--seed", &seed.to_string(), "--workers", "1"])
        .args(["--request-timeout", "60", "--no-color", "--continue-on-failure"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .env("PYTHONPATH", &packages)
        .env("SCHEMATHESIS_HOOKS", here.join("hooks.py"))
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(dir.path());
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
    let mut found = Vec::new();
    for (role, scopes) in [("staff", &STAFF[..]), ("finance", &FINANCE[..])] {
        let system = System::of(&world.portal_url, role, &school, scopes).await;
        let known = known(&system, &world).await;
        let (said, nothing) = tokio::task::block_in_place(|| run(&world, &system.token, seed, &known));
        println!("--- as {role}\n{said}");
        if !nothing {
            found.push(role);
        }
    }
    assert!(found.is_empty(), "as {found:?}, seed {seed}: see above");
}
