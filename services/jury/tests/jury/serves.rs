//! The executable: a configuration, a real broker and database, a token over the wire, and a clean end.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use contracts::{
    jury::{self as api, jury_client::JuryClient},
    roles,
};
use engines::{Nats, Postgres};
use jiff::Timestamp;
use platform::{
    auth::{Caller, Claims, KeyPair},
    refusal::Refusal,
};
use tonic::{Request, transport::Endpoint};

const START: &str = "2026-01-26T13:00:00Z";

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_what_the_session_file_says_and_ends_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let (issuer, own) = (KeyPair::generate(false).unwrap(), KeyPair::generate(false).unwrap());
    write(dir.path(), "session.toml", include_str!("../../../../infra/sessions/2026.toml"));
    write(dir.path(), "clock", START);
    write(dir.path(), "own.key", &own.private);
    write(dir.path(), "jwks.json", &KeyPair::jwks(&[issuer.jwk.clone(), own.jwk.clone()]));
    let database = format!("jury_serves_{}", std::process::id());
    let config = format!(
        r#"
environment = "demo"
listen = "127.0.0.1:0"
address_file = "DIR/address"
session_file = "DIR/session.toml"
[database]
url = "{database}"
[nats]
url = "{nats}"
[auth]
jwks_file = "DIR/jwks.json"
signing_key_file = "DIR/own.key"
[clock]
mode = "simulated"
start_file = "DIR/clock"
[peers]
intake = "http://127.0.0.1:9"
[service]
"#,
        database = Postgres::shared().unwrap().create_database(&database).unwrap(),
        nats = Nats::shared().unwrap().url(),
    );
    write(dir.path(), "config.toml", &config.replace("DIR", &dir.path().display().to_string()));
    let file = dir.path().join("config.toml");
    let jury = |what: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jury"));
        command.arg(what).arg("--config").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    let log = std::fs::File::create(dir.path().join("log")).unwrap();
    let mut running = Running(jury("serve").stderr(log).spawn().unwrap());
    let until = Instant::now() + Duration::from_secs(60);
    while !dir.path().join("address").exists() {
        let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
        let ended = running.0.try_wait().unwrap();
        assert!(ended.is_none() && Instant::now() < until, "did not start: {ended:?}\n{log}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let address = std::fs::read_to_string(dir.path().join("address")).unwrap();
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let mut client = JuryClient::new(channel);

    let nobody = client.get_progress(api::GetProgressRequest {}).await.unwrap_err();
    assert_eq!(Refusal::from_status(&nobody).unwrap().reason, "TOKEN_REQUIRED");
    let now: Timestamp = START.parse().unwrap();
    let member = Caller { subject: "m1".into(), role: roles::JURY.into(), ..Caller::anonymous(now) };
    let token = issuer.issuer().unwrap().sign(&Claims::of(&member, "services", now)).unwrap();
    let mut request = Request::new(api::ListSeatsRequest {});
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let cells = client.list_seats(request).await.unwrap().into_inner().cells;
    assert_eq!(cells.len(), 8, "the eight cells with seats (R28)");
    assert_eq!(cells.iter().map(|c| c.seats).sum::<u32>(), 60);

    assert_eq!(jury("verify-audit").status().unwrap().code(), Some(0), "an empty chain is intact");
    let told = Command::new("kill").arg("-TERM").arg(running.0.id().to_string()).status().unwrap();
    assert!(told.success());
    let until = Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = running.0.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < until, "still running\n{}", std::fs::read_to_string(dir.path().join("log")).unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(status.code(), Some(0));
}
