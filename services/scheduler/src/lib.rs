//! The session's clock: milestones and periods. Not the orals: those are `scheduling`.
//!
//! The calendar is a table, seeded once from the session file. Every replica sleeps until the next pending instant and
//! fires it in the transaction that announces it, under one row lock: exactly once with no leader ([`drive`]). People
//! move a transition later, two of them, in one audited transaction that moves what depends on it ([`commands`]).
//!
//! Other services keep a projection of the calendar and guard their windows by it; this one has no window to guard and
//! needs none. Deliberately absent: what happens at a transition. Services decide that for themselves.

pub mod check;
pub mod commands;
pub mod domain;
pub mod drive;
pub mod grpc;
pub mod listen;
pub mod queries;
pub mod store;
pub mod watch;
pub mod wire;

use std::sync::Arc;

use contracts::scheduler::scheduler_server::SchedulerServer;
use futures::FutureExt as _;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;
use tokio::sync::Notify;

pub use check::{check_session, check_session_arguments};

/// The table `[service]` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Services that must acknowledge each version of the calendar.
    pub expects: Vec<String>,
    /// Seconds after which a missing acknowledgement of a move is an alarm, and so is one missing that long before the
    /// instant from which something moved.
    #[serde(default = "five")]
    pub acknowledge_within_seconds: u32,
}

fn five() -> u32 {
    5
}

/// The service.
pub struct Scheduler;

impl Service for Scheduler {
    const NAME: &'static str = "scheduler";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let session = notice::Session::load(&ctx.session_file)
            .map_err(|invalid| ctx.start_error("the session file cannot be used", invalid))?;
        commands::seed(&ctx.db, &session, ctx.clock.now())
            .await
            .map_err(|refused| ctx.start_error("the calendar cannot be seeded", refused))?;

        let links = Arc::new(domain::Links::of(&session));
        let changed = Arc::new(Notify::new());
        let expects: Arc<[String]> = settings.expects.into();
        let patience = jiff::SignedDuration::from_secs(settings.acknowledge_within_seconds.into());
        let desk = grpc::Desk {
            db: ctx.db.clone(),
            clock: ctx.clock.clone(),
            links,
            changed: Arc::clone(&changed),
            expects: Arc::clone(&expects),
        };
        let (db, clock) = (ctx.db.clone(), ctx.clock.clone());
        let (db2, clock2) = (ctx.db.clone(), ctx.clock.clone());
        Ok(Wiring::new()
            .serve(SchedulerServer::new(desk))
            .listen(listen::Acknowledgements { clock: ctx.clock.clone() })
            .task("calendar", move |stop| drive::run(db, clock, changed, drive::measure(), stop).boxed())
            .task("acknowledgements", move |stop| watch::run(db2, clock2, expects, patience, stop).boxed()))
    }
}
