//! Whole sessions, small ones: played, checked, and told twice alike.

#![allow(clippy::expect_used, clippy::panic, reason = "a test says what it expected")]

use std::path::{Path, PathBuf};

use campaign::{Plan, Played, campaign};

fn plan(session: &str, candidates: usize, seed: u64) -> Plan {
    Plan {
        session: Path::new(env!("CARGO_MANIFEST_DIR")).join(session),
        executable: PathBuf::from(env!("CARGO_BIN_EXE_campaign")),
        candidates,
        seed,
        chaos: None,
        replace: false,
    }
}

fn hold(played: &Played) {
    for invariant in &played.invariants {
        assert!(invariant.holds(), "{}: looked at {}, {:#?}", invariant.name, invariant.checked, invariant.violations);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_tells_the_same_report() {
    let mut reports = Vec::new();
    for _ in 0..2 {
        let played =
            campaign(&plan("../infra/sessions/2026.toml", 45, 3)).await.unwrap_or_else(|e| panic!("seed 3: {e}"));
        hold(&played);
        reports.push(played.report.json().expect("a report"));
    }
    assert_eq!(reports[0], reports[1]);
}

/// R1: five schools, two filières, three periods, other pieces, another fee and zone, and not a line of code.
#[tokio::test(flavor = "multi_thread")]
async fn an_invented_session_is_another_file_and_no_code() {
    let played = campaign(&plan("sessions/invented.toml", 50, 5)).await.unwrap_or_else(|e| panic!("seed 5: {e}"));
    hold(&played);
    assert!(played.refusals > 0);
}

/// Services and engines are killed at random points; nothing acknowledged is lost and no effect is doubled.
#[tokio::test(flavor = "multi_thread")]
async fn killing_anything_at_any_moment_loses_nothing() {
    let seed = std::env::var("ADMIS_CHAOS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(11);
    eprintln!("ADMIS_CHAOS_SEED={seed}");
    let plan = Plan { chaos: Some(seed), ..plan("../infra/sessions/2026.toml", 40, 2) };
    let played = campaign(&plan).await.unwrap_or_else(|e| panic!("chaos seed {seed}: {e}"));
    eprintln!("killed {}: {}", played.killed.len(), played.killed.join(" "));
    assert!(
        played.killed.len() >= 5,
        "only {} kills: the session was over too soon to say anything",
        played.killed.len()
    );
    hold(&played);
}

/// A rolling upgrade under load: of two processes of each service one drains and another takes its place, one after the
/// other, while the session is played.
#[tokio::test(flavor = "multi_thread")]
async fn every_process_is_replaced_in_turn_and_no_request_fails() {
    let plan = Plan { replace: true, ..plan("../infra/sessions/2026.toml", 40, 4) };
    let played = campaign(&plan).await.unwrap_or_else(|e| panic!("seed 4: {e}"));
    eprintln!("{} replaced", played.replaced);
    assert!(played.replaced >= 2 * campaign::world::SERVICES.len());
    assert_eq!(played.unanswered, 0, "requests had no answer and were sent again");
    hold(&played);
}
