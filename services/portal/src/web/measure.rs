//! Every request, pages and API alike, as OpenTelemetry names it.

use std::{sync::LazyLock, time::Instant};

use http::{Method, StatusCode};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};

static DURATIONS: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("portal")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Time from the instant of receipt to the beginning of the answer")
        .with_boundaries(platform::telemetry::SECONDS.to_vec())
        .build()
});

static SHED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("portal")
        .u64_counter("http.server.shed")
        .with_unit("{request}")
        .with_description("Requests sent away before their instant of receipt was taken")
        .build()
});

/// A request was sent away.
pub(crate) fn shed() {
    SHED.add(1, &[]);
}

/// A request to `route` was answered. The route, never the path: a link's token stands in some of them.
pub(crate) fn answered(method: &Method, route: &str, status: StatusCode, began: Instant) {
    let labels = [
        KeyValue::new("http.request.method", known(method)),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
    ];
    DURATIONS.record(began.elapsed().as_secs_f64(), &labels);
}

/// Methods of anyone's invention would make endless series.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_nobody_knows_makes_no_series_of_its_own() {
        assert_eq!(known(&Method::POST), "POST");
        assert_eq!(known(&Method::from_bytes(b"ANA-MARTIN").unwrap()), "_OTHER");
    }
}
