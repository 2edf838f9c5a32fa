//! `scheduling serve --config FILE`: the orals. The session's clock is `scheduler`, not the other one.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::main::<scheduling::Scheduling>()
}
