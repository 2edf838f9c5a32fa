//! From no account to a closed dossier, as a candidate does it; the referee on a phone without scripts; and the last
//! millisecond before the clôture's instant, and the instant itself.

use std::path::{Path, PathBuf};

use campaign::{files, world::World};
use jiff::SignedDuration;
use notice::{Depositor, Due, keys};
use thirtyfour::By;

use crate::{
    browser::{Browser, Setup},
    world_at,
};

pub const PASSWORD: &str = "une phrase assez longue";

/// Signs up through the pages and the mailed link.
pub async fn sign_up(browser: &Browser, email: &str) {
    browser.go("/compte/creer").await;
    browser.write("email", email).await;
    browser.write("mot-de-passe", PASSWORD).await;
    browser.click("main form button").await;
    browser.until("Consultez votre messagerie").await;
    let link = mailed(browser, email, "/compte/verifier/").await;
    browser.go(&link).await;
    browser.click("main form button").await;
    browser.until("Votre adresse est vérifiée").await;
    browser.write("email", email).await;
    browser.write("mot-de-passe", PASSWORD).await;
    browser.click("main form button").await;
    browser.until("Vous n’avez pas encore de dossier").await;
}

/// Signs in where a page that needs it has led.
pub async fn sign_in(browser: &Browser, email: &str) {
    browser.until("Se connecter").await;
    browser.write("email", email).await;
    browser.write("mot-de-passe", PASSWORD).await;
    browser.click("main form button").await;
    browser.until("Se déconnecter").await;
}

