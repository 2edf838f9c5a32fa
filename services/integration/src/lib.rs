//! Proposals, answers, eliminations, definitive admissions (R28 to R38): the procedure of §3.5.
//!
//! The rules are in [`domain`], pure; everything else carries them. Proposals are computed as soon as the jury's signed
//! tables and the candidates' orders are all here, checked independently, and stored; nothing of them leaves before the
//! period's opening. Answers wait for the close; the close computes the next period.

pub mod calendar;
pub mod commands;
pub mod domain;
pub mod grpc;
pub mod listen;
pub mod queries;
mod refusals;
pub mod store;
pub mod transitions;
pub mod what_if;
pub mod wire;

use std::sync::Arc;

use contracts::integration::integration_server::IntegrationServer;
use notice::Session;
use platform::{Context, Service, StartError, Wiring};
use serde::Deserialize;

use crate::{commands::Regulation, grpc::Grpc, listen::Listen, store::periods, transitions::AtTransitions};

/// The service.
#[derive(Debug)]
pub struct Integration;

/// Its table `[service]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Share of a period, in percent, from which a reported log-in outage makes its close wait for a person.
    #[serde(default = "ten")]
    pub outage_percent: u32,
}

fn ten() -> u32 {
    10
}

impl Service for Integration {
    const NAME: &'static str = "integration";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        sqlx::migrate!()
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let session = Session::load(&ctx.session_file).map_err(|e| ctx.start_error("session_file", e))?;
        let regulation =
            Arc::new(Regulation { session, windows: ctx.windows, outage_percent: settings.outage_percent });
        let failed = |e| ctx.start_error("the session's periods", e);
        let mut tx = ctx.db.begin("declare_periods").await.map_err(failed)?;
        periods::declare(&mut tx, regulation.periods()).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Wiring::new()
            .serve(IntegrationServer::new(Grpc::new(ctx.db.clone(), regulation.clone())))
            .listen(Listen { regulation: regulation.clone() })
            .windows(transitions::windows(regulation.periods()))
            .effects(AtTransitions { regulation }))
    }
}
