//! What one session of the consumer has in hand: a queue per aggregate, tries, acknowledgements, progress.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::jetstream::{AckKind, message::Acker};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Envelope, HandleError, Hearing, Outcome, Patience};
use crate::watchdog;

pub(super) struct Delivery {
    pub(super) event: Result<Envelope, (Envelope, String)>,
    pub(super) acker: Acker,
    pub(super) stream_seq: u64,
}

/// What one session shares with its queues.
pub(super) struct Session {
    pub(super) hearing: Hearing,
    pub(super) patience: Patience,
    pub(super) permits: Semaphore,
    pub(super) lanes: Mutex<HashMap<String, VecDeque<Delivery>>>,
    /// For progress acknowledgements, and to tell a redelivery of what is still in hand.
    pub(super) in_hand: Mutex<HashMap<u64, async_nats::Subject>>,
    pub(super) client: async_nats::Client,
    pub(super) over: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Session {
    /// Queues a delivery behind the others of its aggregate.
    pub(super) fn take(self: Arc<Self>, delivery: Delivery, reply: async_nats::Subject) {
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
                    Ok(Outcome::Handled | Outcome::Duplicate | Outcome::NotOurs) => return Some(AckKind::Ack),
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
    pub(super) async fn tell_progress(&self) {
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
