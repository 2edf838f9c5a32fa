//! What operators and the portal ask.

use async_nats::jetstream;
use contracts::{
    notifier::{
        GetMailboxMessageRequest, ListMailboxRequest, ListMailsRequest, ListSubscribersRequest, MailState,
        ReportBounceRequest, RetryMailRequest, notifier_server::Notifier as _,
    },
    roles, subjects,
};
use notifier::{
    commands::take_invitations,
    grpc::Grpc,
    store::{self, Outcome},
};
use platform::{auth::Caller, refusal::Refusal};
use tonic::{Code, Request, Response, Status};

use crate::{
    taken::invite,
    world::{World, world},
};

const MARCH: &str = "2026-03-02T10:00:00Z";

fn by<T>(role: &str, subject: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = Caller { role: role.into(), subject: subject.into(), ..Caller::anonymous(MARCH.parse().unwrap()) };
    request.extensions_mut().insert(caller);
    request
}

fn operator<T>(message: T) -> Request<T> {
    by(roles::OPERATOR, "op", message)
}

fn portal<T>(message: T) -> Request<T> {
    by(roles::SERVICE, "portal", message)
}

fn reason<T: std::fmt::Debug>(answer: Result<Response<T>, Status>) -> String {
    Refusal::from_status(&answer.unwrap_err()).expect("a refusal of ours").reason
}

async fn ids(world: &World) -> Vec<uuid::Uuid> {
    let mut conn = world.app.db.read().await.unwrap();
    store::list(&mut conn, "", "", i64::MAX, 100).await.unwrap().into_iter().rev().map(|row| row.id).collect()
}

