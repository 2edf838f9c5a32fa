//! Reading the file: every section on its own, so that one bad key does not hide the next.

use std::{fmt, ops::Range, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::config::{Config, Drain, Environment, check};

/// One thing wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column in the file, from 1, where it is about one place.
    pub place: Option<(usize, usize)>,
    /// The key, with its section.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: None, key: key.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        if self.key.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.key, self.what) }
    }
}

/// The keys outside any section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Top {
    environment: Environment,
    listen: String,
    #[serde(default)]
    probes: Option<String>,
    #[serde(default)]
    address_file: Option<std::path::PathBuf>,
    session_file: std::path::PathBuf,
}

/// Reads and checks `file`. `S` is the service's own table `[service]`.
///
/// # Errors
/// Every problem found, in the order of the file and then of the checks.
pub fn load<S: DeserializeOwned>(file: &Path) -> Result<(Config, S), Vec<Problem>> {
    let text = std::fs::read_to_string(file).map_err(|e| vec![Problem::new("", format!("{}: {e}", file.display()))])?;
    parse(&text)
}

/// As [`load`], from the text itself.
pub(super) fn parse<S: DeserializeOwned>(text: &str) -> Result<(Config, S), Vec<Problem>> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, problems: Vec::new() };
    for error in &syntax {
        reader.report("", error.span(), error.message());
    }
    if !syntax.is_empty() {
        return Err(reader.problems);
    }
    let mut sections = table.into_inner();
    let mut section = |name: &str| sections.remove(name);
    let (database, nats, auth) = (section("database"), section("nats"), section("auth"));
    let (clock, calendar, telemetry) = (section("clock"), section("calendar"), section("telemetry"));
    let (peers, tls, limits) = (section("peers"), section("tls"), section("limits"));
    let (drain, service) = (section("drain"), section("service"));

    let top = reader.table::<Top>("", sections);
    let database = reader.required("database", database);
    let nats = reader.required("nats", nats);
    let auth = reader.required("auth", auth);
    let clock = reader.optional("clock", clock).unwrap_or_default();
    let calendar = reader.optional("calendar", calendar).unwrap_or_default();
    let telemetry = reader.optional("telemetry", telemetry).unwrap_or_default();
    let peers = reader.optional("peers", peers).unwrap_or_default();
    let tls = reader.optional("tls", tls);
    let limits = reader.optional("limits", limits).unwrap_or_default();
    let drain = reader.optional::<Drain>("drain", drain);
    // A service without settings has an empty table, and so may leave it out.
    let service = match service {
        Some(service) => reader.section("service", service),
        None => reader.table("service", DeTable::new()),
    };

    let mut problems = reader.problems;
    let (Some(top), Some(database), Some(nats), Some(auth), Some(service)) = (top, database, nats, auth, service)
    else {
        return Err(problems);
    };
    let mut config = Config {
        environment: top.environment,
        listen: top.listen,
        probes: top.probes,
        address_file: top.address_file,
        session_file: top.session_file,
        database,
        nats,
        auth,
        clock,
        calendar,
        telemetry,
        peers,
        tls,
        limits,
        drain: drain.unwrap_or_else(|| Drain::usual(top.environment)),
    };
    config.database.migrate.get_or_insert(config.environment == Environment::Demo);
    check::check(&mut config, &mut problems);
    if problems.is_empty() { Ok((config, service)) } else { Err(problems) }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    fn required<T: DeserializeOwned>(&mut self, name: &str, value: Option<Spanned<DeValue<'t>>>) -> Option<T> {
        if value.is_none() {
            self.problems.push(Problem::new(name, "this section is required"));
        }
        value.and_then(|value| self.section(name, value))
    }

    fn optional<T: DeserializeOwned>(&mut self, name: &str, value: Option<Spanned<DeValue<'t>>>) -> Option<T> {
        value.and_then(|value| self.section(name, value))
    }

    fn section<T: DeserializeOwned>(&mut self, name: &str, value: Spanned<DeValue<'t>>) -> Option<T> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => self.table(name, table),
            other => {
                self.report(name, Some(span), &format!("is a section, not a {}", other.type_str()));
                None
            }
        }
    }

    /// Reads a table, and on a fault removes the key at fault and reads again: each pass names one more problem. A key
    /// that was removed is not also reported as missing, and what is left is still checked.
    fn table<T: DeserializeOwned>(&mut self, name: &str, mut table: DeTable<'t>) -> Option<T> {
        let mut faults = false;
        loop {
            let whole = Spanned::new(0..0, table.clone());
            let error = match T::deserialize(toml::de::Deserializer::from(whole)) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let guilty = error.span().and_then(|span| {
                table.keys().find(|key| overlaps(&key.span(), &span)).cloned().or_else(|| {
                    table.iter().find(|(_, value)| overlaps(&value.span(), &span)).map(|(key, _)| key.clone())
                })
            });
            let Some(guilty) = guilty else {
                if !(faults && error.message().starts_with("missing field")) {
                    self.report(name, error.span().filter(|span| !span.is_empty()), error.message());
                }
                return None;
            };
            let key =
                if name.is_empty() { guilty.get_ref().to_string() } else { format!("{name}.{}", guilty.get_ref()) };
            self.report(&key, error.span(), error.message());
            table.remove(guilty.get_ref().as_ref());
            faults = true;
        }
    }

    fn report(&mut self, key: &str, span: Option<Range<usize>>, what: &str) {
        let place = span.map(|span| {
            let before = self.text.get(..span.start).unwrap_or(self.text);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            (line, column)
        });
        self.problems.push(Problem { place, key: key.to_owned(), what: what.trim().replace('\n', ", ") });
    }
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end || a == b
}
