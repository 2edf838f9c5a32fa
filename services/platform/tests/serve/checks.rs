//! What must hold of a running service.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use contracts::machinery::{
    AdvanceRequest, PendingRequest, operations_client::OperationsClient, simulated_clock_client::SimulatedClockClient,
};
use jiff::{SignedDuration, Timestamp};
use tonic::{
    Code, Request,
    transport::{Certificate, ClientTlsConfig, Endpoint, Identity},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::{
    house::{House, ask, claims, decoded, now, with_token},
    processes,
};

type Check = fn() -> Pin<Box<dyn Future<Output = ()>>>;

pub const ALL: &[(&str, Check)] = &[
    ("a_bad_configuration_ends_with_every_problem_named", || Box::pin(bad_configuration())),
    ("it_becomes_ready_lists_itself_and_drains_on_sigterm", || Box::pin(life())),
    ("callers_are_who_their_tokens_say_and_the_trace_goes_on", || Box::pin(callers())),
    ("operators_alone_move_the_clock_and_never_back", || Box::pin(clock())),
    ("a_panic_a_slow_handler_and_a_crowd_each_get_their_answer", || Box::pin(trouble())),
    ("peers_know_each_other_and_the_collector_sees_one_trace", || Box::pin(collector())),
    ("a_background_task_that_panics_ends_the_process", || Box::pin(faint())),
    ("what_is_in_hand_is_finished_before_the_end", || Box::pin(drain())),
    ("several_processes_share_the_calls_and_none_that_drains_loses_one", || Box::pin(processes::shared())),
    ("a_service_waits_for_its_tables_where_another_makes_them", || Box::pin(processes::tables())),
    ("tls_serves_those_whose_certificate_is_trusted", || Box::pin(tls())),
];

async fn bad_configuration() {
    let house = House::prepare("serve_bad", "[limits]\nconcurrency = 0\n[wibble]\nx = 1\n");
    let ended = House::command(&house.file("config.toml")).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("limits.concurrency: is at least 1"), "{said}");
    assert!(said.contains("wibble: unknown field"), "{said}");
    assert!(!house.file("address").exists(), "no port was bound");
}

async fn life() {
    let mut house = House::open("serve_life", "").await;
    house.ready().await;
    assert_eq!(house.health("probe").await, ServingStatus::Serving);
    assert_eq!(house.health("liveness").await, ServingStatus::Serving);

    let listing = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut replies = ServerReflectionClient::new(house.channel())
        .server_reflection_info(tokio_stream::once(listing))
        .await
        .unwrap()
        .into_inner();
    let reply = replies.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = reply.message_response else { panic!("{reply:?}") };
    let names: Vec<String> = list.service.into_iter().map(|service| service.name).collect();
    for wanted in ["test.Probe", "platform.v1.Operations", "platform.v1.SimulatedClock", "grpc.health.v1.Health"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is not in {names:?}");
    }
    drop(replies);

    let before = Instant::now();
    assert_eq!(house.terminate().await.code(), Some(0), "{}", house.log());
    assert!(before.elapsed() < Duration::from_secs(4), "a drain of nothing is quick: {:?}", before.elapsed());
    assert!(house.log().contains("drained"), "{}", house.log());
}

