//! What a subscriber does, and what it cannot do, with the credentials that the command printed.

use std::time::Duration;

use async_nats::{Client, jetstream};
use broker::{Credentials, From, Refused};
use contracts::subjects;
use futures::StreamExt as _;
use serde_json::json;

use crate::{
    house::{House, client},
    raw::Raw,
};

/// Facts of a school, as intake tells them.
async fn tell(house: &House, school: &str, count: usize) {
    let intake = jetstream::new(house.client("intake").await);
    for n in 0..count {
        let subject = format!("admissions.v1.{school}.dossier_received");
        intake.publish(subject, format!("{school} {n}").into()).await.unwrap().await.unwrap();
    }
}

/// What its consumer has for it, without a library's help: how many at once, and whether it acknowledges.
async fn next(client: &Client, of: &Credentials, count: usize, acknowledge: bool) -> Vec<String> {
    let inbox = format!("{}.next", of.inbox_prefix);
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    let ask = json!({ "batch": count, "no_wait": true }).to_string();
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", of.stream, of.consumer);
    client.publish_with_reply(subject, inbox, ask.into()).await.unwrap();
    let mut got = Vec::new();
    while got.len() < count {
        let message = tokio::time::timeout(Duration::from_secs(20), answers.next()).await.unwrap().unwrap();
        if message.status.is_some() {
            break;
        }
        got.push(String::from_utf8(message.payload.to_vec()).unwrap());
        if acknowledge {
            // Answered: it is stored.
            client.request(message.reply.unwrap(), "+ACK".into()).await.unwrap();
        }
    }
    got
}

