//! `[service]` of the portal's configuration.

mod oidc;

pub use oidc::Oidc;

use std::path::PathBuf;

use platform::{
    StartError,
    config::{Environment, Secret},
};
use serde::Deserialize;

use crate::domain::throttle::Door;

/// Fewest characters of [`Settings::secret`].
const SHORTEST_SECRET: usize = 32;

/// What the portal is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `host:port` of the HTTP server; port 0 lets the system choose. TLS is the ingress's.
    pub http: String,
    /// Where to write the HTTP address that was bound.
    #[serde(default)]
    pub http_address_file: Option<PathBuf>,
    /// Address under which people reach us, e.g. `https://ast.example.fr`: base of mailed links, and the only origin
    /// that forms are taken from.
    pub public_url: String,
    /// What form tokens and second factors are protected with: at least 32 characters, the same for every replica.
    #[serde(default)]
    pub secret: Secret,
    /// File that holds it instead.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Proxies in front of us that append to `X-Forwarded-For`; 0: the peer's own address counts.
    #[serde(default)]
    pub trusted_proxies: usize,
    /// Requests in hand at once; one more is asked to come back, before its instant of receipt is taken (R3).
    #[serde(default = "concurrency")]
    pub concurrency: usize,
    /// Passwords verified at once; by default one per core.
    #[serde(default)]
    pub password_workers: Option<usize>,
    /// SHA-1 digests of breached passwords, upper-case hex, sorted, one per line (a count after `:` is ignored).
    #[serde(default)]
    pub breached_passwords_file: Option<PathBuf>,
    /// `host:port` of clamd. With it, staff open no piece that it has not found clean.
    #[serde(default)]
    pub clamd: Option<String>,
    /// The API for other systems.
    #[serde(default)]
    pub api: Api,
    /// Sign-in of staff at their provider.
    #[serde(default)]
    pub oidc: Option<Oidc>,
    /// The demo: sign-in without a password, the mailbox, the clock. Refused in production.
    #[serde(default)]
    pub demo: Option<Demo>,
}

/// `[service.api]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Requests of one token in a minute; one more is asked to wait.
    pub per_minute: u32,
}

impl Default for Api {
    fn default() -> Self {
        Self { per_minute: Door::System.limit().0.unsigned_abs() }
    }
}

/// `[service.demo]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// People of the house who can be signed in as.
    #[serde(default)]
    pub staff: Vec<DemoStaff>,
}

/// Someone of the house, in the demo only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoStaff {
    /// Subject of their tokens.
    pub subject: String,
    /// How they are addressed.
    pub name: String,
    /// Their role.
    pub role: String,
    /// Their school, for a role of one school.
    #[serde(default)]
    pub school: Option<String>,
    /// What they sign in with on the staff page.
    pub password: Secret,
}

fn concurrency() -> usize {
    512
}

impl Settings {
    /// Checks what serde cannot, and reads the secret.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn checked(mut self, environment: Environment) -> Result<Self, StartError> {
        let mut problems = Vec::new();
        let production = environment == Environment::Production;
        if production && self.demo.is_some() {
            problems.push("demo: sign-in without a password is for demo and rehearsal".to_owned());
        }
        if production && !self.secret.is_empty() {
            problems.push("secret: production reads it from secret_file".to_owned());
        }
        if let Some(file) = &self.secret_file {
            match std::fs::read_to_string(file) {
                Ok(text) => self.secret = Secret::new(text.trim()),
                Err(error) => problems.push(format!("secret_file {}: {error}", file.display())),
            }
        }
        if self.secret.expose().chars().count() < SHORTEST_SECRET {
            problems.push(format!("secret: at least {SHORTEST_SECRET} characters"));
        }
        let scheme = if production { "https://" } else { "http" };
        let origin = !self.public_url.ends_with('/') && self.public_url.matches('/').count() == 2;
        if !self.public_url.starts_with(scheme) || !origin {
            problems.push(format!("public_url: an origin such as https://ast.example.fr, not {:?}", self.public_url));
        }
        if let Some(oidc) = &mut self.oidc {
            problems.extend(oidc.check(production));
        }
        if self.concurrency == 0 || self.password_workers == Some(0) || self.api.per_minute == 0 {
            problems.push("concurrency, password_workers, api.per_minute: at least 1".to_owned());
        }
        if problems.is_empty() { Ok(self) } else { Err(StartError::new(format!("[service] {}", problems.join("; ")))) }
    }
}
