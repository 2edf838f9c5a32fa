//! What must hold between values, and what production demands.

use std::{
    net::ToSocketAddrs as _,
    path::{Path, PathBuf},
    str::FromStr as _,
};

use http::Uri;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{
    auth::{Issuer, KeySet},
    clock::Clock,
    config::{ClockMode, Config, Environment, Problem, Secret},
    tls,
};

/// Adds every problem of `config`, and fills in the secrets that stand in files.
pub(super) fn check(config: &mut Config, problems: &mut Vec<Problem>) {
    let production = config.environment == Environment::Production;
    network(config, problems);
    database(config, production, problems);
    broker(config, production, problems);
    trust(config, problems);
    time(config, production, problems);
    if !(0.0..=1.0).contains(&config.telemetry.sample) {
        problems.push(Problem::new("telemetry.sample", "is a share between 0 and 1"));
    }
    if let Some(otlp) = &config.telemetry.otlp
        && otlp.parse::<Uri>().map_or(true, |uri| uri.scheme_str() != Some("http"))
    {
        problems.push(Problem::new("telemetry.otlp", "is the http:// address of a collector beside this process"));
    }
    if let Err(error) = config.telemetry.filter.parse::<tracing_subscriber::EnvFilter>() {
        problems.push(Problem::new("telemetry.filter", error.to_string()));
    }
    if config.limits.concurrency == 0 {
        problems.push(Problem::new("limits.concurrency", "is at least 1"));
    }
    if production {
        production_rules(config, problems);
    }
}

fn network(config: &Config, problems: &mut Vec<Problem>) {
    let probes = config.probes.iter().map(|place| ("probes", place));
    for (key, place) in std::iter::once(("listen", &config.listen)).chain(probes) {
        if let Err(error) = place.to_socket_addrs() {
            problems.push(Problem::new(key, format!("`{place}` is not host:port: {error}")));
        }
    }
    readable("session_file", &config.session_file, problems);
    if let Some(parent) = config.address_file.as_deref().and_then(Path::parent)
        && !parent.as_os_str().is_empty()
        && !parent.is_dir()
    {
        problems.push(Problem::new("address_file", format!("there is no directory {}", parent.display())));
    }
    for (name, address) in config.peers.iter().flat_map(|(name, all)| all.all().iter().map(move |one| (name, one))) {
        let scheme = address.parse::<Uri>().ok().filter(|uri| uri.authority().is_some());
        match scheme.as_ref().and_then(Uri::scheme_str) {
            Some("http") => {}
            Some("https") if config.tls.is_some() => {}
            Some("https") => {
                problems.push(Problem::new(format!("peers.{name}"), "https:// needs the authority of [tls] ca_file"));
            }
            _ => problems.push(Problem::new(format!("peers.{name}"), "is an http:// or https:// address")),
        }
    }
    for (name, addresses) in &config.peers {
        let all = addresses.all();
        let secure = all.iter().filter(|address| address.starts_with("https://")).count();
        if all.is_empty() {
            problems.push(Problem::new(format!("peers.{name}"), "has no address"));
        } else if secure != 0 && secure != all.len() {
            // One channel serves them all, and is either over TLS or not.
            problems.push(Problem::new(format!("peers.{name}"), "has addresses with and without TLS"));
        }
    }
    if let Some(certificates) = &config.tls {
        let both =
            tls::Reloading::load(certificates).map(|_| ()).and(tls::Secure::new(certificates, "localhost").map(|_| ()));
        if let Err(error) = both {
            problems.push(Problem::new("tls", error.to_string()));
        }
    }
}

fn database(config: &mut Config, production: bool, problems: &mut Vec<Problem>) {
    let database = &mut config.database;
    if production && !database.url.is_empty() {
        problems.push(Problem::new("database.url", "production reads it from url_file"));
    }
    match (&database.url_file, database.url.is_empty()) {
        (Some(_), false) => problems.push(Problem::new("database", "give url or url_file, not both")),
        (Some(file), true) => database.url = secret("database.url_file", file, problems),
        (None, true) => problems.push(Problem::new("database", "give url or url_file")),
        (None, false) => {}
    }
    let address = database.url.expose();
    // The library reads the address whatever its scheme.
    let postgres = address.starts_with("postgres://") || address.starts_with("postgresql://");
    if !address.is_empty() && (!postgres || PgConnectOptions::from_str(address).is_err()) {
        // The library's message may quote the address, password included.
        problems.push(Problem::new("database.url", "is not a postgres:// address"));
    }
    if !(2..=1000).contains(&database.pool) {
        problems.push(Problem::new("database.pool", "is between 2 and 1000 connections"));
    }
}

