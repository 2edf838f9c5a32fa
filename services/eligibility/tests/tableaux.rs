//! Every cell of Tableaux 4 to 7 (R9), copied from the notice's text and not from the session file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use eligibility::domain::{Assessment, Recevabilite, Title, TitleRefused, assess, rows};
use notice::Session;

/// Albi, Alès, Nord Europe.
const SCHOOLS: [&str; 3] = ["albi", "ales", "nord-europe"];

const TABLEAU_5: &str = "\
Chimie	Oui	Oui	Oui
Biologie, Biochimie	Oui	Oui	Non
Mathématiques	Oui	Oui	Oui
Mathématiques et Informatique	Oui	Oui	Oui
Mathématiques et Physique	Oui	Oui	Oui
EEA (Électronique, Électrotechnique, Automatique)	Oui	Oui	Oui
Mécanique, Génie Mécanique, Génie Civil	Oui	Oui	Oui
Matériaux	Oui	Oui	Oui
Physique	Oui	Oui	Oui
Sciences et Techniques pour l'Ingénieur	Oui	Oui	Oui";

/// Tableau 6 has no column for Nord Europe: Tableau 4 closes BUT 3 there.
const TABLEAU_6: &str = "\
Chimie	Oui	Oui
Génie chimique, génie des procédés	Oui	Oui
Génie civil, construction durable	Oui	Oui
Génie électrique et informatique industrielle	Oui	Oui
Génie industriel et maintenance	Oui	Oui
Génie mécanique et productique	Oui	Oui
Métiers de la transition et de l'efficacité énergétiques	Oui	Oui
Mesures physiques	Oui	Oui
Sciences et génie des matériaux	Oui	Oui";

const TABLEAU_7: &str = "\
Mathématiques	Oui	Oui	Oui
Physique	Oui	Oui	Oui
Électronique, Electricité, Automatique	Oui	Oui	Oui
Sciences de l'ingénieur	Oui	Oui	Oui
Mécanique	Oui	Oui	Oui
Matériaux	Oui	Oui	Oui
Génie des procédés	Oui	Oui	Oui
Génie civil	Non	Oui	Oui
Environnement, Eau	Oui	Oui	Oui
Chimie	Oui	Oui	Oui
Biochimie, Biologie	Oui	Oui	Non
Géosciences	Non	Oui	Non";

fn session() -> Session {
    let text = include_str!("../../../infra/sessions/2026.toml");
    Session::parse(text).expect("the session file is valid").0
}

fn title(diploma: &str, mention: &str, equivalent_to: &str) -> Title {
    Title { diploma: diploma.into(), mention: mention.into(), equivalent_to: equivalent_to.into() }
}

fn cells(table: &str) -> Vec<(&str, Vec<bool>)> {
    let row = |line: &'static str| {
        let (label, cells) = line.split_once('\t').expect("a label and cells");
        (
            label,
            cells
                .split('\t')
                .map(|c| match c {
                    "Oui" => true,
                    "Non" => false,
                    other => panic!("{other:?} is neither Oui nor Non"),
                })
                .collect(),
        )
    };
    let table: &'static str = Box::leak(table.to_owned().into_boxed_str());
    table.lines().map(row).collect()
}

fn at<'a>(assessment: &'a Assessment, school: &str) -> (Recevabilite, &'a str, &'a str) {
    let said = assessment.schools.iter().find(|s| s.school == school).expect("every school is named");
    (said.recevabilite, &said.table, &said.row)
}

/// A listed title: open or closed as printed, citing the table's row; claimed from abroad or by an unlisted title: for
/// the jury where the row is open, closed where it is closed.
fn every_cell(diploma: &str, filiere: &str, table: &str, printed: &str, by_claim: &[&str]) {
    let session = session();
    let printed = cells(printed);
    assert_eq!(
        rows(&session, diploma).into_iter().map(|r| r.0).collect::<Vec<_>>(),
        printed.iter().map(|r| r.0).collect::<Vec<_>>(),
        "the rows of {table}, no more and no fewer"
    );
    for (row, open) in printed {
        let listed = assess(&session, &title(diploma, row, "")).unwrap();
        let claims = by_claim.iter().map(|d| assess(&session, &title(d, "Quelque chose", row)).unwrap());
        assert_eq!((listed.filiere.as_str(), listed.schools.len()), (filiere, SCHOOLS.len()));
        for (claimed, assessment) in std::iter::once((false, listed)).chain(claims.map(|c| (true, c))) {
            assert_eq!(assessment.filiere, filiere, "{row}");
            for (school, open) in SCHOOLS.iter().zip(&open) {
                let expected = match (open, claimed) {
                    (true, false) => Recevabilite::Open,
                    (true, true) => Recevabilite::ForJury,
                    (false, _) => Recevabilite::Closed,
                };
                assert_eq!(at(&assessment, school), (expected, table, row), "{diploma} {row} at {school}");
            }
        }
    }
}

#[test]
fn tableau_5_licences() {
    every_cell("licence", "L3", "Tableau 5", TABLEAU_5, &["licence", "unlisted-licence", "foreign-licence"]);
}

