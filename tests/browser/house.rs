//! The days after the clôture, as a school's staff, its finance clerk and the operators live them.

use campaign::{
    bank::{Line, Statement},
    cast::Candidate,
    must,
    play::candidate,
    world::{Who, World},
};
use contracts::{intake, payments, roles};
use jiff::civil::date;

use crate::{
    browser::{Browser, Setup},
    page::in_demo,
    world_at,
};

/// The morning after the clôture: nothing is verified, nothing paid.
const MORNING_AFTER: &str = "2026-03-21T09:00:00Z";
const CROWD: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn a_school_verifies_is_paid_and_operators_move_a_milestone() {
    let world = world_at(MORNING_AFTER, CROWD).await;
    let school = &world.session.schools[0].id;
    let request = intake::ListDossiersToVerifyRequest { school: school.clone(), page_size: 50, ..Default::default() };
    let listed = must!(world.intake, &Who::at(roles::STAFF, school), list_dossiers_to_verify, request).unwrap();
    let cast = campaign::cast::draw(&world.session, crate::SEED, CROWD);
    let mut theirs = Vec::new();
    for dossier in &listed.dossiers {
        theirs.extend(cast.iter().find(|c| c.id.to_string() == dossier.dossier_id));
    }
    assert!(theirs.len() >= 2, "only {} dossiers at {school}", theirs.len());
    verify(&world, theirs[0]).await;
    be_paid(&world, school, theirs[0], theirs[1]).await;
    operate(&world).await;
}

/// The queue, a piece beside the checklist, a correction asked for and answered, a verdict, a note, the list as a file.
async fn verify(world: &World, who: &Candidate) {
    let staff = in_demo(&world.portal_url, "personnel", "staff@albi").await;
    staff.go("/ecole").await;
    staff.write("texte", &who.family).await;
    staff.click("main form[action='/ecole'] .actions button").await;
    let here = format!("/ecole/dossiers/{}", who.id);
    staff.until(&who.family).await;
    assert!(staff.links("/ecole/dossiers/").await.contains(&here), "the search finds whom it names");
    staff.click(&format!("main a[href='{here}']")).await;
    staff.present("#vue iframe").await;
    let first = in_view(&staff).await;
    let content = staff.fetched(&first).await;
    assert!(content.starts_with("%PDF-"), "the piece in view: {content}");
    staff.press("Lisible et conforme").await;
    staff.until("Avis sur la pièce enregistré").await;
    // The next one without a verdict has come into view. Its scan cannot be read: the candidate is asked again.
    assert_ne!(in_view(&staff).await, first);
    while staff.driver.find(thirtyfour::By::Css("#vue textarea[name=motif]")).await.is_err() {
        // A fiche is the referee's: no correction can be asked of it.
        staff.press("Lisible et conforme").await;
        staff.until("Avis sur la pièce enregistré").await;
    }
    staff.press("Illisible ou non conforme").await;
    staff.until("Avis sur la pièce enregistré").await;
    staff.go(&here).await;
    staff.unfold().await;
    staff.write("motif", "La page 2 manque <b>").await;
    staff.send("correction").await;
    staff.until("Correction demandée").await;
    staff.click("#avis-dossier-1").await;
    staff.write("remarque", "Relevé à revoir").await;
    staff.send("avis").await;
    staff.until("Avis sur le dossier enregistré").await;
    staff.write("texte", "Appelé ce matin.").await;
    staff.send("note").await;
    staff.until("Appelé ce matin.").await;
    let file = staff.fetched("/ecole/verification.csv").await;
    assert!(file.contains(&who.family), "the list as it is filtered: {file}");

    let candidate = in_demo(&world.portal_url, "candidat", &who.id.to_string()).await;
    candidate.go("/candidat").await;
    candidate.until("à déposer de nouveau").await;
    candidate.press("Déposer la pièce").await;
    let words = candidate.until("La page 2 manque <b>").await;
    assert!(!words.contains("Appelé ce matin."), "notes are the school's own: {words}");
    candidate.close().await;
    staff.close().await;
}

/// Address of the piece beside the checklist.
async fn in_view(staff: &Browser) -> String {
    let source = staff.script("return document.querySelector('#vue iframe').src.split('#')[0];").await;
    source.as_str().expect("a piece in view").to_owned()
}

