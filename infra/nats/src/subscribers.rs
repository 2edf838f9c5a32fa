//! What the administrator asks of the broker: streams and consumers, subscribers added, revoked, listed, begun again.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use async_nats::{
    ConnectOptions,
    jetstream::{
        self,
        consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
        stream::Stream,
    },
};
use contracts::{subjects, told_by};
use futures::TryStreamExt as _;
use jiff::Timestamp;
use platform::{inbox, streams};
use serde::Serialize;

use crate::{Deployment, Password, Refused, access::ADMINISTRATOR, broker, deployment, hears::Hears};

/// Unacknowledged for this long, a message is delivered again.
const ACK_WAIT: Duration = Duration::from_secs(60);
/// Delivered and not acknowledged at once.
const IN_FLIGHT: i64 = 1_000;
/// How long the server may take to read its configuration again.
const RELOAD_SECONDS: u64 = 10;

/// What a subscriber connects with. Printed once and kept nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct Credentials {
    /// Where the broker is.
    pub url: String,
    /// The subscriber's user.
    pub user: String,
    /// Its password.
    pub password: String,
    /// What its inboxes must begin with.
    pub inbox_prefix: String,
    /// The stream.
    pub stream: String,
    /// Its consumer.
    pub consumer: String,
    /// What that brings.
    pub subjects: Vec<String>,
}

/// How far a subscriber has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// Who.
    pub name: String,
    /// What it reads.
    pub subjects: Vec<String>,
    /// Messages it has not been given yet.
    pub pending: u64,
    /// Given and not acknowledged.
    pub unacknowledged: usize,
    /// Sequence up to which everything is acknowledged.
    pub acknowledged: u64,
    /// The stream's last sequence.
    pub last: u64,
}

/// Where a subscriber begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With the stream's first message.
    Beginning,
    /// With the first message of this sequence or after.
    Sequence(u64),
    /// With the first message that was published at this instant or after.
    Instant(Timestamp),
    /// With what is published from now on.
    Now,
}

/// The broker, as its administrator.
pub struct Broker {
    url: String,
    ca_file: Option<PathBuf>,
    jetstream: jetstream::Context,
}

impl Broker {
    /// Connects.
    ///
    /// # Errors
    /// The broker is not there, or takes no such password.
    pub async fn connect(url: &str, password: &str, ca_file: Option<&Path>) -> Result<Self, Refused> {
        let options = ConnectOptions::with_user_and_password(ADMINISTRATOR.into(), password.into())
            .name("broker")
            .custom_inbox_prefix(streams::inbox(ADMINISTRATOR));
        let client = trusting(options, ca_file).connect(url).await.map_err(broker)?;
        let ca_file = ca_file.map(Path::to_owned);
        Ok(Self { url: url.to_owned(), ca_file, jetstream: streams::context(client) })
    }

    /// Makes the streams, each on so many servers, and for each service the consumers through which it hears and reads
    /// back. Changes those that are otherwise; a subscriber's are left alone.
    ///
    /// # Errors
    /// The broker refuses or does not answer; it has fewer servers.
    pub async fn prepare(&self, hears: &Hears, replicas: usize) -> Result<(), Refused> {
        streams::ensure(&self.jetstream, replicas).await.map_err(broker)?;
        for name in [subjects::FACTS, subjects::ADMISSIONS] {
            let stream = self.stream(name).await?;
            let found = &stream.cached_info().config;
            if found.num_replicas != replicas {
                let wanted = jetstream::stream::Config { num_replicas: replicas, ..found.clone() };
                self.jetstream.update_stream(wanted).await.map_err(broker)?;
            }
            for service in hears.services() {
                if !told_by(service, name).is_empty() {
                    make(&stream, streams::reads_back(service, name)).await?;
                }
                if name == subjects::FACTS {
                    let durable_name = Some(service.to_owned());
                    make(&stream, pull::Config { durable_name, ..inbox::delivers(hears.of(service).to_vec()) }).await?;
                }
            }
        }
        Ok(())
    }

