//! `integration serve --config FILE` serves; `integration allocate < FILE` answers the jury's what-if.

use std::{env, io, process::ExitCode};

fn main() -> ExitCode {
    if env::args_os().nth(1).is_some_and(|command| command == "allocate") {
        return integration::what_if::run(io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    }
    ExitCode::FAILURE
}