/// A candidate's fee as payments knows it.
async fn fee_of(world: &World, who: &Candidate) -> payments::Fee {
    let ask = payments::GetFeeRequest { dossier_id: who.id.to_string(), school: String::new() };
    must!(world.payments, &candidate(who), get_fee, ask).unwrap()
}

/// A statement looked at, imported, and the line without a reference placed by a person; the books add up.
async fn be_paid(world: &World, school: &str, known: &Candidate, unknown: &Candidate) {
    let due = world.session.fee.cents;
    let fee = fee_of(world, known).await;
    let line = |n: u32, counterparty: &str, remittance: &str| Line {
        booked: date(2026, 3, 20),
        cents: due,
        counterparty: counterparty.into(),
        remittance: remittance.into(),
        reference: format!("RELEVE{n}"),
        reversal: false,
    };
    let lines = [line(1, "COMPTE JOINT", &fee.reference), line(2, "SOCIETE DUPOND", "frais admission")];
    let iban = &world.session.schools.iter().find(|s| s.id == school).unwrap().account.iban;
    let days = (date(2026, 3, 20), date(2026, 3, 20));
    let currency = &world.session.currency;
    let statement = Statement { iban, currency, opening: 0, lines: &lines, days };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("releve.xml");
    std::fs::write(&file, statement.camt053()).unwrap();

    let clerk = in_demo(&world.portal_url, "personnel", "finance@albi").await;
    clerk.go("/finance/releves").await;
    clerk.upload("releve", &file).await;
    let words = clerk.until("Aperçu : rien n’est encore importé").await;
    assert!(words.contains(&fee.reference), "{words}");
    assert_eq!(fee_of(world, known).await.received_cents, 0, "a preview changes nothing");
    clerk.press("Importer ce relevé").await;
    clerk.until("Relevé importé").await;
    assert_eq!(fee_of(world, known).await.received_cents, due);

    clerk.go("/finance/rapprochement").await;
    let waiting = clerk.links("/finance/rapprochement/").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    clerk.go(&waiting[0]).await;
    // The line names nobody: the clerk looks the account up, and a person decides.
    clerk.write("texte", &unknown.family).await;
    clerk.send("chercher").await;
    clerk.until(&unknown.family).await;
    clerk.send_with("dossier", &unknown.id.to_string()).await;
    clerk.until("Ligne placée sur le compte").await;
    assert_eq!(fee_of(world, unknown).await.received_cents, due);
    assert!(clerk.links("/finance/rapprochement/").await.is_empty(), "nothing is left to place");
    clerk.go("/finance").await;
    let words = clerk.words().await;
    let both = format!("{},00", 2 * due / 100);
    assert!(words.contains(&both), "the balance is the two lines, {both}: {words}");
    clerk.close().await;
}

/// A milestone moved by two people, the audit verified, the mail log read.
async fn operate(world: &World) {
    let (one, two) = (
        in_demo(&world.portal_url, "personnel", "operator-1").await,
        in_demo(&world.portal_url, "personnel", "operator-2").await,
    );
    one.go("/exploitation/calendrier").await;
    one.set("jalon", notice::keys::TITLES_DUE).await;
    one.set("vers", "2026-07-21T12:00").await;
    one.write("motif", "Les secrétariats demandent une journée").await;
    one.send("preparer").await;
    one.until("Le déplacement est préparé").await;
    // The same person cannot be both.
    one.send("confirmer").await;
    let words = one.until("Vous avez préparé").await;
    assert!(!words.contains("Le déplacement est confirmé"), "{words}");
    two.go("/exploitation/calendrier").await;
    two.send("confirmer").await;
    two.until("Le déplacement est confirmé").await;
    let anyone = Browser::open(&world.portal_url, Setup::default()).await;
    world.settle().await.unwrap();
    anyone.go("/calendrier").await;
    anyone.until("21 juillet").await;
    anyone.close().await;

    one.go("/exploitation/audit?service=scheduler").await;
    one.press("Vérifier la chaîne").await;
    one.until("intacte").await;
    one.go("/exploitation/courriels").await;
    let words = one.words().await;
    assert!(!words.contains('@'), "the log of mails shows no address: {words}");
    one.close().await;
    two.close().await;
}
