//! An OTLP collector that remembers what it was sent.

use std::{collections::BTreeMap, net::SocketAddr};

use opentelemetry_proto::tonic::{
    collector::{
        metrics::v1::{
            ExportMetricsServiceRequest, ExportMetricsServiceResponse,
            metrics_service_server::{MetricsService, MetricsServiceServer},
        },
        trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
    },
    common::v1::{KeyValue, any_value},
    metrics::v1::{NumberDataPoint, metric, number_data_point},
    resource::v1::Resource,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

#[derive(Debug, Clone)]
pub struct Span {
    pub service: String,
    pub name: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub attributes: BTreeMap<String, String>,
}

/// One point of a gauge or of a sum; of a histogram only that it was sent.
#[derive(Debug, Clone)]
pub struct Metric {
    pub service: String,
    pub name: String,
    pub unit: String,
    pub attributes: BTreeMap<String, String>,
    pub value: Option<f64>,
}

enum Item {
    Span(Span),
    Metric(Metric),
}

fn attributes(of: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |pair: KeyValue| {
        let value = match pair.value.and_then(|value| value.value)? {
            any_value::Value::StringValue(text) => text,
            any_value::Value::IntValue(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        Some((pair.key, value))
    };
    of.into_iter().filter_map(text).collect()
}

fn service(of: Option<Resource>) -> String {
    attributes(of.unwrap_or_default().attributes).remove("service.name").unwrap_or_default()
}

fn value(of: &NumberDataPoint) -> Option<f64> {
    Some(match of.value? {
        number_data_point::Value::AsDouble(number) => number,
        number_data_point::Value::AsInt(number) => number as f64,
    })
}

#[derive(Debug, Default)]
pub struct Seen {
    pub spans: Vec<Span>,
    pub metrics: Vec<Metric>,
}

/// What arrived so far.
pub struct Inbox(UnboundedReceiver<Item>);

impl Inbox {
    pub fn drain(&mut self) -> Seen {
        let mut seen = Seen::default();
        while let Ok(item) = self.0.try_recv() {
            match item {
                Item::Span(span) => seen.spans.push(span),
                Item::Metric(metric) => seen.metrics.push(metric),
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
        for resource in request.into_inner().resource_spans {
            let service = service(resource.resource);
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                let _test_over = self.0.send(Item::Span(Span {
                    service: service.clone(),
                    name: span.name,
                    trace: hex::encode(span.trace_id),
                    id: hex::encode(span.span_id),
                    parent: hex::encode(span.parent_span_id),
                    attributes: attributes(span.attributes),
                }));
            }
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
        for resource in request.into_inner().resource_metrics {
            let service = service(resource.resource);
            for metric in resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics) {
                let points = match metric.data {
                    Some(metric::Data::Gauge(gauge)) => gauge.data_points,
                    Some(metric::Data::Sum(sum)) => sum.data_points,
                    _ => vec![NumberDataPoint::default()],
                };
                for point in points {
                    let _test_over = self.0.send(Item::Metric(Metric {
                        service: service.clone(),
                        name: metric.name.clone(),
                        unit: metric.unit.clone(),
                        value: value(&point),
                        attributes: attributes(point.attributes),
                    }));
                }
            }
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
