use std::time::Duration;

use async_nats::jetstream;
use platform::{outbox, streams};

use crate::stage::{
    Counted, Doing, UNPUBLISHED, at, broker, client, count, database, eventually, execute, open, run, tell,
};

async fn messages(jetstream: &jetstream::Context) -> u64 {
    jetstream.get_stream("FACTS").await.unwrap().cached_info().state.messages
}

#[tokio::test(flavor = "multi_thread")]
async fn many_go_as_one_batch_in_order_and_keep_their_headers() {
    let (nats, url) = (broker().await, database("relay_batch").await);
    let db = open(&url, "teller").await;
    tell(&db, "a", 1, 50).await;
    // The same facts in one statement, as an effect over many aggregates tells them.
    let mut tx = db.begin("tell_all").await.unwrap();
    let facts: Vec<(Counted, u64)> = (51..=100).map(|n| (Counted { of: "a".into(), n }, n)).collect();
    outbox::append_all(&mut tx, &facts, at("2026-02-01T08:00:00Z")).await.unwrap();
    tx.commit().await.unwrap();
    let client = client(&nats).await;
    let jetstream = jetstream::new(client.clone());
    let running = run(&db, client, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;

    let stream = jetstream.get_stream("FACTS").await.unwrap();
    assert_eq!(stream.cached_info().state.messages, 100);
    for sequence in 1..=100u64 {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let header = |name: &str| message.headers.get(name).map(|v| v.as_str().to_owned());
        assert_eq!(header("ce-aggregateversion"), Some(sequence.to_string()), "the outbox's order");
        assert!(header("Nats-Batch-Id").is_some(), "one batch");
        assert_eq!(header("ce-type").as_deref(), Some("teller.counted"));
        assert_eq!(header("ce-specversion").as_deref(), Some("1.0"));
        assert_eq!(header("ce-time").as_deref(), Some("2026-02-01T08:00:00Z"));
        assert_eq!(header("Nats-Msg-Id"), header("ce-id"));
    }
    let agree = "select count(*) from platform.outbox where stream_seq = version";
    assert_eq!(count(&db, agree).await, 100, "the sequences are those of the stream");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_publishing_and_marking_it_publishes_nothing_twice() {
    let (nats, url) = (broker().await, database("relay_mark").await);
    let db = open(&url, "teller").await;
    // Marking fails as it does when the process or the database dies after the broker's acknowledgement.
    execute(
        &db,
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
         create trigger refuse before update on platform.outbox for each row execute function refuse();",
    )
    .await;
    tell(&db, "few", 1, 3).await;
    let client = client(&nats).await;
    let jetstream = jetstream::new(client.clone());
    let running = run(&db, client.clone(), Doing::default()).await;
    eventually(3, || async { jetstream.get_stream("FACTS").await.map_or(0, |s| s.cached_info().state.messages) }).await;
    running.stop().await;
    assert_eq!(count(&db, UNPUBLISHED).await, 3);

    // The rest of them makes it a batch, which the broker refuses for the ids it has: singly, then.
    tell(&db, "few", 4, 20).await;
    execute(&db, "drop trigger refuse on platform.outbox").await;
    let running = run(&db, client, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;
    assert_eq!(messages(&jetstream).await, 23);
    assert_eq!(count(&db, "select count(distinct stream_seq) from platform.outbox").await, 23);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_publish_once_and_the_standby_takes_over() {
    let (nats, url) = (broker().await, database("relay_two").await);
    let (one, two) = (open(&url, "teller").await, open(&url, "teller").await);
    let first = run(&one, client(&nats).await, Doing::default()).await;
    let second = run(&two, client(&nats).await, Doing::default()).await;
    let jetstream = jetstream::new(client(&nats).await);
    for round in 0..5 {
        tell(&one, "a", round * 30 + 1, 10).await;
        tell(&two, "b", round * 30 + 1, 20).await;
    }
    eventually(0, || count(&one, UNPUBLISHED)).await;
    assert_eq!(messages(&jetstream).await, 150);
    first.stop().await;
    tell(&two, "a", 200, 5).await;
    eventually(0, || count(&two, UNPUBLISHED)).await;
    assert_eq!(messages(&jetstream).await, 155);
    second.stop().await;
}

/// A broker that came back empty has its streams made anew by whichever service comes first. The others must notice
/// before they publish: nothing newer may stand before what is told again.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_made_anew_by_others_is_filled_in_order() {
    let (nats, url) = (broker().await, database("relay_anew").await);
    let db = open(&url, "teller").await;
    let jetstream = jetstream::new(client(&nats).await);
    streams::ensure(&jetstream, 1).await.unwrap();
    let running = run(&db, client(&nats).await, Doing::default()).await;
    let mut told = 0;
    // Few go singly, many as a batch.
    for more in [3, 1, 40] {
        if told > 0 {
            // The relay keeps its connection and its lead, and nothing tells it.
            jetstream.delete_stream("FACTS").await.unwrap();
            streams::ensure(&jetstream, 1).await.unwrap();
        }
        tell(&db, "a", told + 1, more).await;
        told += more;
        eventually(told, || messages(&jetstream)).await;
        eventually(0, || count(&db, UNPUBLISHED)).await;
        assert_eq!(versions(&jetstream).await, (1..=told).collect::<Vec<u64>>());
    }
    running.stop().await;
}

/// The broker forgets the ids it has seen after ten minutes; a service may be down for longer.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_holds_without_our_knowing_is_found_however_late() {
    let (nats, url) = (broker().await, database("relay_late").await);
    let db = open(&url, "teller").await;
    let jetstream = jetstream::new(client(&nats).await);
    streams::ensure(&jetstream, 1).await.unwrap();
    let mut config = jetstream.get_stream("FACTS").await.unwrap().cached_info().config.clone();
    config.duplicate_window = Duration::from_millis(100);
    jetstream.update_stream(config).await.unwrap();
    tell(&db, "a", 1, 20).await;
    tell(&db, "b", 1, 2).await;
    let running = run(&db, client(&nats).await, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;
    running.stop().await;
    // As if it had died between the acknowledgement and the mark.
    execute(
        &db,
        "update platform.outbox set published_at = null, stream_seq = null, generation = null where stream_seq > 1",
    )
    .await;
    tokio::time::sleep(Duration::from_millis(400)).await;

    tell(&db, "a", 21, 1).await;
    let running = run(&db, client(&nats).await, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;
    assert_eq!(versions(&jetstream).await, (1..=20).chain([1, 2, 21]).collect::<Vec<u64>>());
    assert_eq!(count(&db, "select count(distinct stream_seq) from platform.outbox").await, 23);
    running.stop().await;
}

/// A database restored to an earlier point is behind its stream: what it tells from then on follows what is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_holds_and_the_database_does_not_stops_nothing() {
    let (nats, url) = (broker().await, database("relay_behind").await);
    let db = open(&url, "teller").await;
    let jetstream = jetstream::new(client(&nats).await);
    tell(&db, "a", 1, 3).await;
    let running = run(&db, client(&nats).await, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;
    running.stop().await;
    execute(&db, "delete from platform.outbox where version > 1").await;

    tell(&db, "a", 4, 20).await;
    let running = run(&db, client(&nats).await, Doing::default()).await;
    eventually(0, || count(&db, UNPUBLISHED)).await;
    assert_eq!(versions(&jetstream).await, (1..=23).collect::<Vec<u64>>());
    running.stop().await;
}

/// Each message's version, in the stream's order.
async fn versions(jetstream: &jetstream::Context) -> Vec<u64> {
    let stream = jetstream.get_stream("FACTS").await.unwrap();
    let mut versions = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        versions.push(message.headers.get("ce-aggregateversion").unwrap().as_str().parse().unwrap());
    }
    versions
}
