//! The durable pull consumer: sessions, queues per aggregate, tries, acknowledgements.
//!
//! A session ends, and the next one has the broker deliver again from its acknowledgement floor, whenever order could
//! be in doubt: a gap in the delivery sequence (messages lost with a connection), a lost lock, a consumer that is gone.
//! What was handled already is recognised by the inbox.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
};
use contracts::subjects;
use futures::StreamExt as _;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    BoxError, Envelope, Hearing,
    hearing::matches,
    session::{Delivery, Session},
};
use crate::{db::try_lead, watchdog};

/// Unacknowledged for this long, a message is delivered again; progress is told three times in that span.
const ACK_WAIT: Duration = Duration::from_secs(30);
/// Messages taken from the broker and not finished: fewer than can be finished in half of [`ACK_WAIT`].
const IN_FLIGHT: i64 = 256;
/// How often a standby asks whether it may lead, and a leader whether it still does.
const LEASE: Duration = Duration::from_millis(500);

/// Interruptions in a row from which on it is an alarm: about ten seconds of hearing nothing.
const ALARM_EVERY: u32 = 20;

/// How long a failing event is tried before it is set aside.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries in all.
    pub tries: u32,
    /// Pause after the first failure; doubles with each.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    /// Twenty tries over a bit more than a minute: another service's restart is survived without a person.
    fn default() -> Self {
        Self { tries: 20, first: Duration::from_millis(50), longest: Duration::from_secs(5) }
    }
}

/// Hears for one service.
#[derive(Clone)]
pub struct Consumer {
    hearing: Hearing,
    jetstream: jetstream::Context,
    patience: Patience,
    lanes: usize,
}

impl Consumer {
    pub(crate) fn new(hearing: Hearing, jetstream: jetstream::Context, patience: Patience, lanes: usize) -> Self {
        Self { hearing, jetstream, patience, lanes: lanes.max(1) }
    }

    /// Hears until `stop`; then finishes what is being handled.
    pub async fn run(self, stop: CancellationToken) {
        if self.hearing.subjects().is_empty() {
            return;
        }
        let mut interruptions: u32 = 0;
        while !stop.is_cancelled() {
            if let Err(error) = self.lead(&stop, &mut interruptions).await {
                interruptions += 1;
                if interruptions.is_multiple_of(ALARM_EVERY) {
                    watchdog::alarm(
                        "hearing_interrupted",
                        &format!("nothing is heard since {interruptions} tries: {error}"),
                    );
                } else {
                    tracing::warn!(%error, "hearing interrupted; beginning again");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(LEASE) => {}
                }
            }
        }
    }

