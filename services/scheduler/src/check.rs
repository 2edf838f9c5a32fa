//! `check-session FILE`: the verdict of the session file's reader, for people and scripts.

use std::{ffi::OsString, path::Path, process::ExitCode};

use notice::Verdict;

/// Exit status for a command line that cannot be used.
const USAGE: u8 = 2;

/// Runs `check-session FILE` if that is what `arguments` (without the program's name) ask for.
#[must_use]
pub fn check_session_arguments(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if arguments.next()? != "check-session" {
        return None;
    }
    match (arguments.next(), arguments.next()) {
        (Some(file), None) => Some(check_session(Path::new(&file))),
        _ => {
            eprintln!("usage: scheduler check-session FILE");
            Some(ExitCode::from(USAGE))
        }
    }
}

/// Prints what checking the session file at `file` found. Exit status: 0 if it is a session, else 1.
#[must_use]
pub fn check_session(file: &Path) -> ExitCode {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let verdict = Verdict::of(&name, &text);
            println!("{verdict}");
            if verdict.is_valid() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            println!("error: {name}: {error}");
            ExitCode::FAILURE
        }
    }
}
