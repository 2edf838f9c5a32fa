use std::sync::{Arc, atomic::Ordering};

use async_nats::{
    HeaderMap,
    jetstream::{
        self,
        consumer::{PullConsumer, pull},
    },
};
use contracts::Fact as _;
use contracts::machinery::{
    ListSetAsideRequest, PendingRequest, ReplaySetAsideRequest, operations_server::Operations as _,
};
use engines::{Nats, NatsUser};
use futures::{FutureExt as _, StreamExt as _};
use platform::{auth::Caller, config, operations::OwnWork, streams};
use tonic::Request;

use crate::stage::{
    Counted, Doing, Scribe, UNPUBLISHED, at, broker, client, count, database, eventually, heard, open, run, tell,
};

fn asked<T>(message: T) -> Request<T> {
    let mut caller = Caller::anonymous(at("2026-02-01T08:00:00Z"));
    caller.role = "operator".into();
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_twice_it_has_one_effect() {
    let (nats, url) = (broker().await, database("inbox_twice").await);
    let db = open(&url, "hearer").await;
    let client = client(&nats).await;
    let scribe = Arc::new(Scribe::default());
    let running = run(&db, client.clone(), Doing { listeners: vec![scribe], ..Doing::default() }).await;
    let jetstream = jetstream::new(client);
    eventually(true, || async { jetstream.get_stream("FACTS").await.is_ok() }).await;
    for message in 0..3 {
        // One event in three messages: as after the broker's window for duplicates.
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("message-{message}"));
        headers.insert("ce-id", "0198c4f2-0000-7000-8000-000000000001");
        headers.insert("ce-source", "teller");
        headers.insert("ce-type", "teller.counted");
        headers.insert("ce-subject", "a");
        headers.insert("ce-time", "2026-02-01T08:00:00Z");
        let data = r#"{"of":"a","n":1,"ofTomorrow":true}"#;
        jetstream.publish_with_headers(Counted::subject(), headers, data.into()).await.unwrap().await.unwrap();
    }
    tell_from_outside(&jetstream, "after").await;
    // Both aggregates go side by side: everything is acknowledged before anything is counted.
    let desk = running.machinery.operations();
    eventually(Some((2, 0, 0)), || async {
        // Unavailable until the consumer was made.
        let pending = desk.pending(asked(PendingRequest {})).await.ok()?.into_inner();
        Some((pending.inbox_handled, pending.consumer_pending, pending.consumer_ack_pending))
    })
    .await;
    assert_eq!(heard(&db, "a").await, [1]);
    assert_eq!(heard(&db, "after").await, [9]);
    running.stop().await;
}

