//! The broker: connecting to it, and the two streams that everything travels on.

use std::{collections::HashMap, time::Duration};

use async_nats::{
    Client, ConnectOptions, Event,
    jetstream::{
        self,
        consumer::{AckPolicy, PullConsumer, pull},
        context::GetStreamErrorKind,
        stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
    },
};
use contracts::{subjects, told_by, told_consumer};

use crate::{config, inbox::BoxError, service::StartError};

/// How long the streams remember ids of messages. Longer than any resend after an unknown outcome; the inbox, not
/// this, is what keeps effects single.
const DUPLICATES: Duration = Duration::from_secs(600);

/// Marks a consumer, in its metadata, as one that a service of ours reads back with: no subscriber.
pub const READS_BACK: &str = "reads-back";

/// Where a broker's answers to `user` arrive: nobody else may listen there.
#[must_use]
pub fn inbox(user: &str) -> String {
    format!("_INBOX.{user}")
}

/// Connects; afterwards the client reconnects by itself for as long as the process lives.
///
/// # Errors
/// The settings cannot be used. A broker that is not there yet is waited for.
pub async fn connect(config: &config::Nats, service: &str) -> Result<Client, StartError> {
    let mut options = ConnectOptions::new()
        .name(service)
        .custom_inbox_prefix(inbox(config.user.as_deref().unwrap_or(service)))
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            Duration::from_millis(20 * 2u64.saturating_pow(u32::try_from(attempts).unwrap_or(u32::MAX).min(6)))
        })
        .request_timeout(Some(Duration::from_secs(3)))
        .event_callback(|event| async move {
            match event {
                Event::Connected => tracing::info!("connected to the broker"),
                other => tracing::warn!(event = %other, "broker"),
            }
        });
    if let (Some(user), Some(password)) = (&config.user, &config.password) {
        options = options.user_and_password(user.clone(), password.expose().to_owned());
    }
    if let Some(ca) = &config.ca_file {
        options = options.add_root_certificates(ca.clone()).require_tls(true);
    }
    options.connect(&config.url).await.map_err(|e| StartError::from_source("connecting to the broker", e))
}

/// The context everything in this crate publishes and asks through.
#[must_use]
pub fn context(client: Client) -> jetstream::Context {
    jetstream::context::ContextBuilder::new().timeout(Duration::from_secs(3)).build(client)
}

/// What a stream must be: on disk, unlimited in age and size, taking atomic batches.
fn wanted(name: &str, subject: &str, replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_age: Duration::ZERO,
        max_bytes: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        num_replicas: replicas,
        duplicate_window: DUPLICATES,
        allow_direct: true,
        allow_atomic_publish: true,
        ..Config::default()
    }
}

/// Makes the streams that are missing, and gives one that exists what the relay relies on; each stands on `replicas` servers
/// at least.
///
/// # Errors
/// The broker does not answer, or this user may neither find nor make them.
pub async fn ensure(jetstream: &jetstream::Context, replicas: usize) -> Result<(), BoxError> {
    for (name, subject) in [(subjects::FACTS, subjects::FACTS_ALL), (subjects::ADMISSIONS, subjects::ADMISSIONS_ALL)] {
        match jetstream.get_stream(name).await {
            Ok(stream) => {
                let found = &stream.cached_info().config;
                if !found.allow_atomic_publish || found.num_replicas < replicas {
                    let num_replicas = found.num_replicas.max(replicas);
                    let better = Config { allow_atomic_publish: true, num_replicas, ..found.clone() };
                    jetstream.update_stream(better).await?;
                }
            }
            Err(error) if matches!(error.kind(), GetStreamErrorKind::JetStream(_)) => {
                jetstream.create_stream(wanted(name, subject, replicas)).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// How the relay of `service` reads back what it told on `stream`. A consumer of its own, whose filter no request can
/// widen: any way of reading a stream by sequence names the subject in its body, where no permission looks.
#[must_use]
pub fn reads_back(service: &str, stream: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(told_consumer(service)),
        filter_subjects: told_by(service, stream),
        ack_policy: AckPolicy::None,
        metadata: HashMap::from([(READS_BACK.to_owned(), service.to_owned())]),
        ..pull::Config::default()
    }
}

/// That consumer, made where it is missing and this user may.
///
/// # Errors
/// The broker does not answer, or this user may not make it and nobody has.
pub async fn read_back(stream: &Stream, service: &str, name: &str) -> Result<PullConsumer, BoxError> {
    match stream.get_consumer::<pull::Config>(&told_consumer(service)).await {
        Ok(found) => Ok(found),
        Err(error) => {
            tracing::debug!(%error, "making the consumer that reads back");
            Ok(stream.create_consumer(reads_back(service, name)).await?)
        }
    }
}
