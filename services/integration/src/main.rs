//! `integration serve --config FILE` serves; `integration allocate < FILE` answers the jury's what-if.

use std::{env, io, process::ExitCode};

use integration::{Integration, what_if};

fn main() -> ExitCode {
    // Before anything of a service: the what-if needs no configuration.
    if env::args_os().nth(1).is_some_and(|command| command == "allocate") {
        return what_if::run(env::args_os().skip(2), io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    }
    platform::main::<Integration>()
}
