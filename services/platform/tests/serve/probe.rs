//! The service under test: rpcs that answer, dawdle and panic.

use std::{
    convert::Infallible,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Request, Response};
use platform::{Context, Service, StartError, Wiring, auth::Caller, peers::PeerChannel, refusal::Refusal, telemetry};
use serde::Deserialize;
use tonic::{Status, body::Body, server::NamedService};

pub struct ProbeService;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    greeting: String,
    /// Name of the peer that `Forward` asks.
    #[serde(default)]
    neighbour: Option<String>,
}

impl Service for ProbeService {
    const NAME: &'static str = "probe";
    type Settings = Settings;

    fn migrations() -> sqlx::migrate::Migrator {
        // Platform's own tables are all it has.
        sqlx::migrate::Migrator::DEFAULT
    }

    async fn wire(ctx: &Context, settings: Settings) -> Result<Wiring, StartError> {
        let neighbour = settings.neighbour.map(|name| ctx.peer(&name)).transpose()?;
        let wiring = Wiring::new().serve(Probe { greeting: settings.greeting.clone(), neighbour });
        Ok(match settings.greeting.as_str() {
            "faint" => wiring.task("faint", |_| {
                Box::pin(async {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    panic!("a background task panics");
                })
            }),
            _ => wiring,
        })
    }
}

#[derive(Clone)]
struct Probe {
    greeting: String,
    neighbour: Option<PeerChannel>,
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
        let Probe { greeting, neighbour } = self.clone();
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let request = tonic::Request::from_http(request);
            let answer = match method.as_str() {
                "Who" => who(&request, greeting),
                "Forward" => forward(neighbour).await,
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

/// Asks the neighbour who we are, and passes its answer on.
async fn forward(neighbour: Option<PeerChannel>) -> Status {
    let Some(neighbour) = neighbour else { return Status::unimplemented("no neighbour") };
    let mut client = tonic::client::Grpc::new(neighbour);
    if let Err(error) = client.ready().await {
        return Status::unavailable(error.to_string());
    }
    let path = http::uri::PathAndQuery::from_static("/test.Probe/Who");
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    match client.unary(tonic::Request::new(()), path, codec).await {
        Ok(_) => Status::internal("the neighbour answers with a refusal"),
        Err(status) => status,
    }
}
