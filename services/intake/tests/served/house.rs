//! Starts the executable and talks to it.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use contracts::{
    eligibility::eligibility_server::EligibilityServer,
    intake::intake_client::IntakeClient,
    machinery::{PendingRequest, operations_client::OperationsClient},
    roles,
};
use engines::Postgres;
use jiff::Timestamp;
use platform::{
    auth::{Caller, Claims, Issuer, KeyPair},
    refusal::Refusal,
};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use uuid::Uuid;

/// Longest wait for anything, on a machine that tests share.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct House {
    dir: tempfile::TempDir,
    people: Issuer,
    child: Mutex<Option<Child>>,
    clock: Mutex<Timestamp>,
}

impl House {
    /// A configuration with a database, keys, a folder and a double of eligibility; nothing runs yet.
    pub async fn new(nats: &str, clock: Timestamp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = listener.local_addr().unwrap();
        let tables = EligibilityServer::new(crate::tables::Tables);
        tokio::spawn(Server::builder().add_service(tables).serve_with_incoming(TcpIncoming::from(listener)));
        let dir = tempfile::tempdir().unwrap();
        let (people, own) = (KeyPair::generate(false).unwrap(), KeyPair::generate(false).unwrap());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("own.key", &own.private);
        write("jwks.json", &KeyPair::jwks(&[people.jwk.clone(), own.jwk.clone()]));
        write("session.toml", include_str!("../../../../infra/sessions/2026.toml"));
        write("clock", &clock.to_string());
        let database = Postgres::shared().unwrap().create_database("intake_served").unwrap();
        let config = format!(
            "environment = \"demo\"\nlisten = \"127.0.0.1:0\"\naddress_file = \"DIR/address\"\n\
             session_file = \"DIR/session.toml\"\n[database]\nurl = \"{database}\"\npool = 6\n[nats]\nurl = \"{nats}\"\n\
             [auth]\njwks_file = \"DIR/jwks.json\"\nsigning_key_file = \"DIR/own.key\"\n\
             [clock]\nmode = \"simulated\"\nstart_file = \"DIR/clock\"\n[peers]\neligibility = \"http://{peer}\"\n\
             [service]\npieces = {{ store = \"folder\", folder = \"DIR/pieces\" }}\n"
        );
        write("config.toml", &config.replace("DIR", &dir.path().display().to_string()));
        Self { people: people.issuer().unwrap(), dir, child: Mutex::default(), clock: Mutex::new(clock) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// The instant at which the next process starts.
    pub fn set_clock(&self, at: Timestamp) {
        std::fs::write(self.file("clock"), at.to_string()).unwrap();
        *self.clock.lock().unwrap() = at;
    }

    pub async fn start(&self) {
        let _absent_at_first = std::fs::remove_file(self.file("address"));
        let log = File::options().create(true).append(true).open(self.file("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_intake"))
            .args(["serve", "--config"])
            .arg(self.file("config.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        *self.child.lock().unwrap() = Some(child);
        let until = Instant::now() + PATIENCE;
        while !self.file("address").exists() {
            let ended = self.child.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "did not start: {ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _may_have_ended = child.kill();
            let _reaped = child.wait();
        }
    }

    fn channel(&self) -> Channel {
        // Absent while the process is down.
        let address = std::fs::read_to_string(self.file("address")).unwrap_or_else(|_| "127.0.0.1:1".into());
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }

    pub fn client(&self) -> IntakeClient<Channel> {
        IntakeClient::new(self.channel())
    }

    fn by<T>(&self, subject: &str, role: &str, message: T) -> Request<T> {
        let now = *self.clock.lock().unwrap();
        let caller = Caller { subject: subject.into(), role: role.into(), ..Caller::anonymous(now) };
        let token = self.people.sign(&Claims::of(&caller, "services", now)).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    pub fn candidate<T>(&self, id: Uuid, message: T) -> Request<T> {
        self.by(&id.to_string(), roles::CANDIDATE, message)
    }

    pub fn operator<T>(&self, message: T) -> Request<T> {
        self.by("op", roles::OPERATOR, message)
    }

    /// Asks until it is answered: what no process answered, or asks to be tried again, is asked again.
    pub async fn until_answered<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let until = Instant::now() + PATIENCE;
        loop {
            match ask().await {
                Ok(reply) => return Ok(reply.into_inner()),
                Err(status) => {
                    let ours = Refusal::from_status(&status);
                    if ours.is_some_and(|refusal| refusal.retry_after.is_none()) {
                        return Err(status);
                    }
                    assert!(Instant::now() < until, "never answered: {status:?}\n{}", self.log());
                    tokio::time::sleep(Duration::from_millis(15)).await;
                }
            }
        }
    }

    /// Waits until everything heard is handled and everything told is published, seen twice in a row.
    pub async fn settled(&self) {
        let until = Instant::now() + PATIENCE;
        let mut last = None;
        loop {
            let pending = OperationsClient::new(self.channel()).pending(self.operator(PendingRequest {})).await;
            if let Ok(pending) = pending.map(Response::into_inner) {
                assert_eq!(pending.set_aside, 0, "{pending:?}\n{}", self.log());
                let idle = pending.outbox_unpublished + pending.consumer_pending + pending.consumer_ack_pending == 0;
                if idle && last == Some(pending) {
                    return;
                }
                last = Some(pending);
            }
            assert!(Instant::now() < until, "never settles: {last:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}
