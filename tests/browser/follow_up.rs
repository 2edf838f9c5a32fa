//! After the clôture: the school decides the exemption, asks for a piece again, and sees it come.

use std::path::Path;

use campaign::{cast::Candidate, files, must, world::Who, world::World};
use contracts::{
    intake,
    payments::{Fee, FeeStatus, GetFeeRequest},
    roles,
};
use jiff::SignedDuration;
use notice::keys;
use thirtyfour::By;

use crate::{browser::Browser, cloture, dossier::dossier_of, page::in_demo};

/// The first working hours of the school of choice 1.
pub async fn of(world: &World, who: &Candidate, dir: &Path) {
    let closes = world.session.instant(keys::DEPOSITS_CLOSE).unwrap();
    world.advance_and_settle(closes + SignedDuration::from_hours(10)).await.unwrap();
    let school = dossier_of(world, who).await.order[0].school.clone();
    let staff = in_demo(&world.portal_url, "personnel", &format!("staff@{school}")).await;
    let candidate = in_demo(&world.portal_url, "candidat", &who.id.to_string()).await;
    exemption(world, &staff, who, &school).await;
    candidate.go("/candidat/dossier/frais").await;
    let words = candidate.until("exonéré").await;
    assert!(!words.contains("IBAN"), "nothing is left to pay: {words}");
    correction(world, &staff, &candidate, who, dir).await;
    staff.close().await;
    candidate.close().await;
}

async fn fee(world: &World, school: &str, who: &Candidate) -> Fee {
    let ask = GetFeeRequest { dossier_id: who.id.to_string(), school: school.to_owned() };
    must!(world.payments, &Who::at(roles::FINANCE, school), get_fee, ask).unwrap()
}

/// Found among those to decide, its attestation read, refused without a reason to no effect, and granted.
async fn exemption(world: &World, staff: &Browser, who: &Candidate, school: &str) {
    let here = format!("/ecole/dossiers/{}", who.id);
    staff.go("/ecole/frais").await;
    staff.click("#exonerations").await;
    staff.press("Appliquer").await;
    staff.until("Exonération à décider").await;
    assert!(staff.links("/ecole/dossiers/").await.contains(&here), "{}", staff.words().await);
    staff.click(&format!("main a[href='{here}']")).await;
    staff.press("Voir l’attestation du CROUS").await;
    let source = staff.present("#vue iframe").await.attr("src").await.unwrap().unwrap();
    let attestation = staff.fetched(source.split('#').next().unwrap()).await;
    assert!(attestation.starts_with("%PDF-"), "{attestation}");
    staff.click("#decision-1").await;
    staff.send("exoneration").await;
    let words = staff.words().await;
    assert!(!words.contains("Décision sur l’exonération enregistrée"), "refused without a reason: {words}");
    assert_eq!(fee(world, school, who).await.status(), FeeStatus::ExemptionRequested);
    staff.click("#decision-0").await;
    staff.send("exoneration").await;
    staff.until("Décision sur l’exonération enregistrée").await;
    assert_eq!(fee(world, school, who).await.status(), FeeStatus::Exempt);
}

const REASON: &str = "La signature manque";

/// A piece asked for again, told by mail, deposited, and seen by the school beside the one it replaces.
async fn correction(world: &World, staff: &Browser, candidate: &Browser, who: &Candidate, dir: &Path) {
    let before = dossier_of(world, who).await;
    let letter = before.pieces.iter().find(|p| p.piece == "motivation_letter").expect("a motivation letter");
    let here = format!("/ecole/dossiers/{}", who.id);
    staff.go(&format!("{here}?piece={}", letter.piece_id)).await;
    staff.press("Illisible ou non conforme").await;
    staff.until("Avis sur la pièce enregistré").await;
    staff.go(&format!("{here}?piece={}", letter.piece_id)).await;
    staff.unfold().await;
    staff.write("motif", REASON).await;
    staff.send("correction").await;
    staff.until("Correction demandée").await;
    staff.click("#avis-dossier-1").await;
    staff.send("avis").await;
    staff.until("Avis sur le dossier enregistré").await;
    world.settle().await.unwrap();

    candidate.go("/demo/courriels").await;
    let mail = format!("//tr[contains(., '{}@example.org')]//a[contains(., 'Une correction est demandée')]", who.label);
    candidate.driver.find(By::XPath(mail)).await.expect("a mail about the correction").click().await.unwrap();
    let words = candidate.until("demande une correction").await;
    assert!(!words.contains(REASON), "a mail says no more than where to look: {words}");
    candidate.click("main pre a").await;
    candidate.until("à déposer de nouveau").await;
    candidate.press("Déposer la pièce").await;
    candidate.until(REASON).await;
    let id = candidate.script("return [...document.querySelectorAll('form[data-upload]')].find(f => f.elements.correction.value).querySelector('input[type=file]').id;").await;
    candidate.upload(id.as_str().unwrap(), &cloture::pdf(dir, "lettre-signee")).await;
    candidate.until("La pièce est déposée").await;
    candidate.go("/candidat").await;
    let words = candidate.until("Votre dossier est clôturé").await;
    assert!(!words.contains("à déposer de nouveau"), "{words}");

    let after = dossier_of(world, who).await;
    assert_eq!(after.pieces.len(), before.pieces.len() + 1, "what was deposited before stays");
    let answer = after.pieces.iter().find(|p| p.name == "lettre-signee.pdf").expect("the letter once more");
    assert_eq!(answer.purpose(), intake::Purpose::Correction);
    staff.go(&format!("{here}?piece={}", letter.piece_id)).await;
    let words = staff.until("Reçue (demandée jusqu’au").await;
    assert!(words.contains(REASON), "{words}");
    staff.click(&format!("main a[href^='{here}?piece={}']", answer.piece_id)).await;
    let source = staff.present("#vue iframe").await.attr("src").await.unwrap().unwrap();
    assert!(source.contains(&answer.piece_id), "{source}");
    let content = staff.fetched(source.split('#').next().unwrap()).await;
    assert!(String::from_utf8_lossy(&files::pdf("lettre-signee")).starts_with(&content), "{content}");
    staff.press("Lisible et conforme").await;
    staff.until("Avis sur la pièce enregistré").await;
    staff.click("#avis-dossier-0").await;
    staff.send("avis").await;
    staff.until("Avis sur le dossier enregistré").await;
    candidate.go("/candidat").await;
    candidate.until("Votre dossier est vérifié et complet").await;
}