async fn callers() {
    let house = House::open("serve_callers", "").await;
    let status = ask(house.channel(), "Who", Request::new(())).await;
    let nobody = decoded(&status);
    assert_eq!((nobody.reason.as_str(), nobody.domain.as_str()), ("WHO", "probe"));
    assert_eq!(nobody.metadata["role"], "anonymous");
    assert_eq!(nobody.metadata["greeting"], "hello");
    assert_eq!(nobody.metadata["received_at"], now().to_string(), "stamped by the server's own clock");

    let received = now() - SignedDuration::from_micros(1);
    let mut earlier = claims("clerk").received_at(received);
    earlier.iat -= 1;
    earlier.exp -= 1;
    let mut request = with_token((), &house.edge, &earlier);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    request.metadata_mut().insert("traceparent", format!("00-{trace}-00f067aa0ba902b7-01").parse().unwrap());
    let someone = decoded(&ask(house.channel(), "Who", request).await);
    assert_eq!((someone.metadata["subject"].as_str(), someone.metadata["role"].as_str()), ("u1", "clerk"));
    assert_eq!(someone.metadata["received_at"], received.to_string(), "stamped by the edge");
    assert_eq!(someone.metadata["traceparent"].split('-').nth(1), Some(trace));
    assert_ne!(someone.metadata["traceparent"].split('-').nth(2), Some("00f067aa0ba902b7"));
    assert_eq!(someone.metadata["token_passed_on"], "false");

    let request = with_token((), &house.idp, &claims("clerk").received_at(received));
    let hearsay = decoded(&ask(house.channel(), "Who", request).await);
    assert_eq!(hearsay.metadata["received_at"], now().to_string(), "only an edge may stamp");

    let mut stale = claims("clerk");
    stale.iat -= 400;
    stale.exp -= 400;
    let status = ask(house.channel(), "Who", with_token((), &house.idp, &stale)).await;
    assert_eq!((status.code(), decoded(&status).reason.as_str()), (Code::Unauthenticated, "TOKEN_EXPIRED"));

    let mut operations = OperationsClient::new(house.channel());
    let status = operations.pending(PendingRequest {}).await.unwrap_err();
    assert_eq!((status.code(), decoded(&status).reason.as_str()), (Code::Unauthenticated, "TOKEN_REQUIRED"));
    let status = operations.pending(with_token(PendingRequest {}, &house.idp, &claims("clerk"))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(decoded(&status).allowed.contains(&"operator".to_owned()));
    // Unavailable until its consumer at the broker is made, which takes a moment after the start.
    let until = Instant::now() + Duration::from_secs(10);
    while let Err(status) = operations.pending(with_token(PendingRequest {}, &house.idp, &claims("operator"))).await {
        assert!(status.code() == Code::Unavailable && Instant::now() < until, "{status:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn clock() {
    let house = House::open("serve_clock", "").await;
    let mut clock = SimulatedClockClient::new(house.channel());
    let to = |at: Timestamp| AdvanceRequest { to: Some(at.into()) };
    let later = now() + SignedDuration::from_secs(3);

    let status = clock.advance(with_token(to(later), &house.idp, &claims("clerk"))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let status = clock.advance(with_token(AdvanceRequest { to: None }, &house.idp, &claims("operator"))).await;
    assert_eq!(decoded(&status.unwrap_err()).fields[0].0, "to");

    let reply = clock.advance(with_token(to(later), &house.idp, &claims("operator"))).await.unwrap();
    assert_eq!(reply.into_inner().now, Some(later.into()));
    let seen = decoded(&ask(house.channel(), "Who", Request::new(())).await);
    assert_eq!(seen.metadata["received_at"], later.to_string());

    let status = clock.advance(with_token(to(now()), &house.idp, &claims("operator"))).await.unwrap_err();
    let refused = decoded(&status);
    assert_eq!((status.code(), refused.reason.as_str()), (Code::FailedPrecondition, "CLOCK_BACKWARDS"));
    assert_eq!(refused.metadata["now"], later.to_string());
}

async fn trouble() {
    let house = House::open("serve_trouble", "[limits]\nconcurrency = 2\ntimeout = \"1s\"\n").await;
    house.ready().await;
    let status = ask(house.channel(), "Panic", Request::new(())).await;
    assert_eq!((status.code(), decoded(&status).reason.as_str()), (Code::Internal, "INTERNAL"));
    assert!(!house.log().contains("of Panic panics"), "a panic's payload may quote a person; it is not logged");

    let status = ask(house.channel(), "Sleep", Request::new(())).await;
    assert_eq!((status.code(), decoded(&status).reason.as_str()), (Code::DeadlineExceeded, "TOO_SLOW"));

    let napping: Vec<_> = (0..2).map(|_| tokio::spawn(ask(house.channel(), "Nap", Request::new(())))).collect();
    tokio::time::sleep(Duration::from_millis(250)).await;
    let status = ask(house.channel(), "Who", Request::new(())).await;
    let busy = decoded(&status);
    assert_eq!((status.code(), busy.reason.as_str()), (Code::Unavailable, "BUSY"));
    assert!(busy.retry_after.is_some());
    assert_eq!(house.health("").await, ServingStatus::Serving, "a busy server is not a dead one");
    for nap in napping {
        assert_eq!(decoded(&nap.await.unwrap()).reason, "RESTED");
    }
    assert_eq!(decoded(&ask(house.channel(), "Who", Request::new(())).await).reason, "WHO", "room again");
}

async fn drain() {
    let mut house = House::open("serve_drain", "").await;
    let napping = tokio::spawn(ask(house.channel(), "Nap", Request::new(())));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(house.terminate().await.code(), Some(0), "{}", house.log());
    assert_eq!(decoded(&napping.await.unwrap()).reason, "RESTED", "a request in hand has its answer");
}

async fn collector() {
    let (address, mut seen) = crate::collector::start().await;
    let watched = format!("[telemetry]\notlp = \"http://{address}\"\nmetrics_every = \"200ms\"\n");
    let mut second = House::open("serve_second", &watched).await;
    let more =
        format!("{watched}[peers]\nsecond = \"http://{}\"\n[service]\nneighbour = \"second\"\n", second.address());
    let mut first = House::open("serve_first", &more).await;

    let trace = "0af7651916cd43dd8448eb211c80319c";
    let mut request = with_token((), &first.idp, &claims("clerk"));
    request.metadata_mut().insert("traceparent", format!("00-{trace}-b7ad6b7169203331-01").parse().unwrap());
    let answer = decoded(&ask(first.channel(), "Forward", request).await);
    assert_eq!((answer.metadata["subject"].as_str(), answer.metadata["role"].as_str()), ("probe", "service"));
    assert_eq!(answer.metadata["traceparent"].split('-').nth(1), Some(trace));

    assert_eq!(first.terminate().await.code(), Some(0), "{}", first.log());
    assert_eq!(second.terminate().await.code(), Some(0), "{}", second.log());
    let seen = seen.drain();
    let rpc =
        |name: &str| seen.spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {seen:?}"));
    let (forward, who) = (rpc("test.Probe/Forward"), rpc("test.Probe/Who"));
    assert_eq!((forward.trace.as_str(), forward.parent.as_str()), (trace, "b7ad6b7169203331"));
    assert_eq!((who.trace.as_str(), &who.parent), (trace, &forward.id), "the second's span is a child of the first's");
    for metric in ["rpc.server.call.duration", "rpc.server.shed"] {
        // The counter of requests shed exists once something was shed.
        assert_eq!(seen.metrics.iter().any(|m| m.name == metric), metric != "rpc.server.shed", "{metric}: {seen:?}");
    }
}

async fn faint() {
    let mut house = House::prepare("serve_faint", "");
    let config = std::fs::read_to_string(house.file("config.toml")).unwrap().replace("\"hello\"", "\"faint\"");
    std::fs::write(house.file("config.toml"), config).unwrap();
    house.start().await;
    assert_eq!(house.ended().await.code(), Some(1), "{}", house.log());
    assert!(house.log().contains("panicked"), "{}", house.log());
}

async fn tls() {
    let authority = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&authority).unwrap();
    let issuer = rcgen::Issuer::from_params(&params, &authority);
    let leaf = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let signed = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        (signed.pem(), key.serialize_pem())
    };
    let mut house = House::prepare(
        "serve_tls",
        "[tls]\ncert_file = \"DIR/cert.pem\"\nkey_file = \"DIR/cert.key\"\nca_file = \"DIR/ca.pem\"\nclient_ca_file = \"DIR/ca.pem\"\n",
    );
    let (cert, key) = leaf("localhost");
    for (name, text) in [("cert.pem", cert), ("cert.key", key), ("ca.pem", root.pem())] {
        std::fs::write(house.file(name), text).unwrap();
    }
    // The kubelet speaks no TLS and has no certificate: it asks at a place of its own, where there is nothing else.
    let mut ports = engines::Ports::reserve().unwrap();
    let probes = format!("127.0.0.1:{}", ports.take());
    house.edit("session_file", &format!("probes = \"{probes}\"\nsession_file"));
    house.start().await;
    let probe = Endpoint::from_shared(format!("http://{probes}")).unwrap().connect_lazy();
    let asked = HealthClient::new(probe.clone()).check(HealthCheckRequest { service: "liveness".into() }).await;
    assert_eq!(asked.unwrap().into_inner().status(), ServingStatus::Serving);
    assert_eq!(ask(probe, "Who", Request::new(())).await.code(), Code::Unimplemented);
    let port = house.address().rsplit(':').next().unwrap().to_owned();
    let call = |config: ClientTlsConfig| {
        let endpoint = Endpoint::from_shared(format!("https://localhost:{port}")).unwrap();
        async move {
            let channel = endpoint.tls_config(config).unwrap().connect().await.ok()?;
            let mut client = tonic::client::Grpc::new(channel);
            client.ready().await.ok()?;
            let codec = tonic_prost::ProstCodec::<(), ()>::default();
            let path = "/test.Probe/Who".parse().unwrap();
            let answer = client.unary(Request::new(()), path, codec).await.unwrap_err();
            platform::refusal::Refusal::from_status(&answer).map(|refusal| refusal.reason)
        }
    };
    let trusting = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(root.pem()));
    let (cert, key) = leaf("someone");
    let known = trusting.clone().identity(Identity::from_pem(cert, key));
    assert_eq!(call(known).await.as_deref(), Some("WHO"), "{}", house.log());
    assert_eq!(call(trusting.clone()).await, None, "without a certificate nobody is let in");

    let certificates = "[tls]\ncert_file = \"DIR/cert.pem\"\nkey_file = \"DIR/cert.key\"\nca_file = \"DIR/ca.pem\"\n";
    let more =
        format!("{certificates}[peers]\nfirst = \"https://localhost:{port}\"\n[service]\nneighbour = \"first\"\n");
    let mut second = House::prepare("serve_tls_second", &more);
    for name in ["cert.pem", "cert.key", "ca.pem"] {
        std::fs::copy(house.file(name), second.file(name)).unwrap();
    }
    second.start().await;
    let port = second.address().rsplit(':').next().unwrap().to_owned();
    let endpoint = Endpoint::from_shared(format!("https://localhost:{port}")).unwrap();
    let channel = endpoint.tls_config(trusting).unwrap().connect().await.unwrap();
    let answer = decoded(&ask(channel, "Forward", Request::new(())).await);
    assert_eq!(answer.metadata["subject"], "probe", "the second reached the first with its own certificate");
    assert_eq!(second.terminate().await.code(), Some(0), "{}", second.log());
    assert_eq!(house.terminate().await.code(), Some(0), "{}", house.log());
}
