//! Typed configuration: one TOML file, unknown keys refused, everything checked before a port is bound and every
//! problem named at once.

mod check;
mod load;
#[cfg(test)]
mod tests;
mod values;

pub use load::{Problem, load};
pub use values::{Secret, Span};

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

/// Where a service runs, which decides what its configuration may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Real people: TLS everywhere, the system clock, secrets from files, JSON logs.
    Production,
    /// A rehearsal of production by people; may simulate the clock.
    Rehearsal,
    /// The demo and tests: waits for others are tiny.
    Demo,
}

/// All that platform reads; the service's own table `[service]` is read apart.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where this runs.
    pub environment: Environment,
    /// `host:port` of the gRPC server; port 0 lets the system choose.
    pub listen: String,
    /// `host:port` of a second server, in the clear, that answers `grpc.health.v1` and nothing else: the kubelet, which asks
    /// it, speaks no TLS.
    pub probes: Option<String>,
    /// Where to write the address that was bound, for whoever started us.
    pub address_file: Option<PathBuf>,
    /// The file that describes the session.
    pub session_file: PathBuf,
    /// Our database.
    pub database: Database,
    /// The broker.
    pub nats: Nats,
    /// Whom to believe, and how to sign.
    pub auth: Auth,
    /// Which clock.
    pub clock: ClockSettings,
    /// How windows close.
    pub calendar: Calendar,
    /// Logs, traces, metrics.
    pub telemetry: Telemetry,
    /// Where each service we call is, by name.
    pub peers: BTreeMap<String, Addresses>,
    /// Certificates; without them gRPC is in the clear.
    pub tls: Option<Tls>,
    /// What a server takes on at once.
    pub limits: Limits,
    /// How it stops.
    pub drain: Drain,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/name`; the user owns the database.
    #[serde(default)]
    pub url: Secret,
    /// File that holds the address instead.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// Connections in the pool, fixed.
    #[serde(default = "defaults::pool")]
    pub pool: u32,
    /// Whether `serve` brings the tables up to date. If not, `migrate` does before, and `serve` waits for it. Absent: in
    /// the demo alone.
    #[serde(default)]
    pub migrate: Option<bool>,
}

/// `[nats]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nats {
    /// `nats://host:port` or `tls://host:port`.
    pub url: String,
    /// Our user at the broker.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds the password instead.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// PEM of the authority that signed the broker's certificate, if not a public one.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Servers that keep each stream, at least: an odd number, at most as many as the broker has.
    #[serde(default = "defaults::replicas")]
    pub replicas: usize,
}

/// `[auth]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Public keys of those who may issue tokens; read again when it changes.
    pub jwks_file: PathBuf,
    /// Our private key: PKCS#8 PEM, or base64url of the 32-byte seed.
    pub signing_key_file: PathBuf,
    /// Name of that key in the JWKS; its RFC 7638 thumbprint if absent.
    #[serde(default)]
    pub signing_key_id: Option<String>,
    /// Audience that tokens must be meant for, and that ours are.
    #[serde(default = "defaults::audience")]
    pub audience: String,
}

/// `[clock]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSettings {
    /// System, or simulated.
    #[serde(default)]
    pub mode: ClockMode,
    /// Holds the RFC 3339 instant at which a simulated clock starts.
    #[serde(default)]
    pub start_file: Option<PathBuf>,
}

/// Which clock stands behind `now`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockMode {
    /// The machine's.
    #[default]
    System,
    /// One that stands still until it is advanced; refused in production.
    Simulated,
}

/// `[calendar]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// How long after an instant its window is closed for good; longer than any request in time can take to arrive and
    /// commit.
    #[serde(default = "defaults::grace")]
    pub grace: Span,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { grace: defaults::grace() }
    }
}