    /// Adds a subscriber to one school's facts: its consumer, then its user. With `pid_file` the server is told, and
    /// this returns once the new credentials reach the consumer.
    ///
    /// # Errors
    /// The name cannot be used or is taken; the files cannot be written; the server does not take them.
    pub async fn add(
        &self,
        to: &Deployment,
        name: &str,
        school: &str,
        from: From,
        pid_file: Option<&Path>,
    ) -> Result<Credentials, Refused> {
        let ours = Hears::committed()?;
        if !usable(name) || ours.services().chain([ADMINISTRATOR]).any(|user| user == name) {
            return Err(Refused::Name(name.to_owned()));
        }
        let stream = self.stream(subjects::ADMISSIONS).await?;
        let schools = to.schools()?;
        if !schools.contains_key(school) {
            return Err(Refused::School { given: school.to_owned(), known: schools.into_keys().collect() });
        }
        let there = stream.get_consumer::<pull::Config>(name).await.is_ok();
        if there || schools.values().flatten().any(|taken| taken == name) {
            return Err(Refused::Exists(name.to_owned()));
        }
        let password = Password::new(to.cost())?;
        let filter = format!("admissions.v1.{school}.>");
        make(&stream, reader(name, &filter)).await?;
        self.begin(&stream, name, from).await?;
        to.add(&ours, name, school, &password)?;
        let credentials = Credentials {
            url: self.url.clone(),
            user: name.to_owned(),
            password: password.clear,
            inbox_prefix: streams::inbox(name),
            stream: subjects::ADMISSIONS.to_owned(),
            consumer: name.to_owned(),
            subjects: vec![filter],
        };
        if let Some(pid_file) = pid_file {
            deployment::reload(pid_file)?;
            self.until(&credentials, pid_file).await?;
        }
        Ok(credentials)
    }

    /// Takes a subscriber's consumer away, and its user; with `pid_file` the server is told, and closes its
    /// connections. Done again after a failure, it finishes.
    ///
    /// # Errors
    /// There is no such subscriber; the files cannot be written; the server cannot be told.
    pub async fn revoke(&self, from: &Deployment, name: &str, pid_file: Option<&Path>) -> Result<(), Refused> {
        self.known(from, name)?;
        // Without it there is nothing to read, whatever becomes of the rest.
        let stream = self.stream(subjects::ADMISSIONS).await?;
        if stream.get_consumer::<pull::Config>(name).await.is_ok() {
            stream.delete_consumer(name).await.map_err(broker)?;
        }
        from.remove(&Hears::committed()?, name)?;
        pid_file.map_or(Ok(()), deployment::reload)
    }

    /// Has a subscriber begin again elsewhere. It can do so itself, from a sequence; its filter stays what it is.
    ///
    /// # Errors
    /// There is no such subscriber, or nothing to begin with.
    pub async fn replay(&self, of: &Deployment, name: &str, from: From) -> Result<u64, Refused> {
        self.known(of, name)?;
        self.begin(&self.stream(subjects::ADMISSIONS).await?, name, from).await
    }

