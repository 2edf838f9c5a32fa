//! The broker as an operator keeps it: accounts, users and permissions as files, streams and consumers, subscribers.

pub mod access;
pub mod cli;
mod deployment;
pub mod hears;
mod subscribers;

pub use deployment::{Deployment, Password};
pub use subscribers::{Broker, Credentials, From, Lag};

/// Why something was not done; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The table of what services hear cannot be used.
    #[error("hears.toml: {0}")]
    Hears(String),
    /// A file cannot be read or written.
    #[error("{what}: {source}")]
    File {
        /// Which, and what was done with it.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a name that can stand in subjects and files.
    #[error("{0:?} is no name of a subscriber: 2 to 40 of a-z, 0-9 and -, beginning with a letter, not one of ours")]
    Name(String),
    /// The session has no such school.
    #[error("no school {given:?} in this session; there are {known:?}")]
    School {
        /// What was given.
        given: String,
        /// What there is.
        known: Vec<String>,
    },
    /// There is one already.
    #[error("subscriber {0} exists: revoke it first, or choose another name")]
    Exists(String),
    /// There is none.
    #[error("no subscriber {given:?}; there are {known:?}")]
    Unknown {
        /// What was given.
        given: String,
        /// Who there is.
        known: Vec<String>,
    },
    /// Nothing to begin again from.
    #[error("nothing was published at or after {0}: the last sequence is {1}")]
    Nothing(String, u64),
    /// The password could not be hashed.
    #[error("hashing a password: {0}")]
    Hash(#[from] bcrypt::BcryptError),
    /// The broker refuses or does not answer.
    #[error("broker: {0}")]
    Broker(String),
    /// The server did not take the new files.
    #[error("the server did not take the change within {seconds} s: look at its log, and at {pid_file}")]
    NotTaken {
        /// How long we asked, seconds.
        seconds: u64,
        /// Whose process was told to read again.
        pid_file: String,
    },
}

impl Refused {
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::File { what, source }
    }
}

/// Anything the broker or its client says.
pub(crate) fn broker(error: impl std::fmt::Display) -> Refused {
    Refused::Broker(error.to_string())
}
