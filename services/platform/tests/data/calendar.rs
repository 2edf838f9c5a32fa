use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use contracts::machinery::{CalendarChanged, Transition};
use jiff::{SignedDuration, Timestamp};
use platform::{
    calendar::{self, Effects, Window, WindowGuard, WindowRefused},
    clock::Clock,
    db::{Db, Tx},
    inbox::HandleError,
    outbox,
};

use crate::stage::{Doing, UNPUBLISHED, at, broker, client, client_at, count, database, eventually, open, run};

const OPENS: &str = "2026-01-26T13:00:00Z";
const CLOSES: &str = "2026-03-20T22:00:00Z";

/// Tells version `version`: `opens` and `closes` with their instants, fired or not.
async fn tell_calendar(db: &Db, version: u64, transitions: &[(&str, Timestamp, bool)]) {
    let transitions = transitions
        .iter()
        .map(|(key, due, fired)| Transition {
            key: (*key).to_owned(),
            due_at: Some((*due).into()),
            fired_at: fired.then(|| (*due).into()),
        })
        .collect();
    let calendar = CalendarChanged { version, zone: "Europe/Paris".into(), transitions, moves: Vec::new() };
    let mut tx = db.begin("tell").await.unwrap();
    outbox::append(&mut tx, &calendar, version, at(OPENS)).await.unwrap();
    tx.commit().await.unwrap();
}

fn window() -> Vec<Window> {
    vec![Window { name: "answers".into(), opens: "opens".into(), closes: "closes".into() }]
}

/// Counts how often it ran, in the database; fails as often as told first.
#[derive(Default)]
struct Tally {
    fail: AtomicU32,
}

#[tonic::async_trait]
impl Effects for Tally {
    fn keys(&self) -> Vec<String> {
        vec!["closes".into(), "later".into(), "after".into()]
    }

    async fn at(&self, tx: &mut Tx, key: &str, due: Timestamp) -> Result<(), HandleError> {
        assert!(due >= at(CLOSES), "dated by its due instant");
        sqlx::query("insert into heard (of, n) values ($1, 1)").bind(key).execute(tx.conn()).await?;
        if self.fail.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            return Err(HandleError::retry("not yet"));
        }
        Ok(())
    }
}

