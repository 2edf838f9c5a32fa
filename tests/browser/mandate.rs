//! A relative with a code of their own (R36): what they may do, what they never see, and the code taken back.

use campaign::{cast::Candidate, world::World};
use contracts::integration::Answer;
use thirtyfour::By;

use crate::{
    answers::stands,
    browser::{Browser, Setup},
    page::in_demo,
};

const NAME: &str = "Ma mère";

/// Given, used on a phone in English without scripts, and revoked while the relative stands before a NON.
pub async fn given_used_and_revoked(world: &World, who: &Candidate) {
    let candidate = in_demo(&world.portal_url, "candidat", &who.id.to_string()).await;
    candidate.go("/candidat/mandats").await;
    candidate.write("nom", NAME).await;
    candidate.send("creer").await;
    candidate.until("n’est montré qu’une seule fois").await;
    let code = candidate.present("p.code").await.text().await.unwrap();
    candidate.go("/candidat/mandats").await;
    let words = candidate.until("en vigueur").await;
    assert!(words.contains(NAME) && !words.contains(&code), "{words}");

    let relative = Browser::open(&world.portal_url, Setup { phone: true, scriptless: true, english: true }).await;
    knock(&relative, "ABCDE-FGHJK").await;
    relative.until("is not right").await;
    knock(&relative, &code).await;
    let words = relative.until("Where the candidate stands").await;
    assert!(!words.contains(&who.family), "a relative reads nothing of the dossier: {words}");
    for closed in ["/candidat/dossier", "/candidat/dossier/pieces", "/candidat/mandats", "/compte"] {
        relative.go(closed).await;
        let words = relative.words().await;
        assert!(!words.contains(&who.family) && !words.contains(NAME), "{closed}: {words}");
        assert!(relative.driver.find(By::Css("main form")).await.is_err(), "{closed}: {words}");
    }
    relative.go("/candidat/proposition").await;
    relative.click("main a[href$='/oui-definitif']").await;
    relative.click("main form button").await;
    relative.until("answer is recorded").await;
    assert_eq!(stands(world, who).await, Answer::OuiDefinitif);
    candidate.go("/candidat/historique").await;
    let words = candidate.until("OUI DÉFINITIF").await;
    assert!(words.contains(&format!("le mandataire « {NAME} »")), "the history says who answered: {words}");

    // Before the button of a NON when the code is taken back.
    relative.go("/candidat/proposition/non").await;
    relative.click("#confirme").await;
    candidate.go("/candidat/mandats").await;
    candidate.press("Révoquer").await;
    candidate.until(&format!("Révoquer le mandat « {NAME} »")).await;
    candidate.press("Révoquer ce mandat").await;
    candidate.until("Ce mandat n’est plus en vigueur").await;
    relative.click("main form button.danger").await;
    relative.until("Sign in").await;
    assert_eq!(stands(world, who).await, Answer::OuiDefinitif, "answered by a code that was taken back");
    relative.go("/candidat/proposition").await;
    let words = relative.words().await;
    assert!(!words.contains("OUI DÉFINITIF"), "seen by a code that was taken back: {words}");
    knock(&relative, &code).await;
    relative.until("is not right").await;
    relative.close().await;
    candidate.close().await;
}

/// Types a code at the door for relatives.
async fn knock(relative: &Browser, code: &str) {
    relative.go("/connexion/mandat").await;
    relative.write("code", code).await;
    relative.click("main form button").await;
}