fn broker(config: &mut Config, production: bool, problems: &mut Vec<Problem>) {
    let nats = &mut config.nats;
    if nats.url.parse::<async_nats::ServerAddr>().is_err() {
        problems.push(Problem::new("nats.url", "is not a nats:// or tls:// address"));
    }
    if production && nats.password.is_some() {
        problems.push(Problem::new("nats.password", "production reads it from password_file"));
    }
    match (&nats.password_file, &nats.password) {
        (Some(_), Some(_)) => problems.push(Problem::new("nats", "give password or password_file, not both")),
        (Some(file), None) => nats.password = Some(secret("nats.password_file", file, problems)),
        _ => {}
    }
    if nats.user.is_some() != nats.password.is_some() {
        problems.push(Problem::new("nats", "user and password go together"));
    }
    if let Some(file) = &nats.ca_file {
        readable("nats.ca_file", file, problems);
    }
}

fn trust(config: &Config, problems: &mut Vec<Problem>) {
    if let Err(error) = KeySet::load(&config.auth.jwks_file) {
        problems.push(Problem::new("auth.jwks_file", error.to_string()));
    }
    if let Err(error) = Issuer::load(&config.auth.signing_key_file, config.auth.signing_key_id.as_deref()) {
        problems.push(Problem::new("auth.signing_key_file", error.to_string()));
    }
    if config.auth.audience.is_empty() {
        problems.push(Problem::new("auth.audience", "is empty"));
    }
}

fn time(config: &Config, production: bool, problems: &mut Vec<Problem>) {
    match (config.clock.mode, &config.clock.start_file) {
        (ClockMode::Simulated, _) if production => {
            problems.push(Problem::new("clock.mode", "production runs on the system clock"));
        }
        (ClockMode::Simulated, None) => {
            problems.push(Problem::new("clock.start_file", "a simulated clock needs to know where it starts"));
        }
        (ClockMode::Simulated, Some(file)) => {
            if let Err(error) = Clock::simulated_from(file) {
                problems.push(Problem::new("clock.start_file", error.to_string()));
            }
        }
        (ClockMode::System, Some(_)) => {
            problems.push(Problem::new("clock.start_file", "only a simulated clock starts anywhere"));
        }
        (ClockMode::System, None) => {}
    }
    // A request received in time must be done before its window closes for good. Under the simulated clock requests
    // take no time at all, so the rehearsal may close its windows at once.
    if config.clock.mode == ClockMode::System && config.limits.timeout >= config.calendar.grace {
        problems.push(Problem::new("limits.timeout", "must be shorter than calendar.grace"));
    }
}

fn production_rules(config: &Config, problems: &mut Vec<Problem>) {
    let mut demand = |holds: bool, key: &str, what: &str| {
        if !holds {
            problems.push(Problem::new(key, what));
        }
    };
    demand(config.tls.is_some(), "tls", "production serves over TLS");
    demand(config.nats.url.starts_with("tls://"), "nats.url", "production reaches the broker over tls://");
    demand(config.nats.user.is_some(), "nats.user", "production authenticates at the broker");
    for (name, address) in &config.peers {
        demand(
            address.all().iter().all(|one| one.starts_with("https://")),
            &format!("peers.{name}"),
            "production calls its peers over https://",
        );
    }
    if let Ok(options) = PgConnectOptions::from_str(config.database.url.expose()) {
        let verified = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
        demand(verified, "database.url", "production connects with sslmode=verify-full");
    }
}

fn readable(key: &str, file: &Path, problems: &mut Vec<Problem>) {
    if let Err(error) = std::fs::File::open(file) {
        problems.push(Problem::new(key, format!("{}: {error}", file.display())));
    }
}

fn secret(key: &str, file: &PathBuf, problems: &mut Vec<Problem>) -> Secret {
    match std::fs::read_to_string(file) {
        Ok(text) if !text.trim().is_empty() => Secret::new(text.trim()),
        Ok(_) => {
            problems.push(Problem::new(key, format!("{} is empty", file.display())));
            Secret::default()
        }
        Err(error) => {
            problems.push(Problem::new(key, format!("{}: {error}", file.display())));
            Secret::default()
        }
    }
}
