//! After the admission sous réserve (R34): the title and the last transcript deposited, one refused and given again, and the
//! admission that becomes definitive.

use std::path::Path;

use campaign::{cast::Candidate, must, play::candidate, world::World};
use contracts::integration::{GetSituationRequest, Situation, State};
use notice::{Due, keys};

use crate::{browser::Browser, cloture, page::in_demo};

async fn situation(world: &World, who: &Candidate) -> Situation {
    let ask = GetSituationRequest { dossier_id: who.id.to_string() };
    must!(world.integration, &candidate(who), get_situation, ask).unwrap()
}

/// Of somebody who has answered OUI DÉFINITIF in the first period.
pub async fn deposited_and_examined(world: &World, who: &Candidate) {
    world.advance_and_settle(world.session.instant(&keys::period_closes(1)).unwrap()).await.unwrap();
    let at = situation(world, who).await;
    assert_eq!(at.state(), State::Accepted);
    let pieces: Vec<&str> =
        world.session.pieces_for(&who.filiere).filter(|p| p.due == Due::Titles).map(|p| p.id.as_str()).collect();
    let [diploma, transcript] = pieces[..] else { panic!("two pieces follow the admission, not {pieces:?}") };
    let dir = tempfile::tempdir().unwrap();
    let theirs = in_demo(&world.portal_url, "candidat", &who.id.to_string()).await;
    theirs.go("/candidat").await;
    theirs.until("Vous êtes admis sous réserve").await;
    theirs.press("Déposer mes pièces").await;
    deposit(&theirs, dir.path(), diploma, "diplome").await;
    deposit(&theirs, dir.path(), transcript, "releve-flou").await;
    world.settle().await.unwrap();
    theirs.go("/candidat/titre").await;
    let words = theirs.until("Vos pièces sont déposées").await;
    assert_eq!(words.matches("déposée, à examiner par l’école").count(), 2, "{words}");

    let staff = in_demo(&world.portal_url, "personnel", &format!("staff@{}", at.school)).await;
    staff.go("/ecole/integration").await;
    staff.until(&who.family).await;
    staff.click(&format!("main a[href='/ecole/integration/{}']", who.id)).await;
    staff.until(&who.family).await;
    let frames =
        staff.script("return [...document.querySelectorAll('iframe.piece')].map(f => f.src.split('#')[0]);").await;
    let frames: Vec<&str> = frames.as_array().into_iter().flatten().filter_map(|f| f.as_str()).collect();
    assert_eq!(frames.len(), 2, "both pieces are in view");
    for frame in frames {
        assert!(staff.fetched(frame).await.starts_with("%PDF-"), "{frame}");
    }
    judge(&staff, diploma, true, "").await;
    staff.until("Avis sur la pièce enregistré").await;
    judge(&staff, transcript, false, "Page 2 floue").await;
    staff.until("Avis sur la pièce enregistré").await;
    assert_eq!(situation(world, who).await.state(), State::Accepted, "one piece of two");

    theirs.go("/candidat/titre").await;
    theirs.until("Motif : Page 2 floue").await;
    theirs.press("Déposer mes pièces").await;
    deposit(&theirs, dir.path(), transcript, "releve-net").await;
    world.settle().await.unwrap();
    staff.go(&format!("/ecole/integration/{}", who.id)).await;
    judge(&staff, transcript, true, "").await;
    staff.until("Avis sur la pièce enregistré").await;
    staff.press("Le dossier d’intégration est arrivé").await;
    staff.until("Dossier d’intégration enregistré comme reçu").await;
    assert_eq!(situation(world, who).await.state(), State::Admitted);
    staff.close().await;
    theirs.go("/candidat").await;
    theirs.until("Vous êtes définitivement admis").await;
    theirs.go("/candidat/titre").await;
    theirs.until("L’école l’a reçu").await;
    theirs.close().await;
}

async fn deposit(browser: &Browser, dir: &Path, piece: &str, name: &str) {
    browser.upload(&format!("fichier-{piece}"), &cloture::pdf(dir, name)).await;
    browser.until(&format!("{name}.pdf")).await;
}

/// What the school thinks of one piece.
async fn judge(staff: &Browser, piece: &str, accepted: bool, reason: &str) {
    staff.click(&format!("#avis-{piece}-{}", u8::from(!accepted))).await;
    staff.write(&format!("motif-{piece}"), reason).await;
    staff.click(&format!("#confirme-{piece}")).await;
    staff.send_with("piece", piece).await;
}
