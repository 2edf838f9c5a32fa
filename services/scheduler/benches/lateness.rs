//! How late transitions fire under the system's clock, with two replicas on a real PostgreSQL and a real broker:
//! from the due instant to the commit that fired it, and to the moment another process hears of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use contracts::{Fact as _, machinery::CalendarChanged};
use engines::{Nats, Postgres};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use platform::{Service as _, clock::Clock, config, db::Db, machinery, streams};
use scheduler::{Scheduler, domain::Calendar, drive, store, wire};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Transitions to fire, and how far apart.
const TRANSITIONS: i32 = 400;
const APART: SignedDuration = SignedDuration::from_millis(50);

fn main() {
    // cargo gives `--bench`; there is nothing else to choose.
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let (nats, url) = tokio::task::spawn_blocking(|| {
        let postgres = Postgres::shared().unwrap();
        (Nats::start(&[]).unwrap(), postgres.create_database("lateness").unwrap())
    })
    .await
    .unwrap();
    let settings =
        config::Nats { url: nats.url(), user: None, password: None, password_file: None, ca_file: None, replicas: 1 };
    let clock = Clock::system();
    let stop = CancellationToken::new();
    let tracker = TaskTracker::new();
    let committed: Arc<Mutex<Vec<SignedDuration>>> = Arc::default();

    let mut replicas = Vec::new();
    for _ in 0..2 {
        let db = Db::open(url.parse().unwrap(), 6, Scheduler::NAME, Scheduler::migrations()).await.unwrap();
        let parts = machinery::Parts {
            service: Scheduler::NAME,
            db: db.clone(),
            nats: streams::connect(&settings, Scheduler::NAME).await.unwrap(),
            clock: clock.clone(),
            settings: config::Data {
                calendar: config::Calendar { grace: config::Span::from_millis(10) },
                environment: config::Environment::Demo,
                replicas: 1,
            },
            windows: Vec::new(),
            listeners: Vec::new(),
            effects: Vec::new(),
            own_work: Vec::new(),
        };
        machinery::start(parts, &tracker, stop.clone()).await.unwrap();
        replicas.push(db);
    }
    let due = seed(&replicas[0], clock.now() + SignedDuration::from_secs(2)).await;
    let heard = tokio::spawn(hear(async_nats::connect(nats.url()).await.unwrap(), clock.clone(), due));
    for db in replicas {
        let (clock, stop, committed) = (clock.clone(), stop.clone(), Arc::clone(&committed));
        let told = move |_: &_, late| committed.lock().unwrap().push(late);
        tracker.spawn(async move { drive::run(db, clock, Arc::new(Notify::new()), told, stop).await });
    }

    let heard = tokio::time::timeout(Duration::from_secs(120), heard).await.expect("all are heard").unwrap();
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    let committed = committed.lock().unwrap().clone();
    assert_eq!(committed.len(), usize::try_from(TRANSITIONS).unwrap(), "each fires once");
    println!("{TRANSITIONS} transitions {} ms apart, two replicas: each fired once", APART.as_millis());
    print("commit", committed);
    print("heard by another process", heard);
}

/// A calendar of nothing but transitions, every [`APART`] from `begin`.
async fn seed(db: &Db, begin: Timestamp) -> BTreeMap<String, Timestamp> {
    let begin = begin.round(jiff::Unit::Millisecond).unwrap();
    let due: BTreeMap<_, _> = (0..TRANSITIONS).map(|n| (format!("t{n:04}"), begin + APART * n)).collect();
    let calendar = Calendar::seeded("bench".into(), jiff::tz::TimeZone::UTC, due.clone());
    let mut tx = db.begin("seed").await.unwrap();
    store::insert_session(tx.conn(), "bench", "UTC").await.unwrap();
    store::insert_transitions(tx.conn(), &calendar, "UTC").await.unwrap();
    let fact = wire::calendar_changed(&calendar, "UTC", &[]);
    platform::outbox::append(&mut tx, &fact, 1, begin).await.unwrap();
    tx.commit().await.unwrap();
    due
}

/// When each transition's announcement arrived, after its due instant.
async fn hear(client: async_nats::Client, clock: Clock, due: BTreeMap<String, Timestamp>) -> Vec<SignedDuration> {
    let mut messages = client.subscribe(CalendarChanged::subject()).await.unwrap();
    let mut late = BTreeMap::new();
    while late.len() < due.len() {
        let message = messages.next().await.unwrap();
        let now = clock.now();
        let fact: CalendarChanged = serde_json::from_slice(&message.payload).unwrap();
        for fired in fact.transitions.iter().filter(|t| t.fired_at.is_some()) {
            late.entry(fired.key.clone()).or_insert_with(|| now.duration_since(due[&fired.key]));
        }
    }
    late.into_values().collect()
}

fn print(what: &str, mut late: Vec<SignedDuration>) {
    late.sort();
    assert!(late[0] >= SignedDuration::ZERO, "{what}: early");
    let at = |share: f64| late[((late.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0;
    println!("  {what:<26} p50 {:7.2} ms   p99 {:7.2} ms   max {:7.2} ms", at(0.5), at(0.99), at(1.0));
}
