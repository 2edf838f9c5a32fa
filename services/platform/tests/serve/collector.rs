//! An OTLP collector that remembers what it was sent.

use std::net::SocketAddr;

use opentelemetry_proto::tonic::collector::{
    metrics::v1::{
        ExportMetricsServiceRequest, ExportMetricsServiceResponse,
        metrics_service_server::{MetricsService, MetricsServiceServer},
    },
    trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

#[derive(Debug)]
pub struct Span {
    pub name: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
}

enum Item {
    Span(Span),
    Metric(String),
}

#[derive(Debug, Default)]
pub struct Seen {
    pub spans: Vec<Span>,
    pub metrics: Vec<String>,
}

/// What arrived so far.
pub struct Inbox(UnboundedReceiver<Item>);

impl Inbox {
    pub fn drain(&mut self) -> Seen {
        let mut seen = Seen::default();
        while let Ok(item) = self.0.try_recv() {
            match item {
                Item::Span(span) => seen.spans.push(span),
                Item::Metric(name) => seen.metrics.push(name),
            }
        }
        seen
    }
}

#[derive(Clone)]
struct Collector(UnboundedSender<Item>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.into_inner().resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        for span in scopes.flat_map(|scope| scope.spans) {
            let _test_over = self.0.send(Item::Span(Span {
                name: span.name,
                trace: hex::encode(span.trace_id),
                id: hex::encode(span.span_id),
                parent: hex::encode(span.parent_span_id),
            }));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let scopes = request.into_inner().resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        for metric in scopes.flat_map(|scope| scope.metrics) {
            let _test_over = self.0.send(Item::Metric(metric.name));
        }
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

pub async fn start() -> (SocketAddr, Inbox) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = unbounded_channel();
    let collector = Collector(sender);
    let server = Server::builder()
        .add_service(TraceServiceServer::new(collector.clone()))
        .add_service(MetricsServiceServer::new(collector))
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    (address, Inbox(receiver))
}
