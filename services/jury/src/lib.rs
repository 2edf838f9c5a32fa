//! The common jury: admissibility, marks, tables, seats and nullity (R15 to R19, R26 to R28, R33). See README.md.

pub mod commands;
pub mod domain;
pub mod grpc;
pub mod listen;
pub mod names;
mod queries;
pub mod store;
pub mod verify;
mod wire;

use contracts::jury::jury_server::JuryServer;
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

use crate::{
    commands::Regulation,
    grpc::JuryGrpc,
    listen::{AtTransitions, Heard},
    names::AtIntake,
};

/// The service.
pub struct Jury;

/// It has no settings of its own.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Service for Jury {
    const NAME: &'static str = "jury";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, _settings: Settings) -> Result<Wiring, StartError> {
        let session = Session::load(&ctx.session_file).map_err(|e| ctx.start_error("session_file", e))?;
        let regulation = Regulation::of(&session);
        let mut tx = ctx.db.begin("seed_cells").await.map_err(|e| ctx.start_error("seats of the session", e))?;
        let seeded = store::seats::seed(tx.conn(), &regulation.cells).await;
        seeded.map_err(|e| ctx.start_error("seats of the session", e))?;
        tx.commit().await.map_err(|e| ctx.start_error("seats of the session", e))?;
        let grpc = JuryGrpc::new(ctx.db.clone(), regulation, AtIntake::new(ctx.peer("intake")?));
        Ok(Wiring::new()
            .serve(JuryServer::new(grpc).max_decoding_message_size(grpc::LARGEST_REQUEST))
            .listen(Heard)
            .effects(AtTransitions))
    }
}
