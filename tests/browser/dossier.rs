//! One candidate's last days before the clôture: schools ordered by hand and by keyboard, a file whose sending is cut, the
//! code of the fee, a link revoked, an exemption asked for; and what the school makes of it afterwards.

use std::path::Path;

use campaign::{
    cast::{Candidate, Finish},
    files, must,
    play::candidate,
    world::World,
};
use contracts::intake::{Dossier, GetDossierRequest, GetUploadRequest, Recevabilite};
use sha2::{Digest as _, Sha256};
use thirtyfour::{By, Key};

use crate::{
    SEED, account,
    browser::{Browser, PATIENCE, Setup},
    cloture, follow_up,
    page::in_demo,
    world_at,
};

/// The day before the deposits close: everybody has been there, some have not closed their dossier.
const DAY_BEFORE: &str = "2026-03-19T09:00:00Z";
const CROWD: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_ordered_by_hand_sent_through_a_cut_and_followed_up() {
    let world = world_at(DAY_BEFORE, CROWD).await;
    let who = undecided(&world).await;
    let dir = tempfile::tempdir().unwrap();
    let browser = in_demo(&world.portal_url, "candidat", &who.id.to_string()).await;
    order(&browser, &world, &who).await;
    a_cut(&browser, &world, &who, dir.path()).await;
    code_of_the_fee(&browser, &world, &who).await;
    a_link_revoked(&browser, &world, &who).await;
    ask_exemption(&browser, dir.path()).await;
    account::own_copy(&browser, &world, &who).await;
    cloture::close(&browser).await;
    browser.until("Empreinte").await;
    browser.close().await;
    account::given_up(&world).await;
    follow_up::of(&world, &who, dir.path()).await;
}

/// Somebody whose dossier is complete and still open, whose title every school takes, and who has named nobody.
async fn undecided(world: &World) -> Candidate {
    for who in campaign::cast::draw(&world.session, SEED, CROWD) {
        let complete = matches!(who.finish, Finish::LastMillisecond | Finish::OnTheInstant);
        if complete && !who.by_referee {
            let closed = |s: &contracts::intake::SchoolRecevabilite| s.recevabilite() == Recevabilite::Closed;
            if !dossier_of(world, &who).await.schools.iter().any(closed) {
                return who;
            }
        }
    }
    panic!("nobody of {CROWD} is still to close a dossier that every school takes")
}

/// A candidate's dossier as intake knows it.
pub async fn dossier_of(world: &World, who: &Candidate) -> Dossier {
    let ask = GetDossierRequest { dossier_id: who.id.to_string() };
    must!(world.intake, &candidate(who), get_dossier, ask).unwrap()
}

const ORDER: &str = "/candidat/dossier/ordre";

