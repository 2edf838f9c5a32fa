//! The two commissions as the jury's secretary and president live them, and the orals as a planner plans them between.

use campaign::{
    must,
    play::{admissibility::candidatures, secretary},
    world::World,
};
use contracts::jury;
use jiff::SignedDuration;
use notice::keys;
use thirtyfour::By;

use crate::{
    browser::{Browser, Setup},
    grid,
    page::in_demo,
    world_at,
};

const CROWD: usize = 12;

/// A second before the commission begins: everything is verified and paid, nothing is decided.
const BEFORE_ADMISSIBILITY: &str = "2026-04-07T21:59:59Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_jury_admits_two_people_sign_and_a_planner_convenes() {
    let world = world_at(BEFORE_ADMISSIBILITY, CROWD).await;
    world.advance_and_settle(world.session.instant(keys::ADMISSIBILITY_COMMISSION).unwrap()).await.unwrap();
    decide(&world).await;
    let convened = convene(&world).await;
    let results = world.session.instant(keys::ADMISSIBILITY_RESULTS).unwrap();
    seen_at_the_instant(&world, &convened, results).await;
}

/// Opinions, determinations, decisions by list, and the act that one prepares and another confirms.
async fn decide(world: &World) {
    let all = candidatures(world).await.unwrap();
    let member = in_demo(&world.portal_url, "personnel", "jury-member").await;
    member.go(&format!("/jury/dossiers/{}", all[0].dossier_id)).await;
    member.until("Confidentiel jusqu’au").await;
    member.click("#favorable-0").await;
    member.write("texte-avis", "Bon niveau, motivation claire.").await;
    member.send("avis").await;
    member.until("Votre avis est enregistré").await;
    member.close().await;

    let prepares = in_demo(&world.portal_url, "personnel", "jury-secretary").await;
    // What the tables leave to the jury (R16) is decided school by school.
    let mut determined = 0;
    for candidature in &all {
        for school in candidature.schools.iter().filter(|s| s.recevabilite == "FOR_JURY") {
            prepares.go(&format!("/jury/dossiers/{}", candidature.dossier_id)).await;
            prepares.set("ecole", &school.school).await;
            prepares.click("#recevable-0").await;
            prepares.write("motif-recevabilite", "Programme équivalent").await;
            prepares.send("recevabilite").await;
            prepares.until("La recevabilité est enregistrée").await;
            determined += 1;
        }
    }
    assert!(determined > 0, "nobody of {CROWD} was left to the jury");
    prepares.go("/jury/admissibilite").await;
    prepares.send("signer").await;
    prepares.until("décision").await;
    prepares.present("input[name=dossier]").await;
    prepares.script("document.querySelectorAll('input[name=dossier]').forEach(box => box.click());").await;
    prepares.click("#admissible-0").await;
    prepares.write("motif", "Vu le dossier").await;
    prepares.send("projets").await;
    prepares.until("Le projet de décision est enregistré").await;
    prepares.until("Rien ne manque").await;
    prepares.send("signer").await;
    sign(world, &prepares).await;
    prepares.go("/jury/admissibilite").await;
    prepares.send("publier").await;
    sign(world, &prepares).await;
    minutes(&prepares).await;
    prepares.close().await;
}

/// The act in view, which its author cannot confirm, is confirmed by the president.
async fn sign(world: &World, author: &Browser) {
    author.until("une autre personne doit le confirmer").await;
    let act = author.path().await.split('?').next().unwrap().to_owned();
    assert!(act.starts_with("/jury/actes/"), "{act}");
    author.send("confirmer").await;
    let words = author.until("Vous avez préparé cet acte").await;
    assert!(!words.contains("L’acte est confirmé"), "{words}");
    let president = in_demo(&world.portal_url, "personnel", "jury-president").await;
    president.go("/jury").await;
    president.go(&act).await;
    president.send("confirmer").await;
    president.until("L’acte est confirmé").await;
    president.close().await;
}

