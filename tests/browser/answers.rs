//! A period as candidates live it: two tabs, the back button, no scripts, the keyboard alone, through a relative; and on
//! to the titles.

use std::path::{Path, PathBuf};

use campaign::{Plan, cast::Candidate, must, play::candidate, world::World};
use contracts::integration::{Answer, GetSituationRequest, Situation, State};
use thirtyfour::Key;

use crate::{
    SEED,
    browser::{Browser, Setup},
    mandate, titles, world_of,
};

/// Half an hour after the first opening.
const IN_PERIOD_1: &str = "2026-05-28T12:30:00Z";
const CROWD: usize = 80;

async fn situation(world: &World, who: &Candidate) -> Option<Situation> {
    let ask = GetSituationRequest { dossier_id: who.id.to_string() };
    campaign::ask!(world.integration, &candidate(who), get_situation, ask).ok()
}

/// Candidates with a proposal who may hope for a better school.
async fn proposed(world: &World) -> Vec<Candidate> {
    let mut found = Vec::new();
    for who in campaign::cast::draw(&world.session, SEED, CROWD) {
        let allows = |s: &Situation| s.allowed.iter().any(|a| a.answer() == Answer::OuiMais);
        if situation(world, &who).await.is_some_and(|s| s.state() == State::Proposed && allows(&s)) {
            found.push(who);
        }
    }
    found
}

/// The answer that counts now.
pub async fn stands(world: &World, who: &Candidate) -> Answer {
    let ask = GetSituationRequest { dossier_id: who.id.to_string() };
    must!(world.integration, &candidate(who), get_situation, ask).unwrap().answer()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_answer_stands_whatever_tab_it_came_from_and_however_it_was_given() {
    // Few seats at two schools, so that many are proposed a school that is not their first.
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), CROWD, SEED);
    let world = world_of(Plan { session: scarce(dir.path()), ..plan }, IN_PERIOD_1).await;
    let crowd = proposed(&world).await;
    assert!(crowd.len() >= 4, "only {} with a proposal and a better hope", crowd.len());
    two_tabs(&world, &crowd[0]).await;
    without_scripts_on_a_phone(&world, &crowd[1]).await;
    by_keyboard(&world, &crowd[2]).await;
    mandate::given_used_and_revoked(&world, &crowd[3]).await;
    titles::deposited_and_examined(&world, &crowd[3]).await;
}

/// The 2026 session with one seat where there were five to ten.
fn scarce(dir: &Path) -> PathBuf {
    let printed = std::fs::read_to_string(campaign::session_2026()).unwrap();
    let few = printed
        .replace("[\"albi\",        10, 10, 5, 25]", "[\"albi\", 1, 1, 1, 3]")
        .replace("[\"ales\",         7,  8, 5, 20]", "[\"ales\", 1, 1, 1, 3]");
    assert_ne!(printed, few, "the table of seats is written otherwise");
    let file = dir.join("scarce.toml");
    std::fs::write(&file, few).unwrap();
    file
}

async fn two_tabs(world: &World, who: &Candidate) {
    let browser = Browser::open(&world.portal_url, Setup::default()).await;
    browser.enter("candidat", &who.id.to_string()).await;
    let first = browser.driver.window().await.unwrap();
    browser.go("/candidat/proposition/oui-definitif").await;
    browser.driver.new_window().await.unwrap();
    let second = browser.driver.windows().await.unwrap().into_iter().find(|w| *w != first).unwrap();
    browser.driver.switch_to_window(second.clone()).await.unwrap();
    browser.go("/candidat/proposition/oui-mais").await;
    browser.click("main form button").await;
    browser.until("Votre réponse est enregistrée").await;
    assert_eq!(stands(world, who).await, Answer::OuiMais);

    // The other tab still shows what it showed; its answer is the later one and stands.
    browser.driver.switch_to_window(first).await.unwrap();
    browser.click("main form button").await;
    browser.until("Votre réponse est enregistrée").await;
    assert_eq!(stands(world, who).await, Answer::OuiDefinitif);

    // Back to the page whose form was sent: it says what stands now, and looking at it changes nothing.
    browser.driver.switch_to_window(second).await.unwrap();
    browser.driver.back().await.unwrap();
    browser.until("La réponse qui vaut maintenant est OUI DÉFINITIF").await;
    assert_eq!(stands(world, who).await, Answer::OuiDefinitif);
    // Sending it is a new answer, and it is the last one received that counts.
    browser.click("main form button").await;
    browser.until("Votre réponse est enregistrée").await;
    assert_eq!(stands(world, who).await, Answer::OuiMais);

    // The history tells all three.
    browser.go("/candidat/historique").await;
    let words = browser.words().await;
    assert!(words.matches("OUI MAIS").count() >= 2 && words.contains("OUI DÉFINITIF"), "{words}");
    browser.close().await;
}

async fn without_scripts_on_a_phone(world: &World, who: &Candidate) {
    let browser = Browser::open(&world.portal_url, Setup { phone: true, scriptless: true, english: false }).await;
    browser.enter("candidat", &who.id.to_string()).await;
    browser.go("/candidat/proposition").await;
    browser.click("main a[href$='/non-mais']").await;
    browser.until("NON MAIS").await;
    browser.click("main form button").await;
    browser.until("Votre réponse est enregistrée").await;
    assert_eq!(stands(world, who).await, Answer::NonMais);
    browser.close().await;
}

async fn by_keyboard(world: &World, who: &Candidate) {
    let browser = Browser::open(&world.portal_url, Setup::default()).await;
    browser.enter("candidat", &who.id.to_string()).await;
    browser.go("/candidat/proposition").await;
    // The first stop leads past the navigation.
    browser.keys(Key::Tab).await;
    assert!(browser.focused().await.starts_with("Aller au contenu"), "{}", browser.focused().await);
    browser.keys(Key::Enter).await;
    browser.tab_to("Répondre OUI MAIS").await;
    browser.keys(Key::Enter).await;
    browser.until("Confirmer").await;
    browser.tab_to("Confirmer").await;
    browser.keys(Key::Enter).await;
    browser.until("Votre réponse est enregistrée").await;
    assert_eq!(stands(world, who).await, Answer::OuiMais);
    browser.close().await;
}
