//! Forms as people live through them: what Enter does, and what becomes of what was typed.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};

use crate::{
    doors::account,
    visitor::{Seen, Visitor},
    world_at,
};

/// The pieces of a page that stand between two marks.
fn between<'a>(page: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    page.split(from).skip(1).filter_map(|rest| rest.split(to).next()).collect()
}

/// The value of a form's hidden field.
fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    between(page, &field, "\"").first().map(|v| (*v).to_owned()).unwrap_or_default()
}

/// Forms in which Enter in a line would press a button that does something else than the form is for.
fn surprising(page: &str) -> Vec<String> {
    let forms = between(page, "<form", "</form>");
    let lines = |form: &str| {
        let inputs = between(form, "<input", ">");
        inputs.into_iter().any(|i| !["\"hidden\"", "\"file\""].iter().any(|kind| i.contains(&format!("type={kind}"))))
    };
    forms
        .into_iter()
        .filter(|form| lines(form))
        .filter_map(|form| {
            let buttons = between(form, "<button", ">");
            let first = buttons.first().filter(|_| buttons.len() > 1)?;
            let plain = !first.contains("name=") || first.contains("value=\"verifier\"");
            (!plain).then(|| (*first).to_owned())
        })
        .collect()
}

async fn send_parts(visitor: &mut Visitor, path: &str, token: &str, fields: &[(&str, &str)]) -> Seen {
    let mut body = String::new();
    for (name, value) in [("jeton", token)].iter().chain(fields) {
        body += &format!("--grenze\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--grenze\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"notes.csv\"\r\nContent-Type: text/csv\r\n\r\n1;2\r\n--grenze--\r\n";
    let request = visitor.request(Method::POST, path);
    visitor.send(request.header("content-type", "multipart/form-data; boundary=grenze").body(body)).await
}

const HELD: &str = "session avait expiré";

#[tokio::test(flavor = "multi_thread")]
async fn enter_saves_the_years_of_study_and_takes_none_out() {
    let world = world_at(None, 1).await;
    let mut ana = account(&world.portal_url, "ana.martin@example.org").await;
    let start = ana.get("/candidat/dossier").await;
    let asked = hidden(&start.body, "demande");
    let identity = [
        ("demande", asked.as_str()),
        ("public", ""),
        ("nom", "Martin"),
        ("prenoms", "Ana"),
        ("naissance", "2004-02-29"),
        ("nationalite", "FR"),
    ];
    let opened = ana.post("/candidat/dossier", &identity).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.words());

    let years = [
        ("annee-0", "2023-2024"),
        ("etablissement-0", "Lycée A"),
        ("formation-0", "L1"),
        ("resultat-0", ""),
        ("annee-1", "2024-2025"),
        ("etablissement-1", "Université B"),
        ("formation-1", "L2"),
        ("resultat-1", ""),
    ];
    ana.get("/candidat/dossier/etudes").await;
    assert_eq!(ana.post("/candidat/dossier/etudes", &years).await.status, StatusCode::SEE_OTHER);
    let page = ana.get("/candidat/dossier/etudes").await;
    assert!(page.body.contains("Lycée A") && page.body.contains("Université B"), "{}", page.words());
    assert_eq!(surprising(&page.body), Vec::<String>::new(), "Enter in a line of this form");
    let form = between(&page.body, "action=\"/candidat/dossier/etudes\"", "</form>")[0];
    let first = between(form, "<button", ">")[0];
    assert!(first.contains("tabindex=\"-1\"") && first.contains("aria-hidden=\"true\""), "{first}");

    // A service that refuses is a 422 with what was typed, on every form alike.
    let bad = ana.post("/candidat/dossier/etudes", &[("annee-0", "x"), ("etablissement-0", "Lycée A")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bad.words());
    let page = ana.get("/candidat/mandats").await;
    let sending = hidden(&page.body, "envoi");
    let long = "x".repeat(81);
    let refused = ana.post("/candidat/mandats", &[("geste", "creer"), ("envoi", &sending), ("nom", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.words());
    assert!(refused.body.contains(&long));

    // What was refused made nothing, and may be mended on the same page. The page of a code that is loaded again makes no
    // second mandate; a mandate is not revoked by one press.
    let made = [("geste", "creer"), ("envoi", sending.as_str()), ("nom", "Ma mère")];
    assert_eq!(ana.post("/candidat/mandats", &made).await.status, StatusCode::OK);
    assert_eq!(ana.post("/candidat/mandats", &made).await.to, "/candidat/mandats");
    let page = ana.get("/candidat/mandats").await;
    assert_eq!(page.body.matches("?revoquer=").count(), 1, "{}", page.words());
    let mandate = between(&page.body, "?revoquer=", "#")[0].to_owned();
    let asks = ana.post("/candidat/mandats", &[("geste", "revoquer"), ("mandat", &mandate)]).await;
    assert_eq!(asks.status, StatusCode::OK, "{}", asks.words());
    assert!(asks.words().contains("ne peut pas être rétabli"), "{}", asks.words());
    let sure = [("geste", "revoquer"), ("mandat", mandate.as_str()), ("confirme", "oui")];
    assert_eq!(ana.post("/candidat/mandats", &sure).await.to, "/candidat/mandats");
    assert_eq!(ana.get("/candidat/mandats").await.body.matches("?revoquer=").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_waits_for_whoever_typed_it_until_it_was_sent() {
    let world = world_at(None, 1).await;
    let mut jury = Visitor::new(&world.portal_url);
    jury.enter("personnel", "jury-member").await;

    // A form in parts: the pasted marks come back, the file is asked for again.
    jury.get("/jury/notes/importer").await;
    world.advance_and_settle(world.now() + SignedDuration::from_hours(3)).await.unwrap();
    let token = jury.token().to_owned();
    let pasted = [("texte", "4711;15,5"), ("motif", "relecture de la copie"), ("geste", "verifier")];
    let sent = send_parts(&mut jury, "/jury/notes/importer", &token, &pasted).await;
    assert_eq!(sent.to, "/connexion?suite=%2Fjury%2Fnotes%2Fimporter", "{}", sent.words());
    // The other doors know where to go back to.
    let door = jury.get(&sent.to).await;
    for other in ["/connexion/personnel", "/connexion/mandat"] {
        assert!(door.body.contains(&format!("href=\"{other}?suite=%2Fjury%2Fnotes%2Fimporter\"")), "{}", door.body);
    }
    let staff = jury.get("/connexion/personnel?suite=%2Fjury%2Fnotes%2Fimporter").await;
    assert_eq!(hidden(&staff.body, "suite"), "/jury/notes/importer");
    jury.enter("personnel", "jury-member").await;
    let page = jury.get("/jury/notes/importer").await;
    assert!(page.words().contains(HELD) && page.words().contains("choisissez-le de nouveau"), "{}", page.words());
    assert!(page.body.contains("4711;15,5") && page.body.contains("relecture de la copie"), "{}", page.words());

    // Signed in again in a second window: the first one's form is shown again, not refused.
    jury.get("/jury/simulation").await;
    let before = jury.token().to_owned();
    jury.enter("personnel", "jury-member").await;
    let sent = jury.post_as("/jury/lecteurs", &before, &[]).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN, "a role is checked before anything is held");
    let school = "albi";
    let seats = format!("places-{school}");
    let typed = [("filiere", "L3"), (seats.as_str(), "97")];
    let sent = jury.post_as("/jury/simulation", &before, &typed).await;
    assert_eq!((sent.status, sent.to.as_str()), (StatusCode::SEE_OTHER, "/jury/simulation"), "{}", sent.words());
    let page = jury.get("/jury/simulation").await;
    assert!(page.words().contains(HELD), "{}", page.words());
    assert!(!page.words().contains("choisissez-le de nouveau"));

    // Sent and taken, it is forgotten: the page shows what is stored.
    let mut op = Visitor::new(&world.portal_url);
    op.enter("personnel", "operator-1").await;
    op.get("/espace").await;
    let before = op.token().to_owned();
    op.enter("personnel", "operator-1").await;
    assert_eq!(op.post_as("/espace", &before, &[("role", "0"), ("note", "n")]).await.to, "/espace");
    assert!(op.get("/espace").await.words().contains(HELD));
    let kept = op.clone();
    assert_eq!(op.post("/espace", &[("role", "0")]).await.to, "/");
    assert!(!op.get("/espace").await.words().contains(HELD), "it was sent");
    assert!(
        !kept.clone().get("/espace").await.words().contains(HELD),
        "and is gone from the server, not only the cookie"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_found_in_both_languages_and_by_everybody() {
    let world = world_at(None, 1).await;
    let mut op = Visitor::new(&world.portal_url);
    op.enter("personnel", "operator-1").await;
    let page = op.get("/verifier?x=1&langue=fr").await;
    assert!(page.body.contains("href=\"/verifier?x=1&amp;langue=en\""), "the query stays");
    for public in ["/calendrier", "/titres", "/procedure", "/verifier"] {
        let footer = between(&page.body, "<footer", "</footer>")[0].to_owned();
        assert!(footer.contains(&format!("href=\"{public}\"")), "{public}");
        assert_eq!(op.get(public).await.status, StatusCode::OK, "{public}");
    }
    // An identifier that is none is one that nobody has.
    for nothing in ["/demo/courriels/x", "/demo/courriels/00000000-0000-0000-0000-000000000000"] {
        let page = op.get(nothing).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nothing}");
        assert!(page.body.contains("<footer"), "{nothing}: {}", page.body);
    }
    // An address that takes forms alone leads to their page, in either language.
    let page = op.get("/candidat/dossier/envoi").await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(page.words().contains("ne fait que recevoir un formulaire"), "{}", page.words());
    assert!(page.body.contains("href=\"/candidat/dossier?langue=en\""), "{}", page.body);
    let mut nobody = Visitor::new(&world.portal_url);
    nobody.get("/connexion").await;
    let sent = nobody.post("/candidat/dossier/envoi", &[]).await;
    assert_eq!(sent.to, "/connexion?suite=%2Fcandidat%2Fdossier");
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_of_one_network_address_are_counted_before_any_password_is_hashed() {
    let world = world_at(None, 1).await;
    let mut thief = Visitor::new(&world.portal_url);
    thief.get("/compte/creer").await;
    let mut words = String::new();
    for _ in 0..301 {
        // Not an address: refused in no time, and counted all the same.
        words = thief.post("/compte/creer", &[("email", "x"), ("mot-de-passe", "x")]).await.words();
    }
    assert!(words.contains("15 minutes"), "{words}");
    let fine = [("email", "ana@example.org"), ("mot-de-passe", "une phrase assez longue")];
    assert!(thief.post("/compte/creer", &fine).await.words().contains("15 minutes"));
    thief.get("/compte/mot-de-passe").await;
    let reset = thief.post("/compte/mot-de-passe", &[("email", "ana@example.org")]).await;
    assert!(reset.words().contains("15 minutes"), "{}", reset.words());
    thief.get("/compte/mot-de-passe/x").await;
    let set = thief.post("/compte/mot-de-passe/x", &[("mot-de-passe", "une phrase assez longue")]).await;
    assert!(set.words().contains("15 minutes"), "{}", set.words());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_newest_of_an_audit_log_first_and_one_kind_of_act_alone() {
    let world = world_at("2026-03-25T10:00:00Z", 12).await;
    let mut op = Visitor::new(&world.portal_url);
    op.enter("personnel", "operator-1").await;
    op.get("/exploitation/audit").await;
    let sequences = |page: &Seen| -> Vec<u64> {
        let rows = between(&page.body, "<tr>", "</tr>");
        let first =
            rows.iter().filter_map(|row| row.split("<th scope=\"row\"").nth(1)?.split('>').nth(1)?.split('<').next());
        first.filter_map(|text| text.trim().parse().ok()).collect()
    };
    let search = [("geste", "chercher"), ("service", "intake"), ("acteur", ""), ("acte", "")];
    assert_eq!(op.post("/exploitation/audit", &search).await.to, "/exploitation/audit");
    let page = op.get("/exploitation/audit").await;
    let newest = sequences(&page);
    assert!(newest.len() > 10 && newest.is_sorted_by(|a, b| a > b), "{newest:?} {}", page.words());
    let before = newest[3].to_string();
    let older = sequences(&op.get(&format!("/exploitation/audit?avant={before}")).await);
    assert_eq!(older.first(), newest.get(4), "older entries follow without a gap");
    let act = between(&page.body, "<code>", "</code>")[0].to_owned();
    let search = [("geste", "chercher"), ("service", "intake"), ("acteur", ""), ("acte", act.as_str())];
    op.post("/exploitation/audit", &search).await;
    let page = op.get("/exploitation/audit").await;
    assert!(between(&page.body, "<code>", "</code>").iter().all(|a| *a == act), "{}", page.words());
    assert!(!sequences(&page).is_empty());
}