async fn guard(db: &Db, stamp: Timestamp) -> String {
    let mut tx = db.begin("guarded").await.unwrap();
    match WindowGuard::new().guard(&mut tx, "answers", stamp).await {
        Ok(()) => "passes".into(),
        Err(WindowRefused::Db(e)) => panic!("{e}"),
        Err(refused) => format!("{refused:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

async fn ran(db: &Db) -> Vec<String> {
    let mut conn = db.read().await.unwrap();
    sqlx::query_scalar("select of from heard order by id").fetch_all(&mut *conn).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_guards_and_the_event_acts_once_for_two_replicas() {
    let (nats, url) = (broker().await, database("calendar_close").await);
    let scheduler = open(&database("calendar_close_scheduler").await, "scheduler").await;
    let telling = run(&scheduler, client(&nats).await, Doing::default()).await;
    let clock = Clock::simulated(at("2026-01-01T00:00:00Z"));
    let doing = |clock: &Clock| Doing {
        windows: window(),
        effects: vec![Arc::new(Tally { fail: AtomicU32::new(1) })],
        clock: Some(clock.clone()),
        grace: Duration::from_millis(300),
        ..Doing::default()
    };
    let one = open(&url, "hearer").await;
    let first = run(&one, client(&nats).await, doing(&clock)).await;
    // The second replica shares nothing with the first but the engines: not even the runtime.
    let elsewhere = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (its_url, nats_url, its_doing) = (url.clone(), nats.url(), doing(&clock));
    let (two, second) = elsewhere
        .spawn(async move {
            let db = open(&its_url, "hearer").await;
            let running = run(&db, client_at(&nats_url).await, its_doing).await;
            (db, running)
        })
        .await
        .unwrap();
    let ms = SignedDuration::from_millis(1);
    let (opens, closes, later) = (at(OPENS), at(CLOSES), at("2026-04-01T00:00:00Z"));

    assert_eq!(guard(&one, opens).await, "Unknown", "the calendar has not arrived");
    let far = [("opens", opens, false), ("closes", closes, false), ("later", later, false), ("after", later, false)];
    tell_calendar(&scheduler, 1, &far).await;
    eventually(Some(1), || async { calendar::version(&mut one.read().await.unwrap()).await.unwrap() }).await;
    let acknowledged = "select count(*) from platform.outbox where subject = 'facts.v1.hearer.calendar_acknowledged'";
    assert_eq!(count(&one, acknowledged).await, 1);

    for (stamp, answer) in [
        (opens - ms, "NotYetOpen"),
        (opens, "passes"),
        (closes - ms, "passes"),
        (closes, "Closing"),
        (closes + ms, "Closing"),
    ] {
        assert_eq!(guard(&one, stamp).await, answer, "{stamp}");
    }

    // The instant passes, the calendar says nothing: nothing happens, and nobody is told that it closed.
    clock.advance(later).unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(guard(&one, closes).await, "Closing");
    assert!(ran(&one).await.is_empty());

    // It fires while a command stamped in time is under way: the close waits for it, others in time still come in.
    let mut tx = one.begin("under_way").await.unwrap();
    WindowGuard::new().guard(&mut tx, "answers", closes - ms).await.unwrap();
    let fired = [("opens", opens, true), ("closes", closes, true), ("later", later, true), ("after", later, true)];
    tell_calendar(&scheduler, 2, &fired).await;
    eventually(Some(2), || async { calendar::version(&mut one.read().await.unwrap()).await.unwrap() }).await;
    assert_eq!(guard(&two, closes - ms).await, "passes", "in the grace period");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(ran(&two).await.is_empty(), "not over the head of a command under way");
    sqlx::query("insert into heard (of, n) values ('command', 1)").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();

    let all = ["command", "closes", "later", "after"].map(str::to_owned).to_vec();
    eventually(all.clone(), || ran(&one)).await;
    for (stamp, answer) in [(closes - ms, "Closed"), (closes, "Closed"), (opens - ms, "Closed")] {
        assert_eq!(guard(&two, stamp).await, answer, "{stamp}");
    }
    first.stop().await;
    elsewhere.spawn(second.stop()).await.unwrap();
    elsewhere.shutdown_background();
    // A restart does nothing again.
    let third = run(&one, client(&nats).await, doing(&clock)).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(ran(&one).await, all);
    third.stop().await;
    telling.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closed_reopens_when_its_instant_moves_later() {
    let (nats, url) = (broker().await, database("calendar_reopen").await);
    let scheduler = open(&database("calendar_reopen_scheduler").await, "scheduler").await;
    let telling = run(&scheduler, client(&nats).await, Doing::default()).await;
    let db = open(&url, "hearer").await;
    let clock = Clock::simulated(at("2026-03-21T00:00:00Z"));
    let doing = Doing {
        windows: window(),
        effects: vec![Arc::new(Tally::default())],
        clock: Some(clock.clone()),
        ..Doing::default()
    };
    let running = run(&db, client(&nats).await, doing).await;
    let (opens, closes, moved) = (at(OPENS), at(CLOSES), at("2026-03-22T22:00:00Z"));
    tell_calendar(&scheduler, 1, &[("opens", opens, true), ("closes", closes, true)]).await;
    eventually(vec!["closes".to_owned()], || ran(&db)).await;
    assert_eq!(guard(&db, closes).await, "Closed");

    tell_calendar(&scheduler, 2, &[("opens", opens, true), ("closes", moved, false)]).await;
    eventually("passes".to_owned(), || guard(&db, closes)).await;
    assert_eq!(guard(&db, moved).await, "Closing");
    assert_eq!(ran(&db).await.len(), 1);
    // An old version that comes late changes nothing.
    tell_calendar(&scheduler, 1, &[("opens", opens, true), ("closes", closes, true)]).await;
    eventually(0, || count(&scheduler, UNPUBLISHED)).await;
    clock.advance(moved).unwrap();
    tell_calendar(&scheduler, 3, &[("opens", opens, true), ("closes", moved, true)]).await;
    eventually(2, || async { ran(&db).await.len() }).await;
    assert_eq!(guard(&db, moved - SignedDuration::from_millis(1)).await, "Closed");
    running.stop().await;
    telling.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_in_the_grace_period_it_does_not_close() {
    let (nats, url) = (broker().await, database("calendar_moved").await);
    let scheduler = open(&database("calendar_moved_scheduler").await, "scheduler").await;
    let telling = run(&scheduler, client(&nats).await, Doing::default()).await;
    let db = open(&url, "hearer").await;
    let (opens, closes, moved) = (at(OPENS), at(CLOSES), at("2026-03-22T22:00:00Z"));
    let doing = Doing {
        windows: window(),
        effects: vec![Arc::new(Tally::default())],
        clock: Some(Clock::simulated(closes)),
        grace: Duration::from_secs(2),
        ..Doing::default()
    };
    let running = run(&db, client(&nats).await, doing).await;
    tell_calendar(&scheduler, 1, &[("opens", opens, true), ("closes", closes, true)]).await;
    eventually("Closing".to_owned(), || guard(&db, closes)).await;
    tell_calendar(&scheduler, 2, &[("opens", opens, true), ("closes", moved, false)]).await;
    eventually("passes".to_owned(), || guard(&db, closes)).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(guard(&db, closes).await, "passes", "the grace period is over");
    assert!(ran(&db).await.is_empty());
    running.stop().await;
    telling.stop().await;
}
