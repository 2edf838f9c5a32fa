//! The pictures of the README, taken of the pages as they are.

use std::path::Path;

use campaign::play::candidate;
use contracts::integration::{GetSituationRequest, State};

use crate::{
    browser::{Browser, Setup},
    world_at,
};

/// Where they are written; `just screenshots` copies them to where the README shows them.
fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots").join(format!("{name}.png"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_pages_have_their_picture_taken() {
    let world = world_at("2026-05-28T12:30:00Z", 60).await;
    let base = &world.portal_url;
    let mut proposed = None;
    for who in campaign::cast::draw(&world.session, crate::SEED, 60) {
        let ask = GetSituationRequest { dossier_id: who.id.to_string() };
        let found = campaign::ask!(world.integration, &candidate(&who), get_situation, ask);
        if found.is_ok_and(|s| s.state() == State::Proposed) {
            proposed = Some(who.id.to_string());
            break;
        }
    }
    let candidate = proposed.expect("someone with a proposal");
    let pictures: [(&str, &str, &str, &str, bool); 8] = [
        ("start", "", "", "/", false),
        ("titles", "", "", "/titres", true),
        ("candidate", "candidat", &candidate, "/candidat", true),
        ("proposal", "candidat", &candidate, "/candidat/proposition", false),
        ("school", "personnel", "staff@albi", "/ecole", false),
        ("finance", "personnel", "finance@albi", "/finance", false),
        ("jury", "personnel", "jury-president", "/jury", false),
        ("orals", "personnel", "planner@albi", "/oraux", false),
    ];
    for (name, kind, who, path, phone) in pictures {
        let browser = Browser::open(base, Setup { phone, ..Setup::default() }).await;
        if !kind.is_empty() {
            browser.enter(kind, who).await;
        }
        browser.go(path).await;
        let words = browser.words().await;
        assert!(words.len() > 200 && !words.contains("introuvable"), "{path}: {words}");
        browser.picture(&file(name)).await;
        let bytes = std::fs::metadata(file(name)).unwrap().len();
        assert!(bytes > 5_000, "{name}: a picture of {bytes} bytes shows nothing");
        browser.close().await;
    }
}