/// The schools as the page shows them, best first.
async fn shown(browser: &Browser) -> Vec<String> {
    browser.go(ORDER).await;
    let schools =
        browser.script("return [...document.querySelectorAll('ol.order input[name=ecole]')].map(i => i.value);");
    schools.await.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

/// Waits until intake knows this order.
async fn ordered(world: &World, who: &Candidate, wanted: &[&String]) {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let order = dossier_of(world, who).await.order;
        if order.iter().map(|s| &s.school).eq(wanted.iter().copied()) {
            return;
        }
        assert!(std::time::Instant::now() < until, "{order:?}, not {wanted:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Every school, the last one dragged to the top, then the first one brought back there by keyboard alone.
async fn order(browser: &Browser, world: &World, who: &Candidate) {
    browser.go(ORDER).await;
    for school in &world.session.schools {
        let add = format!("button[value='ajouter:{}']", school.id);
        if browser.driver.find(By::Css(&add)).await.is_ok() {
            browser.click(&add).await;
            browser.present(&format!("ol.order #ecole-{}", school.id)).await;
        }
    }
    let before = shown(browser).await;
    let [a, b, c] = before.as_slice() else { panic!("three schools in order, not {before:?}") };
    browser.drag(&format!("#ecole-{c} .order-name"), &format!("#ecole-{a}")).await;
    ordered(world, who, &[c, a, b]).await;
    assert_eq!(shown(browser).await, [c, a, b].map(Clone::clone), "after the page was loaded again");

    // The buttons of a school are where one was when it moved: two steps up need no way back.
    browser.tab_to("↓").await;
    browser.tab_to("↓").await;
    browser.keys(Key::Tab).await;
    browser.keys(Key::Tab).await;
    assert_eq!(browser.focused().await, "↑", "of the last school");
    browser.keys(Key::Enter).await;
    ordered(world, who, &[c, b, a]).await;
    browser.present(&format!("ol.order li:nth-child(2)#ecole-{b}")).await;
    browser.keys(Key::Tab).await;
    assert_eq!(browser.focused().await, "↑", "of the school that moved");
    browser.keys(Key::Enter).await;
    ordered(world, who, &[b, c, a]).await;
    browser.present(&format!("ol.order li:first-child#ecole-{b}")).await;
    assert_eq!(shown(browser).await, [b, c, a].map(Clone::clone));
}

/// Bytes a second of a slow line: a chunk takes a quarter of a second.
const SLOW: i32 = 2 << 20;

/// A file of some megabytes: the line fails, comes back, the page is left, and the same file chosen again goes on.
async fn a_cut(browser: &Browser, world: &World, who: &Candidate, dir: &Path) {
    let mut text = String::new();
    for n in 0..900_000 {
        text.push_str(&format!("{n} "));
    }
    let (file, content) = (dir.join("releves.pdf"), files::pdf(&text));
    std::fs::write(&file, &content).unwrap();
    browser.go("/candidat/dossier/pieces").await;
    browser.line(Some(SLOW)).await;
    browser.upload("fichier-transcripts", &file).await;
    sent(browser, 0).await;
    browser.line(None).await;
    browser.until("Connexion interrompue").await;
    let cut = stands(browser, world, who).await;
    assert!(cut > 0 && cut < content.len() as u64, "cut at {cut} of {}", content.len());

    browser.line(Some(SLOW)).await;
    sent(browser, cut).await;
    let left = stands(browser, world, who).await;
    assert!(left > cut, "it went on from {cut}, not to {left}");
    browser.go("/candidat/dossier/pieces").await;
    browser.upload("fichier-transcripts", &file).await;
    let again = sent(browser, 0).await;
    assert!(again >= left, "taken up at {again}, though {left} had arrived");
    browser.line(Some(-1)).await;
    browser.until("La pièce est déposée").await;
    browser.until("releves.pdf").await;
    let pieces = dossier_of(world, who).await.pieces;
    let piece = pieces.iter().find(|p| p.name == "releves.pdf").expect("a piece of that name");
    assert_eq!((piece.size, &piece.sha256), (content.len() as u64, &hex::encode(Sha256::digest(&content))));
}

/// Waits until the page has sent a chunk that lies behind `after`; where the first such began.
async fn sent(browser: &Browser, after: u64) -> u64 {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let asked = "return performance.getEntriesByType('resource').filter(e => e.responseStatus === 200).map(e => new URL(e.name).searchParams.get('depuis')).filter(d => d).map(Number);";
        let starts = browser.script(asked).await;
        let found =
            starts.as_array().into_iter().flatten().filter_map(serde_json::Value::as_u64).find(|at| *at >= after);
        if let Some(at) = found {
            return at;
        }
        assert!(std::time::Instant::now() < until, "nothing was sent behind {after}: {starts}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// How much of the upload that the page remembers has arrived.
async fn stands(browser: &Browser, world: &World, who: &Candidate) -> u64 {
    let known =
        "return Object.keys(sessionStorage).filter(k => k.startsWith('envoi ')).map(k => sessionStorage[k])[0];";
    let upload_id = browser.script(known).await.as_str().expect("an upload under way").to_owned();
    let ask = GetUploadRequest { upload_id, link: String::new() };
    must!(world.intake, &candidate(who), get_upload, ask).unwrap().offset
}

/// The code beside the IBAN says what the page says (R21), in the form that banks read (EPC069-12).
async fn code_of_the_fee(browser: &Browser, world: &World, who: &Candidate) {
    browser.go("/candidat/dossier/frais").await;
    let reference = browser.present("strong.mono").await.text().await.unwrap();
    assert!(reference.starts_with("ADM-"), "{reference}");
    let scanned = browser.scanned("img.qr").await;
    let first = dossier_of(world, who).await.order[0].school.clone();
    let account = &world.session.school(&first).unwrap().account;
    let lines: Vec<&str> = scanned.lines().collect();
    assert_eq!(lines[..4], ["BCD", "002", "1", "SCT"], "{scanned}");
    let iban: String = account.iban.split_whitespace().collect();
    assert_eq!(lines[4..8], [account.bic.as_str(), &account.holder, &iban, "EUR76.00"], "{scanned}");
    assert_eq!(lines.iter().filter(|line| **line == reference).count(), 1, "{scanned}");
    assert_eq!(lines.last(), Some(&reference.as_str()), "nothing follows the reference: {scanned}");
}

/// Somebody is named, then somebody else: the first link says so and shows nothing, the second one works.
async fn a_link_revoked(browser: &Browser, world: &World, who: &Candidate) {
    let phone = Browser::open(&world.portal_url, Setup { phone: true, scriptless: true, english: true }).await;
    let mut links = Vec::new();
    for (name, email) in [("Pr Alix Morel", "a.morel@example.org"), ("Dr Sacha Petit", "s.petit@example.org")] {
        browser.go("/candidat/dossier/fiche").await;
        for (id, text) in [("nom", name), ("courriel", email), ("qualite", "Responsable de la formation")] {
            browser.write(id, text).await;
        }
        browser.send("nommer").await;
        browser.until("Un lien envoyé auparavant ne fonctionne plus").await;
        browser.until(name).await;
        let link = cloture::mailed(&phone, email, "/recommandation/").await;
        phone.go(&link).await;
        phone.until(&who.family).await;
        links.push(link);
    }
    phone.go(&links[0]).await;
    let words = phone.until("This link no longer holds").await;
    assert!(!words.contains(&who.family) && !words.contains("Morel"), "a revoked link says who asked: {words}");
    assert!(phone.driver.find(By::Css("main form")).await.is_err(), "a revoked link takes a fiche: {words}");
    phone.close().await;
}

/// The attestation, then the question; a transfer declared before is taken back by it.
async fn ask_exemption(browser: &Browser, dir: &Path) {
    browser.go("/candidat/dossier/frais").await;
    browser.until("Virement déclaré").await;
    browser.upload("fichier-crous_attestation", &cloture::pdf(dir, "bourse")).await;
    browser.until("La pièce est déposée").await;
    browser.press("Demander l’exonération avec bourse.pdf").await;
    let words = browser.until("Exonération demandée").await;
    assert!(!words.contains("Virement déclaré"), "{words}");
}