#[test]
fn tableau_6_but_3() {
    every_cell("but3", "BUT3", "Tableau 6", TABLEAU_6, &["foreign-but3"]);
}

#[test]
fn tableau_7_masters() {
    every_cell("master1", "M1", "Tableau 7", TABLEAU_7, &["master1", "unlisted-bac4", "foreign-master1"]);
}

#[test]
fn tableau_4_closes_but_3_at_nord_europe_whatever_the_speciality() {
    let session = session();
    for (row, _) in cells(TABLEAU_6) {
        for stated in [title("but3", row, ""), title("foreign-but3", "Diploma", row)] {
            let assessment = assess(&session, &stated).unwrap();
            assert_eq!(at(&assessment, "nord-europe"), (Recevabilite::Closed, "Tableau 4", "BUT 3"));
        }
    }
}

#[test]
fn tableau_4_opens_licences_everywhere_and_but_3_at_two_schools() {
    let session = session();
    let open = |diploma, school| {
        rows(&session, diploma)
            .iter()
            .flat_map(|r| &r.1)
            .any(|s| s.school == school && s.recevabilite == Recevabilite::Open)
    };
    assert_eq!(SCHOOLS.map(|s| open("licence", s)), [true, true, true]);
    assert_eq!(SCHOOLS.map(|s| open("but3", s)), [true, true, false]);
}

#[test]
fn a_but_3_that_tableau_6_does_not_list_is_refused_everywhere() {
    for claim in ["", "Chimie"] {
        let refused = assess(&session(), &title("but3", "Informatique", claim)).unwrap_err();
        let TitleRefused::MentionRefused { given, table, allowed } = refused else { panic!("{refused}") };
        assert_eq!((given.as_str(), table.as_str(), allowed.len()), ("Informatique", "Tableau 6", 9));
    }
    let refused = assess(&session(), &title("but3", "", "Chimie")).unwrap_err();
    assert!(
        matches!(refused, TitleRefused::MentionRequired { .. }),
        "a speciality is stated, never claimed: {refused}"
    );
}

#[test]
fn refusals_name_what_is_allowed() {
    let session = session();
    let refused = |diploma, mention, claim| assess(&session, &title(diploma, mention, claim)).unwrap_err();
    let TitleRefused::UnknownDiploma { given, allowed } = refused("doctorat", "Chimie", "") else { panic!() };
    assert_eq!(given, "doctorat");
    assert_eq!(allowed.iter().filter(|d| ["licence", "but3", "master1"].contains(&d.as_str())).count(), 3);
    let TitleRefused::MentionRequired { allowed } = refused("licence", " ", "") else { panic!() };
    assert_eq!(allowed.len(), 10);
    let TitleRefused::EquivalenceRequired { table, allowed } = refused("licence", "Informatique", "") else { panic!() };
    assert_eq!((table.as_str(), allowed.len()), ("Tableau 5", 10));
    let TitleRefused::EquivalenceRequired { table, .. } = refused("foreign-master1", "Physics", "") else { panic!() };
    assert_eq!(table, "Tableau 7");
    let TitleRefused::UnknownEquivalence { given, allowed, .. } = refused("unlisted-bac4", "Ingénierie", "Magie")
    else {
        panic!()
    };
    assert_eq!((given.as_str(), allowed.len()), ("Magie", 12));
    let TitleRefused::EquivalenceNotNeeded { mention, table } = refused("licence", "Chimie", "Physique") else {
        panic!()
    };
    assert_eq!((mention.as_str(), table.as_str()), ("Chimie", "Tableau 5"));
}

#[test]
fn a_mention_is_stated_whatever_is_claimed() {
    let session = session();
    for (diploma, rows) in [("licence", 10), ("but3", 9), ("master1", 12), ("unlisted-licence", 0), ("foreign-but3", 0)]
    {
        for mention in ["", "  "] {
            for claim in ["", "Chimie"] {
                let refused = assess(&session, &title(diploma, mention, claim)).unwrap_err();
                let TitleRefused::MentionRequired { allowed } = refused else { panic!("{diploma}: {refused}") };
                assert_eq!(allowed.len(), rows, "{diploma}: its own words need no list");
            }
        }
    }
}

#[test]
fn another_session_is_another_file_and_no_code() {
    let text = include_str!("../../../tests/sessions/invented.toml");
    let session = Session::parse(text).expect("the invented session is valid").0;
    let mut assessed = 0;
    for diploma in &session.diplomas {
        let listed = matches!(diploma.kind, notice::DiplomaKind::Listed { .. });
        for (row, said) in rows(&session, &diploma.id) {
            let (mention, claim) = if listed { (row.as_str(), "") } else { ("Autre", row.as_str()) };
            let assessment = assess(&session, &title(&diploma.id, mention, claim)).unwrap();
            assert_eq!(assessment.schools, said, "{} {row}", diploma.id);
            assert_eq!(assessment.filiere, diploma.filiere);
            assert_eq!(
                assessment.schools.iter().map(|s| &s.school).collect::<Vec<_>>(),
                session.schools.iter().map(|s| &s.id).collect::<Vec<_>>()
            );
            assessed += 1;
        }
    }
    assert!(assessed > session.diplomas.len(), "{assessed} titles");
}
