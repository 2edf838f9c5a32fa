//! What a school may not see of others, and what nobody may see before its instant (R19), through the pages.

use campaign::{must, world::Who};
use contracts::{intake as api, roles};
use jiff::SignedDuration;
use portal::web::Audience;
use reqwest::StatusCode;

use crate::{visitor::Visitor, world_at};

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
            let chosen = schools.iter().any(|s| s == school);
            for rule in portal::pages::routes(true).table() {
                let theirs = matches!(rule.audience, Audience::Roles(allowed) if allowed.contains(&roles::STAFF));
                if !theirs || !rule.path.starts_with("/ecole/") || !rule.path.contains("{id}") {
                    continue;
                }
                let path = rule.path.replace("{id}", id).replace("{piece}", piece);
                let page = visitor.get(&path).await;
                if chosen {
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

#[tokio::test(flavor = "multi_thread")]
async fn results_are_on_no_page_one_millisecond_before_their_instant_and_on_all_at_it() {
    let session = notice::Session::load(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/sessions/2026.toml").as_path(),
    )
    .unwrap();
    let millisecond = SignedDuration::from_millis(1);
    let at = session.instant(notice::keys::ADMISSIBILITY_RESULTS).unwrap();
    let world = world_at(Some((at - millisecond).to_string().as_str()), 12).await;
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
    let mut school = Visitor::new(&world.portal_url);
    school.enter("personnel", "staff@albi").await;
    let early = school.get("/ecole/oraux").await;
    assert!(early.body.contains("ORALS"), "{}", early.words());
    world.advance_and_settle(at).await.unwrap();
    for visitor in &mut people {
        let page = visitor.get("/candidat/resultats").await;
        assert!(told(&page.words()), "at the instant: {}", page.words());
    }
    let page = school.get("/ecole/oraux").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("ORALS"), "{}", page.words());
}
