//! `[service]`: how mail leaves, what its links begin with, when people are reminded.

use std::path::PathBuf;

use jiff::SignedDuration;
use lettre::message::Mailbox;
use platform::config::{Environment, Secret, Span};
use serde::Deserialize;

/// `[service]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address of the portal, what every link begins with, e.g. `https://admissions.example.org`.
    pub portal_url: String,
    /// How mail leaves.
    pub transport: Transport,
    /// Times before deposits close at which the owners of open dossiers are reminded (R13).
    #[serde(default = "deposit_reminders")]
    pub deposit_reminders: Vec<Span>,
    /// Times before a period's close at which those it concerns are reminded (R35).
    #[serde(default = "period_reminders")]
    pub period_reminders: Vec<Span>,
}

/// `[service.transport]`
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transport {
    /// A mail server.
    Smtp(Box<Smtp>),
    /// A table that the portal shows as a page; refused in production.
    Mailbox,
}

/// The mail server that takes our mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name, also the one its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    #[serde(default)]
    pub tls: Tls,
    /// PEM of the authority of its certificate, if not a public one.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Our user, where it asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password; production reads it from `password_file`.
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds the password instead.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Sender, e.g. `Admissions <no-reply@example.org>`; mail that comes back goes there.
    pub from: String,
    /// Where answers go, if anywhere.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// How long one mail may take.
    #[serde(default = "patience")]
    pub timeout: Span,
    /// Connections at once.
    #[serde(default = "connections")]
    pub connections: usize,
}

/// How a connection to the mail server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// STARTTLS, and nothing is sent without it.
    #[default]
    Required,
    /// TLS from the first byte, as on port 465.
    Implicit,
    /// In the clear; refused in production.
    None,
}

fn deposit_reminders() -> Vec<Span> {
    [14 * 24, 3 * 24, 24, 6].map(hours).into()
}
fn period_reminders() -> Vec<Span> {
    [48, 24, 6].map(hours).into()
}
fn hours(n: u64) -> Span {
    Span::from_millis(n * 3_600_000)
}
fn patience() -> Span {
    Span::from_millis(30_000)
}
fn connections() -> usize {
    4
}

impl Settings {
    /// Fills in the secret that stands in a file.
    ///
    /// # Errors
    /// Every value that cannot be used, by its key.
    pub fn check(mut self, environment: Environment) -> Result<Self, String> {
        let production = environment == Environment::Production;
        let mut problems = Vec::new();
        let mut demand = |holds: bool, key: &str, what: &str| {
            if !holds {
                problems.push(format!("{key}: {what}"));
            }
        };
        let uri = self.portal_url.parse::<tonic::transport::Uri>().ok().filter(|uri| uri.authority().is_some());
        let scheme = uri.as_ref().and_then(|uri| uri.scheme_str());
        demand(
            scheme == Some("https") || (scheme == Some("http") && !production),
            "portal_url",
            "is an https:// address",
        );
        demand(uri.is_none_or(|uri| uri.query().is_none()), "portal_url", "has no query");
        match &mut self.transport {
            Transport::Mailbox => {
                demand(!production, "transport.via", "production sends its mail: the mailbox is for the demo")
            }
            Transport::Smtp(smtp) => {
                demand(
                    smtp.from.parse::<Mailbox>().is_ok(),
                    "transport.from",
                    "is not an address such as Name <a@b.org>",
                );
                let reply_to = smtp.reply_to.as_ref().is_none_or(|to| to.parse::<Mailbox>().is_ok());
                demand(reply_to, "transport.reply_to", "is not an address such as Name <a@b.org>");
                demand(!production || smtp.tls != Tls::None, "transport.tls", "production sends over TLS");
                demand(
                    !production || smtp.password.is_none(),
                    "transport.password",
                    "production reads it from password_file",
                );
                demand((1..=64).contains(&smtp.connections), "transport.connections", "is between 1 and 64");
                demand(!smtp.timeout.get().is_zero(), "transport.timeout", "is longer than nothing");
                match (&smtp.password_file, &smtp.password) {
                    (Some(_), Some(_)) => demand(false, "transport", "give password or password_file, not both"),
                    (Some(file), None) => match std::fs::read_to_string(file) {
                        Ok(text) if !text.trim().is_empty() => smtp.password = Some(Secret::new(text.trim())),
                        Ok(_) => demand(false, "transport.password_file", "is empty"),
                        Err(error) => demand(false, "transport.password_file", &format!("{}: {error}", file.display())),
                    },
                    _ => {}
                }
                demand(smtp.user.is_some() == smtp.password.is_some(), "transport", "user and password go together");
                let secured = smtp.user.is_none() || smtp.tls != Tls::None;
                demand(secured, "transport.tls", "a password is not sent in the clear");
            }
        }
        for (key, spans) in
            [("deposit_reminders", &self.deposit_reminders), ("period_reminders", &self.period_reminders)]
        {
            demand(spans.iter().all(|span| !span.get().is_zero()), key, "a reminder comes before the close");
        }
        self.portal_url = self.portal_url.trim_end_matches('/').to_owned();
        if problems.is_empty() { Ok(self) } else { Err(problems.join("; ")) }
    }
}

/// As the domain counts them.
#[must_use]
pub fn spans(of: &[Span]) -> Vec<SignedDuration> {
    of.iter().filter_map(|span| SignedDuration::try_from(span.get()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: Environment) -> Result<Settings, String> {
        toml::from_str::<Settings>(text).map_err(|e| e.to_string())?.check(environment)
    }

    const SMTP: &str =
        "portal_url = 'https://a.org/'\n[transport]\nvia = 'smtp'\nhost = 'm.org'\nport = 587\nfrom = 'A <a@b.org>'\n";

    #[test]
    fn a_mail_server_needs_little_and_says_what_it_lacks() {
        let settings = read(SMTP, Environment::Production).unwrap();
        assert_eq!((settings.portal_url.as_str(), settings.deposit_reminders.len()), ("https://a.org", 4));
        for (line, key) in [
            ("tls = 'none'", "transport.tls"),
            ("password = 'x'\nuser = 'u'", "transport.password"),
            ("user = 'u'", "user and password"),
            ("password_file = '/nowhere'\nuser = 'u'", "password_file"),
            ("connections = 0", "connections"),
            ("reply_to = 'no address'", "reply_to"),
            ("colour = 'blue'", "colour"),
        ] {
            let refused = read(&format!("{SMTP}{line}\n"), Environment::Production).unwrap_err();
            assert!(refused.contains(key), "{line}: {refused}");
        }
        let clear = format!("{SMTP}tls = 'none'\nuser = 'u'\npassword = 'x'\n");
        assert!(read(&clear, Environment::Demo).unwrap_err().contains("in the clear"));
        let secret = read(&format!("{SMTP}user = 'u'\npassword = 'hidden'\n"), Environment::Demo).unwrap();
        assert!(!format!("{secret:?}").contains("hidden"));
    }

    #[test]
    fn the_mailbox_is_for_the_demo() {
        let mailbox = "portal_url = 'https://a.org'\ntransport = { via = 'mailbox' }\n";
        assert!(read(mailbox, Environment::Rehearsal).is_ok());
        assert!(read(mailbox, Environment::Production).unwrap_err().contains("transport.via"));
        assert!(read(&mailbox.replace("https://a.org", "ftp://a.org"), Environment::Demo).is_err());
        let never = format!("deposit_reminders = ['0s']\n{mailbox}");
        assert!(read(&never, Environment::Demo).unwrap_err().contains("before the close"));
    }
}
