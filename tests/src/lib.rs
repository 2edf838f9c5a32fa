//! The campaign: a whole session, played through the services' public interfaces and held to its rules.
//!
//! [`world`] starts real engines and the services as separate processes under the simulated clock; [`cast`] draws
//! who takes part; [`play`] lets them act; [`check`] recomputes everything and compares; [`report`] tells. `cargo demo`
//! and the whole-system tests are the same code. Nothing here is linked into a service.

pub mod bank;
pub mod cast;
pub mod chaos;
pub mod check;
pub mod failure;
pub mod files;
pub mod matching;
pub mod play;
pub mod progress;
pub mod report;
pub mod world;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use check::Invariant;
use failure::Failure;
use jiff::{Timestamp, civil::DateTime};
use notice::Session;
use play::Stage;
use progress::Progress;
use report::Report;
use world::{Options, World};

/// What to play.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The session file.
    pub session: PathBuf,
    /// The executable that runs the services.
    pub executable: PathBuf,
    /// How many candidates.
    pub candidates: usize,
    /// What the cast is drawn from.
    pub seed: u64,
    /// Kill services and engines at random points, drawn from this seed.
    pub chaos: Option<u64>,
    /// Run two processes of each service, and replace them all in turn, again and again, as a rolling upgrade does.
    pub replace: bool,
}

impl Plan {
    /// The published session with some candidates, and nothing killed or replaced.
    #[must_use]
    pub fn of_2026(executable: impl Into<PathBuf>, candidates: usize, seed: u64) -> Self {
        Self { session: session_2026(), executable: executable.into(), candidates, seed, chaos: None, replace: false }
    }
}

/// The published session's file.
#[must_use]
pub fn session_2026() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml")
}

/// An instant as people name it: a transition's key, RFC 3339, or wall-clock time of the session's zone.
#[must_use]
pub fn instant(session: &Session, named: &str) -> Option<Timestamp> {
    let local = || named.parse::<DateTime>().ok()?.to_zoned(session.zone.clone()).ok();
    session.instant(named).or_else(|| named.parse().ok()).or_else(|| Some(local()?.timestamp()))
}

/// A played session, still running.
pub struct Played {
    /// The platform.
    pub world: World,
    /// What came out.
    pub report: Report,
    /// What was checked.
    pub invariants: Vec<Invariant>,
    /// Requests that had to be refused and were, for the right reason.
    pub refusals: u64,
    /// What was killed, and how often.
    pub killed: Vec<String>,
    /// How many processes were replaced.
    pub replaced: usize,
    /// Requests that had no answer and were sent again: what was said instead.
    pub unanswered: Vec<String>,
}

/// Starts a platform and plays the session on it up to an instant: the platform stands as people left it, for whoever
/// wants to go on by hand.
///
/// # Errors
/// As [`campaign`].
pub async fn play_until(plan: &Plan, until: Timestamp) -> Result<World, Failure> {
    play_until_with(plan, None, until).await
}

/// The same with further tables of the portal's configuration, below `[service]`.
///
/// # Errors
/// As [`campaign`].
pub async fn play_until_with(plan: &Plan, portal: Option<&str>, until: Timestamp) -> Result<World, Failure> {
    play_until_on(plan, &Options { portal: portal.map(str::to_owned), ..options(plan) }, until).await
}

/// The same on a platform that was configured otherwise.
///
/// # Errors
/// As [`campaign`].
pub async fn play_until_on(plan: &Plan, on: &Options, until: Timestamp) -> Result<World, Failure> {
    let progress = Progress::new();
    progress.act("starting engines and services", 1);
    let mut world = World::start(on).await?;
    world.until = Some(until);
    let cast = cast::draw(&world.session, plan.seed, plan.candidates);
    let stage = Stage::new(&world, &cast, &progress);
    match play::play(&stage).await {
        Ok(()) | Err(Failure::Reached(_)) => {}
        Err(failure) => {
            world.keep_logs();
            return Err(failure);
        }
    }
    drop(stage);
    world.until = None;
    // Nobody may have had anything to do so late.
    if world.now() < until {
        world.advance_and_settle(until).await?
    } else {
        world.settle().await?
    }
    Ok(world)
}

/// The platform that a plan is played on.
#[must_use]
pub fn options(plan: &Plan) -> Options {
    Options {
        executable: plan.executable.clone(),
        session: plan.session.clone(),
        logs: None,
        portal: None,
        replicas: if plan.replace { 2 } else { 1 },
        everywhere: None,
        filter: None,
    }
}

/// Starts a platform and plays a session on it.
///
/// # Errors
/// The first thing that a session that works would not do. A violated invariant is no error here: see
/// [`Played::invariants`].
pub async fn campaign(plan: &Plan) -> Result<Played, Failure> {
    let progress = Progress::new();
    progress.act("starting engines and services", 1);
    let world = World::start(&options(plan)).await?;
    let cast = cast::draw(&world.session, plan.seed, plan.candidates);
    let mut stage = Stage::new(&world, &cast, &progress);
    stage.races = plan.chaos.is_some();
    let (mut killed, mut replaced) = (Vec::new(), 0);
    let played = match plan.chaos {
        Some(seed) => {
            let (played, victims) = chaos::during(&world, seed, play::play(&stage)).await;
            killed = victims;
            played
        }
        None if plan.replace => {
            let over = AtomicBool::new(false);
            let play = async {
                let played = play::play(&stage).await;
                over.store(true, Ordering::Relaxed);
                played
            };
            let (played, count) = tokio::join!(play, world.replace_all(&over));
            replaced = count?;
            played
        }
        None => play::play(&stage).await,
    };
    if let Err(failure) = played {
        world.keep_logs();
        return Err(failure);
    }
    world.settle().await?;
    let (seen, invariants) = check::check(&stage).await?;
    let report = Report::new(&stage, plan.seed, &seen, &invariants);
    drop(stage);
    let (refusals, unanswered) = (world.refusals(), world.unanswered());
    Ok(Played { world, report, invariants, refusals, killed, replaced, unanswered })
}
