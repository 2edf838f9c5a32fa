//! Why a campaign stops.

use tonic::Status;

/// Something that should not happen in a session that works.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An engine did not start or stop.
    #[error(transparent)]
    Engine(#[from] engines::EngineError),
    /// A file could not be read or written, or a process not started.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The session file is not valid.
    #[error(transparent)]
    Session(#[from] notice::Invalid),
    /// A service refused what it should have accepted.
    #[error("{who}: {what} was refused: {code:?} {reason} {message}")]
    Refused {
        /// The campaign's label of who asked.
        who: String,
        /// The call.
        what: &'static str,
        /// gRPC code.
        code: tonic::Code,
        /// Machine-readable reason.
        reason: String,
        /// What the service said.
        message: String,
    },
    /// A service accepted what it should have refused, or answered something else than expected.
    #[error("{who}: {what}: expected {expected}, got {got}")]
    Unexpected {
        /// The campaign's label of who asked.
        who: String,
        /// The call or the thing looked at.
        what: String,
        /// What should have come.
        expected: String,
        /// What came.
        got: String,
    },
    /// A service did not answer within the patience of the campaign.
    #[error("{what} did not come within {seconds} s: {last}")]
    Silent {
        /// What was waited for.
        what: String,
        /// How long, seconds.
        seconds: u64,
        /// The last thing seen.
        last: String,
    },
    /// The instant at which the play was to stop has come: no fault, see [`crate::play_until`].
    #[error("the play stops at {0}")]
    Reached(jiff::Timestamp),
    /// The broker could not be read.
    #[error("reading the event streams: {0}")]
    Streams(String),
}

impl Failure {
    /// For `map_err` on I/O.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// A refusal nobody expected.
    #[must_use]
    pub fn refused(who: &str, what: &'static str, status: &Status) -> Self {
        let decoded = platform::refusal::Refusal::from_status(status);
        let fields = decoded.as_ref().map(|d| format!(" {:?} {:?}", d.fields, d.preconditions)).unwrap_or_default();
        Self::Refused {
            who: who.into(),
            what,
            code: status.code(),
            reason: decoded.map(|d| d.reason).unwrap_or_default(),
            message: format!("{}{fields}", status.message()),
        }
    }

    /// Something else than expected.
    pub fn unexpected(who: &str, what: impl Into<String>, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Unexpected { who: who.into(), what: what.into(), expected: expected.into(), got: got.into() }
    }
}
