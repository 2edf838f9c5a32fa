//! Logs, traces and metrics that follow one request across gRPC and the broker.
//!
//! Logs go to standard error: JSON with the ids of the trace in production, one compact line otherwise. Trace ids exist even when nothing is
//! exported, so that a log line, an event's `traceparent` and a peer's log line can always be joined. No personal data:
//! spans and events name rpcs, event kinds and aggregates' ids, never a name, an address or the content of a request.

use std::collections::HashMap;

use opentelemetry::{
    Context, KeyValue, global,
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    config::{self, Environment, LogFormat},
    service::StartError,
};

const TRACEPARENT: &str = "traceparent";

/// Boundaries of every histogram of seconds: the library's own are made for milliseconds.
pub const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Keeps the exporters; [`Self::flush`] them before the process ends.
#[derive(Debug)]
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: Option<SdkMeterProvider>,
}

/// Starts logging, tracing and metrics for this process. Called inside the runtime, which the exporters use.
///
/// # Errors
/// The collector's address or the filter cannot be used.
pub fn init(
    service: &'static str,
    environment: Environment,
    settings: &config::Telemetry,
) -> Result<Telemetry, StartError> {
    let resource = Resource::builder_empty()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.namespace", "admis"))
        .with_attribute(KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()))
        .with_attribute(KeyValue::new("deployment.environment.name", format!("{environment:?}").to_lowercase()))
        .build();
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample)));
    let mut traces = SdkTracerProvider::builder().with_resource(resource.clone()).with_sampler(sampler);
    let mut metrics = None;
    if let Some(collector) = &settings.otlp {
        let spans = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(collector)
            .build()
            .map_err(|e| StartError::from_source("telemetry.otlp", e))?;
        traces = traces.with_batch_exporter(spans);
        let measures = opentelemetry_otlp::MetricExporter::builder()
            .with_tonic()
            .with_endpoint(collector)
            .build()
            .map_err(|e| StartError::from_source("telemetry.otlp", e))?;
        let reader = PeriodicReader::builder(measures).with_interval(settings.metrics_every.get()).build();
        let provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build();
        global::set_meter_provider(provider.clone());
        metrics = Some(provider);
    }
    let traces = traces.build();
    global::set_text_map_propagator(TraceContextPropagator::new());

    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| settings.filter.clone());
    let filter: EnvFilter = filter.parse().map_err(|e| StartError::from_source("telemetry.filter", e))?;
    let lines = match settings.logs.unwrap_or(LogFormat::of(environment)) {
        LogFormat::Json => json(std::io::stderr).boxed(),
        LogFormat::Text => {
            let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
            lines.compact().with_target(false).with_ansi(false).boxed()
        }
    };
    let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer(service));
    // A second service in one process (a test) keeps the first one's subscriber.
    let _already_set = tracing_subscriber::registry().with(filter).with(lines).with(spans).try_init();
    log_panics();
    Ok(Telemetry { traces, metrics })
}

/// One object a line: instant, level, target, message and fields, the span it happened in, and the ids of its trace.
fn json<S, W>(writer: W) -> json_subscriber::fmt::Layer<S, W>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + 'static,
{
    json_subscriber::fmt::layer()
        .with_writer(writer)
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_opentelemetry_ids(true)
}

impl Telemetry {
    /// Sends what is still held. Blocks for a few seconds at most; call it off the runtime's threads.
    pub fn flush(self) {
        if let Err(error) = self.traces.shutdown() {
            tracing::debug!(%error, "the last spans were not sent");
        }
        if let Some(Err(error)) = self.metrics.map(|metrics| metrics.shutdown()) {
            tracing::debug!(%error, "the last metrics were not sent");
        }
    }
}

/// A panic becomes a log line like any other error; without its payload, which may quote what a person sent.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, backtrace = %std::backtrace::Backtrace::capture(), "panic");
    }));
}

/// The W3C `traceparent` of the current span, to be stored or sent with what it causes.
#[must_use]
pub fn current_traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    propagator().inject_context(&Span::current().context(), &mut MapCarrier(&mut carrier));
    carrier.remove(TRACEPARENT)
}

/// A span for handling a message of `kind`, child of the span that caused the message.
#[must_use]
pub fn span_from(traceparent: Option<&str>, kind: &str) -> Span {
    let span = tracing::info_span!("event", otel.name = kind, otel.kind = "consumer");
    adopt(&span, traceparent);
    span
}

/// Makes the span that `traceparent` names the parent of `span`, if it can be read.
pub fn adopt(span: &Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else { return };
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let parent = propagator().extract_with_context(&Context::new(), &MapReader(&carrier));
    if parent.span().span_context().is_valid() {
        // Refused only for a span that nobody records.
        let _unrecorded = span.set_parent(parent);
    }
}

fn propagator() -> TraceContextPropagator {
    TraceContextPropagator::new()
}

struct MapCarrier<'m>(&'m mut HashMap<String, String>);

impl Injector for MapCarrier<'_> {
    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }
}

struct MapReader<'m>(&'m HashMap<String, String>);

impl Extractor for MapReader<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_the_log_names_the_trace_that_it_belongs_to() {
        let written = Lines::default();
        let writer = written.clone();
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).build();
        let subscriber = tracing_subscriber::registry()
            .with(json(move || writer.clone()))
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")));
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("outside");
            let span = span_from(Some(&format!("00-{trace}-00f067aa0ba902b7-01")), "kind");
            span.in_scope(|| tracing::warn!(tries = 3, "inside"));
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [outside, inside] = lines.as_slice() else { panic!("{text}") };
        assert_eq!(inside["openTelemetry"]["traceId"], trace, "{text}");
        assert_eq!(inside["openTelemetry"]["spanId"].as_str().map(str::len), Some(16), "{text}");
        assert_eq!(
            (&inside["message"], &inside["level"], &inside["tries"]),
            (&"inside".into(), &"WARN".into(), &3.into())
        );
        assert!(outside["timestamp"].is_string() && outside.get("openTelemetry").is_none(), "{text}");
    }

    #[test]
    fn a_trace_crosses_from_one_span_to_another_by_its_traceparent() {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).build();
        let subscriber =
            tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")));
        tracing::subscriber::with_default(subscriber, || {
            assert_eq!(current_traceparent(), None, "outside any span there is nothing to pass on");
            let sent = tracing::info_span!("cause").in_scope(current_traceparent).unwrap();
            let received = span_from(Some(&sent), "kind").in_scope(current_traceparent).unwrap();
            let parts = |text: &str| text.split('-').map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(parts(&sent)[1], parts(&received)[1], "the trace is the same");
            assert_ne!(parts(&sent)[2], parts(&received)[2], "the span is another");
            let unrelated = span_from(Some("nonsense"), "kind").in_scope(current_traceparent).unwrap();
            assert_ne!(parts(&sent)[1], parts(&unrelated)[1]);
        });
    }
}
