//! The executable of portal.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::main::<portal::Portal>()
}
