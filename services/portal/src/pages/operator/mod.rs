//! The operators' pages: every service's state, the calendar, what was set aside, mail, subscribers, audit, outages.

mod audit;
mod calendar;
mod health;
mod mails;
pub(super) mod outages;
mod set_aside;
mod subscribers;

use std::time::Duration;

use axum::{
    response::{IntoResponse as _, Response},
    routing::get,
};
use contracts::{machinery::operations_client::OperationsClient, roles};
use maud::Markup;
use tonic::Status;

use crate::{
    backends::{Asked, SERVICES},
    domain::typed,
    web::{Audience, Fault, Page, Routes, Visit},
};

const OPERATOR: Audience = Audience::Roles(&[roles::OPERATOR]);

/// How long a service is waited for where all of them are asked at once: one that is away must not hide the others.
const PATIENCE: Duration = Duration::from_secs(3);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(OPERATOR, "/exploitation", "GET", get(health::page))
        .on(OPERATOR, "/exploitation/calendrier/services.csv", "GET", get(calendar::acknowledged_export))
        .on(OPERATOR, "/exploitation/calendrier/services.xlsx", "GET", get(calendar::acknowledged_export))
        .on(OPERATOR, "/exploitation/interruptions/periodes.csv", "GET", get(outages::per_period_export))
        .on(OPERATOR, "/exploitation/interruptions/periodes.xlsx", "GET", get(outages::per_period_export))
        .on(OPERATOR, "/exploitation/calendrier.csv", "GET", get(calendar::export))
        .on(OPERATOR, "/exploitation/calendrier.xlsx", "GET", get(calendar::export))
        .on(OPERATOR, "/exploitation/messages.csv", "GET", get(set_aside::export))
        .on(OPERATOR, "/exploitation/messages.xlsx", "GET", get(set_aside::export))
        .on(OPERATOR, "/exploitation/courriels.csv", "GET", get(mails::export))
        .on(OPERATOR, "/exploitation/courriels.xlsx", "GET", get(mails::export))
        .on(OPERATOR, "/exploitation/abonnes.csv", "GET", get(subscribers::export))
        .on(OPERATOR, "/exploitation/abonnes.xlsx", "GET", get(subscribers::export))
        .on(OPERATOR, "/exploitation/audit.csv", "GET", get(audit::export))
        .on(OPERATOR, "/exploitation/audit.xlsx", "GET", get(audit::export))
        .on(OPERATOR, "/exploitation/interruptions.csv", "GET", get(outages::export))
        .on(OPERATOR, "/exploitation/interruptions.xlsx", "GET", get(outages::export))
        .on(OPERATOR, "/exploitation/calendrier", "GET POST", get(calendar::page).post(calendar::post))
        .on(OPERATOR, "/exploitation/messages", "GET POST", get(set_aside::page).post(set_aside::post))
        .on(OPERATOR, "/exploitation/courriels", "GET POST", get(mails::page).post(mails::post))
        .on(OPERATOR, "/exploitation/abonnes", "GET", get(subscribers::page))
        .on(OPERATOR, "/exploitation/audit", "GET POST", get(audit::page).post(audit::post))
        .on(OPERATOR, "/exploitation/interruptions", "GET POST", get(outages::page).post(outages::post))
}

/// One service, for an operator. None of that name: not found.
fn operations(visit: &Visit, service: &str) -> Result<OperationsClient<Asked>, Fault> {
    visit.app.backends.operations(service, visit.bearer()).ok_or(Fault::NotFound)
}

/// Asks every service the same, side by side. `None`: it did not answer in time.
async fn everywhere<T, F>(visit: &Visit, ask: impl Fn(OperationsClient<Asked>) -> F) -> Vec<(&'static str, Option<T>)>
where
    F: Future<Output = Result<T, Status>>,
{
    let asked = SERVICES.map(|service| {
        let asked = operations(visit, service).ok().map(&ask);
        async move {
            let answer = match asked {
                Some(asked) => tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok),
                None => None,
            };
            (service, answer)
        }
    });
    futures::future::join_all(asked).await
}

/// An instant typed as wall-clock time of the session's zone.
fn wall_clock(visit: &Visit, text: &str) -> Option<contracts::Timestamp> {
    typed::instant(text, &visit.app.session.zone).map(Into::into)
}

/// On, or the same page again with what was refused on top.
async fn answer<F>(visit: &Visit, done: Result<Response, Status>, again: impl FnOnce(Markup) -> F) -> Page
where
    F: Future<Output = Result<Markup, Fault>>,
{
    match done {
        Ok(response) => Ok(response),
        Err(status) => Ok(again(visit.refused(&status)?).await?.into_response()),
    }
}