/// The path of the link in the newest mail to an address, once it is in the demo's mailbox.
pub async fn mailed(browser: &Browser, to: &str, page: &str) -> String {
    let until = std::time::Instant::now() + crate::browser::PATIENCE;
    loop {
        browser.go("/demo/courriels").await;
        let rows = format!("//tr[contains(., '{to}')]//a");
        let mails = browser.driver.find_all(By::XPath(rows)).await.unwrap();
        let mut addresses = Vec::new();
        for mail in &mails {
            addresses.push(mail.attr("href").await.unwrap().unwrap_or_default());
        }
        for address in addresses {
            browser.go(&address).await;
            let links = format!("//pre//a[contains(@href, '{page}')]");
            if let Ok(link) = browser.driver.find(By::XPath(links)).await {
                let href = link.attr("href").await.unwrap().unwrap();
                return href.trim_start_matches(&browser.base).to_owned();
            }
        }
        assert!(std::time::Instant::now() < until, "no mail to {to} with {page}");
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

/// A file of a piece, on disk, as somebody chooses one.
pub fn pdf(dir: &Path, name: &str) -> PathBuf {
    let file = dir.join(format!("{name}.pdf"));
    std::fs::write(&file, files::pdf(name)).unwrap();
    file
}

/// The form until everything but the fiche is there.
async fn fill_in(browser: &Browser, world: &World, dir: &Path, family: &str) {
    browser.go("/candidat/dossier").await;
    for (id, text) in [("nom", family), ("prenoms", "Ana"), ("lieu", "Albi"), ("telephone", "+33 5 63 49 30 00")] {
        browser.write(id, text).await;
    }
    browser.set("naissance", "2004-02-29").await;
    browser.set("nationalite", "FR").await;
    browser.click("main form[action='/candidat/dossier'] .actions button").await;

    browser.until("Études").await;
    for (id, text) in [
        ("annee-0", "2024-2025"),
        ("etablissement-0", "Université d’Albi"),
        ("formation-0", "L2 Chimie"),
        ("resultat-0", "validée"),
    ] {
        browser.write(id, text).await;
    }
    // It saves itself: the words are there after the page was left without a press.
    browser.until("Enregistré.").await;
    browser.go("/candidat/dossier/etudes").await;
    assert_eq!(browser.value("formation-0").await, "L2 Chimie");

    browser.go("/candidat/dossier/titre").await;
    browser.set("diplome", "licence").await;
    browser.click("main form[method=get] button").await;
    browser.until("Mention").await;
    browser.set("mention", "Biologie, Biochimie").await;
    browser.press("Enregistrer et continuer").await;

    // A school that the tables close is shown with its reason and cannot be chosen (R9).
    let words = browser.until("Tableau 5").await;
    assert!(words.contains("Biologie, Biochimie"), "{words}");
    assert!(browser.driver.find(By::Css("button[value='ajouter:nord-europe']")).await.is_err());
    for school in ["ales", "albi"] {
        browser.click(&format!("button[value='ajouter:{school}']")).await;
        browser.present(&format!("button[value='retirer:{school}'], #ecole-{school} input[name=ecole]")).await;
    }
    browser.click("button[value='monter:albi']").await;
    browser.present("ol.order li:first-child#ecole-albi").await;

    let due = world
        .session
        .pieces_for("L3")
        .filter(|p| p.due == Due::Closing && p.by == Depositor::Candidate && p.group.is_none());
    let due: Vec<String> = due.map(|p| p.id.clone()).collect();
    assert!(due.len() > 5, "{due:?}");
    browser.go("/candidat/dossier/pieces").await;
    for piece in &due {
        browser.upload(&format!("fichier-{piece}"), &pdf(dir, piece)).await;
        browser.until(&format!("{piece}.pdf")).await;
    }
    // What is no PDF is refused with the reason, told by its content.
    let wrong = dir.join("faux.pdf");
    std::fs::write(&wrong, "ceci n'est pas un PDF").unwrap();
    browser.upload(&format!("fichier-{}", due[0]), &wrong).await;
    browser.until("PDF").await;
    assert!(browser.driver.find(By::LinkText("faux.pdf")).await.is_err(), "a refused file is not deposited");

    browser.go("/candidat/dossier/frais").await;
    let words = browser.words().await;
    assert!(words.contains("IBAN") && words.contains("76,00"), "{words}");
    browser.present("img.qr").await;
    browser.click("main form input[value=virement] ~ .actions button").await;
    browser.until("Virement déclaré").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_from_nothing_to_its_receipt_at_the_last_millisecond_and_another_at_the_instant() {
    let world = world_at("2026-03-16T09:00:00Z", 2).await;
    let dir = tempfile::tempdir().unwrap();
    let closes = world.session.instant(keys::DEPOSITS_CLOSE).unwrap();

    let ana = Browser::open(&world.portal_url, Setup::default()).await;
    sign_up(&ana, "ana.garcia@example.org").await;
    fill_in(&ana, &world, dir.path(), "García").await;
    fiche_by_a_referee(&ana, &world).await;
    let ben = Browser::open(&world.portal_url, Setup::default()).await;
    sign_up(&ben, "ben.martin@example.org").await;
    fill_in(&ben, &world, dir.path(), "Martin").await;
    ben.go("/candidat/dossier/fiche").await;
    ben.upload("fichier-fiche_poursuite_etudes", &pdf(dir.path(), "fiche_poursuite_etudes")).await;
    ben.until("fiche_poursuite_etudes.pdf").await;

    // The last evening. Both have been away for days; what is typed into a page of then is not lost.
    ana.go("/candidat/dossier/identite").await;
    ben.go("/candidat/dossier/etudes").await;
    world.advance_and_settle(closes - SignedDuration::from_mins(30)).await.unwrap();
    ana.write("lieu", "Castres").await;
    ana.click("main form .actions button:not([aria-hidden])").await;
    sign_in(&ana, "ana.garcia@example.org").await;
    ana.until("Votre session avait expiré").await;
    assert_eq!(ana.value("lieu").await, "Castres", "typed before signing in again");
    ana.click("main form .actions button:not([aria-hidden])").await;
    ana.until("Études").await;
    ana.go("/candidat/dossier/identite").await;
    assert_eq!(ana.value("lieu").await, "Castres");
    ben.go("/candidat/dossier/identite").await;
    sign_in(&ben, "ben.martin@example.org").await;

    // Both stand at the confirmation. One presses in time, the other does not.
    for browser in [&ana, &ben] {
        about_to_close(browser).await;
    }
    world.advance_and_settle(closes - SignedDuration::from_millis(1)).await.unwrap();
    press_close(&ana).await;
    let words = ana.until("22:59:59.999").await;
    assert!(words.contains("Empreinte"), "{words}");
    let receipt = ana.fetched("/candidat/dossier/recu.pdf").await;
    assert!(receipt.starts_with("%PDF-"), "{receipt}");

    world.advance_and_settle(closes).await.unwrap();
    press_close(&ben).await;
    let words = ben.until("20 mars").await;
    assert!(!words.contains("Empreinte"), "a dossier closed after the instant: {words}");
    ben.go("/candidat").await;
    ben.until("n’a pas été clôturé à temps").await;

    // The order is final (§3.1), and the page says why.
    ana.go("/candidat/dossier/ordre").await;
    let words = ana.words().await;
    assert!(ana.driver.find(By::Css("button[name=geste]")).await.is_err(), "{words}");
    ana.close().await;
    ben.close().await;
}

/// From the review to the page that says what the clôture does.
async fn about_to_close(browser: &Browser) {
    browser.go("/candidat/dossier/verification").await;
    browser.press("Clôturer mon dossier").await;
    browser.until("figés, pour de bon").await;
}

/// Both steps of the clôture.
pub async fn close(browser: &Browser) {
    about_to_close(browser).await;
    press_close(browser).await;
}

/// The button of the confirmation, with its box ticked where there is one.
async fn press_close(browser: &Browser) {
    if let Ok(understood) = browser.driver.find(By::Css("main form input[type=checkbox]")).await {
        understood.scroll_into_view().await.unwrap();
        understood.click().await.unwrap();
    }
    browser.click("main form[action='/candidat/dossier/cloture'] button").await;
}

/// Named by the candidate, written to, and deposited on a phone without scripts, in English; used links say so.
async fn fiche_by_a_referee(candidate: &Browser, world: &World) {
    candidate.go("/candidat/dossier/fiche").await;
    for (id, text) in
        [("nom", "Pr Dominique Roux"), ("courriel", "d.roux@example.org"), ("qualite", "Responsable de la L3 Chimie")]
    {
        candidate.write(id, text).await;
    }
    candidate.click("main form input[value=nommer] ~ .actions button").await;
    candidate.until("Pr Dominique Roux").await;
    let phone = Browser::open(&world.portal_url, Setup { phone: true, scriptless: true, english: true }).await;
    let link = mailed(&phone, "d.roux@example.org", "/recommandation/").await;
    phone.go(&link).await;
    phone.until("García").await;
    phone.write("connu", "Her lecturer in organic chemistry").await;
    phone.write("commentaire", "Careful and curious; among the best of her year.").await;
    phone.click("main form input[type=radio]").await;
    phone.press("Deposit the appreciation").await;
    phone.until("has arrived").await;
    phone.go(&link).await;
    let words = phone.words().await;
    assert!(!words.contains("Careful and curious"), "a used link shows nothing of the fiche: {words}");
    phone.close().await;
    candidate.go("/candidat/dossier/fiche").await;
    let words = candidate.words().await;
    assert!(!words.contains("Careful and curious"), "the candidate reads the fiche (R11): {words}");
}