/// The minutes of what was signed last can be opened.
async fn minutes(browser: &Browser) {
    browser.go("/jury/proces-verbaux").await;
    let all = browser.links("/jury/proces-verbaux/").await;
    let newest = all.last().expect("minutes of what was signed");
    let file = browser.fetched(newest).await;
    assert!(file.starts_with("%PDF-"), "{newest}: {file}");
}

/// Days, panels, rooms; a plan that says what is missing, then one that places everybody; an exam moved; at a distance.
/// Answers the dossier of whoever that was.
async fn convene(world: &World) -> String {
    let planner = in_demo(&world.portal_url, "personnel", "planner@albi").await;
    planner.go("/oraux/jours").await;
    for day in world.session.oral_days("albi") {
        planner.write(&format!("heures-{day}"), "08:30-18:00").await;
        planner.write(&format!("dejeuner-{day}"), "12:30-13:30").await;
        planner.write(&format!("pauses-{day}"), "10:20-10:35 ; 15:40-15:55").await;
        planner.send_with("jour", &day.to_string()).await;
        planner.until("La journée est enregistrée").await;
        planner.go("/oraux/jours").await;
    }
    planner.go("/oraux/jurys").await;
    for room in ["Salle 1", "Salle 2"] {
        planner.write("salle", room).await;
        planner.send("salle").await;
        planner.until("La salle est enregistrée").await;
    }
    panel(&planner, "Jury A", "entretien", "m.durand\np.leroy").await;
    planner.go("/oraux").await;
    planner.send("planifier").await;
    planner.until("Non placés").await;
    planner.go("/oraux/jurys").await;
    panel(&planner, "Anglais", "anglais", "j.smith").await;
    planner.go("/oraux").await;
    planner.send("planifier").await;
    planner.until("candidat(s) placé(s)").await;
    grid::by_hand(&planner).await;
    planner.go("/oraux").await;
    let convened = planner.links("/oraux/candidats/").await;
    assert!(!convened.is_empty(), "nobody is placed: {}", planner.words().await);
    planner.go(&convened[0]).await;
    let free = planner
        .script("return [...document.querySelectorAll('#place option')].map(o => o.value).filter(v => v)[0];")
        .await;
    planner.set("place", free.as_str().expect("a free slot")).await;
    planner.write("motif", "À la demande du jury").await;
    planner.send("deplacer").await;
    planner.until("L’épreuve est déplacée").await;
    planner.click("#distance-0").await;
    planner.write("lien", "https://visio.example.org/albi").await;
    planner.send("distance").await;
    planner.until("Les convocations sont à jour").await;
    let list = planner.fetched("/oraux/planning.csv").await;
    assert!(list.lines().count() >= 2, "{list}");
    planner.close().await;
    convened[0].rsplit('/').next().unwrap().to_owned()
}

async fn panel(planner: &Browser, name: &str, exam: &str, examiners: &str) {
    planner.write("nom", name).await;
    planner.set("epreuve", exam).await;
    planner.write("examinateurs", examiners).await;
    planner.send("jury").await;
    planner.until("Le jury est enregistré").await;
}

/// One millisecond before the instant the candidate's pages say nothing; at the instant they say it.
async fn seen_at_the_instant(world: &World, dossier: &str, results: jiff::Timestamp) {
    world.advance_and_settle(results - SignedDuration::from_millis(1)).await.unwrap();
    let setup = Setup { phone: true, scriptless: true, english: false };
    let candidate = Browser::open(&world.portal_url, setup).await;
    candidate.enter("candidat", dossier).await;
    candidate.go("/candidat/resultats").await;
    let words = candidate.words().await;
    assert!(!words.contains("Admissible") && !words.contains("convocation"), "before the instant: {words}");
    candidate.go("/candidat/convocation").await;
    let words = candidate.words().await;
    assert!(!words.contains("visio.example.org"), "before the instant: {words}");
    world.advance_and_settle(results).await.unwrap();
    candidate.go("/candidat/resultats").await;
    candidate.until("Admissible").await;
    candidate.go("/candidat/convocation").await;
    candidate.until("visio.example.org").await;
    candidate.close().await;
    // The same to print and to put into one's calendar.
    let again = in_demo(&world.portal_url, "candidat", dossier).await;
    assert!(again.fetched("/candidat/convocation.pdf").await.starts_with("%PDF-"));
    assert!(again.fetched("/candidat/convocation.ics").await.starts_with("BEGIN:VCALENDAR"));
    again.close().await;
}

