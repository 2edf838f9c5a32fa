//! Every document in both languages, read back.
#![allow(clippy::unwrap_used)]

mod reading;
mod samples;

use documents::{Actor, Answer, Decided, DocumentError, Documents, Language, Outcome, Venue};
use reading::Reading;
use samples::at;

fn both(make: impl Fn(&Documents, Language) -> Result<Vec<u8>, DocumentError>) -> [Reading; 2] {
    let documents = Documents::new();
    [Language::French, Language::English].map(|language| Reading::of(&make(&documents, language).unwrap()))
}

/// PDF/UA-1, as far as a file can show it.
#[track_caller]
fn accessible(pages: &Reading, language: &str, title: &str) {
    assert_eq!(pages.language(), language);
    assert_eq!(pages.title(), title);
    let xmp = pages.xmp();
    assert!(xmp.contains("<pdfuaid:part>1</pdfuaid:part>"), "{xmp}");
    let mark = pages.dictionary(pages.catalog().get(b"MarkInfo").unwrap());
    assert!(mark.get(b"Marked").unwrap().as_bool().unwrap());
    let preferences = pages.dictionary(pages.catalog().get(b"ViewerPreferences").unwrap());
    assert!(preferences.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());
    assert!(pages.count("TH") > 0 && pages.count("TD") > 0, "tables with header cells");
    let fonts = pages.fonts();
    assert!(!fonts.is_empty() && fonts.iter().all(|(_, embedded)| *embedded), "{fonts:?}");
}

#[test]
fn the_receipt_of_a_cloture() {
    let [french, english] = both(|documents, language| documents.receipt(&samples::receipt(), language));
    accessible(&french, "fr-FR", "Récépissé de clôture du dossier");
    accessible(&english, "en-GB", "Receipt for the closing of the dossier");
    french.says("vendredi 20 mars 2026 à 22:59:59,999 (Europe/Paris, UTC+01:00)");
    french.says("soit 2026-03-20T21:59:59.999Z en temps universel");
    french.says("Date de naissance 1er novembre 2004");
    french.says("1,2 Mo");
    english.says("Friday 20 March 2026 at 22:59:59.999 (Europe/Paris, UTC+01:00)");
    english.says("that is 2026-03-20T21:59:59.999Z in universal time");
    english.says("1 November 2004");
    english.says("1.2 MB");
    for pages in [french, english] {
        pages.says("Le Goff-Martínez Zoé Anaïs");
        pages.says("000417");
        pages.says("1. IMT Nord Europe 2. IMT Mines Alès 3. IMT Mines Albi");
        pages.says("Licence, mention Physique, chimie");
        for piece in samples::receipt().pieces {
            pages.says(&piece.label);
            pages.says(&piece.file);
            pages.says(&piece.sha256[..16]);
            pages.says_not(&piece.sha256[..20]);
        }
        pages.says("19/03/2026 18:02");
        let sample = samples::receipt();
        for text in
            [&sample.digest, &sample.seal.signed, &sample.seal.signature, &sample.seal.key_id, &sample.seal.verify_at]
        {
            pages.says(text);
        }
        let alternatives = pages.alternatives();
        assert!(alternatives.iter().any(|alt| alt.contains(&sample.seal.verify_at)), "{alternatives:?}");
    }
}

#[test]
fn french_words_in_an_english_document_are_marked_french() {
    let pdf = Documents::new().answer_receipt(&samples::answer_receipt(), Language::English).unwrap();
    let pages = Reading::of(&pdf);
    assert_eq!(pages.marked_as("fr-FR"), 1, "OUI MAIS");
}

#[test]
fn a_convocation_on_site() {
    let [french, english] = both(|documents, language| documents.convocation(&samples::convocation(), language));
    accessible(&french, "fr-FR", "Convocation aux épreuves orales");
    accessible(&english, "en-GB", "Convocation to the orals");
    french.says("IMT Nord Europe vous convoque le mardi 19 mai 2026");
    french.says("Entretien avec le jury 9 h 30 9 h 55 B 204 Jury A");
    french.says("Anglais 10 h 20 10 h 35 C 011 Anglais 2");
    french.says("Entre les deux épreuves : 25 minutes");
    french.says("une pièce d’identité");
    english.says("IMT Nord Europe convenes you on Tuesday 19 May 2026");
    english.says("Entretien avec le jury 09:30 09:55 B 204 Jury A");
    english.says("Between the two exams: 25 minutes");
    english.says("a valid identity document");
    for pages in [french, english] {
        pages.says("941 rue Charles Bourseul 59508 DOUAI Cedex");
        pages.says("un exemplaire du curriculum vitæ.");
        pages.says("03 27 71 20 00");
        pages.says("admissions@ecole.example");
    }
}

#[test]
fn a_convocation_at_a_distance_shows_the_link_and_no_empty_column() {
    let mut convocation = samples::convocation();
    convocation.venue = Venue::Remote { link: "https://visio.example/salle/7".to_owned() };
    for exam in &mut convocation.exams {
        exam.room = None;
    }
    let [french, english] = both(|documents, language| documents.convocation(&convocation, language));
    french.says("https://visio.example/salle/7");
    french.says("un ordinateur avec caméra");
    french.says_not("Salle");
    french.says_not("Bourseul");
    english.says("https://visio.example/salle/7");
    english.says("a computer with camera");
    english.says_not("Room");
}

