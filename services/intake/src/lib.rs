//! The dossier, from its first page to its clôture and its late pieces (R7–R15).
//!
//! This file is the wiring: where the rules ([`domain`]), what the world may ask ([`commands`], [`queries`]), the tables
//! ([`store`]) and the bytes ([`files`]) meet.

pub mod app;
pub mod commands;
pub mod domain;
pub mod files;
pub mod grpc;
pub mod listen;
mod measure;
pub mod queries;
mod refusals;
pub mod store;
mod wire;

use std::{sync::Arc, time::Duration};

use contracts::{eligibility::eligibility_client::EligibilityClient, intake::intake_server::IntakeServer};
use futures::FutureExt as _;
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

use crate::{app::App, domain::catalogue::Catalogue, files::Files};

/// How often bytes that are no piece's are swept away.
const SWEEP_EVERY: Duration = Duration::from_secs(20);

/// Largest message: a chunk of an upload and what surrounds it.
const LARGEST_MESSAGE: usize = 2 << 20;

/// The service.
pub struct Intake;

/// `[service]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the bytes of pieces go.
    pub pieces: files::Settings,
}

impl Service for Intake {
    const NAME: &'static str = "intake";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        let files = Files::open(&settings.pieces).map_err(|e| ctx.start_error("service.pieces", e))?;
        let app = Arc::new(App {
            db: ctx.db.clone(),
            windows: ctx.windows,
            catalogue: Catalogue::of(&session),
            session: Arc::new(session),
            files,
            eligibility: EligibilityClient::new(ctx.peer("eligibility")?),
        });
        let (sweeper, clock) = (Arc::clone(&app), ctx.clock.clone());
        let (counter, every) = (Arc::clone(&app), ctx.config.telemetry.metrics_every.get());
        Ok(Wiring::new()
            .serve(IntakeServer::new(grpc::Grpc(app)).max_decoding_message_size(LARGEST_MESSAGE))
            .windows(listen::windows())
            .effects(listen::Transitions)
            .listen(listen::Moves)
            .listen(listen::Annulments)
            .task("measure", move |stop| async move { measure::run(&counter, every, stop).await }.boxed())
            .task("sweep", move |stop| {
                async move {
                    while stop.run_until_cancelled(tokio::time::sleep(SWEEP_EVERY)).await.is_some() {
                        if let Err(error) = commands::sweep(&sweeper, clock.now()).await {
                            tracing::warn!(%error, "spent bytes stay for now");
                        }
                    }
                }
                .boxed()
            }))
    }
}
