//! `jury serve --config FILE`, and `jury verify-audit --config FILE`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match jury::verify::asked(std::env::args_os().skip(1)) {
        Some(arguments) => jury::verify::main(arguments),
        None => platform::main::<jury::Jury>(),
    }
}
