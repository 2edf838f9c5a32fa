//! What a service is, and how one starts, serves and stops.

mod run;
mod skew;
mod wiring;

pub use run::{main, serve};
pub use wiring::{Task, Wiring};

use std::{fmt, future::Future, path::PathBuf, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    auth::Issuer,
    calendar::WindowGuard,
    clock::Clock,
    config::Config,
    db::Db,
    peers::{Balanced, PeerChannel, Peers},
};

/// A service: its name, its settings, its tables and what it wires onto the machinery.
pub trait Service: Sized + Send + Sync + 'static {
    /// Its name, as it stands in subjects, tokens and telemetry.
    const NAME: &'static str;
    /// The table `[service]` of its configuration; let it refuse unknown fields.
    type Settings: DeserializeOwned + Send;
    /// Its own migrations: `sqlx::migrate!()`.
    fn migrations() -> sqlx::migrate::Migrator;
    /// Builds everything that serves, listens and acts. Nothing is reachable from outside yet.
    fn wire(ctx: &Context, settings: Self::Settings) -> impl Future<Output = Result<Wiring, StartError>> + Send;
}

/// What a service is built on.
#[derive(Clone)]
pub struct Context {
    /// Its database.
    pub db: Db,
    /// The present instant.
    pub clock: Clock,
    /// The file that describes the session.
    pub session_file: PathBuf,
    /// Other services.
    pub peers: Peers,
    /// Whether a command may still act inside its window.
    pub windows: WindowGuard,
    /// Signs tokens as this service.
    pub issuer: Issuer,
    /// The broker, for what the machinery does not ask of it.
    pub broker: async_nats::Client,
    /// The rest of the configuration.
    pub config: Arc<Config>,
}

impl Context {
    /// A channel to the service `name`, with our token and the current trace on every call.
    ///
    /// # Errors
    /// `[peers]` names no such service.
    pub fn peer(&self, name: &str) -> Result<PeerChannel, StartError> {
        self.peers.get(name)
    }

    /// A channel to the service `name` that bears no token: an edge attaches one for each person it calls for.
    ///
    /// # Errors
    /// `[peers]` names no such service.
    pub fn plain_peer(&self, name: &str) -> Result<Balanced, StartError> {
        self.peers.plain(name)
    }

    /// A fault that keeps this service from starting.
    #[must_use]
    pub fn start_error(&self, what: impl Into<String>, source: impl fmt::Display) -> StartError {
        StartError::from_source(what, source)
    }
}

/// Why a service could not start.
#[derive(Clone, PartialEq, Eq)]
pub struct StartError(String);

impl StartError {
    /// In words.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// `what` failed because of `source`.
    #[must_use]
    pub fn from_source(what: impl Into<String>, source: impl fmt::Display) -> Self {
        Self(format!("{}: {source}", what.into()))
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}
