//! The registration fee: what is owed and to whom, what has arrived, what became of it (R20–R23).

pub mod app;
pub mod commands;
pub mod domain;
pub mod grpc;
pub mod listen;
pub mod names;
pub mod queries;
mod reasons;
mod refusals;
pub mod store;
mod wire;

use std::sync::Arc;

use contracts::{intake::intake_client::IntakeClient, payments::payments_server::PaymentsServer};
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

use crate::{app::App, domain::statement};

/// The service.
pub struct Payments;

/// It has no settings of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Service for Payments {
    const NAME: &'static str = "payments";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, _settings: Settings) -> Result<Wiring, StartError> {
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        let app = App {
            db: ctx.db.clone(),
            session: Arc::new(session),
            names: Arc::new(IntakeClient::new(ctx.peer("intake")?)),
        };
        // Twice what is read, so that a file too large gets the typed refusal rather than the transport's.
        let server = PaymentsServer::new(grpc::Grpc(app.clone()))
            .max_decoding_message_size(2 * statement::MAX_BYTES)
            .max_encoding_message_size(2 * statement::MAX_BYTES);
        Ok(Wiring::new()
            .serve(server)
            .listen(listen::Dossiers(app.clone()))
            .listen(listen::Payers(app.clone()))
            .effects(listen::Milestones(app)))
    }
}
