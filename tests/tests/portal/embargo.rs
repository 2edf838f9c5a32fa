//! What a school may not see of others, and what nobody may see before its instant (R19), through the pages.

use campaign::{
    must,
    world::{Who, World},
};
use contracts::{intake as api, roles};
use jiff::{SignedDuration, Timestamp};
use portal::web::Audience;
use reqwest::StatusCode;

use crate::{instant, visitor::Visitor, world_at};

#[tokio::test(flavor = "multi_thread")]
async fn a_school_sees_nothing_of_a_dossier_that_did_not_choose_it() {
    let world = world_at("2026-03-25T10:00:00Z", 12).await;
    // Real dossiers, each with the schools it chose and a real piece.
    let mut seen = Vec::new();
    for candidate in campaign::cast::draw(&world.session, 6, 12) {
        let id = candidate.id.to_string();
        let asked = api::GetDossierRequest { dossier_id: id.clone() };
        let dossier = must!(world.intake, &Who::role(roles::CANDIDATE, &id), get_dossier, asked).unwrap();
        if dossier.state() == api::DossierState::Closed && !dossier.pieces.is_empty() {
            let schools: Vec<String> = dossier.order.iter().map(|s| s.school.clone()).collect();
            seen.push((id, dossier.pieces[0].piece_id.clone(), schools));
        }
    }
    let staff: Vec<&str> = world.session.schools.iter().map(|s| s.id.as_str()).collect();
    let (mut own, mut others) = (0, 0);
    for school in staff {
        let mut visitor = Visitor::new(&world.portal_url);
        visitor.enter("personnel", &format!("staff@{school}")).await;
        for (id, piece, schools) in &seen {
            // The first school looks after a dossier (R14); the others that were chosen see its place in their tables alone.
            let first = schools.first().is_some_and(|s| s == school);
            if !first && schools.iter().any(|s| s == school) {
                continue;
            }
            for rule in portal::pages::routes(true).table() {
                let theirs = matches!(rule.audience, Audience::Roles(allowed) if allowed.contains(&roles::STAFF));
                // A system's token has an id as well, but is no dossier's.
                let dossier = rule.path.contains("{id}") && !rule.path.starts_with("/ecole/api/");
                if !theirs || !rule.path.starts_with("/ecole/") || !dossier {
                    continue;
                }
                let path = rule.path.replace("{id}", id).replace("{piece}", piece);
                let page = visitor.get(&path).await;
                if first {
                    // Who integrates is not known yet; the dossier and its pieces are theirs to read.
                    let early = rule.path.starts_with("/ecole/integration");
                    assert!(early || page.status == StatusCode::OK, "{school} {path}: {}", page.words());
                    own += 1;
                    continue;
                }
                others += 1;
                let kept = matches!(page.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
                assert!(kept, "{school} GET {path}: {} {}", page.status, page.words());
                if rule.methods.contains("POST") {
                    for act in ["avis", "note", "piece", "correction", "exoneration"] {
                        let fields = [("geste", act), ("avis", "complet"), ("texte", "x"), ("piece", piece.as_str())];
                        visitor.get("/ecole").await;
                        let sent = visitor.post(&path, &fields).await;
                        let refused = sent.status.is_client_error();
                        assert!(refused, "{school} POST {act} {path}: {} {}", sent.status, sent.to);
                    }
                }
            }
        }
    }
    assert!(own > 0 && others > 0, "{own} of their own and {others} of others were asked for");
}

/// An instant of the session, and the world one millisecond before it.
async fn just_before(key: &str, candidates: usize) -> (Timestamp, World) {
    let at = instant(key);
    let early = at - SignedDuration::from_millis(1);
    let world = world_at(Some(early.to_string().as_str()), candidates).await;
    assert_eq!(world.now(), early, "no act of the session lies so late");
    (at, world)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_sees_the_first_proposals_at_their_instant_and_not_a_millisecond_before() {
    let (at, world) = just_before("period_1_opens", 30).await;
    let mut school = Visitor::new(&world.portal_url);
    school.enter("personnel", "staff@albi").await;
    let shows = |page: &str| !page.contains("n’est publié pour l’instant");
    let pages = ["/ecole/periodes/1", "/ecole/integration"];
    for path in pages {
        let page = school.get(path).await;
        assert!(page.status == StatusCode::OK && !shows(&page.words()), "{path} early: {}", page.words());
    }
    for file in ["/ecole/periodes/1/propositions.csv", "/ecole/integration.csv"] {
        let page = school.get(file).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{file} early: {}", page.words());
    }
    world.advance_and_settle(at).await.unwrap();
    for path in pages {
        let page = school.get(path).await;
        assert!(page.status == StatusCode::OK && shows(&page.words()), "{path}: {}", page.words());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_on_no_page_one_millisecond_before_their_instant_and_on_all_at_it() {
    let (at, world) = just_before(notice::keys::ADMISSIBILITY_RESULTS, 12).await;
    let mut people = Vec::new();
    for candidate in campaign::cast::draw(&world.session, 6, 12) {
        let id = candidate.id.to_string();
        let asked = api::GetDossierRequest { dossier_id: id.clone() };
        let dossier = must!(world.intake, &Who::role(roles::CANDIDATE, &id), get_dossier, asked).unwrap();
        if dossier.state() == api::DossierState::Closed && dossier.annulled_at.is_none() {
            let mut visitor = Visitor::new(&world.portal_url);
            visitor.enter("candidat", &id).await;
            people.push(visitor);
        }
    }
    assert!(people.len() > 2, "only {} candidatures", people.len());
    // What a page says of a result: nothing on any page before, something for each at the instant.
    let told = |words: &str| words.contains("Admissible") || words.contains("Non admissible");
    for visitor in &mut people {
        for path in ["/candidat", "/candidat/resultats", "/candidat/convocation"] {
            let page = visitor.get(path).await;
            assert!(!told(&page.words()), "{path} one millisecond early: {}", page.words());
        }
    }
    world.advance_and_settle(at).await.unwrap();
    for visitor in &mut people {
        let page = visitor.get("/candidat/resultats").await;
        assert!(told(&page.words()), "at the instant: {}", page.words());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_reads_the_periods_as_they_were_moved() {
    let world = world_at("2026-03-25T10:00:00Z", 1).await;
    let mut school = Visitor::new(&world.portal_url);
    school.enter("personnel", "staff@albi").await;
    let printed = world.session.instant("period_1_opens").unwrap();
    let moved = (printed + SignedDuration::from_hours(5)).to_zoned(world.session.zone.clone());
    let (day, hour) = (moved.strftime("%Y-%m-%dT%H:%M").to_string(), moved.strftime("%H h %M").to_string());
    assert!(!school.get("/ecole/periodes").await.words().contains(&hour));
    let mut op = Visitor::new(&world.portal_url);
    op.enter("personnel", "operator-1").await;
    op.get("/exploitation/calendrier").await;
    let asked = [("geste", "preparer"), ("jalon", "period_1_opens"), ("vers", &day), ("motif", "panne nationale")];
    let prepared = op.post("/exploitation/calendrier", &asked).await;
    assert_eq!(prepared.to, "/exploitation/calendrier", "{}", prepared.words());
    let mut second = Visitor::new(&world.portal_url);
    second.enter("personnel", "operator-2").await;
    let page = second.get("/exploitation/calendrier").await;
    let id = page.body.split("name=\"deplacement\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let confirmed = second.post("/exploitation/calendrier", &[("geste", "confirmer"), ("deplacement", id)]).await;
    assert_eq!(confirmed.to, "/exploitation/calendrier", "{}", confirmed.words());
    world.advance_and_settle(world.now() + SignedDuration::from_secs(1)).await.unwrap();
    let page = school.get("/ecole/periodes").await;
    assert!(page.words().contains(&hour), "{hour}: {}", page.words());
}