async fn tell_from_outside(jetstream: &jetstream::Context, of: &str) {
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", uuid::Uuid::new_v4().to_string());
    headers.insert("ce-source", "teller");
    headers.insert("ce-type", "teller.counted");
    headers.insert("ce-subject", of);
    headers.insert("ce-time", "2026-02-01T08:00:00Z");
    let data = format!(r#"{{"of":"{of}","n":9}}"#);
    jetstream.publish_with_headers(Counted::subject(), headers, data.into()).await.unwrap().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_is_set_aside_with_those_behind_it_and_replayed_in_order() {
    let (nats, url) = (broker().await, database("inbox_aside").await);
    let told = database("inbox_aside_teller").await;
    let (db, teller) = (open(&url, "hearer").await, open(&told, "teller").await);
    let scribe = Arc::new(Scribe::default());
    scribe.failing.store(true, Ordering::SeqCst);
    let doing = Doing { listeners: vec![scribe.clone()], ..Doing::default() };
    let hearing = run(&db, client(&nats).await, doing).await;
    let telling = run(&teller, client(&nats).await, Doing::default()).await;
    tell(&teller, "stubborn", 1, 3).await;
    tell(&teller, "easy", 1, 2).await;
    eventually(vec![1, 2], || heard(&db, "easy")).await;
    let waiting = "select count(*) from platform.set_aside where replayed_at is null";
    eventually(3, || count(&db, waiting)).await;
    assert_eq!(scribe.tries.load(Ordering::SeqCst), 3, "the first was tried so often, those behind it never");
    assert_eq!(heard(&db, "stubborn").await, [0i64; 0], "each failed try was rolled back");

    let desk = hearing.machinery.operations();
    let listed = desk.list_set_aside(asked(ListSetAsideRequest {})).await.unwrap().into_inner().messages;
    assert_eq!(listed.iter().map(|m| m.tries).collect::<Vec<_>>(), [3, 0, 0]);
    assert!(listed[0].error.contains("told to fail"), "{}", listed[0].error);
    assert_eq!(listed[0].aggregate, "stubborn");

    // Replayed while it still fails: the first stays with its reason, the others stay behind it.
    let all = || ReplaySetAsideRequest { consumer: "hearer".into(), event_id: String::new() };
    let done = desk.replay_set_aside(asked(all())).await.unwrap().into_inner();
    assert_eq!((done.replayed, done.still_set_aside), (0, 3));

    scribe.failing.store(false, Ordering::SeqCst);
    // One more arrives meanwhile: behind the others, though it would be handled now.
    tell(&teller, "stubborn", 4, 1).await;
    eventually(4, || count(&db, waiting)).await;
    let done = desk.replay_set_aside(asked(all())).await.unwrap().into_inner();
    assert_eq!((done.replayed, done.still_set_aside), (4, 0));
    tell(&teller, "stubborn", 5, 1).await;
    eventually(vec![1, 2, 3, 4, 5], || heard(&db, "stubborn")).await;
    let pending = desk.pending(asked(PendingRequest {})).await.unwrap().into_inner();
    assert_eq!((pending.set_aside, pending.consumer_pending), (0, 0));
    telling.stop().await;
    hearing.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_message_is_set_aside_and_blocks_nothing() {
    let (nats, url) = (broker().await, database("inbox_unreadable").await);
    let db = open(&url, "hearer").await;
    let client = client(&nats).await;
    let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
    let running = run(&db, client.clone(), doing).await;
    let jetstream = jetstream::new(client);
    eventually(true, || async { jetstream.get_stream("FACTS").await.is_ok() }).await;
    jetstream.publish(Counted::subject(), "no headers".into()).await.unwrap().await.unwrap();
    tell_from_outside(&jetstream, "after").await;
    eventually(vec![9], || heard(&db, "after")).await;
    eventually(1, || count(&db, "select count(*) from platform.set_aside where error like '%ce-id%'")).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_heard_for_the_first_time_is_heard_from_the_beginning() {
    let (nats, url) = (broker().await, database("inbox_later").await);
    let db = open(&url, "hearer").await;
    let teller = open(&database("inbox_later_teller").await, "teller").await;
    let telling = run(&teller, client(&nats).await, Doing::default()).await;
    // Hears the calendar only, as every service does.
    let before = run(&db, client(&nats).await, Doing::default()).await;
    tell(&teller, "a", 1, 20).await;
    eventually(0, || count(&teller, UNPUBLISHED)).await;
    before.stop().await;
    let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
    let after = run(&db, client(&nats).await, doing).await;
    eventually((1..=20).collect::<Vec<i64>>(), || heard(&db, "a")).await;
    after.stop().await;
    telling.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_lost_on_the_way_are_asked_for_again_and_keep_their_order() {
    let (nats, url) = (broker().await, database("inbox_gap").await);
    let db = open(&url, "hearer").await;
    let teller = open(&database("inbox_gap_teller").await, "teller").await;
    let telling = run(&teller, client(&nats).await, Doing::default()).await;
    let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
    let hearing = run(&db, client(&nats).await, doing).await;
    tell(&teller, "a", 1, 1).await;
    eventually(vec![1], || heard(&db, "a")).await;

    // A thief pulls from the same consumer and never acknowledges: as if a connection had swallowed the messages.
    let stream = jetstream::new(client(&nats).await).get_stream("FACTS").await.unwrap();
    let thief: PullConsumer = stream.get_consumer("hearer").await.unwrap();
    let mut stolen = 0;
    for n in 0..10 {
        let pull = thief.batch().max_messages(3).expires(std::time::Duration::from_millis(300)).messages();
        let mut messages = pull.await.unwrap();
        tell(&teller, "a", n * 5 + 2, 5).await;
        while messages.next().await.is_some() {
            stolen += 1;
        }
    }
    assert!(stolen > 0, "the thief got something");
    eventually((1..=51).collect::<Vec<i64>>(), || heard(&db, "a")).await;
    hearing.stop().await;
    telling.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_for_operators() {
    let (nats, url) = (broker().await, database("inbox_operators").await);
    let db = open(&url, "hearer").await;
    // The service's own work is counted with the rest.
    let (three, four): (OwnWork, OwnWork) =
        (Arc::new(|| async { Ok(3) }.boxed()), Arc::new(|| async { Ok(4) }.boxed()));
    let doing = Doing { own_work: vec![three, four], ..Doing::default() };
    let running = run(&db, client(&nats).await, doing).await;
    let desk = running.machinery.operations();
    eventually(Some(7), || async { Some(desk.pending(asked(PendingRequest {})).await.ok()?.into_inner().own_pending) })
        .await;
    let mut request = asked(PendingRequest {});
    request.extensions_mut().insert(Caller::anonymous(at("2026-02-01T08:00:00Z")));
    assert_eq!(desk.pending(request).await.unwrap_err().code(), tonic::Code::Unauthenticated);
    let mut request = asked(PendingRequest {});
    request.extensions_mut().get_mut::<Caller>().unwrap().role = "reader".into();
    assert_eq!(desk.pending(request).await.unwrap_err().code(), tonic::Code::PermissionDenied);
    let other = ReplaySetAsideRequest { consumer: "other".into(), event_id: String::new() };
    assert_eq!(desk.replay_set_aside(asked(other)).await.unwrap_err().code(), tonic::Code::InvalidArgument);
    let id = ReplaySetAsideRequest { consumer: "hearer".into(), event_id: "no".into() };
    assert_eq!(desk.replay_set_aside(asked(id)).await.unwrap_err().code(), tonic::Code::InvalidArgument);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_make_nothing_hears_through_the_consumer_made_for_it() {
    let may = |extra: &[&str]| -> Vec<String> {
        let all = ["$JS.API.STREAM.INFO.>", "$JS.ACK.>", "_INBOX.>"];
        all.iter().chain(extra).map(|s| (*s).to_owned()).collect()
    };
    let users = [
        NatsUser { name: "admin".into(), password: "a".into(), publish: vec![">".into()] },
        NatsUser {
            name: "hearer".into(),
            password: "h".into(),
            publish: may(&[
                "$JS.API.CONSUMER.INFO.FACTS.hearer",
                "$JS.API.CONSUMER.RESET.FACTS.hearer",
                "$JS.API.CONSUMER.MSG.NEXT.FACTS.hearer",
                "facts.v1.hearer.>",
            ]),
        },
    ];
    let nats = tokio::task::spawn_blocking(move || Nats::start(&users).unwrap()).await.unwrap();
    let user = |name: &str, password: &str| config::Nats {
        url: nats.url(),
        user: Some(name.into()),
        password: Some(config::Secret::new(password)),
        password_file: None,
        ca_file: None,
        replicas: 1,
    };
    let admin = streams::connect(&user("admin", "a"), "admin").await.unwrap();
    let jetstream = jetstream::new(admin);
    streams::ensure(&jetstream, 1).await.unwrap();
    let made = pull::Config {
        durable_name: Some("hearer".into()),
        filter_subjects: vec!["facts.v1.scheduler.calendar_changed".into(), Counted::subject()],
        ..pull::Config::default()
    };
    let stream = jetstream.get_stream("FACTS").await.unwrap();
    let _consumer: PullConsumer = stream.create_consumer(made).await.unwrap();

    let db = open(&database("inbox_user").await, "hearer").await;
    let its = streams::connect(&user("hearer", "h"), "hearer").await.unwrap();
    // Before an upgrade, and once more because an older process took over in between: it passes by what it does not know,
    // and leaves it to the newer one.
    for (handled, of) in (0..).zip(["a", "b"]) {
        let older = run(&db, its.clone(), Doing::default()).await;
        tell_from_outside(&jetstream, of).await;
        let waiting = || async {
            let info = stream.consumer_info("hearer").await.unwrap();
            info.num_pending + info.num_ack_pending as u64
        };
        eventually(0, waiting).await;
        older.stop().await;
        assert_eq!(count(&db, "select count(*) from platform.inbox").await, handled);
        let doing = Doing { listeners: vec![Arc::new(Scribe::default())], ..Doing::default() };
        let newer = run(&db, its.clone(), doing).await;
        eventually(vec![9], || heard(&db, of)).await;
        newer.stop().await;
    }
}
