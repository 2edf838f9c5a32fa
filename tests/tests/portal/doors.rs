//! Accounts, from nothing to a closed one; what a door tells, and what it does not.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};

use crate::{
    visitor::{Seen, Visitor},
    world_at,
};

const PASSWORD: &str = "une phrase assez longue";
/// What a form that is not taken answers.
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The newest mail to an address whose text holds `word`, from the demo's mailbox; notifier sends it in its own time.
async fn mail(base: &str, to: &str, word: &str) -> String {
    let mut reader = Visitor::new(base);
    let began = std::time::Instant::now();
    loop {
        let list = reader.get("/demo/courriels").await;
        let rows = list.body.split("<tr>").filter(|row| row.contains(to));
        let links: Vec<String> = rows
            .filter_map(|row| row.split("href=\"/demo/courriels/").nth(1)?.split('"').next().map(str::to_owned))
            .collect();
        for link in links {
            let text = reader.get(&format!("/demo/courriels/{link}")).await.body;
            if text.contains(word) {
                return text;
            }
        }
        assert!(began.elapsed().as_secs() < 120, "no mail with {word} to {to}: {}", list.words());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

/// The path of the link in a mail.
fn link(mail: &str, base: &str, page: &str) -> String {
    let start = format!("{base}{page}/");
    let rest = mail.split(&start).nth(1).unwrap_or_else(|| panic!("no {start} in {mail}"));
    let token: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("{page}/{token}")
}

async fn register(visitor: &mut Visitor, email: &str) -> Seen {
    visitor.get("/compte/creer").await;
    visitor.post("/compte/creer", &[("email", email), ("mot-de-passe", PASSWORD)]).await
}

/// Somebody with an account of their own, signed in.
pub async fn account(base: &str, email: &str) -> Visitor {
    let mut visitor = Visitor::new(base);
    register(&mut visitor, email).await;
    let verify = link(&mail(base, email, "/compte/verifier/").await, base, "/compte/verifier");
    visitor.get(&verify).await;
    visitor.post(&verify, &[]).await;
    assert_eq!(sign_in(&mut visitor, email, PASSWORD).await.to, "/");
    visitor
}

async fn sign_in(visitor: &mut Visitor, email: &str, password: &str) -> Seen {
    visitor.get("/connexion").await;
    visitor.post("/connexion", &[("email", email), ("mot-de-passe", password), ("suite", "")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_from_its_mail_to_its_end() {
    let world = world_at(None, 1).await;
    let base = world.portal_url.clone();
    let mut ana = Visitor::new(&base);

    // An unknown and a known address are answered alike, in words and status.
    let first = register(&mut ana, "ana.martin@example.org").await;
    assert_eq!(first.status, StatusCode::OK);
    let unverified = sign_in(&mut ana, "ana.martin@example.org", PASSWORD).await;
    let unknown = sign_in(&mut ana, "nobody.there@example.org", PASSWORD).await;
    assert_eq!(unverified.words().replace("ana.martin", "x"), unknown.words().replace("nobody.there", "x"));
    assert_eq!((unverified.status, unknown.status), (REFUSED, REFUSED));
    assert!(ana.session().is_none_or(str::is_empty));

    // The link asks before it acts, works once, and the account can then be entered, however the address is written.
    let verify = link(&mail(&base, "ana.martin@example.org", "/compte/verifier/").await, &base, "/compte/verifier");
    ana.get(&verify).await;
    let still_not = sign_in(&mut Visitor::new(&base), "ana.martin@example.org", PASSWORD).await;
    assert_eq!(still_not.status, REFUSED, "looking at the link must not use it");
    ana.get(&verify).await;
    assert_eq!(ana.post(&verify, &[]).await.to, "/connexion");
    ana.get(&verify).await;
    assert_eq!(ana.post(&verify, &[]).await.status, REFUSED, "a used link refuses");
    assert_eq!(sign_in(&mut ana, " Ana.Martin@Example.org ", PASSWORD).await.to, "/");
    assert_eq!(ana.get("/compte").await.status, StatusCode::OK);

    // Someone who asks for the address again learns nothing; its owner is told.
    let again = register(&mut Visitor::new(&base), "ana.martin@example.org").await;
    assert_eq!(again.words(), first.words());
    mail(&base, "ana.martin@example.org", "Vous avez déjà un compte").await;

    // Another password ends every session.
    let mut elsewhere = Visitor::new(&base);
    elsewhere.get("/compte/mot-de-passe").await;
    let asked = elsewhere.post("/compte/mot-de-passe", &[("email", "ana.martin@example.org")]).await;
    elsewhere.get("/compte/mot-de-passe").await;
    let nobody = elsewhere.post("/compte/mot-de-passe", &[("email", "nobody.there@example.org")]).await;
    assert_eq!(asked.words(), nobody.words());
    let reset =
        link(&mail(&base, "ana.martin@example.org", "/compte/mot-de-passe/").await, &base, "/compte/mot-de-passe");
    elsewhere.get(&reset).await;
    let weak = elsewhere.post(&reset, &[("mot-de-passe", "court")]).await;
    assert!(weak.words().contains("12"), "{}", weak.words());
    elsewhere.get(&reset).await;
    assert_eq!(elsewhere.post(&reset, &[("mot-de-passe", "une autre phrase bien longue")]).await.to, "/connexion");
    assert_eq!(ana.get("/compte").await.status, StatusCode::SEE_OTHER, "the session of before has ended");
    assert_eq!(sign_in(&mut ana, "ana.martin@example.org", PASSWORD).await.status, REFUSED);
    assert_eq!(sign_in(&mut ana, "ana.martin@example.org", "une autre phrase bien longue").await.to, "/");

    // Signing out ends the session on the server, not only in the browser.
    let mut copy = ana.clone();
    ana.get("/compte").await;
    assert_eq!(ana.post("/deconnexion", &[]).await.to, "/");
    assert_eq!(copy.get("/compte").await.status, StatusCode::SEE_OTHER);

    // The eleventh wrong password within a quarter of an hour meets a closed door, and so does the right one then.
    let mut thief = Visitor::new(&base);
    for i in 0..12 {
        sign_in(&mut thief, "ana.martin@example.org", &format!("wrong password {i}")).await;
    }
    let closed = sign_in(&mut thief, "ana.martin@example.org", "une autre phrase bien longue").await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(closed.words().contains("15 minutes"), "{}", closed.words());
    world.advance_and_settle(world.now() + SignedDuration::from_mins(16)).await.unwrap();
    assert_eq!(sign_in(&mut ana, "ana.martin@example.org", "une autre phrase bien longue").await.to, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_ours_or_nobodys_and_nothing_typed_is_lost() {
    let world = world_at(None, 1).await;
    let base = world.portal_url.clone();
    let mut op = Visitor::new(&base);
    op.enter("personnel", "operator-1").await;

    // A token of nobody's, of another visitor's, or of before signing in is refused, and changes nothing.
    let mut other = Visitor::new(&base);
    other.get("/connexion").await;
    let theirs = other.token().to_owned();
    op.get("/demo").await;
    for token in ["", "x"] {
        let seen = op.post_as("/espace", token, &[("role", "0")]).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "token {token:?}");
    }
    let seen = op.clone().post_as("/espace", &theirs, &[("role", "0")]).await;
    assert_eq!((seen.status, seen.to.as_str()), (StatusCode::SEE_OTHER, "/espace"), "shown again, and not done");
    // The right token from another site is refused too.
    let token = op.token().to_owned();
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let request = op.request(Method::POST, "/espace").header(header, value);
        let body = format!("jeton={token}&role=0");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(op.send(request).await.status, StatusCode::FORBIDDEN, "{header}: {value}");
    }
    // From our own page it passes, in a browser that says which site asks, in one that names the origin, and in one that
    // says neither.
    for (header, value) in [("sec-fetch-site", "same-origin"), ("origin", base.as_str()), ("accept", "text/html")] {
        let request = op.request(Method::POST, "/espace").header(header, value);
        let body = format!("jeton={token}&role=0");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(op.send(request).await.to, "/", "{header}: {value}");
    }

    // A session that ended in mid-form: after signing in again the page shows what was typed, to its owner alone.
    op.get("/espace").await;
    world.advance_and_settle(world.now() + SignedDuration::from_hours(3)).await.unwrap();
    let sent = op.post("/espace", &[("role", "0"), ("note", "ce que j'avais écrit")]).await;
    assert_eq!((sent.status, sent.to.as_str()), (StatusCode::SEE_OTHER, "/connexion?suite=%2Fespace"));
    let mut thief = op.clone();
    thief.enter("personnel", "operator-2").await;
    assert!(!thief.get("/espace").await.words().contains("session avait expiré"), "held for its owner alone");
    op.enter("personnel", "operator-1").await;
    assert!(op.get("/espace").await.words().contains("session avait expiré"));

    // Every page is kept to itself.
    let page = op.request(Method::GET, "/").send().await.unwrap();
    let csp = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        !csp.contains("unsafe") && csp.contains("frame-ancestors 'none'") && csp.contains("default-src 'none'"),
        "{csp}"
    );
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["referrer-policy"], "same-origin");
}
