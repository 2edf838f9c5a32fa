//! The durable pull consumer: sessions, queues per aggregate, tries, acknowledgements.
//!
//! A session ends, and the next one has the broker deliver again from its acknowledgement floor, whenever order could
//! be in doubt: a gap in the delivery sequence (messages lost with a connection), a lost lock, a consumer that is gone.
//! What was handled already is recognised by the inbox.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::jetstream::{
    self, AckKind,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
    message::Acker,
};
use contracts::subjects;
use futures::StreamExt as _;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{BoxError, Envelope, HandleError, Hearing, Outcome, Unreadable};
use crate::{db::try_lead, watchdog};

/// Unacknowledged for this long, a message is delivered again; progress is told three times in that span.
const ACK_WAIT: Duration = Duration::from_secs(30);
/// Messages taken from the broker and not finished: fewer than can be finished in half of [`ACK_WAIT`].
const IN_FLIGHT: i64 = 256;
/// How often a standby asks whether it may lead, and a leader whether it still does.
const LEASE: Duration = Duration::from_millis(500);

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

struct Delivery {
    event: Result<Envelope, (Envelope, String)>,
    acker: Acker,
    stream_seq: u64,
}

/// What one session shares with its queues.
struct Session {
    hearing: Hearing,
    patience: Patience,
    permits: Semaphore,
    lanes: Mutex<HashMap<String, VecDeque<Delivery>>>,
    /// For progress acknowledgements, and to tell a redelivery of what is still in hand.
    in_hand: Mutex<HashMap<u64, async_nats::Subject>>,
    client: async_nats::Client,
    over: CancellationToken,
    tasks: TaskTracker,
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
        while !stop.is_cancelled() {
            if let Err(error) = self.lead(&stop).await {
                tracing::warn!(%error, "hearing interrupted; beginning again");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(LEASE) => {}
                }
            }
        }
    }

    /// Waits for the lock of this service's consumer and then holds one session after another.
    async fn lead(&self, stop: &CancellationToken) -> Result<(), BoxError> {
        let mut lock = self.hearing.db.dedicated().await?;
        while !try_lead(&mut lock, "platform.inbox").await? {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(LEASE) => {}
            }
        }
        while !stop.is_cancelled() {
            self.session(&mut lock, stop).await?;
        }
        Ok(())
    }

    async fn session(&self, lock: &mut PgConnection, stop: &CancellationToken) -> Result<(), BoxError> {
        let (consumer, mut last) = self.prepare().await?;
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
                            .map_err(|(envelope, why): (Envelope, Unreadable)| (envelope, why.to_string()));
                    let reply = message.reply.unwrap_or_else(|| "".into());
                    session.clone().take(Delivery { event, acker, stream_seq }, reply);
                }
            }
        }
    }

    /// Makes or updates the durable consumer and rewinds it to its acknowledgement floor: what an earlier session or
    /// process had in hand comes first and at once, in the stream's order.
    async fn prepare(&self) -> Result<(PullConsumer, u64), BoxError> {
        let stream = self.jetstream.get_stream_no_info(subjects::FACTS).await?;
        let name = self.hearing.consumer();
        let wanted = self.hearing.subjects();
        let known = stream.consumer_info(name).await.ok();
        let mut consumer: PullConsumer = stream
            .create_consumer(pull::Config {
                durable_name: Some(name.to_owned()),
                filter_subjects: wanted.clone(),
                deliver_policy: DeliverPolicy::All,
                ack_policy: AckPolicy::Explicit,
                ack_wait: ACK_WAIT,
                max_deliver: -1,
                max_ack_pending: IN_FLIGHT,
                ..pull::Config::default()
            })
            .await?;
        // A subject heard for the first time is heard from the stream's beginning; the inbox knows the others.
        let from = known.and_then(|k| {
            let old = if k.config.filter_subjects.is_empty() {
                vec![k.config.filter_subject]
            } else {
                k.config.filter_subjects
            };
            wanted.iter().any(|w| !old.iter().any(|o| super::hearing::matches(o, w))).then_some(1)
        });
        stream.reset_consumer(name, from).await?;
        let delivered = consumer.info().await?.delivered.consumer_sequence;
        Ok((consumer, delivered))
    }
}

