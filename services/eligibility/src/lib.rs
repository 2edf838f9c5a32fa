//! Which schools a title may apply to (R8, R9, R16, R17): the tables' word per school, and later the jury's.

pub mod commands;
pub mod domain;
pub mod grpc;
pub mod listen;
pub mod queries;
mod store;
mod wire;

use std::sync::Arc;

use contracts::eligibility::eligibility_server::EligibilityServer;
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

/// The service.
pub struct Eligibility;

/// It has no settings of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Service for Eligibility {
    const NAME: &'static str = "eligibility";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, _settings: Settings) -> Result<Wiring, StartError> {
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        let session = Arc::new(session);
        Ok(Wiring::new()
            .serve(EligibilityServer::new(grpc::Grpc::new(ctx.db.clone(), session.clone())))
            .listen(listen::Facts::new(session)))
    }
}