/// Puts a mail into a state as the sender would.
async fn outcome(world: &World, outcome: Outcome) {
    let mut tx = world.app.db.begin("test").await.unwrap();
    // A refusal just before may hold its row's lock for a moment more.
    let mail = loop {
        let claimed = store::claim(&mut tx, false, 1, world.app.lease(), world.clock.now()).await.unwrap();
        match claimed.into_iter().next() {
            Some(mail) => break mail,
            None => tokio::task::yield_now().await,
        }
    };
    store::store_outcome(&mut tx, &mail, &outcome, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_every_mail_page_by_page_and_nothing_of_its_content() {
    let world = world("list", MARCH).await;
    world.calendar().await;
    let grpc = Grpc(world.app.clone());
    for n in 1..=5 {
        world.contact(n, "a@example.org");
        world.opened(n).await;
    }
    outcome(&world, Outcome::Sent).await;
    let ask = |state: MailState, size, token: &str| ListMailsRequest {
        state: state.into(),
        page_size: size,
        page_token: token.into(),
        ..Default::default()
    };
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = grpc.list_mails(operator(ask(MailState::Unspecified, 2, &token))).await.unwrap().into_inner();
        assert_eq!((page.pending, page.sent, page.bounced, page.given_up), (4, 1, 0, 0));
        seen.extend(page.mails.into_iter().map(|mail| mail.mail_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let mut expected: Vec<String> = ids(&world).await.iter().map(ToString::to_string).collect();
    expected.reverse();
    assert_eq!(seen, expected);
    let sent = grpc.list_mails(operator(ask(MailState::Sent, 0, ""))).await.unwrap().into_inner();
    assert_eq!(sent.mails.len(), 1);
    assert!(sent.mails[0].sent_at.is_some() && !format!("{sent:?}").contains("example.org"));

    assert_eq!(reason(grpc.list_mails(operator(ask(MailState::Sent, 201, ""))).await), "PAGE_TOO_LARGE");
    assert_eq!(reason(grpc.list_mails(operator(ask(MailState::Sent, 1, "x"))).await), "PAGE_TOKEN_INVALID");
    let kind = ListMailsRequest { kind: "spam".into(), ..Default::default() };
    assert_eq!(reason(grpc.list_mails(operator(kind)).await), "KIND_UNKNOWN");
    let state = ListMailsRequest { state: 99, ..Default::default() };
    assert_eq!(reason(grpc.list_mails(operator(state)).await), "STATE_UNKNOWN");
    for role in [roles::CANDIDATE, roles::STAFF, roles::JURY, roles::JURY_PRESIDENT, roles::SERVICE] {
        let refused = grpc.list_mails(by(role, "x", ask(MailState::Sent, 0, ""))).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
        let refused = grpc.list_subscribers(by(role, "x", ListSubscribersRequest {})).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
        let retry = RetryMailRequest { mail_id: expected[0].clone() };
        assert_eq!(grpc.retry_mail(by(role, "x", retry)).await.unwrap_err().code(), Code::PermissionDenied, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_given_up_is_started_over_and_no_other() {
    let world = world("retry", MARCH).await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    world.opened(1).await;
    let grpc = Grpc(world.app.clone());
    let mail_id = ids(&world).await[0].to_string();
    let retry = |id: &str| operator(RetryMailRequest { mail_id: id.into() });
    assert_eq!(reason(grpc.retry_mail(retry(&mail_id)).await), "NOT_GIVEN_UP");
    assert_eq!(reason(grpc.retry_mail(retry("x")).await), "ID_MALFORMED");
    let nobody = uuid::Uuid::new_v4().to_string();
    assert_eq!(reason(grpc.retry_mail(retry(&nobody)).await), "MAIL_UNKNOWN");
    outcome(&world, Outcome::GivenUp("452".into())).await;
    world.work().await;
    assert_eq!(world.states("dossier_opened").await, ["given_up"]);
    grpc.retry_mail(retry(&mail_id)).await.unwrap();
    world.work().await;
    assert_eq!(world.states("dossier_opened").await, ["sent"]);

    invite(&world, "one", "p@example.org");
    take_invitations::round(&world.app).await.unwrap();
    world.sql("update mails set state = 'given_up' where taken").await;
    let invitation = ids(&world).await[1].to_string();
    assert_eq!(reason(grpc.retry_mail(retry(&invitation)).await), "ASKED_ELSEWHERE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_mail_is_recorded_once_and_an_invitation_is_told_to_intake() {
    let world = world("returned", MARCH).await;
    world.calendar().await;
    let grpc = Grpc(world.app.clone());
    invite(&world, "one", "prof@example.org");
    take_invitations::round(&world.app).await.unwrap();
    let mail_id = ids(&world).await[0].to_string();
    let bounce = |reason: &str| ReportBounceRequest { mail_id: mail_id.clone(), reason: reason.into() };
    assert_eq!(reason(grpc.report_bounce(operator(bounce(" "))).await), "REASON_INVALID");
    assert_eq!(reason(grpc.report_bounce(operator(bounce(&"x".repeat(501)))).await), "REASON_INVALID");
    let denied = grpc.report_bounce(by(roles::STAFF, "s", bounce("x"))).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let why = bounce("550 5.1.1 <prof@example.org>: unknown");
    let reply = grpc.report_bounce(by(roles::SERVICE, "return-path", why.clone())).await.unwrap().into_inner();
    assert!(!reply.already_applied);
    assert!(grpc.report_bounce(operator(why)).await.unwrap().into_inner().already_applied);
    assert_eq!(world.stand.facts().bounced, [("one".to_owned(), "550 5.1.1 … unknown".to_owned())]);
    assert_eq!(world.states("referee_invitation").await, ["bounced"]);

    world.contact(1, "a@example.org");
    world.opened(1).await;
    let waiting = ReportBounceRequest { mail_id: ids(&world).await[1].to_string(), reason: "x".into() };
    assert_eq!(reason(grpc.report_bounce(operator(waiting)).await), "NOT_SENT");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_is_the_portals_and_there_is_none_where_mail_leaves() {
    let world = world("mailbox", MARCH).await;
    world.calendar().await;
    for n in 1..=3 {
        world.contact(n, if n == 2 { "b@example.org" } else { "a@example.org" });
        world.opened(n).await;
    }
    world.work().await;
    let grpc = Grpc(world.app.clone());
    let list = |to: &str, token: &str| ListMailboxRequest { to: to.into(), page_size: 1, page_token: token.into() };
    let first = grpc.list_mailbox(portal(list("a@example.org", ""))).await.unwrap().into_inner();
    let second = grpc.list_mailbox(portal(list("a@example.org", &first.next_page_token))).await.unwrap().into_inner();
    let third = grpc.list_mailbox(portal(list("a@example.org", &second.next_page_token))).await.unwrap().into_inner();
    assert_eq!((first.entries.len(), second.entries.len(), third.entries.len()), (1, 1, 0));
    assert!(first.entries[0].mail_id != second.entries[0].mail_id && third.next_page_token.is_empty());
    let get = GetMailboxMessageRequest { mail_id: first.entries[0].mail_id.clone() };
    let message = grpc.get_mailbox_message(portal(get.clone())).await.unwrap().into_inner();
    assert!(message.text.contains("Bonjour Jeanne Martin") && message.html.starts_with("<!DOCTYPE html>"));
    let nobody = GetMailboxMessageRequest { mail_id: uuid::Uuid::new_v4().to_string() };
    assert_eq!(reason(grpc.get_mailbox_message(portal(nobody)).await), "MAIL_UNKNOWN");
    for (role, subject) in [(roles::OPERATOR, "portal"), (roles::CANDIDATE, "portal"), (roles::SERVICE, "jury")] {
        let refused = grpc.list_mailbox(by(role, subject, list("", ""))).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role} {subject}");
        let refused = grpc.get_mailbox_message(by(role, subject, get.clone())).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role} {subject}");
    }
    let real = Grpc(world.replica(&crate::world::smtp(1, "tls = 'none'")).await);
    assert_eq!(reason(real.list_mailbox(portal(list("", ""))).await), "NO_MAILBOX");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_listed_with_what_they_have_not_read() {
    let world = world("subscribers", MARCH).await;
    let broker = &world.app.broker;
    platform::streams::ensure(broker, 1).await.unwrap();
    let stream = broker.get_stream(subjects::ADMISSIONS).await.unwrap();
    let consumer = |name: &str, filter: &str| jetstream::consumer::pull::Config {
        durable_name: Some(name.to_owned()),
        filter_subject: filter.to_owned(),
        ..Default::default()
    };
    let reader = stream.create_consumer(consumer("reader", "admissions.v1.x.>")).await.unwrap();
    stream.create_consumer(consumer("idle", "")).await.unwrap();
    for n in 0..5 {
        let subject = format!("admissions.v1.{}.thing", if n < 4 { "x" } else { "y" });
        broker.publish(subject, "{}".into()).await.unwrap().await.unwrap();
    }
    let mut batch = reader.fetch().max_messages(3).messages().await.unwrap();
    let first = futures::StreamExt::next(&mut batch).await.unwrap().unwrap();
    first.double_ack().await.unwrap();
    while futures::StreamExt::next(&mut batch).await.is_some() {}
    let reply = Grpc(world.app.clone()).list_subscribers(operator(ListSubscribersRequest {})).await.unwrap();
    let found: Vec<_> = reply
        .into_inner()
        .subscribers
        .into_iter()
        .map(|s| (s.name, s.subjects, s.pending, s.unacknowledged, s.acknowledged_sequence, s.last_sequence))
        .collect();
    let all = vec![subjects::ADMISSIONS_ALL.to_owned()];
    let expected =
        [("idle".to_owned(), all, 5, 0, 0, 5), ("reader".to_owned(), vec!["admissions.v1.x.>".to_owned()], 1, 2, 1, 5)];
    assert_eq!(found, expected);
}
