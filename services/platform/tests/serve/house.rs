//! Starts the service under test and talks to it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use engines::{Nats, Postgres};
use jiff::Timestamp;
use platform::{
    auth::{Caller, Claims, Issuer, KeyPair},
    refusal::{Decoded, Refusal},
};
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_prost::ProstCodec;

pub const START: &str = "2026-01-26T13:00:00Z";
pub const AUDIENCE: &str = "services";

pub struct House {
    pub dir: tempfile::TempDir,
    pub idp: Issuer,
    pub edge: Issuer,
    child: Option<Child>,
}

impl House {
    /// Writes a configuration for a database of that name, with `more` at its end; nothing runs yet.
    pub fn prepare(database: &str, more: &str) -> Self {
        // What stands after `[service]` belongs to that table.
        let (more, settings) = more.split_once("[service]\n").unwrap_or((more, ""));
        let dir = tempfile::tempdir().unwrap();
        let (idp, edge, own) = (
            KeyPair::generate(false).unwrap(),
            KeyPair::generate(true).unwrap(),
            // The same for every service under test, so that they know each other.
            KeyPair::from_seed(&[7; 32], false).unwrap(),
        );
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("session.toml", "");
        write("clock", START);
        write("own.key", &own.private);
        write("jwks.json", &KeyPair::jwks(&[idp.jwk.clone(), edge.jwk.clone(), own.jwk.clone()]));
        let url = Postgres::shared().unwrap().create_database(database).unwrap();
        let config = format!(
            r#"
environment = "demo"
listen = "127.0.0.1:0"
address_file = "DIR/address"
session_file = "DIR/session.toml"
[database]
url = "{url}"
[nats]
url = "{nats}"
[auth]
jwks_file = "DIR/jwks.json"
signing_key_file = "DIR/own.key"
[clock]
mode = "simulated"
start_file = "DIR/clock"
{more}
[service]
greeting = "hello"
{settings}"#,
            nats = Nats::shared().unwrap().url(),
        );
        write("config.toml", &config.replace("DIR", &dir.path().display().to_string()));
        Self { idp: idp.issuer().unwrap(), edge: edge.issuer().unwrap(), dir, child: None }
    }

    /// A service that is up and ready.
    pub async fn open(database: &str, more: &str) -> Self {
        let mut house = Self::prepare(database, more);
        house.start().await;
        house
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Changes a piece of the configuration, which must be there.
    pub fn edit(&self, from: &str, to: &str) {
        let file = self.file("config.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(file, text.replace(from, to)).unwrap();
    }

    pub fn command(config: &Path) -> Command {
        Self::does("serve", config)
    }

    pub fn does(what: &str, config: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(what).arg("--config").arg(config).stdin(Stdio::null()).env_remove("RUST_LOG");
        command
    }

    pub async fn start(&mut self) {
        let log = std::fs::File::create(self.file("log")).unwrap();
        let child = Self::command(&self.file("config.toml")).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        let until = Instant::now() + Duration::from_secs(30);
        while !self.file("address").exists() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "did not start: {ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn ready(&self) {
        let until = Instant::now() + Duration::from_secs(15);
        while self.health("").await != ServingStatus::Serving {
            assert!(Instant::now() < until, "never ready\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    pub fn address(&self) -> String {
        std::fs::read_to_string(self.file("address")).unwrap()
    }

    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address())).unwrap().connect_lazy()
    }

    pub async fn health(&self, service: &str) -> ServingStatus {
        let request = HealthCheckRequest { service: service.into() };
        let reply = HealthClient::new(self.channel()).check(request).await.unwrap();
        reply.into_inner().status()
    }

    /// How it ends by itself within ten seconds.
    pub async fn ended(&mut self) -> ExitStatus {
        let child = self.child.as_mut().unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "still running after ten seconds");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGTERM, and how it ended within ten seconds.
    pub async fn terminate(&mut self) -> ExitStatus {
        let child = self.child.as_mut().unwrap();
        let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
        assert!(killed.success());
        self.ended().await
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ended = child.kill();
            let _reaped = child.wait();
        }
    }
}

pub fn now() -> Timestamp {
    START.parse().unwrap()
}

pub fn claims(role: &str) -> Claims {
    let caller = Caller { subject: "u1".into(), role: role.into(), ..Caller::anonymous(now()) };
    Claims::of(&caller, AUDIENCE, now())
}

pub fn with_token<T>(message: T, issuer: &Issuer, claims: &Claims) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("Bearer {}", issuer.sign(claims).unwrap());
    request.metadata_mut().insert("authorization", header.parse().unwrap());
    request
}

/// Calls an rpc of the probe, which always answers with a refusal.
pub async fn ask(channel: Channel, method: &str, request: Request<()>) -> Status {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let path = format!("/test.Probe/{method}").parse().unwrap();
    client.unary(request, path, ProstCodec::<(), ()>::default()).await.map(|_| ()).unwrap_err()
}

pub fn decoded(status: &Status) -> Decoded {
    Refusal::from_status(status).unwrap_or_else(|| panic!("no details: {status:?}"))
}
