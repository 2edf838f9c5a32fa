//! The table of routes, asked as each role: who may see it is what the table says, and nothing else.

use contracts::roles;
use portal::web::Audience;
use reqwest::StatusCode;

use crate::{PEOPLE, visitor::Visitor, world_at};

/// An address for a route: identifiers that exist nowhere in place of its placeholders.
fn address(path: &str) -> String {
    let parts =
        path.split('/').map(|part| if part.starts_with('{') { "00000000-0000-4000-8000-000000000000" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Pages whose service refuses whoever asks for an identifier that is nobody's: they were reached all the same.
const REFUSED_BY_THE_SERVICE: &[&str] = &[];

/// Turned away by the guard, rather than by what the page then found.
fn turned_away(status: StatusCode, to: &str) -> bool {
    status == StatusCode::FORBIDDEN || (status == StatusCode::SEE_OTHER && to.starts_with("/connexion"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_whom_its_table_names() {
    let world = world_at("2026-03-25T10:00:00Z", 12).await;
    let table = portal::pages::routes(true);
    let table = table.table();
    assert!(table.len() > 20, "only {} routes", table.len());
    let candidate = campaign::cast::draw(&world.session, 6, 12).into_iter().next().unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    let mut everyone = vec![(platform::auth::ANONYMOUS, Visitor::new(&world.portal_url))];
    for (role, subject) in PEOPLE {
        let mut visitor = Visitor::new(&world.portal_url);
        let id = candidate.id.to_string();
        let (kind, who) = if role == roles::CANDIDATE { ("candidat", id.as_str()) } else { ("personnel", subject) };
        visitor.enter(kind, who).await;
        everyone.push((role, visitor));
    }
    everyone.push((roles::MANDATE, relative(&world.portal_url, &candidate.id.to_string()).await));
    for (role, visitor) in &mut everyone {
        for rule in table {
            let may = match rule.audience {
                Audience::Anyone => true,
                Audience::Roles(allowed) => allowed.contains(role),
            };
            for method in rule.methods.split(' ') {
                let path = address(rule.path);
                // A form with a token of nobody's: whoever the table names gets as far as the token, and no further.
                let seen = if method == "GET" {
                    visitor.clone().get(&path).await
                } else {
                    visitor.clone().post_as(&path, "x", &[]).await
                };
                asked += 1;
                let away = turned_away(seen.status, &seen.to);
                // Past the guard's question of who asks, a form is refused for its token, and says so.
                let token = seen.words().contains("Formulaire expiré");
                let right = match (method, may) {
                    ("GET", true) => !away || REFUSED_BY_THE_SERVICE.contains(&rule.path),
                    ("GET", false) => away,
                    (_, true) => token || seen.status == StatusCode::BAD_REQUEST,
                    (_, false) => away && !token,
                };
                if !right || seen.status.is_server_error() {
                    wrong.push(format!("{role} {method} {}: {} {}", rule.path, seen.status, seen.to));
                }
            }
        }
    }
    println!("{asked} requests as {} kinds of people", everyone.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Somebody's relative with the code of a mandate (R36).
async fn relative(base: &str, candidate: &str) -> Visitor {
    let mut owner = Visitor::new(base);
    owner.enter("candidat", candidate).await;
    owner.get("/candidat/mandats").await;
    let made = owner.post("/candidat/mandats", &[("geste", "creer"), ("nom", "Ma mère")]).await;
    let code = made.body.split("class=\"code mono\"").nth(1).and_then(|rest| rest.split(['>', '<']).nth(1));
    let mut relative = Visitor::new(base);
    relative.get("/connexion/mandat").await;
    let entered = relative.post("/connexion/mandat", &[("code", code.unwrap_or_default()), ("suite", "")]).await;
    assert_eq!(entered.to, "/candidat", "{}", entered.words());
    relative
}
