//! `scheduler serve --config FILE`, and `scheduler check-session FILE`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match scheduler::check_session_arguments(std::env::args_os().skip(1)) {
        Some(code) => code,
        None => platform::main::<scheduler::Scheduler>(),
    }
}
