//! The executable of notifier.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::main::<notifier::Notifier>()
}
