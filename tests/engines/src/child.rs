//! A child process that cannot outlive its parent.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::EngineError;

/// The watcher: starts the program, tells its pid, and waits for a word on standard input. End of file means that the
/// parent is gone. The signals of a terminal are left to the parent, which ends things in order.
const WATCHER: &str = r#"
trap '' INT HUP
sig=$1; dir=$2; shift 2
"$@" </dev/null >>"$dir/log" 2>&1 &
pid=$!
echo "$pid"
read -r word
kill -s "$sig" "$pid" 2>/dev/null
wait "$pid"
[ "$word" = keep ] || rm -rf "$dir"
"#;

/// A running program with its watcher. Dropping it ends the program and waits for that.
#[derive(Debug)]
pub struct Child {
    watcher: std::process::Child,
    pid: u32,
    dir: PathBuf,
}

impl Child {
    /// Starts `command` with its output appended to `dir/log`. `signal` is what ends it in good order (`INT`, `TERM`).
    ///
    /// # Errors
    /// When the program or its watcher cannot be started.
    pub fn spawn(signal: &str, dir: &Path, command: &[String], env: &[(String, String)]) -> Result<Self, EngineError> {
        use std::os::unix::process::CommandExt;
        let mut watcher = Command::new("sh")
            .args(["-c", WATCHER, "watcher", signal])
            .arg(dir)
            .args(command)
            .envs(env.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(EngineError::io(format!("starting {}", command.first().map_or("", String::as_str))))?;
        let mut line = String::new();
        if let Some(out) = watcher.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(EngineError::io("reading the pid"))?;
        }
        let pid = line.trim().parse().map_err(|_| EngineError::Failed { what: "sh".into(), output: line.clone() })?;
        Ok(Self { watcher, pid, dir: dir.to_owned() })
    }

    /// The program's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the program still runs.
    #[must_use]
    pub fn alive(&self) -> bool {
        // A program that has ended is a zombie until the watcher reaps it, and still takes signals.
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
        state != Some("Z") && signal("0", self.pid)
    }

    /// Sends a signal, by name (`KILL`, `TERM`, `STOP`), to this program alone.
    pub fn signal(&self, name: &str) -> bool {
        signal(name, self.pid)
    }

    /// Ends the program in good order and keeps its directory.
    pub fn stop(mut self) {
        self.end("keep\n");
    }

    /// The end of what the program printed.
    #[must_use]
    pub fn log_tail(&self) -> String {
        log_tail(&self.dir)
    }

    fn end(&mut self, word: &str) {
        if let Some(mut stdin) = self.watcher.stdin.take() {
            // The watcher may be gone already; then there is nothing left to end.
            let _ = stdin.write_all(word.as_bytes());
        }
        let _ = self.watcher.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // The directory belongs to the one who made it: it goes with its TempDir, or with the watcher if we vanish.
        self.end("keep\n");
    }
}

fn signal(name: &str, pid: u32) -> bool {
    Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

pub(crate) fn log_tail(dir: &Path) -> String {
    let log = fs::read(dir.join("log")).unwrap_or_default();
    let from = log.len().saturating_sub(4000);
    String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned()
}

/// Makes `dir` with an empty log in it.
pub(crate) fn prepare(dir: &Path) -> Result<(), EngineError> {
    fs::create_dir_all(dir).map_err(EngineError::io(format!("making {}", dir.display())))?;
    File::options()
        .create(true)
        .append(true)
        .open(dir.join("log"))
        .map(drop)
        .map_err(EngineError::io(format!("making the log in {}", dir.display())))
}
