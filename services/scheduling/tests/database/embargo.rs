//! Nothing of a convocation shows before its instant, to the millisecond, and nothing tells why (R19).

use crate::world::{PUBLISHED, SET, World, dossier, may, reason};
use contracts::{jury, scheduling as proto, scheduling::Exam, scheduling::scheduling_server::Scheduling as _};
use jiff::SignedDuration;

const ALBI: &str = "albi";
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// Candidate 0 is convened, 1 rejected, 2 admissible without a slot, 3 unknown.
async fn world(name: &'static str) -> World {
    let world = World::new(name).await;
    world.set_up(ALBI, "2026-05-18").await;
    world.decided(0, true, ALBI, 1).await;
    world.decided(1, false, ALBI, 1).await;
    world.plan(ALBI).await;
    world.decided(2, true, ALBI, 1).await;
    world
}

#[tokio::test]
async fn a_convocation_shows_from_the_very_millisecond_of_the_results() {
    let world = world("embargo_instant").await;
    world.confirmed().await;
    let before = world.results - MILLISECOND;
    assert_eq!(reason(&world.convocation(0, before).await.unwrap_err()), "NO_CONVOCATION");
    assert_eq!(reason(&world.constraint(0, before).await.unwrap_err()), "NO_CONVOCATION");
    // The clock guards: the effect need not have run.
    let shown = world.convocation(0, world.results).await.unwrap();
    assert_eq!((shown.school.as_str(), shown.day.as_str()), (ALBI, "2026-05-18"));
    assert!(shown.interview.is_some() && shown.english.is_some() && !shown.remote);
    world.constraint(0, world.results).await.unwrap();
    let stated = &world.schedule(ALBI).await.candidates[0].constraints;
    assert_eq!(stated.iter().map(|c| c.reason.as_str()).collect::<Vec<_>>(), ["un examen à Lyon"]);
}

/// A candidate and a relative, or a clock that stands still: what was acknowledged is kept (R3).
#[tokio::test]
async fn two_constraints_of_one_instant_are_both_kept() {
    let world = world("two_constraints").await;
    world.confirmed().await;
    let mut stated_at = Vec::new();
    for reason in ["un examen à Lyon", "une opération"] {
        let message = proto::StateConstraintRequest { dossier_id: dossier(0).to_string(), reason: reason.into() };
        let reply = world.grpc.state_constraint(World::candidate(0, world.results, message)).await.unwrap();
        stated_at.push(reply.into_inner().stated_at);
    }
    let stated = &world.schedule(ALBI).await.candidates[0].constraints;
    let reasons: Vec<_> = stated.iter().map(|c| (c.reason.as_str(), c.stated_at)).collect();
    assert_eq!(reasons, [("un examen à Lyon", stated_at[0]), ("une opération", stated_at[1])]);
}

