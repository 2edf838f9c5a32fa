//! `[service.oidc]`: where people of the house sign in, and what the provider's claims mean here.

use std::{collections::BTreeMap, path::PathBuf};

use contracts::roles;
use notice::Session;
use openidconnect::url::{Host, Url};
use platform::config::Secret;
use serde::Deserialize;

/// Roles that a provider may give. Candidates, relatives and services come by other doors.
const GIVEN: &[&str] =
    &[roles::STAFF, roles::FINANCE, roles::PLANNER, roles::JURY, roles::JURY_PRESIDENT, roles::OPERATOR];

/// Sign-in of staff by OpenID Connect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider, exactly as it calls itself, e.g. `https://id.example.fr/realms/schools`.
    pub issuer: String,
    /// What it knows us as.
    pub client_id: String,
    /// Our secret there.
    #[serde(default)]
    pub client_secret: Secret,
    /// File that holds it instead; production reads it from there.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Scopes asked for besides `openid`: those that bring the claims below.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Claim that tells how to address somebody.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// Claim that holds the roles: a word or a list of words. A dot leads into an object, as in `realm_access.roles`.
    pub roles_claim: String,
    /// Claim that holds the schools, in the same way.
    pub school_claim: String,
    /// The provider's words for roles, each with ours. A word that is not here gives nothing.
    pub roles: BTreeMap<String, String>,
    /// The provider's words for schools, each with the school's id in the session file.
    #[serde(default)]
    pub schools: BTreeMap<String, String>,
}

fn scopes() -> Vec<String> {
    vec!["profile".into()]
}

fn name_claim() -> String {
    "name".into()
}

impl Oidc {
    /// Reads the secret, and says everything that is wrong.
    pub(super) fn check(&mut self, production: bool) -> Vec<String> {
        let mut problems = Vec::new();
        if production && !self.client_secret.is_empty() {
            problems.push("oidc.client_secret: production reads it from client_secret_file".to_owned());
        }
        if let Some(file) = &self.client_secret_file {
            match std::fs::read_to_string(file) {
                Ok(text) => self.client_secret = Secret::new(text.trim()),
                Err(error) => problems.push(format!("oidc.client_secret_file {}: {error}", file.display())),
            }
        }
        if self.client_secret.is_empty() {
            problems.push("oidc: client_secret_file is missing".to_owned());
        }
        if !trustworthy(&self.issuer, production) {
            problems.push(format!("oidc.issuer: an https address, not {:?}", self.issuer));
        }
        for role in self.roles.values().filter(|role| !GIVEN.contains(&role.as_str())) {
            problems.push(format!("oidc.roles: {role:?} is none of {GIVEN:?}"));
        }
        if self.roles.is_empty() {
            problems.push("oidc.roles: nobody could sign in".to_owned());
        }
        problems
    }

    /// Schools that the session does not have.
    #[must_use]
    pub fn unknown_schools<'a>(&'a self, session: &Session) -> Vec<&'a str> {
        self.schools.values().map(String::as_str).filter(|id| session.school(id).is_none()).collect()
    }
}

/// https; outside production also http to this very machine.
fn trustworthy(issuer: &str, production: bool) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (!production && url.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(issuer: &str, role: &str) -> Oidc {
        let text = format!(
            "issuer = {issuer:?}\nclient_id = \"admis\"\nclient_secret = \"s\"\nroles_claim = \"roles\"\nschool_claim = \"school\"\nroles = {{ a = {role:?} }}"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn only_a_provider_that_can_be_trusted_is_taken() {
        for (issuer, production, taken) in [
            ("https://id.example.fr", true, true),
            ("http://id.example.fr", false, false),
            ("http://127.0.0.1:4000", false, true),
            ("http://[::1]:4000", false, true),
            ("http://127.0.0.1:4000", true, false),
            ("http://localhost.example.fr", false, false),
            ("id.example.fr", false, false),
        ] {
            assert_eq!(trustworthy(issuer, production), taken, "{issuer} {production}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        assert!(settings("https://id.example.fr", "staff").check(false).is_empty());
        let problems = settings("http://id.example.fr", "candidate").check(true).join("\n");
        for said in ["production reads it from client_secret_file", "oidc.issuer", "\"candidate\" is none of"] {
            assert!(problems.contains(said), "{problems}");
        }
    }
}
