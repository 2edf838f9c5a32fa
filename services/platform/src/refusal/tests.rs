//! What survives the wire.

use super::*;

fn round_trip(refusal: Refusal) -> Decoded {
    // Through the header encoding, as a client would receive it.
    let response = Status::from(refusal).into_http::<tonic::body::Body>();
    let status = Status::from_header_map(response.headers()).unwrap();
    Refusal::from_status(&status).unwrap()
}

#[test]
fn every_detail_survives_the_wire() {
    let decoded = round_trip(
        Refusal::invalid("BAD_FORM")
            .field("title.kind", "unknown")
            .field("order[2]", "given twice")
            .allowed(["a", "b,c"])
            .with("rule", "R9"),
    );
    assert_eq!(decoded.code, Code::InvalidArgument);
    assert_eq!(decoded.reason, "BAD_FORM");
    assert_eq!(
        decoded.fields,
        vec![("title.kind".into(), "unknown".into()), ("order[2]".into(), "given twice".into())]
    );
    assert_eq!(decoded.allowed, vec!["a", "b;c"]);
    assert_eq!(decoded.metadata.get("rule").map(String::as_str), Some("R9"));
    assert_eq!(decoded.message, "title.kind: unknown; order[2]: given twice");
    assert!(decoded.preconditions.is_empty());
}

#[test]
fn a_refusal_that_repeats_a_huge_input_still_fits_into_its_headers() {
    let huge = "é".repeat(100_000);
    for refusal in [
        Refusal::invalid("X").field("f", huge.clone()),
        Refusal::not_found("X", huge.clone(), huge.clone()),
        Refusal::precondition("X", huge.clone(), huge.clone()).message(huge.clone()),
    ] {
        let headers = Status::from(refusal.clone()).into_http::<tonic::body::Body>().into_parts().0.headers;
        let size: usize = headers.iter().map(|(k, v)| k.as_str().len() + v.len()).sum();
        assert!(size < 16 << 10, "{size} bytes of headers");
        assert_eq!(round_trip(refusal).reason, "X");
    }
    let whole = "é".repeat(LONGEST);
    assert_eq!(round_trip(Refusal::invalid("X").field("f", whole.clone())).fields[0].1, whole);
}

#[test]
fn reasons_keep_their_codes_and_values_whatever_the_code_of_the_refusal() {
    let busy = Reason::new("ROOM_BUSY", "room A is taken").with("room", "A").with("from", "1970-01-01T00:00:00Z");
    for refusal in [Refusal::invalid("BAD").field("f", "plain"), Refusal::precondition("NO", "f", "plain")] {
        let decoded = round_trip(refusal.because("slot", busy.clone()).because("day", Reason::new("CLOSED", "shut")));
        assert_eq!(decoded.because.len(), 2, "{decoded:?}");
        assert_eq!((decoded.because[0].place.as_str(), &decoded.because[0].reason), ("slot", &busy));
        assert_eq!(decoded.because[1].reason.code, "CLOSED");
        let violations = [decoded.fields, decoded.preconditions].concat();
        assert_eq!(violations[1..], [("slot", "room A is taken"), ("day", "shut")].map(|(a, b)| (a.into(), b.into())));
        assert!(decoded.metadata.is_empty(), "{:?}", decoded.metadata);
    }
}

#[test]
fn more_reasons_than_headers_carry_are_counted() {
    let fault = |n: usize| Reason::new("WRONG_VALUE", format!("é{n}")).with("found", "é".repeat(60)).with("n", n);
    let all = (0..1000).fold(Refusal::invalid("X"), |refusal, n| refusal.because(format!("line {n}"), fault(n)));
    let headers = Status::from(all.clone()).into_http::<tonic::body::Body>().into_parts().0.headers;
    let size: usize = headers.iter().map(|(k, v)| k.as_str().len() + v.len()).sum();
    assert!(size < 16 << 10, "{size} bytes of headers");
    let decoded = round_trip(all);
    assert!(decoded.because.len() > 20, "{}", decoded.because.len());
    assert_eq!(decoded.reasons(), 1000);
    assert_eq!(round_trip(Refusal::invalid("X").because("a", fault(1))).reasons(), 1);
}

#[test]
fn preconditions_name_their_subject_and_resources_their_name() {
    let decoded = round_trip(Refusal::precondition("NOT_OPEN", "window/x", "opens later").with("opens_at", "t"));
    assert_eq!(decoded.code, Code::FailedPrecondition);
    assert_eq!(decoded.preconditions, vec![("window/x".into(), "opens later".into())]);
    let decoded = round_trip(Refusal::not_found("NO_SUCH", "thing/1", "there is no thing 1"));
    assert_eq!((decoded.code, decoded.resource.as_deref()), (Code::NotFound, Some("thing/1")));
    assert_eq!(decoded.message, "there is no thing 1");
}

#[test]
fn each_kind_has_its_code() {
    for (refusal, code) in [
        (Refusal::already_exists("X", "w", "y"), Code::AlreadyExists),
        (Refusal::denied("X", "w", "y"), Code::PermissionDenied),
        (Refusal::unauthenticated("X", "w", "y"), Code::Unauthenticated),
        (Refusal::exhausted("X", "w", "y"), Code::ResourceExhausted),
        (Refusal::retry_later("X", "w", "y"), Code::Unavailable),
    ] {
        assert_eq!(round_trip(refusal).code, code);
    }
    assert!(round_trip(Refusal::retry_later("X", "w", "y")).retry_after.is_some());
}

#[test]
fn an_internal_error_shows_nothing_of_its_source() {
    let decoded = round_trip(Refusal::internal("password=hunter2"));
    assert_eq!((decoded.code, decoded.reason.as_str()), (Code::Internal, "INTERNAL"));
    assert!(!format!("{decoded:?}").contains("hunter2"));
}

#[test]
fn a_status_of_the_transport_is_not_a_refusal() {
    assert_eq!(Refusal::from_status(&Status::unavailable("connection refused")), None);
}
