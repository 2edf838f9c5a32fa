//! `engines databases -- COMMAND`: runs a command beside a PostgreSQL that holds, for each crate with migrations, a
//! database with today's schema. The command finds them as `INTAKE_DATABASE_URL` and so on.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use engines::{EngineError, Postgres};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [verb, dashes, program, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: engines databases -- COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    if verb != "databases" || dashes != "--" {
        eprintln!("usage: engines databases -- COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    }
    match databases(program, rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("engines: {error}");
            ExitCode::FAILURE
        }
    }
}

fn databases(program: &str, rest: &[String]) -> Result<ExitCode, EngineError> {
    let io = |what: String| move |source| EngineError::Io { what, source };
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let postgres = Postgres::start()?;
    let mut command = Command::new(program);
    command.args(rest);
    // Platform's tables are in every database, each service's own beside them.
    let platform = migrations(&services.join("platform"));
    for entry in fs::read_dir(&services).map_err(io(format!("listing {}", services.display())))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = migrations(&entry.path());
        if own.is_empty() {
            continue;
        }
        let url = postgres.create_database(&name)?;
        let files = if name == "platform" { platform.clone() } else { [platform.clone(), own].concat() };
        for file in files {
            let sql = fs::read_to_string(&file).map_err(io(format!("reading {}", file.display())))?;
            postgres.sql(&name, &sql)?;
        }
        command.env(format!("{}_DATABASE_URL", name.to_uppercase()), url);
    }
    let status = command.status().map_err(io(format!("running {program}")))?;
    Ok(u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The migrations of a crate, in order.
fn migrations(of: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(of.join("migrations"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    files
}
