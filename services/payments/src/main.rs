//! The executable of payments.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::main::<payments::Payments>()
}