#[test]
fn a_convocation_to_nothing_is_refused() {
    let mut convocation = samples::convocation();
    convocation.exams.clear();
    let refused = Documents::new().convocation(&convocation, Language::French);
    assert!(matches!(refused, Err(DocumentError::Empty("exams"))), "{refused:?}");
}

#[test]
fn each_answer_says_what_it_means() {
    let words = [
        (
            Answer::OuiDefinitif,
            "OUI DÉFINITIF",
            "toutes les autres écoles sont abandonnées",
            "every other school is given up",
        ),
        (Answer::OuiMais, "OUI MAIS", "fera perdre la place conservée", "will release the held seat"),
        (Answer::NonMais, "NON MAIS", "La place est abandonnée", "The seat is given up"),
        (Answer::Attente, "ATTENTE", "Les écoles encore possibles le restent", "The schools still open stay open"),
        (Answer::Non, "NON", "immédiate et définitive", "at once and for good"),
    ];
    for (answer, name, french_words, english_words) in words {
        let mut receipt = samples::answer_receipt();
        receipt.answer = answer;
        let [french, english] = both(|documents, language| documents.answer_receipt(&receipt, language));
        french.says(&format!("Réponse {name}"));
        french.says(french_words);
        english.says(&format!("Answer {name}"));
        english.says(english_words);
    }
}

#[test]
fn the_receipt_of_an_answer() {
    let [french, english] = both(|documents, language| documents.answer_receipt(&samples::answer_receipt(), language));
    accessible(&french, "fr-FR", "Récépissé de réponse");
    accessible(&english, "en-GB", "Receipt for an answer");
    french.says("École IMT Mines Alès Période 2 Reçue le mardi 9 juin 2026 à 21:12:44,310");
    french.says("Prend effet le mercredi 10 juin 2026 à 23:00:00,000");
    french.says("Yann Le Goff, par mandat");
    english.says("Received Tuesday 9 June 2026 at 21:12:44.310");
    english.says("Yann Le Goff, by mandate");
    for pages in [french, english] {
        pages.says("2026-06-09T19:12:44.310Z");
        pages.says("IMT Mines Albi");
        pages.says(&samples::seal().signature);
    }
}

#[test]
fn an_answer_without_school_seal_or_loss() {
    let mut receipt = samples::answer_receipt();
    (receipt.answer, receipt.school, receipt.actor, receipt.seal) = (Answer::Attente, None, Actor::Candidate, None);
    receipt.gives_up.clear();
    let [french, english] = both(|documents, language| documents.answer_receipt(&receipt, language));
    french.says("Écoles auxquelles elle fait renoncer Aucune.");
    french.says("Donnée par la candidate ou le candidat");
    french.says_not("Ed25519");
    english.says("Schools it gives up None.");
}

#[test]
fn three_hundred_decisions_repeat_their_header_on_every_page() {
    let pdf = Documents::new().minutes(&samples::admissibility(300), Language::French).unwrap();
    let minutes = Reading::of(&pdf);
    let pages = minutes.pages().len();
    assert!((8..=16).contains(&pages), "{pages} pages");
    for (number, page) in (1..).zip(minutes.pages()) {
        assert!(page.contains("N°CandidatFilièreDécision"), "page {number}: {page}");
        assert!(page.contains(&format!("Page{number}sur{pages}")), "page {number}: {page}");
    }
    let text = minutes.text();
    for i in 0..300 {
        let number = format!("{:06}", 5100 + i);
        assert_eq!(text.matches(&number).count(), 1, "{number}");
    }
    // Each row is named by its first cell; the repeated headers are not read out again.
    let (counts, decisions, sign_off, publication) = (5 + 4, 5 + 300, 2, 3);
    assert_eq!(minutes.count("TH"), counts + decisions + sign_off + publication);
    minutes.says("Ensemble 300 200 100 0");
}

#[test]
fn the_minutes_of_admissibility() {
    let [french, english] = both(|documents, language| documents.minutes(&samples::admissibility(9), language));
    accessible(&french, "fr-FR", "Procès-verbal d’admissibilité");
    accessible(&english, "en-GB", "Minutes of the admissibility commission");
    french.says("réuni en commission le mercredi 8 avril 2026");
    french.says("Confirmé par Pierre-Yves Castaing, président du jury mercredi 8 avril 2026 à 15:40:51,007");
    french.says("Hélène Roussel membre du jury Pierre-Yves Castaing président du jury");
    french.says("005100 Abadie Aïcha Licence (L3) Non admissible Résultats insuffisants");
    french.says("005101 Benhaddou Bastien BUT 3 Admissible IMT Mines Alès, IMT Nord Europe");
    french.says("BUT 3 3 3 0 0");
    french.says("IMT Mines Albi : non recevable. Parcours sans cohérence");
    french.says("Visible dès le jeudi 9 avril 2026 à 16:00:00,000");
    french.says("Aucune candidature n’a été annulée.");
    english.says("Confirmed by Pierre-Yves Castaing, président du jury Wednesday 8 April 2026 at 15:40:51.007");
    english.says("005100 Abadie Aïcha Licence (L3) Not admissible");
    english.says("All 9 6 3 0");
    english.says("IMT Mines Albi: not recevable. Parcours sans cohérence");
    for pages in [french, english] {
        pages.says(&samples::admissibility(1).sign_offs[0].act.digest);
    }
}

