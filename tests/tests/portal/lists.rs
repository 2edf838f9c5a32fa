//! Every list that people work from can be taken away as a file: the table of routes, walked as each role.

use portal::web::Audience;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::{PEOPLE, visitor::Visitor, world_at};

/// Pages whose tables are no list that somebody works from, and why.
const NO_LIST: [(&str, &str); 9] = [
    ("/ecole/periodes", "the session's periods, as printed"),
    ("/ecole/dossiers/{id}", "one dossier's studies"),
    ("/jury/dossiers/{id}", "one dossier's facts"),
    ("/jury/dossiers/{id}/corriger", "one dossier's facts"),
    ("/jury/simulation", "a computation that is kept nowhere"),
    ("/oraux", "the grid of days, which is dragged; its lists have files"),
    ("/oraux/candidats/{id}", "where one candidate cannot go"),
    ("/exploitation", "how each service is at this moment"),
    ("/demo", "the demonstration's door"),
];

/// Tables on a page, by caption, that stand under no links to files. Links belong to the table that follows them.
fn without_files(body: &str) -> Vec<String> {
    let mut without = Vec::new();
    let mut from = 0;
    for (at, _) in body.match_indices("<table") {
        if !body[from..at].contains("class=\"exports\"") {
            let caption = body[at..].split_once("<caption>").and_then(|(_, rest)| rest.split_once('<'));
            without.push(caption.map_or_else(|| "without caption".to_owned(), |(caption, _)| caption.to_owned()));
        }
        from = at;
    }
    without
}

fn links(body: &str) -> Vec<String> {
    let inside = body.split("class=\"exports\"").skip(1).filter_map(|rest| rest.split("</p>").next());
    let hrefs = inside.flat_map(|links| links.split("href=\"").skip(1)).filter_map(|rest| rest.split('"').next());
    hrefs.map(|href| href.replace("&amp;", "&")).collect()
}

#[test]
fn a_table_without_files_is_seen() {
    let files = "<p class=\"exports\"><a href=\"/a.csv?x=1&amp;y=2\">CSV</a></p>";
    let table = |caption: &str| format!("<table><caption>{caption}</caption></table>");
    assert!(without_files(&format!("{files}{}", table("A"))).is_empty());
    assert_eq!(without_files(&format!("{files}{}{}", table("A"), table("B"))), ["B"]);
    assert_eq!(links(&format!("{files} <a href=\"/b\">")), ["/a.csv?x=1&y=2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_has_its_files() {
    let world = world_at("2026-06-05T10:00:00Z", 24).await;
    let table = portal::pages::routes(true);
    let dossier = campaign::cast::draw(&world.session, 6, 24)[0].id.to_string();
    let (mut wrong, mut tables, mut files) = (Vec::new(), 0, 0);
    for (role, subject) in PEOPLE.into_iter().filter(|(role, _)| *role != "candidate") {
        let mut visitor = Visitor::new(&world.portal_url);
        visitor.enter("personnel", subject).await;
        // A list that is empty shows no table: where people make its lines themselves, one is made.
        for (maker, room, scope) in [("staff", "/ecole/api", "dossiers:read"), ("finance", "/finance/api", "fees:read")]
        {
            if role == maker {
                visitor.get(room).await;
                let id = Uuid::new_v4().to_string();
                let made =
                    visitor.post(room, &[("demande", &id), ("nom", "SI"), ("jours", "30"), (scope, "oui")]).await;
                assert!(made.body.contains("admis_"), "{}", made.words());
            }
        }
        let own = |rule: &&portal::web::Rule| {
            let Audience::Roles(roles) = rule.audience else { return false };
            roles.contains(&role) && rule.methods.contains("GET") && !rule.path.contains('.')
        };
        for rule in table.table().iter().filter(own) {
            let filled = rule.path.replace("{n}", "1").replace("{number}", "1").replace("{filiere}", "L3");
            let filled = filled.replace("{school}", "albi").replace("{dossier}", &dossier).replace("{id}", &dossier);
            let seen = visitor.get(&filled).await;
            if seen.status != StatusCode::OK || NO_LIST.iter().any(|(path, _)| *path == rule.path) {
                continue;
            }
            tables += seen.body.matches("<table").count();
            wrong.extend(without_files(&seen.body).into_iter().map(|caption| format!("{role} {filled}: {caption}")));
            for link in links(&seen.body) {
                files += 1;
                let file = visitor.get(&link).await;
                if file.status != StatusCode::OK || file.body.is_empty() {
                    wrong.push(format!("{role} {filled}: {link} answers {}", file.status));
                }
            }
        }
    }
    println!("{tables} tables, {files} files");
    assert!(tables > 25 && files > 50, "{tables} tables, {files} files: has the way lists are shown changed?");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
