//! Engines that die, streams that vanish.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream;
use engines::Postgres;

use crate::stage::{Doing, Scribe, UNPUBLISHED, broker, client, count, database, eventually, heard, open, run, tell};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_lost_is_published_again_and_has_no_second_effect() {
    let nats = broker().await;
    let db = open(&database("lost_hearer").await, "hearer").await;
    let teller = open(&database("lost_teller").await, "teller").await;
    let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
    let hearing = run(&db, client(&nats).await, doing).await;
    let telling = run(&teller, client(&nats).await, Doing::default()).await;
    tell(&teller, "a", 1, 30).await;
    eventually((1..=30).collect::<Vec<i64>>(), || heard(&db, "a")).await;

    // Its volume is gone: an empty broker comes back under the same address. Nobody tells anything meanwhile.
    let nats = tokio::task::spawn_blocking(move || {
        nats.lose_everything().unwrap();
        nats
    })
    .await
    .unwrap();
    let jetstream = jetstream::new(client(&nats).await);
    let published = || async { jetstream.get_stream("FACTS").await.map_or(0, |s| s.cached_info().state.messages) };
    eventually(30, published).await;
    eventually(0, || count(&teller, UNPUBLISHED)).await;

    // An operator deletes a message in the middle, and a stream: the same again.
    let stream = jetstream.get_stream("FACTS").await.unwrap();
    stream.delete_message(7).await.unwrap();
    jetstream.delete_stream("FACTS").await.unwrap();
    tell(&teller, "a", 31, 1).await;
    eventually(31, published).await;
    eventually((1..=31).collect::<Vec<i64>>(), || heard(&db, "a")).await;
    assert_eq!(count(&db, "select count(*) from platform.inbox where consumer = 'hearer'").await, 31);
    telling.stop().await;
    hearing.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_engines_lose_nothing_and_double_nothing() {
    let nats = broker().await;
    let postgres = Arc::new(tokio::task::spawn_blocking(|| Postgres::start().unwrap()).await.unwrap());
    let (hearer_url, teller_url) = {
        let postgres = postgres.clone();
        tokio::task::spawn_blocking(move || {
            (postgres.create_database("hearer").unwrap(), postgres.create_database("teller").unwrap())
        })
        .await
        .unwrap()
    };
    let (db, teller) = (open(&hearer_url, "hearer").await, open(&teller_url, "teller").await);
    let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
    let hearing = run(&db, client(&nats).await, doing).await;
    let telling = run(&teller, client(&nats).await, Doing::default()).await;
    let nats = Arc::new(nats);
    let mut told = 0;
    for round in 0..6 {
        let (nats, postgres) = (nats.clone(), postgres.clone());
        let fault = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(30 * (round + 1)));
            if round % 2 == 0 { nats.kill_and_restart() } else { postgres.kill_and_restart() }.unwrap();
        });
        for _ in 0..20 {
            for of in ["a", "b", "c"] {
                // A teller whose commit fails does not know: it asks what stands before it says it again.
                loop {
                    let one = told_once(&teller, of, told + 1).await;
                    if one {
                        break;
                    }
                }
            }
            told += 1;
        }
        fault.await.unwrap();
    }
    let all: Vec<i64> = (1..=told.cast_signed()).collect();
    for of in ["a", "b", "c"] {
        eventually(all.clone(), || heard_if_there(&db, of)).await;
    }
    eventually(0, || count(&teller, UNPUBLISHED)).await;
    assert_eq!(count(&db, "select count(*) from heard").await, 3 * told.cast_signed());
    telling.stop().await;
    hearing.stop().await;
}

async fn heard_if_there(db: &platform::db::Db, of: &str) -> Vec<i64> {
    let Ok(mut conn) = db.read().await else { return Vec::new() };
    sqlx::query_scalar("select n from heard where of = $1 order by id")
        .bind(of)
        .fetch_all(&mut *conn)
        .await
        .unwrap_or_default()
}

async fn told_once(db: &platform::db::Db, of: &str, n: u64) -> bool {
    let attempt = async {
        let mut tx = db.begin("tell").await?;
        let before: Option<i64> =
            sqlx::query_scalar("select 1::bigint from platform.outbox where aggregate = $1 and version = $2")
                .bind(of)
                .bind(n.cast_signed())
                .fetch_optional(tx.conn())
                .await?;
        if before.is_none() {
            let fact = crate::stage::Counted { of: of.to_owned(), n };
            platform::outbox::append(&mut tx, &fact, n, crate::stage::at("2026-02-01T08:00:00Z")).await?;
        }
        tx.commit().await
    };
    attempt.await.is_ok()
}
