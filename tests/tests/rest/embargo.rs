//! What is published at an instant is refused to systems until then, to the millisecond (R19).

use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::{
    instant,
    system::{STAFF, System},
    two, world_at,
};

/// Asks `paths` one millisecond before an instant and at it.
async fn published_at(key: &str, paths: &[&str], refusal: &str) -> Vec<usize> {
    let at = instant(key);
    let world = world_at(Some(at - SignedDuration::from_millis(1)), 40, None).await;
    assert_eq!(world.now(), at - SignedDuration::from_millis(1));
    let (here, _) = two(&world);
    let system = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    for path in paths {
        let early = system.get(path).await;
        assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, refusal), "{path}");
        assert!(!early.body.to_string().contains("dossier_id"), "{early:?}");
    }
    world.advance_and_settle(at).await.unwrap();
    let mut counts = Vec::new();
    for path in paths {
        let now = system.get(path).await;
        assert_eq!(now.status, StatusCode::OK, "{path}: {now:?}");
        counts.push(now.body["items"].as_array().expect("a list").len());
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn convocations_with_the_admissibility_results() {
    let counts = published_at(notice::keys::ADMISSIBILITY_RESULTS, &["/convocations?limit=100"], "NOT_PUBLISHED").await;
    assert!(counts[0] > 0, "nobody is convened: the test says nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn proposals_and_tables_with_their_period() {
    let key = notice::keys::period_opens(1);
    let filiere = "/tables/L3?limit=100";
    let counts =
        published_at(&key, &["/periods/1/proposals?limit=100", filiere, "/admissions"], "NOT_YET_PUBLISHED").await;
    assert!(counts[0] > 0 && counts[1] > 0, "nobody is proposed anything: {counts:?}");
}