#[tokio::test]
async fn not_yet_not_admissible_not_placed_and_unknown_cannot_be_told_apart() {
    let world = world("embargo_alike").await;
    world.confirmed().await;
    let before = world.results - MILLISECOND;
    let not_yet = [world.convocation(0, before).await.unwrap_err(), world.constraint(0, before).await.unwrap_err()];
    for n in 1..4 {
        for at in [before, world.results] {
            let answers = [world.convocation(n, at).await.unwrap_err(), world.constraint(n, at).await.unwrap_err()];
            for (answer, expected) in answers.iter().zip(&not_yet) {
                assert_eq!((answer.code(), answer.message()), (expected.code(), expected.message()), "{n}");
                assert_eq!(answer.details(), expected.details(), "{n}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_asks_for_another() {
    let world = world("embargo_others").await;
    let message = proto::GetConvocationRequest { dossier_id: dossier(0).to_string() };
    let refused = world.grpc.get_convocation(World::candidate(1, world.results, message)).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOURS");
    let message = proto::GetConvocationRequest { dossier_id: "0".into() };
    let refused = world.grpc.get_convocation(World::candidate(1, world.results, message)).await.unwrap_err();
    assert_eq!(reason(&refused), "INVALID_ID");
}

#[tokio::test]
async fn the_instant_alone_shows_nothing_that_nobody_confirmed() {
    let world = world("embargo_unconfirmed").await;
    let mut mark = 0;
    world.told(&mut mark).await;
    world.results_go_out().await;
    let late = world.results + SignedDuration::from_mins(30);
    assert_eq!(reason(&world.convocation(0, late).await.unwrap_err()), "NO_CONVOCATION");
    assert!(world.told(&mut mark).await.is_empty());
    // Confirmed half an hour late: announced at once, and once.
    let confirmed = jury::AdmissibilityPublicationConfirmed { publish_at: Some(late.into()) };
    world.hear(&confirmed, 1, late).await;
    world.hear(&confirmed, 1, late).await;
    assert_eq!(world.told(&mut mark).await, [PUBLISHED]);
    assert_eq!(reason(&world.convocation(0, late - MILLISECOND).await.unwrap_err()), "NO_CONVOCATION");
    assert!(world.convocation(0, late).await.is_ok());
}

#[tokio::test]
async fn other_systems_hear_at_the_instant_and_then_of_each_change() {
    let world = world("embargo_published").await;
    world.confirmed().await;
    let mut mark = 0;
    assert_eq!(world.told(&mut mark).await, [SET]);
    world.move_to(ALBI, 0, Exam::Interview, may(18, 16, 0)).await.unwrap();
    assert_eq!(world.told(&mut mark).await, [SET], "before the instant, only our own services hear");
    world.results_go_out().await;
    assert_eq!(world.told(&mut mark).await, [PUBLISHED]);
    world.move_to(ALBI, 0, Exam::Interview, may(18, 16, 30)).await.unwrap();
    assert_eq!(world.told(&mut mark).await, [SET, PUBLISHED]);
    world.plan(ALBI).await;
    assert_eq!(world.told(&mut mark).await, [SET, PUBLISHED], "who is placed after the instant is announced too");
    assert_eq!(world.remote(ALBI, Some(0), true).await.unwrap(), 1);
    assert_eq!(world.told(&mut mark).await, [SET, PUBLISHED]);
    let shown = world.convocation(0, world.results).await.unwrap();
    assert!(shown.remote && shown.interview.unwrap().room.is_empty());
}

#[tokio::test]
async fn what_is_decided_after_a_confirmation_waits_for_the_next() {
    let world = world("embargo_second").await;
    world.confirmed().await;
    world.results_go_out().await;
    let later = world.results + SignedDuration::from_hours(2);
    let mut mark = 0;
    world.told(&mut mark).await;
    let decided = jury::AdmissibilityDecided {
        dossier_id: dossier(7).to_string(),
        admissible: true,
        filiere: "M1".into(),
        first_school: ALBI.into(),
        ..Default::default()
    };
    world.hear(&decided, 1, later).await;
    world.plan(ALBI).await;
    // Candidate 2 was placed and is announced; candidate 7 was placed and is not.
    assert_eq!(world.told(&mut mark).await, [SET, PUBLISHED, SET]);
    assert_eq!(reason(&world.convocation(7, later).await.unwrap_err()), "NO_CONVOCATION");
    let confirmed = jury::AdmissibilityPublicationConfirmed { publish_at: Some(later.into()) };
    world.hear(&confirmed, 2, later + MILLISECOND).await;
    assert_eq!(world.told(&mut mark).await, [PUBLISHED]);
    assert!(world.convocation(7, later + MILLISECOND).await.is_ok());
}

#[tokio::test]
async fn a_milestone_moved_later_keeps_what_was_confirmed_back() {
    let world = world("embargo_moved").await;
    world.confirmed().await;
    world.sql("update platform.transitions set due_at = due_at + interval '1 day'").unwrap();
    let moved = world.results + SignedDuration::from_hours(24);
    assert_eq!(reason(&world.convocation(0, world.results).await.unwrap_err()), "NO_CONVOCATION");
    assert_eq!(reason(&world.convocation(0, moved - MILLISECOND).await.unwrap_err()), "NO_CONVOCATION");
    assert!(world.convocation(0, moved).await.is_ok());
}
