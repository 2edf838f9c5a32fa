//! What people see in a browser, and the REST API that other systems call.
//!
//! The portal decides nothing of the procedure: it signs people in, shows what the services answer them, and passes on
//! what they ask, with the instant at which it was received. It owns accounts and sessions, and nothing else.

pub mod accounts;
pub mod antivirus;
pub mod api;
mod app;
mod backends;
pub mod domain;
pub mod exports;
mod grpc;
pub mod i18n;
pub mod lists;
mod oidc;
pub mod pages;
pub mod place;
mod seals;
mod secret;
mod settings;
pub mod store;
pub mod ui;
pub mod web;

use std::time::Duration;

use contracts::portal::accounts_server::AccountsServer;
use documents::Documents;
use jiff::SignedDuration;
use notice::Session;
use platform::{Context, Service, StartError, Wiring, auth::KeySet};

pub use app::{App, Inner};
pub use settings::Settings;

use crate::{accounts::passwords::Passwords, backends::Backends, seals::Seals, secret::Keys};

/// The service.
pub struct Portal;

/// How often ended sessions and held forms are looked through, and how long they are kept.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a file waits for its confirmation.
pub(crate) const FILES_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// How long the answer to a request of another system is given again.
pub(crate) const ANSWERS_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// Longer than any window of tries.
const TRIES_KEPT: SignedDuration = SignedDuration::from_hours(2);

impl Service for Portal {
    const NAME: &'static str = "portal";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let settings = settings.checked(ctx.config.environment)?;
        let session =
            Session::load(&ctx.session_file).map_err(|e| ctx.start_error(ctx.session_file.display().to_string(), e))?;
        let oidc =
            settings.oidc.as_ref().map(|of| oidc::Provider::new(of, &settings.public_url, &session)).transpose()?;
        let listener = web::bind(&settings).await?;
        let workers = settings.password_workers.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
        let known = KeySet::load(&ctx.config.auth.jwks_file)?;
        let seals = Seals::new(ctx.issuer.clone(), known, &session.id, &settings.public_url);
        let app = App::new(Inner {
            db: ctx.db.clone(),
            clock: ctx.clock.clone(),
            session,
            backends: Backends::new(ctx)?,
            passwords: Passwords::new(workers.unwrap_or(1), settings.breached_passwords_file.clone())?,
            keys: Keys::new(settings.secret.expose()),
            documents: Documents::new(),
            seals,
            oidc,
            settings,
        });
        let (serving, sweeping) = (app.clone(), app.clone());
        Ok(Wiring::new()
            .serve(AccountsServer::new(grpc::Grpc(app)))
            .task("http", |stop| Box::pin(web::serve(listener, serving, stop)))
            .task("sweep", |stop| {
                Box::pin(async move {
                    loop {
                        tokio::select! {
                            () = stop.cancelled() => return,
                            () = tokio::time::sleep(SWEEP_EVERY) => {}
                        }
                        sweep(&sweeping).await;
                    }
                })
            }))
    }
}

async fn sweep(app: &App) {
    let swept = async {
        let mut conn = app.db.read().await?;
        let now = app.clock.now();
        store::held_files::sweep(&mut conn, now - FILES_KEPT).await?;
        store::api_requests::sweep(&mut conn, now - ANSWERS_KEPT).await?;
        store::tries::sweep(&mut conn, now - TRIES_KEPT).await?;
        store::sessions::sweep(&mut conn, now - KEPT).await
    };
    if let Err(error) = swept.await {
        tracing::warn!(%error, "old sessions are kept until the next sweep");
    }
}