    /// Waits for the lock of this service's consumer and then holds one session after another.
    async fn lead(&self, stop: &CancellationToken, interruptions: &mut u32) -> Result<(), BoxError> {
        let mut lock = self.hearing.db.dedicated().await?;
        while !try_lead(&mut lock, "platform.inbox").await? {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(LEASE) => {}
            }
        }
        while !stop.is_cancelled() {
            self.session(&mut lock, stop, interruptions).await?;
        }
        Ok(())
    }

    async fn session(
        &self,
        lock: &mut PgConnection,
        stop: &CancellationToken,
        interruptions: &mut u32,
    ) -> Result<(), BoxError> {
        let (consumer, mut last) = self.prepare().await?;
        *interruptions = 0;
        let session = Arc::new(Session {
            hearing: self.hearing.clone(),
            patience: self.patience,
            permits: Semaphore::new(self.lanes),
            lanes: Mutex::default(),
            in_hand: Mutex::default(),
            client: self.jetstream.client(),
            over: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let ended = self.pull(&session, &consumer, lock, &mut last, stop).await;
        // Nothing of this session may still be working when the next one is delivered the same messages.
        session.over.cancel();
        session.tasks.close();
        session.tasks.wait().await;
        ended
    }

    async fn pull(
        &self,
        session: &Arc<Session>,
        consumer: &PullConsumer,
        lock: &mut PgConnection,
        last: &mut u64,
        stop: &CancellationToken,
    ) -> Result<(), BoxError> {
        let mut messages = consumer
            .stream()
            .max_messages_per_batch(128)
            .heartbeat(Duration::from_secs(5))
            .expires(Duration::from_secs(30))
            .messages()
            .await?;
        let mut lease = tokio::time::interval(LEASE);
        let mut progress = tokio::time::interval(ACK_WAIT / 3);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                _ = lease.tick() => lock.ping().await?,
                _ = progress.tick() => session.tell_progress().await,
                next = messages.next() => {
                    let Some(message) = next else { return Err("the broker ended the delivery".into()) };
                    let message = message?;
                    let info = message.info().map_err(|e| e.to_string())?;
                    let (sequence, stream_seq) = (info.consumer_sequence, info.stream_sequence);
                    if sequence != *last + 1 {
                        tracing::info!(expected = *last + 1, sequence, "deliveries were lost; asking for them again");
                        return Ok(());
                    }
                    *last = sequence;
                    let (message, acker) = message.split();
                    let event =
                        Envelope::read(&message.subject, message.headers.as_ref(), message.payload, stream_seq)
                            .map_err(|unread| { let (envelope, why) = *unread; (envelope, why.to_string()) });
                    let reply = message.reply.unwrap_or_else(|| "".into());
                    session.clone().take(Delivery { event, acker, stream_seq }, reply);
                }
            }
        }
    }

    /// Makes or updates the durable consumer and rewinds it to its acknowledgement floor: what an earlier session or
    /// process had in hand comes first and at once, in the stream's order.
    ///
    /// A consumer that brings what is heard is only asked about: where the broker lets this user make none, so that it
    /// reads no subject but its own, someone else has made it, and may have made it for a version that hears more.
    async fn prepare(&self) -> Result<(PullConsumer, u64), BoxError> {
        let stream = self.jetstream.get_stream_no_info(subjects::FACTS).await?;
        let name = self.hearing.consumer();
        let wanted = pull::Config { durable_name: Some(name.to_owned()), ..delivers(self.hearing.subjects()) };
        let consumer: PullConsumer = match stream.get_consumer::<pull::Config>(name).await {
            Ok(found) => {
                let brought = heard_by(&found.cached_info().config);
                if wanted.filter_subjects.iter().all(|new| brought.iter().any(|old| matches(old, new))) {
                    found
                } else {
                    let missing = format!("consumer {name} brings {brought:?}; {:?} is heard", wanted.filter_subjects);
                    stream.create_consumer(wanted.clone()).await.map_err(|e| format!("{missing}: {e}"))?
                }
            }
            Err(error) => {
                tracing::debug!(%error, "making the consumer");
                stream.create_consumer(wanted.clone()).await?
            }
        };
        // A subject heard for the first time is heard from the stream's beginning; the inbox knows the others. Written
        // down after the rewind: a crash in between does the same again.
        if self.hearing.hears_more(&wanted.filter_subjects).await? {
            stream.reset_consumer(name, Some(1)).await?;
        }
        self.hearing.remember(&wanted.filter_subjects).await?;
        // The broker's answer tells the delivery sequence as of the rewind; asked later, it would count deliveries that
        // may already have gone to a connection that died.
        let rewound = stream.reset_consumer(name, None).await?.info;
        Ok((consumer, rewound.delivered.consumer_sequence))
    }
}

/// How a consumer brings these subjects of [`subjects::FACTS`] to a service.
#[must_use]
pub fn delivers(filter_subjects: Vec<String>) -> pull::Config {
    pull::Config {
        filter_subjects,
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: IN_FLIGHT,
        ..pull::Config::default()
    }
}

/// The filters of a consumer, sorted.
fn heard_by(config: &async_nats::jetstream::consumer::Config) -> Vec<String> {
    let mut filters = config.filter_subjects.clone();
    if filters.is_empty() {
        filters.push(config.filter_subject.clone());
    }
    filters.sort();
    filters
}
