//! Starts the half of a service that nobody calls: relay, consumer, calendar, audit chain, watch.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_nats::jetstream;
use contracts::{Fact as _, machinery::CalendarChanged};
use futures::FutureExt as _;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audit,
    calendar::{self, Driver, Effects, Projection, Window},
    clock::Clock,
    config,
    db::Db,
    inbox::{Consumer, Hearing, Listener, Patience},
    operations::{Desk, OwnWork},
    relay::Relay,
    service::StartError,
    streams,
    watchdog::Watch,
};

/// What the machinery works with.
pub struct Parts {
    /// The service's name; its consumer's too.
    pub service: &'static str,
    /// Its database.
    pub db: Db,
    /// The broker.
    pub nats: async_nats::Client,
    /// The present instant.
    pub clock: Clock,
    /// How windows close.
    pub settings: config::Data,
    /// Windows it guards.
    pub windows: Vec<Window>,
    /// What it hears.
    pub listeners: Vec<Arc<dyn Listener>>,
    /// What it does at transitions.
    pub effects: Vec<Arc<dyn Effects>>,
    /// What else it may have to do.
    pub own_work: Vec<OwnWork>,
}

/// A handle on what was started.
#[derive(Clone)]
pub struct Machinery {
    db: Db,
    jetstream: jetstream::Context,
    clock: Clock,
    hearing: Hearing,
    keys: Arc<[String]>,
    own_work: Arc<[OwnWork]>,
    failed: CancellationToken,
}

impl Machinery {
    /// The rpcs an operator calls.
    #[must_use]
    pub fn operations(&self) -> Desk {
        Desk::new(
            self.db.clone(),
            self.jetstream.clone(),
            self.clock.clone(),
            self.hearing.clone(),
            Arc::clone(&self.keys),
            Arc::clone(&self.own_work),
        )
    }

    /// Cancelled when a part that must not end has panicked: the process is to drain and be started afresh.
    #[must_use]
    pub fn failed(&self) -> CancellationToken {
        self.failed.clone()
    }

    /// The database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn reachable(&self) -> Result<(), String> {
        self.db.read().await.map(drop).map_err(|e| format!("database: {e}"))
    }
}

/// Spawns everything on `tracker`; `stop` has it finish what is in hand and end, the relay last.
///
/// A service hears the calendar unless it is the one that tells it; that one hears it only if it has windows or
/// effects of its own.
///
/// # Errors
/// The declared windows cannot be written down.
pub async fn start(parts: Parts, tracker: &TaskTracker, stop: CancellationToken) -> Result<Machinery, StartError> {
    start_with(parts, tracker, stop, Patience::default()).await
}

/// The same with another patience for failing events.
///
/// # Errors
/// The declared windows cannot be written down.
pub async fn start_with(
    parts: Parts,
    tracker: &TaskTracker,
    stop: CancellationToken,
    patience: Patience,
) -> Result<Machinery, StartError> {
    let Parts { service, db, nats, clock, settings, windows, mut listeners, effects, own_work } = parts;
    let acted_on: Vec<String> = effects.iter().flat_map(|e| e.keys()).collect();
    calendar::declare(&db, &windows, &acted_on).await.map_err(|e| StartError::from_source("declaring windows", e))?;
    let changed = Arc::new(Notify::new());
    if CalendarChanged::SERVICE != service || !windows.is_empty() || !effects.is_empty() {
        listeners.insert(0, Arc::new(Projection::new(clock.clone(), Arc::clone(&changed))));
    }
    let jetstream = streams::context(nats);
    let hearing = Hearing::new(db.clone(), listeners);
    let hears = !hearing.subjects().is_empty();
    let driver = Driver::new(db.clone(), clock.clone(), windows, effects, settings.calendar.grace.get(), changed);
    let machinery = Machinery {
        db: db.clone(),
        jetstream: jetstream.clone(),
        clock,
        hearing: hearing.clone(),
        keys: driver.keys().into(),
        own_work: own_work.into(),
        failed: CancellationToken::new(),
    };
    let failed = &machinery.failed;

    // Those who tell end before the relay, which then carries what they told last.
    let tellers = TaskTracker::new();
    let lanes = db.size().saturating_sub(2).clamp(1, 8);
    let consumer = Consumer::new(hearing, jetstream.clone(), patience, lanes).run(stop.clone());
    tracker.spawn(tellers.track_future(vital("consumer", failed, consumer)));
    tracker.spawn(tellers.track_future(vital("calendar", failed, driver.run(stop.clone()))));
    tracker.spawn(vital("audit", failed, audit::run(db.clone(), stop.clone())));
    let watch = Watch {
        db: db.clone(),
        jetstream: jetstream.clone(),
        clock: machinery.clock.clone(),
        hears,
        keys: Arc::clone(&machinery.keys),
    };
    tracker.spawn(vital("watchdog", failed, watch.run(stop.clone())));
    let carried = CancellationToken::new();
    tracker.spawn(vital("relay", failed, Relay::new(db, jetstream, settings.replicas).run(carried.clone())));
    tracker.spawn(async move {
        stop.cancelled().await;
        tellers.close();
        tellers.wait().await;
        carried.cancel();
    });
    Ok(machinery)
}

/// Runs a part beside the others; its panic is for whoever watches over the process to see, not to be survived deaf.
pub(crate) fn vital<F: Future<Output = ()>>(
    name: &'static str,
    failed: &CancellationToken,
    part: F,
) -> impl Future<Output = ()> + use<F> {
    let failed = failed.clone();
    // No span around it: everything it ever does would become one trace.
    async move {
        if AssertUnwindSafe(part).catch_unwind().await.is_err() {
            tracing::error!(part = name, "a part that must not end has panicked");
            failed.cancel();
        }
    }
}
