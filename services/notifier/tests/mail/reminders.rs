//! Reminders reach those who still need them, once, and never after the close (R13, R35).

use contracts::{intake::MissingThing, integration::NotLoggedInReply};
use jiff::SignedDuration;
use notifier::commands::remind;

use crate::world::{at, dossier, world};

/// Deposits close at 23:00 in Paris.
const CLOSE: &str = "2026-03-20T22:00:00Z";
/// Period 1 opens at 14:00 in Paris, and closes on 3 June at 23:00.
const OPENS: &str = "2026-05-28T12:00:00Z";
const CLOSES: &str = "2026-06-03T21:00:00Z";

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_remind_the_open_dossiers_alone_and_say_what_is_missing() {
    let world = world("deposits", "2026-03-05T10:00:00Z").await;
    world.calendar().await;
    for n in 1..=3 {
        world.contact(n, &format!("c{n}@example.org"));
        world.opened(n).await;
    }
    let piece = MissingThing { what: "piece".into(), any_of: vec!["motivation_letter".into()], ..Default::default() };
    world.stand.facts().missing.insert(dossier(1).to_string(), vec![piece]);
    world.work().await;
    world.closed(3).await;
    let first = at(CLOSE) - hours(14 * 24);
    world.advance(first - SignedDuration::from_millis(1)).await;
    assert!(world.states("deposit_reminder").await.is_empty());
    world.advance(first).await;
    world.work().await;
    assert_eq!(world.states("deposit_reminder").await, ["sent", "sent"], "once, and not the one that is closed");
    let reminders: Vec<String> =
        world.mailbox().await.into_iter().map(|m| m.text).filter(|t| t.contains("Les dépôts ferment")).collect();
    let listing = reminders.iter().filter(|t| t.contains("\n  - Lettre de motivation")).count();
    let complete = reminders.iter().filter(|t| t.contains("rien ne manque")).count();
    assert_eq!((reminders.len(), listing, complete), (2, 1, 1));

    // Queued, and closed before its turn comes.
    world.clock.advance(at(CLOSE) - hours(72)).unwrap();
    remind::round(&world.app).await.unwrap();
    world.closed(1).await;
    world.work().await;
    assert_eq!(world.states("deposit_reminder").await, ["sent", "sent", "moot", "sent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_without_service_is_one_mail_and_after_the_close_none() {
    let world = world("night", "2026-03-05T10:00:00Z").await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    world.opened(1).await;
    world.work().await;
    world.advance(at(CLOSE) - SignedDuration::from_millis(1)).await;
    assert_eq!(world.states("deposit_reminder").await, ["sent"], "the last of four, late and in time");
    world.moved(notice::keys::DEPOSITS_CLOSE, at(CLOSE) + hours(24)).await;
    world.work().await;
    assert_eq!(world.states("deposit_reminder").await, ["sent", "sent"], "moved later: the new instant is told");
    world.contact(2, "b@example.org");
    world.opened(2).await;
    world.advance(at(CLOSE) + hours(24)).await;
    world.later(hours(1)).await;
    assert_eq!(world.states("deposit_reminder").await.len(), 2, "closed: nobody is reminded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_reminds_the_silent_and_nobody_before_it_is_published() {
    let world = world("period", OPENS).await;
    world.calendar().await;
    for n in 1..=3 {
        world.contact(n, &format!("c{n}@example.org"));
    }
    let who = |ids: &[u128]| ids.iter().map(|n| dossier(*n).to_string()).collect::<Vec<_>>();
    let silent = |unseen: &[u128], unanswered: &[u128]| NotLoggedInReply {
        not_logged_in: who(unseen),
        not_answered: who(unanswered),
        ..Default::default()
    };
    // Held back at its instant: the reminder waits, and nothing waits for it.
    world.work().await;
    assert!(world.mails().await.is_empty());
    let due = remind::due(&world.app, &mut world.app.db.read().await.unwrap(), world.clock.now()).await.unwrap();
    assert!(due.len() == 1 && due[0].held);

    world.stand.facts().silent.insert(1, silent(&[1, 2, 3], &[2]));
    world.later(SignedDuration::from_mins(5)).await;
    let opened = [("period_opened", "sent", 1), ("period_opened", "sent", 3)];
    let mails = |list: &[(&str, &str, u128)]| {
        list.iter().map(|(k, s, n)| ((*k).to_owned(), (*s).to_owned(), *n)).collect::<Vec<_>>()
    };
    assert_eq!(world.mails().await, mails(&opened), "a proposal is told of by itself");

    // Before the close: one has been seen, one has a proposal unanswered; one answers between the queue and the sender.
    world.stand.facts().silent.insert(1, silent(&[3], &[1, 2]));
    world.clock.advance(at(CLOSES) - hours(24)).unwrap();
    remind::round(&world.app).await.unwrap();
    world.stand.facts().silent.insert(1, silent(&[3], &[2]));
    world.work().await;
    let mut found = world.mails().await.split_off(2);
    found.sort();
    assert_eq!(
        found,
        mails(&[("period_answer", "moot", 1), ("period_answer", "sent", 2), ("period_log_in", "sent", 3)])
    );
    assert!(world.mailbox().await.iter().any(|m| m.text.contains("mercredi 3 juin 2026 à 23:00")));

    // Six hours before; then its close comes while mail waits.
    world.clock.advance(at(CLOSES) - hours(6)).unwrap();
    remind::round(&world.app).await.unwrap();
    world.stand.facts().closed_periods.push(1);
    world.advance(at(CLOSES)).await;
    let last: Vec<String> = world.mails().await.split_off(5).into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(last, ["moot", "moot"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_fire_a_reminder_once() {
    let world = world("fire", OPENS).await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    let not_logged_in = vec![dossier(1).to_string()];
    world.stand.facts().silent.insert(1, NotLoggedInReply { not_logged_in, ..Default::default() });
    let other = world.replica(crate::world::MAILBOX).await;
    let (a, b) = tokio::join!(remind::round(&world.app), remind::round(&other));
    assert_eq!(a.unwrap() + b.unwrap(), 1);
}
