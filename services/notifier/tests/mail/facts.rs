//! Which facts become mail, and when they may.

use contracts::{intake, integration, jury, payments, scheduling};
use jiff::SignedDuration;

use crate::world::{World, at, dossier, world};

const MARCH: &str = "2026-03-02T10:00:00Z";
/// Admissibility results, 16:00 in Paris.
const RESULTS: &str = "2026-04-09T14:00:00Z";

fn id(n: u128) -> String {
    dossier(n).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fact_heard_twice_is_one_mail_and_its_content_is_not_kept() {
    let world = world("once", MARCH).await;
    world.calendar().await;
    world.contact(1, "jeanne@example.org");
    world.opened(1).await;
    world.opened(1).await;
    world.work().await;
    world.work().await;
    world.opened(1).await;
    world.work().await;
    assert_eq!(world.mails().await, [("dossier_opened".into(), "sent".into(), 1)]);
    let mailbox = world.mailbox().await;
    assert_eq!(mailbox.len(), 1);
    assert_eq!(mailbox[0].entry.to, "jeanne@example.org");
    for text in
        ["Bonjour Jeanne Martin,", "Dear Jeanne Martin,", "vendredi 20 mars 2026 à 23:00", "http://portal.test/"]
    {
        assert!(mailbox[0].text.contains(text), "{text}: {}", mailbox[0].text);
    }
    // Only the mailbox knows whom it went to.
    let mut conn = world.app.db.read().await.unwrap();
    let kept: Vec<String> =
        sqlx::query_scalar("select mails::text from mails union all select dossiers::text from dossiers")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    assert!(
        kept.len() == 2 && kept.iter().all(|row| !row.contains("example.org") && !row.contains("Martin")),
        "{kept:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_and_its_fee_are_told_as_they_go() {
    let world = world("goes", MARCH).await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    world.opened(1).await;
    world.closed(1).await;
    let fee = |status: payments::FeeStatus, received| payments::FeeChanged {
        dossier_id: id(1),
        status: status.into(),
        due_cents: 7600,
        received_cents: received,
        ..Default::default()
    };
    let now = world.clock.now();
    use payments::FeeStatus as S;
    let history =
        [(S::Declared, 0), (S::Short, 100), (S::Short, 100), (S::Settled, 7600), (S::Settled, 7600), (S::Short, 50)];
    for (version, (status, received)) in (1..).zip(history) {
        world.hear(&fee(status, received), version, now).await.unwrap();
    }
    // An older one, late.
    world.hear(&fee(S::ExemptionRefused, 0), 2, now).await.unwrap();
    let verified = |verdict: intake::Verdict| intake::DossierVerified {
        dossier_id: id(1),
        school: "albi".into(),
        verdict: verdict.into(),
        at: None,
    };
    world.hear(&verified(intake::Verdict::Complete), 3, now).await.unwrap();
    world.hear(&verified(intake::Verdict::CorrectionRequested), 4, now).await.unwrap();
    world.hear(&jury::CandidatureAnnulled { dossier_id: id(1), at: None }, 1, now).await.unwrap();
    world.work().await;
    let kinds: Vec<String> = world.mails().await.into_iter().map(|(kind, ..)| kind).collect();
    let expected = [
        "dossier_opened",
        "dossier_closed",
        "fee_short",
        "fee_settled",
        "fee_short",
        "correction_requested",
        "annulled",
    ];
    assert_eq!(kinds, expected);
    let mailbox = world.mailbox().await;
    let short = mailbox.iter().find(|m| m.text.contains("75.00 EUR remain")).expect("what is left to pay");
    assert!(short.text.contains("75,00 EUR"));
    assert!(mailbox.iter().any(|m| m.text.contains("IMT Mines Albi a vérifié")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_convocation_is_kept_before_the_results_and_a_change_after_them_is_told() {
    let world = world("convocation", RESULTS).await;
    world.calendar().await;
    let instant = at(RESULTS);
    let millisecond = SignedDuration::from_millis(1);
    let set = |n| scheduling::ConvocationSet { dossier_id: id(n), school: "albi".into(), ..Default::default() };
    let result = |n| jury::AdmissibilityPublished {
        dossier_id: id(n),
        admissible: true,
        published_at: Some(instant.into()),
        ..Default::default()
    };
    world.hear(&set(1), 1, instant - millisecond).await.unwrap();
    let mut conn = world.app.db.read().await.unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from dossiers").fetch_one(&mut *conn).await.unwrap();
    assert_eq!((kept, world.mails().await.len()), (0, 0), "a millisecond before, nothing is known here");
    drop(conn);

    // Set before, told with the result; set after, news: whichever of the two facts is heard first.
    world.hear(&result(1), 1, instant).await.unwrap();
    assert_eq!(world.states("convocation_changed").await.len(), 0);
    world.hear(&set(1), 2, instant + millisecond).await.unwrap();
    world.hear(&set(2), 1, instant + millisecond).await.unwrap();
    assert_eq!(world.states("convocation_changed").await.len(), 1, "the second's result is not out");
    world.hear(&result(2), 1, instant).await.unwrap();
    assert_eq!(world.states("convocation_changed").await.len(), 2);
    world.hear(&set(2), 1, instant + millisecond).await.unwrap();
    assert_eq!(world.states("convocation_changed").await.len(), 2, "the same one again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_leaves_at_its_instant_and_not_a_millisecond_before() {
    let world = world("result", "2026-04-09T13:59:59.999Z").await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    // Another service's clock is a little ahead of ours.
    let published_at = Some(at(RESULTS).into());
    let fact = jury::AdmissibilityPublished { dossier_id: id(1), published_at, ..Default::default() };
    world.hear(&fact, 1, at(RESULTS)).await.unwrap();
    world.work().await;
    assert_eq!(world.states("result_published").await, ["pending"]);
    assert!(world.mailbox().await.is_empty());
    world.advance(at(RESULTS)).await;
    assert_eq!(world.states("result_published").await, ["sent"]);
    // The instant was moved later meanwhile: a mail that waits keeps to the new one.
    world.contact(2, "b@example.org");
    let later = at(RESULTS) + SignedDuration::from_hours(1);
    world.moved(notice::keys::ADMISSIBILITY_RESULTS, later).await;
    let fact = jury::AdmissibilityPublished { dossier_id: id(2), published_at, ..Default::default() };
    world.hear(&fact, 1, at(RESULTS)).await.unwrap();
    world.work().await;
    assert_eq!(world.states("result_published").await, ["sent", "pending"]);
    world.advance(later).await;
    assert_eq!(world.states("result_published").await, ["sent", "sent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_situation_is_told_when_it_changes_and_never_says_more_than_where_to_look() {
    let world = world("situation", "2026-05-28T12:00:00Z").await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    world.contact(2, "b@example.org");
    let now = world.clock.now();
    let situation = |n, state: integration::State, period, school: &str| integration::SituationChanged {
        dossier_id: id(n),
        state: state.into(),
        period,
        school: school.into(),
        ..Default::default()
    };
    use integration::State as S;
    let history = [
        (S::Proposed, 1, "albi"),
        (S::Proposed, 1, "albi"),
        (S::Holding, 1, "albi"),
        (S::Proposed, 2, "ales"),
        (S::Accepted, 2, "ales"),
        (S::Admitted, 4, "ales"),
    ];
    for (version, (state, period, school)) in (1..).zip(history) {
        world.hear(&situation(1, state, period, school), version, now).await.unwrap();
    }
    world.hear(&situation(1, S::Eliminated, 1, ""), 3, now).await.unwrap();
    world.hear(&situation(2, S::NotRetained, 1, ""), 1, now).await.unwrap();
    world.work().await;
    let kinds: Vec<(String, u128)> = world.mails().await.into_iter().map(|(kind, _, n)| (kind, n)).collect();
    let expected = [("proposal_made", 1), ("proposal_made", 1), ("admitted", 1), ("admission_results", 2)];
    assert_eq!(kinds, expected.map(|(kind, n)| (kind.to_owned(), n)));
    for mail in world.mailbox().await {
        assert!(!mail.text.contains("IMT Mines"), "no school: {}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_costs_a_mail_no_try() {
    let world = world("away", MARCH).await;
    world.calendar().await;
    world.contact(1, "a@example.org");
    world.opened(1).await;
    world.stand.facts().away.push("ContactOf");
    for _ in 0..3 {
        assert!(notifier::commands::send::round(&world.app, false).await.unwrap_err().passes());
    }
    assert_eq!(tries(&world).await, 0);
    world.stand.facts().away.clear();
    world.work().await;
    assert_eq!((world.states("dossier_opened").await, tries(&world).await), (vec!["sent".to_owned()], 1));
}

async fn tries(world: &World) -> u32 {
    let mut conn = world.app.db.read().await.unwrap();
    notifier::store::list(&mut conn, "", "", i64::MAX, 1).await.unwrap()[0].tries
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gave_up_is_told_nothing_more() {
    let world = world("abandoned", MARCH).await;
    world.calendar().await;
    world.opened(1).await;
    world.hear(&intake::DossierAbandoned { dossier_id: id(1), at: None }, 2, world.clock.now()).await.unwrap();
    world.work().await;
    world.advance(at("2026-03-20T20:00:00Z")).await;
    assert_eq!(world.mails().await, [("dossier_opened".into(), "moot".into(), 1)], "and no reminder");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_before_the_calendar_is_known() {
    let world = world("early", MARCH).await;
    world.contact(1, "a@example.org");
    world.opened(1).await;
    world.work().await;
    assert_eq!((world.states("dossier_opened").await, tries(&world).await), (vec!["pending".to_owned()], 0));
    world.calendar().await;
    world.work().await;
    assert_eq!(world.states("dossier_opened").await, ["sent"]);
}