/// `[telemetry]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Which events to log, as `tracing_subscriber::EnvFilter` reads it; `RUST_LOG` overrides.
    #[serde(default = "defaults::filter")]
    pub filter: String,
    /// How log lines are written; `json` in production and `text` elsewhere if absent.
    #[serde(default)]
    pub logs: Option<LogFormat>,
    /// Address of an OTLP collector (gRPC), e.g. `http://localhost:4317`.
    #[serde(default)]
    pub otlp: Option<String>,
    /// Share of new traces that are recorded, 0 to 1; a caller's decision is kept.
    #[serde(default = "defaults::sample")]
    pub sample: f64,
    /// How often metrics are sent.
    #[serde(default = "defaults::metrics_every")]
    pub metrics_every: Span,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line, with the ids of the trace it belongs to: for whatever collects logs.
    Json,
    /// For people at a terminal.
    Text,
}

impl LogFormat {
    /// What is written where nothing is said.
    #[must_use]
    pub fn of(environment: Environment) -> Self {
        if environment == Environment::Production { Self::Json } else { Self::Text }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            filter: defaults::filter(),
            logs: None,
            otlp: None,
            sample: defaults::sample(),
            metrics_every: defaults::metrics_every(),
        }
    }
}

/// `[tls]`, all PEM; read again when the files change.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Our certificate chain, for those who call us and, under mutual TLS, for those we call.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
    /// Authority of those we call.
    pub ca_file: PathBuf,
    /// Authority of those who may connect; absent, anyone may.
    #[serde(default)]
    pub client_ca_file: Option<PathBuf>,
}

/// Where the processes of one service are: `http://name:port`, whose name may stand for several addresses at once, or a
/// list of such. All have the same scheme and, over TLS, prove the first one's name.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "OneOrSeveral")]
pub struct Addresses(Vec<String>);

impl Addresses {
    /// All of them; none only in a configuration that is refused.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.0
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an address, or a list of addresses")]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl From<OneOrSeveral> for Addresses {
    fn from(given: OneOrSeveral) -> Self {
        match given {
            OneOrSeveral::One(address) => Self(vec![address]),
            OneOrSeveral::Several(all) => Self(all),
        }
    }
}

/// `[limits]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests in hand at once; one more is told to come back, before its instant of receipt is taken.
    #[serde(default = "defaults::concurrency")]
    pub concurrency: usize,
    /// The longest a request may take. Shorter than `calendar.grace`, or a request in time could outlive its window.
    #[serde(default = "defaults::timeout")]
    pub timeout: Span,
    /// Deadline of a call to a peer.
    #[serde(default = "defaults::peer_timeout")]
    pub peer_timeout: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: defaults::concurrency(),
            timeout: defaults::timeout(),
            peer_timeout: defaults::peer_timeout(),
        }
    }
}

/// `[drain]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drain {
    /// Between saying "not ready" and refusing connections, so that load balancers notice.
    pub settle: Span,
    /// What is in hand may take this long to finish.
    pub finish: Span,
}

impl Drain {
    /// What is usual in `environment`: 30 seconds in all, tiny in the demo.
    #[must_use]
    pub fn usual(environment: Environment) -> Self {
        match environment {
            Environment::Demo => Self { settle: Span::from_millis(20), finish: Span::from_millis(5_000) },
            _ => Self { settle: Span::from_millis(3_000), finish: Span::from_millis(22_000) },
        }
    }
}

/// What the data half needs besides its connections.
#[derive(Debug, Clone, Copy)]
pub struct Data {
    /// How windows close.
    pub calendar: Calendar,
    /// Where this runs: the demo polls faster.
    pub environment: Environment,
    /// Servers that keep each stream, at least.
    pub replicas: usize,
}

mod defaults {
    use super::Span;

    pub(super) fn replicas() -> usize {
        1
    }
    pub(super) fn pool() -> u32 {
        8
    }
    pub(super) fn audience() -> String {
        "services".into()
    }
    pub(super) fn grace() -> Span {
        Span::from_millis(15_000)
    }
    pub(super) fn filter() -> String {
        "info".into()
    }
    pub(super) fn sample() -> f64 {
        1.0
    }
    pub(super) fn metrics_every() -> Span {
        Span::from_millis(15_000)
    }
    pub(super) fn concurrency() -> usize {
        256
    }
    pub(super) fn timeout() -> Span {
        Span::from_millis(10_000)
    }
    pub(super) fn peer_timeout() -> Span {
        Span::from_millis(5_000)
    }
}
