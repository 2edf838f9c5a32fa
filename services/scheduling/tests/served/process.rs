//! Starts the executable, kills it, and speaks to it as the broker, a planner and the edge do.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use async_nats::{HeaderMap, jetstream};
use contracts::{
    Fact,
    machinery::{AdvanceRequest, simulated_clock_client::SimulatedClockClient},
    roles,
};
use engines::{Nats, Postgres};
use jiff::Timestamp;
use platform::auth::{Caller, Claims, Issuer, KeyPair};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(0xd055_0000 + n)
}

/// Asks until it is so; fails after a while, saying what was expected.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !so().await {
        assert!(Instant::now() < until, "expected in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub struct House {
    dir: tempfile::TempDir,
    issuer: Issuer,
    edge: Issuer,
    broker: jetstream::Context,
    now: Timestamp,
    child: Option<Child>,
}

impl House {
    /// A configuration for a simulated clock that stands at `now`.
    pub async fn prepare(now: Timestamp) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let [issuer, edge, own] = [false, true, false].map(|edge| KeyPair::generate(edge).unwrap());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("own.key", &own.private);
        write("jwks.json", &KeyPair::jwks(&[issuer.jwk.clone(), edge.jwk.clone(), own.jwk.clone()]));
        let nats = Nats::shared().unwrap().url();
        let config = format!(
            r#"
environment = "demo"
listen = "127.0.0.1:0"
address_file = "DIR/address"
session_file = "{session}"
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
[service]
"#,
            session = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/sessions/2026.toml"),
            database = Postgres::shared().unwrap().create_database("served").unwrap(),
        );
        write("config.toml", &config.replace("DIR", &dir.path().display().to_string()));
        let broker = jetstream::new(async_nats::connect(nats).await.unwrap());
        Self { dir, issuer: issuer.issuer().unwrap(), edge: edge.issuer().unwrap(), broker, now, child: None }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts the executable, at the instant its clock was last set to.
    pub async fn start(&mut self) {
        std::fs::write(self.file("clock"), self.now.to_string()).unwrap();
        let _absent_at_first = std::fs::remove_file(self.file("address"));
        let log = std::fs::File::create(self.file("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_scheduling"));
        command.arg("serve").arg("--config").arg(self.file("config.toml"));
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let log = || std::fs::read_to_string(self.file("log")).unwrap_or_default();
        let until = Instant::now() + Duration::from_secs(60);
        while std::fs::read_to_string(self.file("address")).unwrap_or_default().is_empty() {
            assert!(Instant::now() < until, "did not start:\n{}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut ready = self.broker.get_stream("ADMISSIONS").await.is_ok();
        while !ready {
            assert!(Instant::now() < until, "made no streams:\n{}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
            ready = self.broker.get_stream("ADMISSIONS").await.is_ok();
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn channel(&self) -> Channel {
        let address = std::fs::read_to_string(self.file("address")).unwrap();
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }

    /// Puts a fact on the stream as its service's relay does; the same fact has the same id.
    pub async fn tell<F: Fact>(&self, fact: &F, version: u64, at: Timestamp) {
        let payload = serde_json::to_vec(fact).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("ce-specversion", "1.0");
        headers.insert("ce-id", Uuid::new_v5(&Uuid::NAMESPACE_OID, &payload).to_string());
        headers.insert("ce-type", format!("{}.{}", F::SERVICE, F::NAME));
        headers.insert("ce-source", F::SERVICE);
        headers.insert("ce-time", at.to_string());
        headers.insert("ce-subject", fact.aggregate());
        headers.insert("ce-aggregateversion", version.to_string());
        let sent = self.broker.publish_with_headers(F::subject(), headers, payload.into()).await.unwrap();
        sent.await.unwrap();
    }

    /// How many messages a stream holds on a subject.
    pub async fn messages(&self, stream: &str, subject: &str) -> usize {
        use futures::TryStreamExt as _;
        let stream = self.broker.get_stream(stream).await.unwrap();
        let counts: Vec<(String, usize)> =
            stream.info_with_subjects(subject).await.unwrap().try_collect().await.unwrap();
        counts.iter().map(|c| c.1).sum()
    }

    fn request<T>(&self, issuer: &Issuer, claims: &Claims, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", issuer.sign(claims).unwrap());
        request.metadata_mut().insert("authorization", bearer.parse().unwrap());
        request
    }

    fn claims(&self, role: &str, subject: &str, unit: Option<&str>) -> Claims {
        let caller = Caller {
            subject: subject.into(),
            role: role.into(),
            unit: unit.map(Into::into),
            ..Caller::anonymous(self.now)
        };
        Claims::of(&caller, "services", self.now)
    }

    pub fn planner<T>(&self, school: &str, message: T) -> Request<T> {
        self.request(&self.issuer, &self.claims(roles::PLANNER, "planner", Some(school)), message)
    }

    /// A request that the edge received at `received`.
    pub fn stamped<T>(&self, role: &str, subject: &str, received: Timestamp, message: T) -> Request<T> {
        let mut claims = self.claims(role, subject, None).received_at(received);
        claims.iat -= 60;
        claims.exp -= 60;
        self.request(&self.edge, &claims, message)
    }

    pub async fn advance(&mut self, to: Timestamp) {
        let claims = self.claims(roles::OPERATOR, "operator", None);
        let request = self.request(&self.issuer, &claims, AdvanceRequest { to: Some(to.into()) });
        SimulatedClockClient::new(self.channel()).advance(request).await.unwrap();
        self.now = to;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}
