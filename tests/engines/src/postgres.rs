//! PostgreSQL as a child process.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Binaries, EngineError, Ports, START_SECONDS, binaries, child, child::Child};

/// A cluster of its own. Role `postgres`, no password, loopback only; durable as in production (fsync on).
#[derive(Debug)]
pub struct Postgres {
    at: Location,
}

#[derive(Debug)]
enum Location {
    /// Someone else's server, named by `ADMIS_POSTGRES_URL`.
    Given(String),
    Own {
        dir: TempDir,
        binaries: Binaries,
        port: u16,
        child: Mutex<Option<Child>>,
        _ports: Ports,
    },
}

impl Postgres {
    /// Starts a cluster, or takes the one that `ADMIS_POSTGRES_URL` names.
    ///
    /// # Errors
    /// When the programs cannot be had or the server does not answer.
    pub fn start() -> Result<Self, EngineError> {
        if let Ok(url) = std::env::var("ADMIS_POSTGRES_URL") {
            return Ok(Self { at: Location::Given(url.trim_end_matches('/').to_owned()) });
        }
        let binaries = binaries()?;
        let mut ports = Ports::reserve()?;
        let dir = tempfile::Builder::new()
            .prefix("admis-postgres-")
            .tempdir()
            .map_err(EngineError::io("making a directory"))?;
        child::prepare(dir.path())?;
        let data = data_of(dir.path());
        let initdb = binaries.postgres.join("initdb").display().to_string();
        let mut command = unprivileged(dir.path())?;
        command.extend([
            initdb,
            "--no-sync".into(),
            "--auth=trust".into(),
            "--username=postgres".into(),
            "--encoding=UTF8".into(),
            "--locale=C".into(),
            "--pgdata".into(),
            data.display().to_string(),
        ]);
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        if let Some((program, rest)) = args.split_first() {
            crate::install::run(program, rest)?;
        }
        let port = ports.take();
        let postgres = Self { at: Location::Own { dir, binaries, port, child: Mutex::new(None), _ports: ports } };
        postgres.resume()?;
        Ok(postgres)
    }

    /// One cluster for all tests of this process; it ends with the process.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn shared() -> Result<&'static Self, EngineError> {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        static STARTING: Mutex<()> = Mutex::new(());
        let _one = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(shared) = SHARED.get() {
            return Ok(shared);
        }
        let started = Self::start()?;
        Ok(SHARED.get_or_init(|| started))
    }

    /// URL of a database on this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.at {
            Location::Given(url) => format!("{url}/{database}"),
            Location::Own { port, .. } => format!("postgres://postgres@127.0.0.1:{port}/{database}"),
        }
    }

    /// Makes an empty database and gives its URL. Two callers must choose two names.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_database(&self, name: &str) -> Result<String, EngineError> {
        self.sql("postgres", &format!("create database \"{name}\""))?;
        Ok(self.url(name))
    }

    /// Runs SQL through `psql`, for tests that look at or break a database from outside.
    ///
    /// # Errors
    /// When psql fails; its message is in the error.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, EngineError> {
        let psql = match &self.at {
            Location::Given(_) => PathBuf::from("psql"),
            Location::Own { binaries, .. } => binaries.postgres.join("psql"),
        };
        let mut run = Command::new(psql)
            .args(["-v", "ON_ERROR_STOP=1", "-qtAX", "-d", &self.url(database), "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(EngineError::io("running psql"))?;
        if let Some(mut stdin) = run.stdin.take() {
            stdin.write_all(sql.as_bytes()).map_err(EngineError::io("writing to psql"))?;
        }
        let output = run.wait_with_output().map_err(EngineError::io("running psql"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        Err(EngineError::Failed { what: "psql".into(), output: String::from_utf8_lossy(&output.stderr).into_owned() })
    }

    /// Kills the server as a power cut would (SIGKILL to the postmaster), and starts it again.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn kill_and_restart(&self) -> Result<(), EngineError> {
        if let Location::Own { child, .. } = &self.at {
            let old = child.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some(old) = old {
                old.signal("KILL");
                old.stop();
            }
        }
        self.resume()
    }

    /// Starts the server on its directory and waits until it answers.
    fn resume(&self) -> Result<(), EngineError> {
        let Location::Own { dir, binaries, port, child, .. } = &self.at else { return Ok(()) };
        let mut command = unprivileged(dir.path())?;
        command.push(binaries.postgres.join("postgres").display().to_string());
        command.extend(["-D".into(), data_of(dir.path()).display().to_string(), "-p".into(), port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=400",
            "shared_buffers=64MB",
            "log_min_messages=warning",
        ] {
            command.extend(["-c".into(), setting.into()]);
        }
        let began = Instant::now();
        loop {
            let started = Child::spawn("INT", dir.path(), &command, &[])?;
            // After a kill, the old server's processes hold its shared memory for a moment and the new one gives up.
            while started.alive() {
                if self.sql("postgres", "select 1").is_ok() {
                    *child.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(started);
                    return Ok(());
                }
                if began.elapsed() > Duration::from_secs(START_SECONDS) {
                    return Err(EngineError::Silent {
                        what: "postgres".into(),
                        seconds: START_SECONDS,
                        output: started.log_tail(),
                    });
                }
                thread::sleep(Duration::from_millis(50));
            }
            if began.elapsed() > Duration::from_secs(START_SECONDS) {
                return Err(EngineError::Failed { what: "postgres".into(), output: started.log_tail() });
            }
            drop(started);
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn data_of(dir: &Path) -> PathBuf {
    dir.join("data")
}

/// PostgreSQL refuses to run as root. As root, it runs in a user namespace where it is nobody; where namespaces are
/// switched off, as the user nobody, who is then given the directory.
fn unprivileged(dir: &Path) -> Result<Vec<String>, EngineError> {
    static NAMESPACES: OnceLock<bool> = OnceLock::new();
    if !is_root(dir) {
        return Ok(Vec::new());
    }
    let namespace = ["unshare", "--user", "--map-user=65534", "--map-group=65534"].map(String::from);
    let works = *NAMESPACES.get_or_init(|| {
        crate::install::run("unshare", &["--user", "--map-user=65534", "--map-group=65534", "true"]).is_ok()
    });
    if works {
        return Ok(namespace.into());
    }
    crate::install::run("chown", &["-R", "65534:65534", &dir.display().to_string()])?;
    Ok(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(String::from).into())
}

/// Whoever made the directory is who we are.
fn is_root(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(dir).is_ok_and(|made| made.uid() == 0)
}