async fn reset(client: &Client, of: &Credentials, sequence: u64) -> serde_json::Value {
    let subject = format!("$JS.API.CONSUMER.RESET.{}.{}", of.stream, of.consumer);
    let answer = client.request(subject, json!({ "seq": sequence }).to_string().into()).await.unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

async fn messages(house: &House, stream: &str) -> u64 {
    let jetstream = jetstream::new(house.client("administrator").await);
    jetstream.get_stream(stream).await.unwrap().cached_info().state.messages
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reads_its_school_acknowledges_and_begins_again_from_any_point() {
    let house = House::open().await;
    tell(&house, "albi", 3).await;
    tell(&house, "ales", 2).await;
    let albi = house.add("albi-crm", "albi").await;
    let ales = house.add("ales-crm", "ales").await;
    let (one, two) = (client(&albi).await, client(&ales).await);
    assert_eq!(next(&one, &albi, 2, true).await, ["albi 0", "albi 1"]);
    assert_eq!(next(&two, &ales, 10, true).await, ["ales 0", "ales 1"]);
    let lags = house.broker.list().await.unwrap();
    let seen: Vec<_> = lags.iter().map(|l| (l.name.as_str(), l.pending, l.unacknowledged, l.acknowledged)).collect();
    assert_eq!(seen, [("albi-crm", 1, 0, 2), ("ales-crm", 0, 0, 5)]);
    assert_eq!(lags[0].subjects, ["admissions.v1.albi.>"]);

    // By itself, from a sequence; nobody else's filter comes with it.
    let answer = reset(&one, &albi, 2).await;
    assert_eq!(answer["config"]["filter_subject"], "admissions.v1.albi.>", "{answer}");
    assert_eq!(next(&one, &albi, 10, true).await, ["albi 1", "albi 2"]);
    // By the operator, from a time.
    let broker = &house.broker;
    let jetstream = jetstream::new(house.client("administrator").await);
    let stored = jetstream.get_stream("ADMISSIONS").await.unwrap();
    let second = stored.get_raw_message(2).await.unwrap().time.unix_timestamp_nanos();
    let at = jiff::Timestamp::from_nanosecond(second).unwrap();
    assert_eq!(broker.replay(&house.deployment, "albi-crm", From::Instant(at)).await.unwrap(), 2);
    assert_eq!(next(&one, &albi, 10, true).await, ["albi 1", "albi 2"]);
    assert_eq!(broker.replay(&house.deployment, "albi-crm", From::Beginning).await.unwrap(), 1);
    assert_eq!(next(&one, &albi, 10, false).await.len(), 3);
    assert_eq!(broker.replay(&house.deployment, "albi-crm", From::Now).await.unwrap(), 6);
    assert_eq!(next(&one, &albi, 10, false).await, [""; 0]);
    let never = From::Instant("2126-01-01T00:00:00Z".parse().unwrap());
    for from in [From::Sequence(9), From::Sequence(0), never] {
        let refused = broker.replay(&house.deployment, "albi-crm", from).await.unwrap_err();
        assert!(matches!(refused, Refused::Nothing(_, 5)), "{refused}");
    }
}

/// Permissions do not bind the subject to which a user has the broker send what it asked for.
#[tokio::test(flavor = "multi_thread")]
async fn having_the_broker_send_elsewhere_writes_nothing() {
    let house = House::open().await;
    tell(&house, "albi", 8).await;
    let albi = house.add("albi-crm", "albi").await;
    // Of the same school, and so of the same account: the nearest there is.
    let library = house.add("albi-library", "albi").await;
    let (one, two) = (client(&albi).await, client(&library).await);
    assert_eq!(next(&two, &library, 2, true).await.len(), 2);
    let before = (messages(&house, subjects::FACTS).await, messages(&house, subjects::ADMISSIONS).await);
    let ask = json!({ "batch": 1, "no_wait": true }).to_string();
    let next_of = |consumer: &str, stream: &str| format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
    let elsewhere = [
        "facts.v1.jury.seats_set",
        "admissions.v1.ales.admitted",
        "$JS.API.STREAM.PURGE.FACTS",
        "$JS.API.CONSUMER.RESET.ADMISSIONS.albi-library",
        "$JS.API.CONSUMER.MSG.NEXT.ADMISSIONS.albi-library",
    ];
    for reply in elsewhere {
        one.publish_with_reply(next_of("albi-crm", subjects::ADMISSIONS), reply, ask.clone().into()).await.unwrap();
    }
    // The consumer works through what it is asked in order: this answer comes after those.
    next(&one, &albi, 10, false).await;
    assert_eq!((messages(&house, subjects::FACTS).await, messages(&house, subjects::ADMISSIONS).await), before);
    assert_eq!(next(&two, &library, 10, true).await.len(), 6, "the other's consumer is where it was");

    // Within our account the same succeeds, which is why a subscriber has one of its own.
    let intake = house.client("intake").await;
    jetstream::new(intake.clone()).publish("facts.v1.intake.dossier_opened", "{}".into()).await.unwrap().await.unwrap();
    let reset = "$JS.API.CONSUMER.RESET.FACTS.intake-told";
    intake.request(reset, json!({ "seq": 1 }).to_string().into()).await.unwrap();
    intake.publish_with_reply(next_of("intake-told", subjects::FACTS), elsewhere[0], ask.into()).await.unwrap();
    let reads_back = Credentials {
        consumer: "intake-told".into(),
        stream: subjects::FACTS.into(),
        inbox_prefix: "_INBOX.intake".into(),
        ..albi
    };
    // The forged one is nothing that intake told: nothing more comes.
    assert_eq!(next(&intake, &reads_back, 1, false).await, [""; 0]);
    assert_eq!(messages(&house, subjects::FACTS).await, before.0 + 2, "one told, one forged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_one_is_cut_off_and_the_others_stay() {
    let house = House::open().await;
    tell(&house, "albi", 1).await;
    let albi = house.add("albi-crm", "albi").await;
    let other = house.add("albi-library", "albi").await;
    let mut connected = Raw::connect(&house.nats.url(), Some((&albi.user, &albi.password))).unwrap();
    let stays = client(&other).await;
    let pid_file = house.pid_file();
    house.broker.revoke(&house.deployment, "albi-crm", Some(&pid_file)).await.unwrap();
    // Its open connection is closed, and there is no other.
    let mut closed = None;
    for _ in 0..200 {
        match connected.try_it("subscribe", "_INBOX.albi-crm.x") {
            Ok(None) => tokio::time::sleep(Duration::from_millis(50)).await,
            otherwise => {
                closed = Some(otherwise);
                break;
            }
        }
    }
    assert!(closed.is_some(), "still connected");
    let refused = Raw::connect(&house.nats.url(), Some((&albi.user, &albi.password))).err();
    assert!(refused.unwrap().contains("Authorization Violation"));
    assert_eq!(next(&stays, &other, 10, true).await, ["albi 0"]);
    assert_eq!(house.broker.list().await.unwrap().len(), 1);
    let refused = house.broker.revoke(&house.deployment, "albi-crm", Some(&pid_file)).await.unwrap_err();
    assert!(matches!(&refused, Refused::Unknown { known, .. } if *known == ["albi-library"]), "{refused}");
    // Its name is free again, under another password.
    let again = house.add("albi-crm", "albi").await;
    assert_ne!(again.password, albi.password);
    assert_eq!(next(&client(&again).await, &again, 10, true).await, ["albi 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_be_is_refused_and_changes_nothing() {
    let house = House::open().await;
    house.add("albi-crm", "albi").await;
    for name in ["jury", "administrator", "intake-told", "x", "Albi", "a b", "a.b", "a>", "../a", "é-crm", "9crm"] {
        let refused = house.broker.add(&house.deployment, name, "albi", From::Beginning, None).await.unwrap_err();
        assert!(matches!(refused, Refused::Name(_)), "{name}: {refused}");
    }
    let refused = house.broker.add(&house.deployment, "albi-crm", "ales", From::Beginning, None).await.unwrap_err();
    assert!(matches!(refused, Refused::Exists(_)), "{refused}");
    let refused = house.broker.add(&house.deployment, "a-crm", "atlantis", From::Beginning, None).await.unwrap_err();
    assert!(matches!(&refused, Refused::School { known, .. } if *known == ["albi", "ales"]), "{refused}");
    assert_eq!(house.broker.list().await.unwrap().len(), 1);
    assert_eq!(house.deployment.subscribers().unwrap().len(), 1);
}
