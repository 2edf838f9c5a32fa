//! The guide's subscribers and connectors (infra/events), on the real platform with credentials as an operator hands them
//! out: each is killed again and again while it reads, and in the end has had every effect once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expected")]

#[path = "rest/system.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod system;
#[path = "portal/visitor.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod visitor;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use campaign::{Plan, world::World};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use serde_json::{Value, json};
use system::System;

const SEED: u64 = 5;
const CANDIDATES: usize = 30;
/// How often a subscriber is killed.
const KILLS: usize = 6;

/// One published message.
struct Message {
    id: String,
    kind: String,
    school: String,
    headers: BTreeMap<String, String>,
    payload: Value,
}

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/events")
}

/// The session to its end: every kind of event was told.
async fn world() -> World {
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), CANDIDATES, SEED);
    let session = notice::Session::load(&plan.session).unwrap();
    let end = session.transitions().iter().map(|t| t.at).max().unwrap();
    campaign::play_until(&plan, end).await.unwrap_or_else(|e| panic!("seed {SEED}: {e}"))
}

/// What stands in the public stream.
async fn published(world: &World) -> Vec<Message> {
    let jetstream = async_nats::jetstream::new(world.broker.reader().await.unwrap());
    let stream = jetstream.get_stream(contracts::subjects::ADMISSIONS).await.unwrap();
    let mut all = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let headers: BTreeMap<String, String> =
            message.headers.iter().map(|(k, v)| (k.to_string(), v[0].as_str().to_owned())).collect();
        let tokens: Vec<&str> = message.subject.split('.').collect();
        all.push(Message {
            id: headers["ce-id"].clone(),
            kind: tokens[3].to_owned(),
            school: tokens[2].to_owned(),
            payload: serde_json::from_slice(&message.payload).unwrap(),
            headers,
        });
    }
    all
}

/// A program, its credentials in its environment.
fn program(words: &[&str], credentials: &Path, python: &Path) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("ADMIS_SUBSCRIBER", credentials).env("PYTHONPATH", python).stdin(Stdio::null());
    command
}

/// Kills it while it writes what it made of an event, starting it again each time, and then lets it catch up. How often it was
/// killed at work.
fn killed_and_restarted(mut command: impl FnMut() -> Command, writes: &Path, seed: u64) -> usize {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let size = || std::fs::metadata(writes).map_or(0, |file| file.len());
    let mut at_work = 0;
    for _ in 0..KILLS {
        let before = size();
        let mut child = command().spawn().unwrap();
        // Until it has written something, or has nothing left to write.
        while size() == before && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(rng.random_range(0..20)));
        if child.try_wait().unwrap().is_none() {
            at_work += 1;
            child.kill().unwrap();
        }
        child.wait().unwrap();
    }
    caught_up(command());
    at_work
}

