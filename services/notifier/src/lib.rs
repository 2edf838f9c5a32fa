//! What leaves the platform: e-mail. A fact is heard, a mail is queued with it, and it leaves once (R13, R19, R35).
//!
//! Names and addresses are read when a mail is made, and kept nowhere; secret links come with each try and leave with it.

pub mod app;
pub mod commands;
pub mod domain;
pub mod grpc;
pub mod letters;
pub mod listen;
mod measure;
pub mod settings;
pub mod store;
mod subscribers;
mod tasks;
pub mod transport;
mod wire;

use std::sync::Arc;

use contracts::{
    intake::intake_client::IntakeClient, integration::integration_client::IntegrationClient,
    notifier::notifier_server::NotifierServer, portal::accounts_client::AccountsClient,
};
use futures::FutureExt as _;
use notice::Session;
use platform::{Context, Service, StartError, Wiring, config::Environment, streams};

use crate::{app::App, settings::Settings, tasks::Pace, transport::Transport};

/// The service.
pub struct Notifier;

impl Service for Notifier {
    const NAME: &'static str = "notifier";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let environment = ctx.config.environment;
        let settings = settings.check(environment).map_err(|e| ctx.start_error("service", e))?;
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        letters::texts::check().map_err(|e| ctx.start_error("texts", e))?;
        let transport = Transport::open(&settings, &ctx.db).map_err(|e| ctx.start_error("service", e))?;
        let app = App {
            db: ctx.db.clone(),
            clock: ctx.clock.clone(),
            session: Arc::new(session),
            transport: Arc::new(transport),
            deposit_reminders: settings::spans(&settings.deposit_reminders).into(),
            period_reminders: settings::spans(&settings.period_reminders).into(),
            portal_url: settings.portal_url.into(),
            intake: IntakeClient::new(ctx.peer("intake")?),
            integration: IntegrationClient::new(ctx.peer("integration")?).max_decoding_message_size(64 << 20),
            accounts: AccountsClient::new(ctx.peer("portal")?),
            broker: streams::context(ctx.broker.clone()),
        };
        let counting = app.clone();
        let (measured, every) = (app.clone(), ctx.config.telemetry.metrics_every.get());
        let wiring = Wiring::new()
            .serve(NotifierServer::new(grpc::Grpc(app.clone())))
            .listen(listen::Facts { clock: ctx.clock.clone() })
            .task("measure", move |stop| async move { measure::run(&measured, every, stop).await }.boxed())
            .own_work(move || tasks::pending(counting.clone()).boxed());
        Ok(tasks::add(wiring, &app, Pace::of(environment == Environment::Demo)))
    }
}
