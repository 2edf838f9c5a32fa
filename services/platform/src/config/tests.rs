#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde::Deserialize;

use super::{load::parse, *};
use crate::auth::KeyPair;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    folder: String,
    #[serde(default)]
    retries: u32,
}

/// A directory with every file a configuration names.
fn files() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let pair = KeyPair::generate(false).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("session.toml", "");
    write("jwks.json", &KeyPair::jwks(std::slice::from_ref(&pair.jwk)));
    write("signing.key", &pair.private);
    write("clock", "2026-01-26T13:00:00Z\n");
    write("db.url", "postgres://svc:hunter2@localhost/svc?sslmode=verify-full\n");
    write("nats.password", "hunter3\n");
    dir
}

fn good(dir: &Path) -> String {
    r#"
environment = "demo"
listen = "127.0.0.1:0"
session_file = "DIR/session.toml"
[database]
url = "postgres://svc:hunter2@localhost/svc"
[nats]
url = "nats://127.0.0.1:4222"
user = "svc"
password_file = "DIR/nats.password"
[auth]
jwks_file = "DIR/jwks.json"
signing_key_file = "DIR/signing.key"
[peers]
other = "http://127.0.0.1:7000"
[service]
folder = "x"
"#
    .replace("DIR", &dir.display().to_string())
}

fn problems(text: &str) -> Vec<String> {
    parse::<Settings>(text).unwrap_err().iter().map(ToString::to_string).collect()
}

fn assert_named(problems: &[String], wanted: &str) {
    assert!(problems.iter().any(|problem| problem.contains(wanted)), "no `{wanted}` in {problems:#?}");
}

#[test]
fn a_good_file_has_its_secrets_filled_in_and_never_printed() {
    let dir = files();
    let (config, settings) = parse::<Settings>(&good(dir.path())).unwrap();
    assert_eq!(settings.folder, "x");
    assert_eq!(settings.retries, 0);
    assert_eq!(config.database.pool, 8);
    assert_eq!(config.nats.password.as_ref().map(Secret::expose), Some("hunter3"));
    assert_eq!(config.clock.mode, ClockMode::System);
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter"), "{printed}");
    assert!(printed.contains("(redacted)"));
}

#[test]
fn every_problem_is_named_with_its_place() {
    let dir = files();
    let text = good(dir.path())
        .replace("environment = \"demo\"", "environment = \"moon\"\ncolour = 3")
        .replace("[nats]", "pol = 9\npool = \"many\"\n[nats]")
        .replace("folder = \"x\"", "folder = 7\nextra = 1");
    let found = problems(&text);
    for wanted in [
        "line 2, column 15: environment: unknown variant `moon`",
        "line 3, column 1: colour: unknown field `colour`",
        "database.pol: unknown field `pol`",
        "database.pool: invalid type: string \"many\"",
        "service.folder: invalid type: integer `7`",
        "service.extra: unknown field `extra`",
    ] {
        assert_named(&found, wanted);
    }
    assert_eq!(found.len(), 6, "each once: {found:#?}");
}

#[test]
fn what_is_missing_is_named() {
    let found = problems("environment = \"demo\"\nlisten = \"127.0.0.1:0\"\n");
    for wanted in ["missing field `session_file`", "database: this section is required", "nats:", "auth:", "service:"] {
        assert_named(&found, wanted);
    }
    assert_eq!(found.len(), 5, "{found:#?}");
}

#[test]
fn what_is_not_toml_is_named_with_its_place() {
    let found = problems("environment = \nlisten = \"127.0.0.1:0\"\n");
    assert!(found[0].starts_with("line 1, column "), "{found:#?}");
}

#[test]
fn files_addresses_and_limits_are_checked_before_anything_starts() {
    let dir = files();
    let text = good(dir.path())
        .replace("127.0.0.1:0", "nowhere")
        .replace("session.toml", "absent.toml")
        .replace("postgres://svc:hunter2@localhost/svc", "mysql://svc:hunter2@localhost/svc")
        .replace("nats.password", "absent.password")
        .replace("signing.key", "jwks.json")
        .replace("http://127.0.0.1:7000", "https://127.0.0.1:7000")
        + "[limits]\ntimeout = \"20s\"\nconcurrency = 0\n[telemetry]\nsample = 1.5\notlp = \"collector\"\nfilter = \"a=b=c\"\n";
    let found = problems(&text);
    for wanted in [
        "listen: `nowhere`",
        "session_file: ",
        "database.url: is not a postgres:// address",
        "nats.password_file: ",
        "auth.signing_key_file: ",
        "peers.other: https:// needs",
        "limits.timeout: must be shorter than calendar.grace",
        "limits.concurrency: is at least 1",
        "telemetry.sample",
        "telemetry.otlp",
        "telemetry.filter",
    ] {
        assert_named(&found, wanted);
    }
    assert!(!found.join("").contains("hunter"), "a refusal shows no password: {found:#?}");
}

#[test]
fn the_addresses_of_a_peer_are_one_or_several_alike() {
    let dir = files();
    let with = |peer: &str| good(dir.path()).replace("\"http://127.0.0.1:7000\"", peer);
    let (config, _) = parse::<Settings>(&with("[\"http://a:7000\", \"http://b:7000\"]")).unwrap();
    assert_eq!(config.peers["other"].all(), ["http://a:7000", "http://b:7000"]);
    assert_named(&problems(&with("[]")), "peers.other: has no address");
    let mixed = problems(&with("[\"http://a:7000\", \"https://b:7000\"]"));
    assert_named(&mixed, "peers.other: has addresses with and without TLS");
    assert_named(&problems(&with("7")), "an address, or a list of addresses");
    let probes = good(dir.path()).replace("listen =", "probes = \"nowhere\"\nlisten =");
    assert_named(&problems(&probes), "probes: `nowhere` is not host:port");
}

#[test]
fn a_simulated_clock_needs_its_start_and_a_system_clock_none() {
    let dir = files();
    let with = |clock: &str| parse::<Settings>(&format!("{}[clock]\n{clock}\n", good(dir.path())));
    let start = format!("start_file = \"{}/clock\"", dir.path().display());
    assert_eq!(with(&format!("mode = \"simulated\"\n{start}")).unwrap().0.clock.mode, ClockMode::Simulated);
    assert!(with("mode = \"simulated\"").is_err());
    assert!(with(&start).is_err());
    assert!(with(&format!("mode = \"simulated\"\n{}", start.replace("clock\"", "jwks.json\""))).is_err());
}

#[test]
fn production_refuses_the_simulated_clock_plain_secrets_and_clear_connections() {
    let dir = files();
    let text = good(dir.path())
        .replace("\"demo\"", "\"production\"")
        .replace(&format!("password_file = \"{}/nats.password\"", dir.path().display()), "password = \"hunter3\"")
        + &format!("[clock]\nmode = \"simulated\"\nstart_file = \"{}/clock\"\n", dir.path().display());
    let found = problems(&text);
    for wanted in [
        "database.url: production reads it from url_file",
        "nats.password: production reads it from password_file",
        "clock.mode: production runs on the system clock",
        "tls: production serves over TLS",
        "nats.url: production reaches the broker over tls://",
        "peers.other: production calls its peers over https://",
        "database.url: production connects with sslmode=verify-full",
    ] {
        assert_named(&found, wanted);
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn a_drain_is_tiny_in_the_demo_and_within_thirty_seconds_elsewhere() {
    assert!(Drain::usual(Environment::Demo).settle < Span::from_millis(100));
    let usual = Drain::usual(Environment::Production);
    assert!(usual.settle.get() + usual.finish.get() < std::time::Duration::from_secs(30));
}
