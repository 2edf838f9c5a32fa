//! A service of nothing but platform, as a process of its own over real sockets, a real PostgreSQL and a real NATS.
//!
//! This test has no harness: started with `serve` or `migrate` it *is* that service, otherwise it runs the checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod checks;
#[allow(dead_code, reason = "another suite reads the rest")]
mod collector;
mod house;
mod probe;
mod processes;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if matches!(args.next().as_deref(), Some("serve" | "migrate")) {
        return platform::main::<probe::ProbeService>();
    }
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (name, check) in checks::ALL {
        if name.contains(&filter) {
            // A failed check panics, which fails this process.
            runtime.block_on(check());
            println!("check {name} ... ok");
        }
    }
    ExitCode::SUCCESS
}