fn caught_up(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What a query of an SQLite file gives, as Python reads it.
fn rows(file: &Path, query: &str) -> Vec<Vec<Value>> {
    let script =
        "import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))";
    let output = Command::new("python3").args(["-c", script]).arg(file).arg(query).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn counted<'a>(kinds: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    kinds.for_each(|kind| *counts.entry(kind.to_owned()).or_default() += 1);
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_they_miss_and_repeat_nothing() {
    let seed = std::env::var("ADMIS_SUBSCRIBERS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random);
    println!("ADMIS_SUBSCRIBERS_SEED={seed}");
    let world = world().await;
    let published = published(&world).await;
    let dir = tempfile::tempdir().unwrap();
    let python = engines::wheels(include_str!("../subscribers/requirements.txt")).unwrap();
    let school = world.session.schools.first().unwrap().id.clone();
    let mine: Vec<&Message> = published.iter().filter(|m| m.school == school).collect();
    let kinds = counted(mine.iter().map(|m| m.kind.as_str()));
    println!("{kinds:?}");
    assert!(kinds.len() > 6 && mine.len() > 60, "too little to read: {kinds:?}");

    fits_the_contract(&published, &python);

    let (mut credentials, mut files) = (BTreeMap::new(), BTreeMap::new());
    for name in ["in-python", "in-javascript", "pegase"] {
        let given = world.broker.subscribe(name, &school).await.unwrap();
        let file = dir.path().join(format!("{name}.json"));
        std::fs::write(&file, serde_json::to_string(&given).unwrap()).unwrap();
        credentials.insert(name, file);
        files.insert(name, dir.path().join(name));
    }
    let text = |path: &Path| path.display().to_string();

    let script = text(&events().join("python/subscriber.py"));
    let kept = text(&files["in-python"]);
    let run = || program(&["python3", &script, &kept, "--catch-up"], &credentials["in-python"], &python);
    let killed = tokio::task::block_in_place(|| killed_and_restarted(run, &dir.path().join("in-python-wal"), seed));
    println!("Python: killed {killed} times at work");
    let heard = || -> BTreeMap<String, u64> {
        let rows = rows(&files["in-python"], "select event, times from heard").into_iter();
        rows.map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap())).collect()
    };
    assert_eq!(heard(), kinds, "seed {seed}");
    // All of it a second time changes nothing.
    world.broker.replay("in-python").await.unwrap();
    tokio::task::block_in_place(|| caught_up(run()));
    assert_eq!(heard(), kinds, "seed {seed}, begun again");
    let admitted: BTreeSet<String> =
        rows(&files["in-python"], "select dossier from admissions where state = 'admitted'")
            .into_iter()
            .map(|row| row[0].as_str().unwrap().to_owned())
            .collect();
    let told: BTreeSet<String> = mine
        .iter()
        .filter(|m| m.kind == "admitted")
        .map(|m| m.payload["dossierId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(admitted, told, "seed {seed}");

    assert!(
        events().join("javascript/node_modules").exists(),
        "run `npm ci --ignore-scripts` in infra/events/javascript"
    );
    let script = text(&events().join("javascript/subscriber.mjs"));
    let kept = text(&files["in-javascript"]);
    let run = || program(&["node", &script, &kept, "--catch-up"], &credentials["in-javascript"], &python);
    let killed = tokio::task::block_in_place(|| killed_and_restarted(run, &files["in-javascript"], seed ^ 1));
    println!("JavaScript: killed {killed} times at work");
    world.broker.replay("in-javascript").await.unwrap();
    tokio::task::block_in_place(|| caught_up(run()));
    let journal = std::fs::read_to_string(&files["in-javascript"]).unwrap();
    let lines: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut wanted: Vec<&str> = mine.iter().map(|m| m.id.as_str()).collect();
    wanted.sort_unstable();
    assert_eq!(ids, wanted, "seed {seed}");

    let system = System::of(&world.portal_url, "staff", &school, &["dossiers:read", "admissions:read"]).await;
    let settings = dir.path().join("settings.json");
    let formations: BTreeMap<&str, String> =
        world.session.filieres.iter().map(|f| (f.id.as_str(), format!("FORM-{}", f.id))).collect();
    let text_of = json!({
        "api": format!("{}/api/v1", world.portal_url), "token_file": "token", "periode": "2026", "annee_concours": "2026",
        "voeux": formations, "nationalites": { "FR": "100" },
    });
    std::fs::write(&settings, text_of.to_string()).unwrap();
    std::fs::write(dir.path().join("token"), &system.token).unwrap();
    let (script, kept) = (text(&events().join("python/pegase.py")), text(&files["pegase"]));
    let settings = text(&settings);
    let run = || program(&["python3", &script, &settings, &kept], &credentials["pegase"], &python);
    let killed =
        tokio::task::block_in_place(|| killed_and_restarted(run, &files["pegase"].join("pegase.db-wal"), seed ^ 2));
    println!("Pégase: killed {killed} times at work");
    let mut numbers = BTreeSet::new();
    for dossier in &told {
        let admission = system.get(&format!("/admissions/{dossier}")).await.body;
        numbers.insert(admission["candidate"]["number"].to_string());
    }
    let candidates = read(&files["pegase"].join("candidats.csv"));
    assert_eq!(candidates.iter().map(|row| row["numero_candidat"].clone()).collect::<BTreeSet<_>>(), numbers);
    assert_eq!(candidates.len(), told.len(), "each once");
    assert!(candidates.iter().all(|row| !row["nom_famille"].is_empty() && !row["prenom"].is_empty()), "{candidates:?}");
    let wishes = read(&files["pegase"].join("voeux.csv"));
    assert_eq!(wishes.iter().map(|row| row["numero_candidat"].clone()).collect::<BTreeSet<_>>(), numbers);
    assert!(wishes.iter().all(|row| row["code_voeu"].starts_with("FORM-") && row["code_periode"] == "2026"));

    for lag in world.broker.administrator().await.unwrap().list().await.unwrap() {
        assert_eq!((lag.pending, lag.unacknowledged), (0, 0), "{}", lag.name);
    }
}

/// The rows of a file with `;` and no quotes, by the names of its header.
fn read(file: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

/// Every message that ever travelled is what its schema says.
fn fits_the_contract(published: &[Message], python: &Path) {
    let validate = Path::new(env!("CARGO_MANIFEST_DIR")).join("subscribers/validate.py");
    let run = |messages: &mut dyn Iterator<Item = Value>| {
        let mut child = Command::new("python3")
            .arg(&validate)
            .arg(events().join("contract"))
            .env("PYTHONPATH", python)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for message in messages {
            // It may have seen enough already.
            let _ = writeln!(stdin, "{message}");
        }
        drop(stdin);
        child.wait_with_output().unwrap()
    };
    let line = |m: &Message| json!({ "type": m.kind, "headers": m.headers, "payload": m.payload });
    let output = run(&mut published.iter().map(line));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: BTreeMap<String, u64> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen, counted(published.iter().map(|m| m.kind.as_str())));
    // And one that is not is seen.
    let mut wrong = line(published.first().unwrap());
    wrong["payload"]["dossierId"] = json!(7);
    assert!(!run(&mut std::iter::once(wrong)).status.success());
}
