//! The layer in front of every rpc: sheds, stamps, authenticates, traces, measures, bounds and catches.
//!
//! The order matters (R3): load is shed before the instant of receipt is taken, the instant is taken before any queue,
//! and everything after it works with that instant.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures::FutureExt as _;
use http::{Request, Response, header::AUTHORIZATION};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};
use tokio::sync::Semaphore;
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};
use tracing::{Instrument as _, field::Empty};

use crate::{
    auth::{ANONYMOUS, Verifier},
    clock::Clock,
    config::Limits,
    refusal::Refusal,
    telemetry,
};

/// Probes are answered however busy we are: a busy server is not a dead one.
const NEVER_SHED: &str = "/grpc.health.v1.Health/";
/// Paths come from outside; a longer one is cut before it reaches a log.
const LONGEST_PATH: usize = 120;

/// The layer; see the module.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    verifier: Verifier,
    clock: Clock,
    room: Arc<Semaphore>,
    timeout: Duration,
    durations: Histogram<f64>,
    shed: Counter<u64>,
}

impl Gate {
    /// Lets requests of those whom `verifier` believes, or who claim to be nobody, through to the services.
    #[must_use]
    pub fn new(verifier: Verifier, clock: Clock, limits: &Limits) -> Self {
        let meter = global::meter("platform");
        Self(Arc::new(Shared {
            verifier,
            clock,
            room: Arc::new(Semaphore::new(limits.concurrency)),
            timeout: limits.timeout.get(),
            durations: meter
                .f64_histogram("rpc.server.call.duration")
                .with_unit("s")
                .with_description("Time from the instant of receipt to the answer")
                .with_boundaries(telemetry::SECONDS.to_vec())
                .build(),
            shed: meter
                .u64_counter("rpc.server.shed")
                .with_unit("{call}")
                .with_description("Requests sent away before their instant of receipt was taken")
                .build(),
        }))
    }
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;
    fn layer(&self, inner: S) -> Gated<S> {
        Gated { inner, shared: Arc::clone(&self.0) }
    }
}

/// A service behind the [`Gate`].
#[derive(Clone)]
pub struct Gated<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Service<Request<Body>> for Gated<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        let probe = request.uri().path().starts_with(NEVER_SHED);
        let Ok(room) =
            Arc::clone(&shared.room).try_acquire_owned().map(Some).or(if probe { Ok(None) } else { Err(()) })
        else {
            shared.shed.add(1, &[]);
            let busy = Refusal::retry_later("BUSY", "server", "too many requests are in hand; nothing was received");
            return Box::pin(std::future::ready(Ok(Status::from(busy).into_http())));
        };
        let stamp = shared.clock.now();
        let started = Instant::now();
        // The clone that was polled ready serves this request; the fresh one waits for the next.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);

        let method: String = request.uri().path().trim_start_matches('/').chars().take(LONGEST_PATH).collect();
        let span = tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            rpc.system.name = "grpc",
            rpc.method = method,
            rpc.response.status_code = Empty,
            role = Empty,
        );
        telemetry::adopt(&span, request.headers().get("traceparent").and_then(|value| value.to_str().ok()));

        let answer = async move {
            let authorization = request.headers().get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
            let response = match shared.verifier.caller(authorization, stamp) {
                Err(refusal) => {
                    tracing::info!(reason = refusal.reason(), "caller refused");
                    Status::from(refusal).into_http()
                }
                Ok(caller) => {
                    tracing::Span::current().record("role", caller.role.as_str());
                    // What was verified is not passed on to be logged or verified otherwise.
                    request.headers_mut().remove(AUTHORIZATION);
                    let known = caller.role != ANONYMOUS;
                    request.extensions_mut().insert(caller);
                    let handled = AssertUnwindSafe(inner.call(request)).catch_unwind();
                    match tokio::time::timeout(shared.timeout, handled).await {
                        Ok(Ok(Ok(response))) => response,
                        Ok(Err(_panic)) => Status::from(Refusal::internal("a handler panicked")).into_http(),
                        Err(_) => {
                            tracing::warn!(known, "a request took too long");
                            Status::from(Refusal::timed_out()).into_http()
                        }
                    }
                }
            };
            drop(room);
            shared.measure(&method, &response, started);
            Ok(response)
        };
        Box::pin(answer.instrument(span))
    }
}

impl Shared {
    fn measure(&self, method: &str, response: &Response<Body>, started: Instant) {
        // A refusal without a body says its code in the headers; anything else began well.
        let code = response.headers().get("grpc-status").map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()));
        tracing::Span::current().record("rpc.response.status_code", code as i32);
        // Method names that no service has are anyone's invention and would make endless series.
        let method = if code == Code::Unimplemented { "(unknown)".to_owned() } else { method.to_owned() };
        let labels =
            [KeyValue::new("rpc.method", method), KeyValue::new("rpc.response.status_code", i64::from(code as i32))];
        self.durations.record(started.elapsed().as_secs_f64(), &labels);
        tracing::debug!(code = ?code, micros = started.elapsed().as_micros(), "answered");
    }
}
