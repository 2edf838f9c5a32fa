//! What belongs to the person behind an account: a copy of all that is held of them, and leaving.

use std::io::{Cursor, Read as _};

use campaign::{cast::Candidate, must, world::Who, world::World};
use contracts::{intake, roles};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use crate::{
    browser::{Browser, Setup},
    cloture,
    dossier::dossier_of,
};

/// Everything that is held of a candidate, downloaded by its link: what they typed, and every piece as it was deposited.
pub async fn own_copy(browser: &Browser, world: &World, who: &Candidate) {
    browser.go("/compte").await;
    browser.press("Télécharger une copie de mes données").await;
    let mut copy = ZipArchive::new(Cursor::new(browser.downloaded("mes-donnees.zip").await)).unwrap();
    let names: Vec<String> = copy.file_names().map(|n| n.unwrap().into_owned()).collect();
    let mut read = |name: &str| {
        let mut content = Vec::new();
        copy.by_name(name).unwrap_or_else(|e| panic!("{name}: {e}")).read_to_end(&mut content).unwrap();
        content
    };
    let account: Value = serde_json::from_slice(&read("compte.json")).unwrap();
    assert_eq!(account["email"], format!("{}@example.org", who.label), "{account}");
    let dossier: Value = serde_json::from_slice(&read("dossier.json")).unwrap();
    assert_eq!(dossier["identity"]["familyName"], who.family.as_str(), "{dossier}");
    let fee: Value = serde_json::from_slice(&read("frais.json")).unwrap();
    assert!(fee.to_string().contains("ADM-"), "{fee}");
    let mut given: Vec<String> =
        names.iter().filter(|n| n.starts_with("pieces/")).map(|n| hex::encode(Sha256::digest(read(n)))).collect();
    let mut held: Vec<String> = dossier_of(world, who).await.pieces.into_iter().map(|p| p.sha256).collect();
    given.sort();
    held.sort();
    assert!(held.len() > 5, "{held:?}");
    assert_eq!(given, held, "{names:?}");
}

const EMAIL: &str = "lea.durand@example.org";

/// Somebody signs up, opens a dossier, and leaves: the dossier is erased, and no session or password opens anything.
pub async fn given_up(world: &World) {
    let lea = Browser::open(&world.portal_url, Setup::default()).await;
    cloture::sign_up(&lea, EMAIL).await;
    lea.go("/candidat/dossier").await;
    for (id, text) in [("nom", "Durand-Lemaître"), ("prenoms", "Léa"), ("lieu", "Albi")] {
        lea.write(id, text).await;
    }
    lea.set("naissance", "2004-02-29").await;
    lea.set("nationalite", "FR").await;
    lea.click("main form[action='/candidat/dossier'] .actions button").await;
    lea.until("Études").await;
    let elsewhere = Browser::open(&world.portal_url, Setup { phone: true, ..Setup::default() }).await;
    elsewhere.go("/candidat").await;
    cloture::sign_in(&elsewhere, EMAIL).await;
    assert!(named(world).await.contains(&"Durand-Lemaître".to_owned()));

    lea.go("/compte").await;
    lea.press("Fermer mon compte").await;
    lea.until("Votre dossier sera d’abord abandonné").await;
    lea.click("#abandonner").await;
    lea.write("mot-de-passe", "ce n’est pas celui-là").await;
    lea.press("Fermer définitivement mon compte").await;
    lea.until("n’est pas le bon").await;
    assert!(named(world).await.contains(&"Durand-Lemaître".to_owned()), "a wrong password erases nothing");
    lea.click("#abandonner").await;
    lea.write("mot-de-passe", cloture::PASSWORD).await;
    lea.press("Fermer définitivement mon compte").await;
    lea.until("Votre compte est fermé").await;
    assert!(!named(world).await.contains(&"Durand-Lemaître".to_owned()), "the dossier is not erased");

    for browser in [&lea, &elsewhere] {
        browser.go("/candidat/dossier").await;
        browser.until("Se connecter").await;
        browser.write("email", EMAIL).await;
        browser.write("mot-de-passe", cloture::PASSWORD).await;
        browser.click("main form button").await;
        browser.until("n’est pas le bon").await;
    }
    lea.close().await;
    elsewhere.close().await;
}

/// Family names that the platform still holds.
async fn named(world: &World) -> Vec<String> {
    let operator = Who::role(roles::OPERATOR, "operator-1");
    let ask = intake::ListDossiersRequest { page_size: 100, page_token: String::new() };
    let listed = must!(world.intake, &operator, list_dossiers, ask).unwrap().dossiers;
    let dossier_ids = listed.into_iter().map(|d| d.dossier_id).collect();
    let ask = intake::ContactOfRequest { dossier_ids };
    let contacts = must!(world.intake, &Who::role(roles::SERVICE, "portal"), contact_of, ask).unwrap().contacts;
    contacts.into_iter().map(|c| c.family_name).collect()
}
