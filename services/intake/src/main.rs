//! `intake serve --config FILE`.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::main::<intake::Intake>()
}