    /// Every subscriber, by name.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn list(&self) -> Result<Vec<Lag>, Refused> {
        let stream = self.stream(subjects::ADMISSIONS).await?;
        let last = stream.cached_info().state.last_sequence;
        let all: Vec<_> = stream.consumers().try_collect().await.map_err(broker)?;
        let mut lags: Vec<Lag> = all
            .into_iter()
            .filter(|info| !info.config.metadata.contains_key(streams::READS_BACK))
            .map(|info| Lag {
                name: info.name,
                subjects: [vec![info.config.filter_subject], info.config.filter_subjects].concat(),
                pending: info.num_pending,
                unacknowledged: info.num_ack_pending,
                acknowledged: info.ack_floor.stream_sequence,
                last,
            })
            .collect();
        lags.iter_mut().for_each(|lag| lag.subjects.retain(|subject| !subject.is_empty()));
        lags.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lags)
    }

    async fn stream(&self, name: &str) -> Result<Stream, Refused> {
        self.jetstream.get_stream(name).await.map_err(broker)
    }

    fn known(&self, deployment: &Deployment, name: &str) -> Result<(), Refused> {
        let known = deployment.subscribers()?;
        if known.contains(name) {
            return Ok(());
        }
        Err(Refused::Unknown { given: name.to_owned(), known: known.into_iter().collect() })
    }

    /// Sets a consumer to where it begins; the sequence of the first message it will be given.
    async fn begin(&self, stream: &Stream, name: &str, from: From) -> Result<u64, Refused> {
        let last = stream.get_info().await.map_err(broker)?.state.last_sequence;
        let sequence = match from {
            From::Beginning => 1,
            From::Now => last + 1,
            From::Sequence(sequence) if (1..=last + 1).contains(&sequence) => sequence,
            From::Sequence(sequence) => return Err(Refused::Nothing(format!("sequence {sequence}"), last)),
            From::Instant(instant) => first_at(stream, instant, last).await?,
        };
        stream.reset_consumer(name, Some(sequence)).await.map_err(broker)?;
        Ok(sequence)
    }

    /// Asks until these credentials reach their consumer: a server that reads its configuration again takes a moment.
    async fn until(&self, credentials: &Credentials, pid_file: &Path) -> Result<(), Refused> {
        let began = tokio::time::Instant::now();
        while reaches(credentials, self.ca_file.as_deref()).await.is_err() {
            if began.elapsed() > Duration::from_secs(RELOAD_SECONDS) {
                let pid_file = pid_file.display().to_string();
                return Err(Refused::NotTaken { seconds: RELOAD_SECONDS, pid_file });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// Connects as a subscriber and has its consumer stay where it is.
async fn reaches(credentials: &Credentials, ca_file: Option<&Path>) -> Result<(), Refused> {
    let options = ConnectOptions::with_user_and_password(credentials.user.clone(), credentials.password.clone())
        .custom_inbox_prefix(credentials.inbox_prefix.clone());
    let client = trusting(options, ca_file).connect(&credentials.url).await.map_err(broker)?;
    let reset = format!("$JS.API.CONSUMER.RESET.{}.{}", credentials.stream, credentials.consumer);
    client.request(reset, Default::default()).await.map(drop).map_err(broker)
}

fn trusting(options: ConnectOptions, ca_file: Option<&Path>) -> ConnectOptions {
    match ca_file {
        Some(ca) => options.add_root_certificates(ca.to_owned()).require_tls(true),
        None => options,
    }
}

/// How a subscriber reads: everything its filter brings, from the beginning, for as long as it takes.
fn reader(name: &str, filter: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(name.to_owned()),
        filter_subject: filter.to_owned(),
        // Any other would bind how far back it may begin again.
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: IN_FLIGHT,
        ..pull::Config::default()
    }
}

async fn make(stream: &Stream, config: pull::Config) -> Result<(), Refused> {
    let _made: PullConsumer = stream.create_consumer(config).await.map_err(broker)?;
    Ok(())
}

/// The sequence of the first message stored at `instant` or after: where a consumer made to begin there stands.
async fn first_at(stream: &Stream, instant: Timestamp, last: u64) -> Result<u64, Refused> {
    let start_time = async_nats::datetime::parse_rfc3339(&instant.to_string()).map_err(broker)?;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartTime { start_time },
        ack_policy: AckPolicy::None,
        inactive_threshold: Duration::from_secs(5),
        ..pull::Config::default()
    };
    let consumer: PullConsumer = stream.create_consumer(config).await.map_err(broker)?;
    let info = consumer.cached_info().clone();
    stream.delete_consumer(&info.name).await.map_err(broker)?;
    let first = info.delivered.stream_sequence + 1;
    if first > last { Err(Refused::Nothing(instant.to_string(), last)) } else { Ok(first) }
}

/// A name that can stand in subjects, files and configuration.
fn usable(name: &str) -> bool {
    (2..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        // Our services' own consumers.
        && !name.ends_with("-told")
}
