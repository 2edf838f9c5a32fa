//! Tokens from their making to their end, and every kind of error as a problem.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};

use crate::{
    system::{FINANCE, STAFF, System, made},
    two,
    visitor::Visitor,
    world_at,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_its_making_to_its_end() {
    let world = world_at(None, 1, None).await;
    let base = world.portal_url.clone();
    let (here, _) = two(&world);

    // Nobody, somebody of another kind, and a token of nobody's.
    let nobody = System::new(&base, "");
    let bare = nobody.send(nobody.request(Method::GET, "/api/v1/session").header("authorization", "")).await;
    assert_eq!((bare.status, bare.code()), (StatusCode::UNAUTHORIZED, "TOKEN_REQUIRED"));
    for token in ["x", "admis_", &format!("admis_{}", "a".repeat(43))] {
        let refused = System::new(&base, token).get("/session").await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "TOKEN_UNKNOWN"), "{token}");
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }

    // A token says what it opens, and opens no more.
    let mut staff = Visitor::new(&base);
    staff.enter("personnel", &format!("staff@{here}")).await;
    let one = System::new(&base, &made(&mut staff, "/ecole/api", &["dossiers:read"], "30").await);
    // While it is the only one: tokens of one instant stand in no particular order.
    let list = staff.get("/ecole/api").await;
    let address =
        list.body.split("href=\"").filter_map(|r| r.split('"').next()).filter(|h| h.starts_with("/ecole/api/"));
    let address = address.last().expect("a link to revoke it").to_owned();
    let session = one.get("/session").await;
    assert_eq!(session.status, StatusCode::OK);
    assert_eq!(
        (&session.body["token"]["school"], session.body["token"]["scopes"][0].as_str()),
        (&here.clone().into(), Some("dossiers:read"))
    );
    assert_eq!(one.get("/dossiers").await.status, StatusCode::OK);
    for path in ["/fees", "/convocations", "/admissions", "/ledger", "/tables/L3"] {
        let refused = one.get(path).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "SCOPE_MISSING"), "{path}");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));
        assert_eq!(refused.body["given"], "dossiers:read");
    }

    // Staff cannot give away what only finance may do, nor finance what only staff may.
    for (who, room, foreign) in [("staff", "/ecole/api", "fees:write"), ("finance", "/finance/api", "dossiers:read")] {
        let mut maker = Visitor::new(&base);
        maker.enter("personnel", &format!("{who}@{here}")).await;
        maker.get(room).await;
        let id = "5b1d0a5e-0000-4000-8000-000000000001";
        let refused = maker.post(room, &[("demande", id), ("nom", "x"), ("jours", "30"), (foreign, "oui")]).await;
        assert!(!refused.body.contains("admis_"), "{}", refused.words());
    }
    let finance = System::of(&base, "finance", &here, &FINANCE).await;
    assert_eq!(finance.get("/balance").await.status, StatusCode::OK);
    assert_eq!(finance.get("/dossiers").await.code(), "SCOPE_MISSING");
    let all = System::of(&base, "staff", &here, &STAFF).await;
    assert_eq!(all.get("/fees").await.status, StatusCode::OK);

    // The page says when it was last used; its own people alone revoke it, and then it opens nothing.
    let mut other = Visitor::new(&base);
    other.enter("personnel", &format!("staff@{}", two(&world).1)).await;
    assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
    staff.get(&address).await;
    assert_eq!(staff.post(&address, &[]).await.to, "/ecole/api");
    assert_eq!(one.get("/dossiers").await.code(), "TOKEN_REVOKED");
    assert_eq!(all.get("/dossiers").await.status, StatusCode::OK, "another token is none the worse");

    // The last millisecond of its thirty days, and the end of them.
    let ends = world.now() + SignedDuration::from_hours(30 * 24);
    world.advance_and_settle(ends - SignedDuration::from_millis(1)).await.unwrap();
    assert_eq!(all.get("/dossiers").await.status, StatusCode::OK);
    world.advance_and_settle(ends).await.unwrap();
    let expired = all.get("/dossiers").await;
    assert_eq!((expired.status, expired.code()), (StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem_and_too_many_requests_have_to_wait() {
    let world = world_at(None, 1, Some("\n[service.api]\nper_minute = 30\n")).await;
    let (here, _) = two(&world);
    let system = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    let id = "5b1d0a5e-0000-4000-8000-000000000001";

    for path in ["/api/v1/nothing", "/api/v2/session", "/api/v1/dossiers/"] {
        let lost = system.send(system.request(Method::GET, path)).await;
        assert_eq!((lost.status, lost.code()), (StatusCode::NOT_FOUND, "NO_SUCH_ADDRESS"), "{path}");
    }
    let method = system.send(system.request(Method::DELETE, "/api/v1/dossiers")).await;
    assert_eq!((method.status, method.code()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"));
    assert!(method.header("allow").contains("GET"));
    for (query, code) in [
        ("limit=0", "QUERY_INVALID"),
        ("limit=101", "QUERY_INVALID"),
        ("limit=x", "QUERY_INVALID"),
        ("unknown=1", "QUERY_INVALID"),
        ("cursor=x", "QUERY_INVALID"),
        (&*format!("cursor={}", "a".repeat(30)), "CURSOR_UNKNOWN"),
        ("filiere=L9", "FILIERE_UNKNOWN"),
    ] {
        assert_eq!(system.get(&format!("/dossiers?{query}")).await.code(), code, "{query}");
    }
    let path = format!("/api/v1/dossiers/{id}/notes");
    let post = |kind: &str, body: String| {
        system.request(Method::POST, &path).header("Idempotency-Key", "k").header(CONTENT_TYPE, kind).body(body)
    };
    let kind = system.send(post("text/plain", "{}".into())).await;
    assert_eq!((kind.status, kind.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "MEDIA_TYPE_UNSUPPORTED"));
    let large = system.send(post("application/json", " ".repeat(70_000))).await;
    assert_eq!((large.status, large.code()), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"));
    for body in ["", "{", "{}", "[]", r#"{"text":"a","more":1}"#, r#"{"text":" "}"#, r#"{"text":1}"#] {
        let refused = system.send(post("application/json", body.into())).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BODY_INVALID"), "{body}");
    }
    let no_key = system.request(Method::POST, &path).header(CONTENT_TYPE, "application/json").body("{}");
    assert_eq!(system.send(no_key).await.code(), "IDEMPOTENCY_KEY_REQUIRED");
    let malformed = system.get("/dossiers/x").await;
    assert_eq!((malformed.status, malformed.code()), (StatusCode::BAD_REQUEST, "PATH_INVALID"));
    let unknown = system.get(&format!("/dossiers/{id}")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    unknown.code();

    // In the language that was asked for.
    let french = system.send(system.request(Method::GET, "/api/v1/nothing").header("accept-language", "fr-FR")).await;
    assert_eq!(french.body["detail"], "Il n’y a rien à cette adresse.");
    assert_eq!(french.header("content-language"), "fr");

    // The simulated clock stands still, so the minute does not end by itself.
    let other = System::of(&world.portal_url, "staff", &here, &STAFF).await;
    for _ in 0..30 {
        assert_eq!(other.get("/session").await.status, StatusCode::OK);
    }
    let often = other.get("/session").await;
    assert_eq!((often.status, often.code()), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"));
    let wait: i64 = often.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    world.advance_and_settle(world.now() + SignedDuration::from_secs(wait)).await.unwrap();
    assert_eq!(other.get("/session").await.status, StatusCode::OK);

    // Nobody's cookie opens anything here, and no other site is let in.
    let mut staff = Visitor::new(&world.portal_url);
    staff.enter("personnel", &format!("staff@{here}")).await;
    let answer =
        staff.request(Method::GET, "/api/v1/dossiers").header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let session = other.get("/session").await;
    assert_eq!(session.header("cache-control"), "private, no-cache");
}
