//! The service under test: rpcs that answer, dawdle and panic.

use std::{
    convert::Infallible,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response};
use platform::{Context, Service, StartError, Wiring, auth::Caller, refusal::Refusal, telemetry};
use serde::Deserialize;
use tonic::{Status, body::Body, server::NamedService};

pub struct ProbeService;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    greeting: String,
}

impl Service for ProbeService {
    const NAME: &'static str = "probe";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        // Platform's own tables are all it has.
        sqlx::migrate::Migrator::DEFAULT
    }

    async fn wire(_: &Context, settings: Settings) -> Result<Wiring, StartError> {
        Ok(Wiring::new().serve(Probe { greeting: settings.greeting }))
    }
}

#[derive(Clone)]
struct Probe {
    greeting: String,
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

impl tower::Service<Request<Body>> for Probe {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let greeting = self.greeting.clone();
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let request = tonic::Request::from_http(request);
            let answer = match method.as_str() {
                "Who" => who(&request, greeting),
                "Nap" => nap(Duration::from_millis(700)).await,
                "Sleep" => nap(Duration::from_secs(60)).await,
                _ => panic!("the handler of {method} panics"),
            };
            Ok(answer.into_http())
        })
    }
}

/// Says, in the metadata of a refusal, whom the layer recognised and which trace this belongs to.
fn who(request: &tonic::Request<Body>, greeting: String) -> Status {
    let caller = match Caller::of(request) {
        Ok(caller) => caller,
        Err(status) => return status,
    };
    Refusal::precondition("WHO", "caller", "is you")
        .with("greeting", greeting)
        .with("subject", caller.subject)
        .with("role", caller.role)
        .with("received_at", caller.received_at.to_string())
        .with("traceparent", telemetry::current_traceparent().unwrap_or_default())
        .with("token_passed_on", request.metadata().contains_key("authorization").to_string())
        .into()
}

async fn nap(length: Duration) -> Status {
    tokio::time::sleep(length).await;
    Refusal::precondition("RESTED", "caller", "slept").into()
}