impl Session {
    /// Queues a delivery behind the others of its aggregate.
    fn take(self: Arc<Self>, delivery: Delivery, reply: async_nats::Subject) {
        let again = held(&self.in_hand).insert(delivery.stream_seq, reply).is_some();
        if again {
            // Still in hand: acknowledging the first delivery is enough.
            return;
        }
        let lane = match &delivery.event {
            Ok(event) | Err((event, _)) => event.lane(),
        };
        let mut lanes = held(&self.lanes);
        if let Some(queue) = lanes.get_mut(&lane) {
            queue.push_back(delivery);
            return;
        }
        lanes.insert(lane.clone(), VecDeque::from([delivery]));
        drop(lanes);
        let session = self.clone();
        self.tasks.spawn(async move { session.work(lane).await });
    }

    /// Works through one aggregate's queue and ends when it is empty.
    async fn work(self: Arc<Self>, lane: String) {
        loop {
            let delivery = {
                let mut lanes = held(&self.lanes);
                match lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
                    Some(delivery) => delivery,
                    None => {
                        lanes.remove(&lane);
                        return;
                    }
                }
            };
            let Some(ack) = self.finish(&delivery).await else { return };
            // A lost acknowledgement costs a redelivery, which the inbox recognises.
            if let Err(error) = delivery.acker.ack_with(ack).await {
                tracing::debug!(%error, "acknowledgement not sent");
            }
            held(&self.in_hand).remove(&delivery.stream_seq);
        }
    }

    /// Tries until the event is handled or set aside. `None`: the session ended first.
    async fn finish(&self, delivery: &Delivery) -> Option<AckKind> {
        let mut tries = 0;
        let mut pause = self.patience.first;
        let mut give_up: Option<String> = None;
        loop {
            let permit = tokio::select! {
                biased;
                () = self.over.cancelled() => return None,
                permit = self.permits.acquire() => permit.ok()?,
            };
            let event = match &delivery.event {
                Ok(event) => event,
                Err((event, why)) => {
                    give_up.get_or_insert_with(|| why.clone());
                    event
                }
            };
            if let Some(why) = &give_up {
                match self.hearing.set_aside(event, tries, why).await {
                    Ok(()) => {
                        watchdog::alarm("set_aside", &format!("{} {} was set aside: {why}", event.kind, event.id));
                        return Some(AckKind::Term);
                    }
                    Err(error) => tracing::warn!(%error, id = %event.id, "cannot be set aside yet"),
                }
            } else {
                match self.hearing.handle(event).await {
                    Ok(Outcome::Handled | Outcome::Duplicate) => return Some(AckKind::Ack),
                    Ok(Outcome::Behind) => return Some(AckKind::Term),
                    Err(HandleError::Reject(why)) => {
                        tries += 1;
                        give_up = Some(why.to_string());
                        continue;
                    }
                    Err(HandleError::Db(error)) if error.is_transient() => {
                        tracing::warn!(%error, id = %event.id, kind = %event.kind, "the database is not there; waiting");
                    }
                    Err(error) => {
                        tries += 1;
                        tracing::warn!(%error, tries, id = %event.id, kind = %event.kind, "event failed");
                        if tries >= self.patience.tries {
                            give_up = Some(error.to_string());
                            continue;
                        }
                    }
                }
            }
            drop(permit);
            tokio::select! {
                () = self.over.cancelled() => return None,
                () = tokio::time::sleep(jittered(pause)) => {}
            }
            pause = (pause * 2).min(self.patience.longest);
        }
    }

    /// Tells the broker that what is in hand is still being worked on.
    async fn tell_progress(&self) {
        let replies: Vec<async_nats::Subject> = held(&self.in_hand).values().cloned().collect();
        for reply in replies {
            if self.client.publish(reply, AckKind::Progress.into()).await.is_err() {
                return;
            }
        }
    }
}

/// Between three quarters and five quarters of `pause`: many that failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.75..1.25))
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