/// A second before the admission commission: marks are in, nobody is ranked.
const BEFORE_ADMISSION: &str = "2026-05-27T07:59:59Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_jury_breaks_its_ties_signs_its_tables_and_looks_ahead() {
    let world = world_at(BEFORE_ADMISSION, 40).await;
    world.advance_and_settle(world.session.instant(keys::ADMISSION_COMMISSION).unwrap()).await.unwrap();
    let prepares = in_demo(&world.portal_url, "personnel", "jury-secretary").await;
    let mut tied = 0;
    for filiere in &world.session.filieres {
        tied += usize::from(rank(&world, &prepares, &filiere.id).await);
    }
    assert!(tied > 0, "no filière had two to tie");
    prepares.go("/jury/simulation").await;
    prepares.until("Simuler").await;
    // Nothing is signed yet: the drafts are taken.
    prepares.script("document.querySelectorAll('main input[type=checkbox]').forEach(box => box.click());").await;
    prepares.press("Simuler").await;
    prepares.until("Places par école").await;
    prepares.go("/jury/classement").await;
    prepares.until("Rien ne manque").await;
    prepares.send("signer").await;
    sign(&world, &prepares).await;
    prepares.go("/jury/classement").await;
    prepares.until("Signée").await;
    prepares.send("publier").await;
    sign(&world, &prepares).await;
    minutes(&prepares).await;
    prepares.close().await;

    let president = in_demo(&world.portal_url, "personnel", "jury-president").await;
    president.go("/jury/places").await;
    for (id, value) in [("ecole", "albi"), ("de", "M1"), ("vers", "L3")] {
        president.set(id, value).await;
    }
    president.write("nombre", "1").await;
    president.write("motif", "Une place de plus en L3").await;
    president.click("main form[action='/jury/places'] .actions button").await;
    president.until("Les places sont déplacées").await;
    president.close().await;
}

/// One filière's merit list pasted from a spreadsheet: two tied are refused, told apart, and the tables submitted.
/// Whether there were two to tie.
async fn rank(world: &World, prepares: &Browser, filiere: &str) -> bool {
    let numbers = rankable(world, filiere).await;
    let mut text = String::new();
    for (i, number) in numbers.iter().enumerate() {
        // The first two share their score.
        let score = 180 - i.saturating_sub(1);
        text.push_str(&format!("{number}\t{},{}\n", score / 10, score % 10));
    }
    prepares.go("/jury/classement/importer").await;
    prepares.set("filiere", filiere).await;
    prepares.set("texte", text.trim_end()).await;
    prepares.press("Vérifier").await;
    let tie = numbers.len() > 1;
    if tie {
        prepares.until("groupe(s) à départager").await;
        assert!(
            prepares.driver.find(By::Css("button[value='enregistrer']")).await.is_err(),
            "a list with a tie can be submitted"
        );
        prepares.write(&format!("depart-{}", numbers[0]), "2").await;
        prepares.write(&format!("depart-{}", numbers[1]), "1").await;
        prepares.press("Départager et vérifier").await;
    }
    prepares.until("La liste peut être soumise").await;
    prepares.click("button[value='enregistrer']").await;
    prepares.until("Les tables de cette filière sont enregistrées").await;
    tie
}

/// Dossier numbers of those who can be ranked in a filière.
async fn rankable(world: &World, filiere: &str) -> Vec<u64> {
    let all = candidatures(world).await.unwrap();
    let mut numbers = Vec::new();
    for c in all.iter().filter(|c| c.filiere == filiere && c.admissible && !c.annulled) {
        let entry = jury::Merit { dossier_id: c.dossier_id.clone(), score: "10".into(), ..Default::default() };
        let ask = jury::ImportMeritRequest { filiere: filiere.into(), entries: vec![entry] };
        let checked = must!(world.jury, &secretary(), check_merit, ask).unwrap();
        if checked.faults.is_empty() {
            numbers.push(c.number);
        }
    }
    numbers
}
