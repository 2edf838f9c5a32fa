//! The orals: panels, rooms, days, slots and convocations (R24, R25). This is not the session's clock: milestones and
//! periods are `scheduler`, not the other one.

pub mod commands;
pub mod domain;
pub mod grpc;
pub mod listen;
pub mod queries;
mod store;
mod wire;

use std::sync::Arc;

use contracts::scheduling::scheduling_server::SchedulingServer;
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

/// The service.
pub struct Scheduling;

/// It has no settings of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Service for Scheduling {
    const NAME: &'static str = "scheduling";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, _settings: Settings) -> Result<Wiring, StartError> {
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        let session = Arc::new(session);
        Ok(Wiring::new()
            .serve(SchedulingServer::new(grpc::Grpc::new(ctx.db.clone(), session.clone())))
            .listen(listen::Facts::new(session.clone()))
            .effects(listen::Results::new(session)))
    }
}