#[test]
fn the_minutes_of_admission_hold_a_table_per_cell() {
    let minutes = samples::admission(24);
    let [french, english] = both(|documents, language| documents.minutes(&minutes, language));
    accessible(&french, "fr-FR", "Procès-verbal d’admission");
    accessible(&english, "en-GB", "Minutes of the admission commission");
    french.says("IMT Mines Albi – BUT 3 7 places ; 24 personnes classées.");
    french.says("Rang N° Candidat 1 005101 Benhaddou Bastien 2 005110");
    french.says("IMT Mines Alès – Master (M1) 9 places ; personne n’est classé.");
    french.says("Départage des ex æquo");
    french.says("Rangs 3 et 4 : même total");
    french.says("Candidature à la même formation par une autre voie (§1.3).");
    french.says("2 places de Master (M1) vers Licence (L3), à partir de la période 3");
    french.says("Signature n° 1 Préparé par Hélène Roussel, membre du jury mercredi 27 mai 2026 à 15:00:00,000");
    french.says("Signature n° 2");
    french.says("Correction : IMT Mines Albi – BUT 3 Auparavant 005101 au rang 2");
    french.says("Note saisie pour un homonyme.");
    english.says("2 seats from Master (M1) to Licence (L3), from period 3 on");
    english.says("Correction: IMT Mines Albi – BUT 3 Before 005101");
    english.says("7 seats; 24 candidates ranked.");
    english.says("9 seats; nobody ranked.");
    english.says("Annulled candidatures");
}

#[test]
fn minutes_of_nothing_are_refused() {
    let documents = Documents::new();
    let mut minutes = samples::admissibility(0);
    assert!(matches!(documents.minutes(&minutes, Language::French), Err(DocumentError::Empty("decisions"))));
    minutes.decided = Decided::Admission { tables: vec![], transfers: vec![], supernumeraries: vec![] };
    assert!(matches!(documents.minutes(&minutes, Language::French), Err(DocumentError::Empty("tables"))));
    let mut minutes = samples::admissibility(1);
    minutes.sign_offs.clear();
    assert!(matches!(documents.minutes(&minutes, Language::French), Err(DocumentError::Empty("sign_offs"))));
}

#[test]
fn minutes_are_dated_by_their_latest_act() {
    let minutes = samples::admission(1);
    let date = |minutes| Reading::of(&Documents::new().minutes(minutes, Language::English).unwrap()).xmp();
    assert!(date(&minutes).contains("2026-06-08T08:20:00"), "the supernumerary seat is the latest");
    assert!(date(&samples::admissibility(1)).contains("2026-04-08T14:12:30"), "the publication is the latest");
}

#[test]
fn an_annulled_candidature_is_counted_apart() {
    let mut minutes = samples::admissibility(9);
    if let Decided::Admissibility { decisions } = &mut minutes.decided {
        decisions[1].outcome = Outcome::Annulled;
    }
    let [french, english] = both(|documents, language| documents.minutes(&minutes, language));
    french.says("Ensemble 9 5 3 1");
    french.says("005101 Benhaddou Bastien BUT 3 Annulée");
    english.says("005101 Benhaddou Bastien BUT 3 Annulled");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let receipt = samples::receipt();
    let first = Documents::new().receipt(&receipt, Language::French).unwrap();
    let documents = Documents::new();
    documents.convocation(&samples::convocation(), Language::English).unwrap();
    assert!(documents.receipt(&receipt, Language::French).unwrap() == first, "two printings differ");
    let mut later = receipt.clone();
    later.closed_at = at("2026-03-20T22:59:59.998");
    assert!(documents.receipt(&later, Language::French).unwrap() != first, "another instant is another document");
}

#[test]
fn a_document_is_dated_by_its_instant_and_not_by_a_clock() {
    let pages = Reading::of(&Documents::new().receipt(&samples::receipt(), Language::French).unwrap());
    let xmp = pages.xmp();
    assert!(xmp.contains("2026-03-20T21:59:59"), "{xmp}");
    for element in xmp.split("Date>").filter(|part| part.contains("T") && part.contains(':') && part.starts_with("20"))
    {
        assert!(element.starts_with("2026-03-20T21:59:59"), "{element}");
    }
}

#[test]
fn an_address_too_long_for_a_qr_code_is_refused() {
    let mut receipt = samples::receipt();
    receipt.seal.verify_at = format!("https://admis.example/{}", "a".repeat(3000));
    let refused = Documents::new().receipt(&receipt, Language::French);
    assert!(matches!(refused, Err(DocumentError::AddressTooLong { bytes: 3022 })), "{refused:?}");
}
