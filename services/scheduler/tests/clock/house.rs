//! Starts schedulers as processes of their own, and talks to them.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use contracts::{
    machinery::simulated_clock_client::SimulatedClockClient, scheduler::scheduler_client::SchedulerClient,
};
use engines::Postgres;
use jiff::Timestamp;
use platform::auth::{Caller, Claims, Issuer, KeyPair};
use tonic::{Request, transport::Channel};

/// Longest wait for anything, on a machine that tests share.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One deployment: a database, a broker, keys, a session file.
pub struct House {
    dir: tempfile::TempDir,
    pub database: String,
    nats: String,
    issuer: Issuer,
}

/// One replica.
pub struct Replica {
    child: Child,
    log: PathBuf,
    pub address: String,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

impl House {
    /// Prepares a deployment with a database of that name; nothing runs yet.
    pub fn new(database: &str, nats: &str, session: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (people, own) = (KeyPair::generate(false).unwrap(), KeyPair::generate(false).unwrap());
        let house = Self {
            database: Postgres::shared().unwrap().create_database(database).unwrap(),
            nats: nats.to_owned(),
            issuer: people.issuer().unwrap(),
            dir,
        };
        house.write("own.key", &own.private);
        house.write("jwks.json", &KeyPair::jwks(&[people.jwk.clone(), own.jwk.clone()]));
        house.write("session.toml", session);
        house
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts a replica under the system's clock, or a simulated one that starts at `clock`.
    pub fn spawn(&self, name: &str, clock: Option<&str>) -> Replica {
        let mode = match clock {
            Some(start) => {
                self.write("clock", start);
                "mode = \"simulated\"\nstart_file = \"DIR/clock\""
            }
            None => "mode = \"system\"",
        };
        let config = format!(
            "environment = \"demo\"\nlisten = \"127.0.0.1:0\"\naddress_file = \"DIR/{name}.address\"\n\
             session_file = \"DIR/session.toml\"\n[database]\nurl = \"{}\"\npool = 6\n[nats]\nurl = \"{}\"\n\
             [auth]\njwks_file = \"DIR/jwks.json\"\nsigning_key_file = \"DIR/own.key\"\n[clock]\n{mode}\n\
             [service]\nexpects = [\"intake\", \"jury\"]\n",
            self.database, self.nats
        );
        self.write(&format!("{name}.toml"), &config.replace("DIR", &self.dir.path().display().to_string()));
        let (log, address) = (self.file(&format!("{name}.log")), self.file(&format!("{name}.address")));
        let _absent_at_first = std::fs::remove_file(&address);
        let stderr = File::options().create(true).append(true).open(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_scheduler"))
            .args(["serve", "--config"])
            .arg(self.file(&format!("{name}.toml")))
            .stdin(Stdio::null())
            .stdout(stderr.try_clone().unwrap())
            .stderr(stderr)
            .spawn()
            .unwrap();
        Replica { child, log, address: address.display().to_string() }
    }

    /// The same, once it listens.
    pub async fn start(&self, name: &str, clock: Option<&str>) -> Replica {
        let mut replica = self.spawn(name, clock);
        let until = Instant::now() + PATIENCE;
        while !Path::new(&replica.address).exists() {
            let ended = replica.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "{name} did not start: {ended:?}\n{}", replica.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        replica.address = std::fs::read_to_string(&replica.address).unwrap();
        replica
    }

    /// `message` as an operator would send it.
    pub fn by<T>(&self, operator: &str, now: Timestamp, message: T) -> Request<T> {
        let caller = Caller { subject: operator.into(), role: "operator".into(), ..Caller::anonymous(now) };
        let token = self.issuer.sign(&Claims::of(&caller, "services", now)).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }
}

impl Replica {
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        let _may_have_ended = self.child.kill();
        let _reaped = self.child.wait();
    }

    /// Its exit status, once it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "still runs\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub async fn scheduler(&self) -> SchedulerClient<Channel> {
        SchedulerClient::new(self.channel().await)
    }

    pub async fn clock(&self) -> SimulatedClockClient<Channel> {
        SimulatedClockClient::new(self.channel().await)
    }
}

/// Asks again until the answer is `wanted`; fails with the last answer.
pub async fn eventually<T, F>(wanted: T, mut ask: impl FnMut() -> F)
where
    T: PartialEq + std::fmt::Debug,
    F: Future<Output = T>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        let found = ask().await;
        if found == wanted {
            return;
        }
        assert!(Instant::now() < until, "still {found:?}, wanted {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
