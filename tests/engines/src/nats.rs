//! nats-server with JetStream as a child process.

use std::{
    fmt::Write as _,
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{EngineError, Ports, START_SECONDS, binaries, child, child::Child};

const PID_FILE: &str = "nats.pid";

/// A broker user and what it may publish; subjects in NATS syntax. An empty list allows everything.
#[derive(Debug, Clone)]
pub struct NatsUser {
    /// Name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Subjects it may publish to.
    pub publish: Vec<String>,
}

/// A broker of its own that syncs every message before it acknowledges (`sync_interval: always`).
#[derive(Debug)]
pub struct Nats {
    at: Location,
}

#[derive(Debug)]
enum Location {
    /// Someone else's server, named by `ADMIS_NATS_URL`.
    Given(String),
    Own {
        dir: TempDir,
        port: u16,
        monitoring: u16,
        child: Mutex<Option<Child>>,
        _ports: Ports,
    },
}

impl Nats {
    /// Starts a broker with these users (none: everyone may do everything), or takes the one `ADMIS_NATS_URL` names.
    ///
    /// # Errors
    /// When the program cannot be had or the server does not answer.
    pub fn start(users: &[NatsUser]) -> Result<Self, EngineError> {
        Self::configured(|_| Ok(authorization(users)))
    }

    /// Starts a broker with further configuration, or takes the one `ADMIS_NATS_URL` names. `configure` is given the
    /// directory of the server's configuration, where it may put files to include.
    ///
    /// # Errors
    /// As [`Nats::start`], or what `configure` says.
    pub fn configured(configure: impl FnOnce(&Path) -> Result<String, EngineError>) -> Result<Self, EngineError> {
        if let Ok(url) = std::env::var("ADMIS_NATS_URL") {
            return Ok(Self { at: Location::Given(url) });
        }
        let mut ports = Ports::reserve()?;
        let (port, monitoring) = (ports.take(), ports.take());
        let dir =
            tempfile::Builder::new().prefix("admis-nats-").tempdir().map_err(EngineError::io("making a directory"))?;
        child::prepare(dir.path())?;
        let store = dir.path().join("jetstream").display().to_string();
        let pid_file = dir.path().join(PID_FILE).display().to_string();
        let mut config = format!(
            "listen: 127.0.0.1:{port}\nhttp: 127.0.0.1:{monitoring}\nserver_name: admis\nmax_payload: 4MB\n\
             pid_file: \"{pid_file}\"\njetstream {{ store_dir: \"{store}\", sync_interval: always, max_file_store: 8GB }}\n"
        );
        config.push_str(&configure(dir.path())?);
        fs::write(dir.path().join("nats.conf"), config).map_err(EngineError::io("writing nats.conf"))?;
        let nats = Self { at: Location::Own { dir, port, monitoring, child: Mutex::new(None), _ports: ports } };
        nats.resume()?;
        Ok(nats)
    }

    /// One broker for all tests of this process; it ends with the process. Its streams are shared: use names of your own.
    ///
    /// # Errors
    /// As [`Nats::start`].
    pub fn shared() -> Result<&'static Self, EngineError> {
        static SHARED: OnceLock<Nats> = OnceLock::new();
        static STARTING: Mutex<()> = Mutex::new(());
        let _one = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(shared) = SHARED.get() {
            return Ok(shared);
        }
        let started = Self::start(&[])?;
        Ok(SHARED.get_or_init(|| started))
    }

    /// Where clients connect, without credentials.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.at {
            Location::Given(url) => url.clone(),
            Location::Own { port, .. } => format!("nats://127.0.0.1:{port}"),
        }
    }

    /// The monitoring address, where there is one.
    #[must_use]
    pub fn monitoring(&self) -> Option<String> {
        match &self.at {
            Location::Given(_) => None,
            Location::Own { monitoring, .. } => Some(format!("http://127.0.0.1:{monitoring}")),
        }
    }

    /// The file that holds the server's process id, where there is one.
    #[must_use]
    pub fn pid_file(&self) -> Option<PathBuf> {
        match &self.at {
            Location::Given(_) => None,
            Location::Own { dir, .. } => Some(dir.path().join(PID_FILE)),
        }
    }

    /// Kills the server (SIGKILL) and starts it again on the same store.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn kill_and_restart(&self) -> Result<(), EngineError> {
        if let Some(old) = self.take() {
            old.signal("KILL");
            old.stop();
        }
        self.resume()
    }

    /// Loses everything the broker stored, as when its volume is gone, and starts it again empty.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn lose_everything(&self) -> Result<(), EngineError> {
        if let (Some(old), Location::Own { dir, .. }) = (self.take(), &self.at) {
            old.signal("KILL");
            old.stop();
            fs::remove_dir_all(dir.path().join("jetstream")).map_err(EngineError::io("losing the store"))?;
        }
        self.resume()
    }

    fn take(&self) -> Option<Child> {
        let Location::Own { child, .. } = &self.at else { return None };
        child.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    fn resume(&self) -> Result<(), EngineError> {
        let Location::Own { dir, port, child, .. } = &self.at else { return Ok(()) };
        let command =
            [binaries()?.nats.display().to_string(), "-c".into(), dir.path().join("nats.conf").display().to_string()];
        let started = Child::spawn("TERM", dir.path(), &command, &[])?;
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", *port)).is_err() {
            if !started.alive() || began.elapsed() > Duration::from_secs(START_SECONDS) {
                return Err(EngineError::Silent {
                    what: "nats-server".into(),
                    seconds: START_SECONDS,
                    output: started.log_tail(),
                });
            }
            thread::sleep(Duration::from_millis(20));
        }
        *child.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(started);
        Ok(())
    }
}

fn authorization(users: &[NatsUser]) -> String {
    if users.is_empty() {
        return String::new();
    }
    let mut text = String::from("authorization { users: [\n");
    for user in users {
        let allowed: Vec<String> = user.publish.iter().map(|s| format!("\"{s}\"")).collect();
        let permissions = if allowed.is_empty() {
            String::new()
        } else {
            format!(", permissions: {{ publish: [{}] }}", allowed.join(", "))
        };
        let _ = writeln!(text, "  {{ user: \"{}\", password: \"{}\"{permissions} }}", user.name, user.password);
    }
    text.push_str("] }\n");
    text
}
