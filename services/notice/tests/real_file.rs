//! The committed 2026 file against the notice, cell by cell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use jiff::civil::{Date, date};
use notice::{Depositor, DiplomaKind, Due, Session, UnlistedMention, Verdict, keys};

const SCHOOLS: [&str; 3] = ["albi", "ales", "nord-europe"];

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sessions/2026.toml");
    std::fs::read_to_string(path).unwrap()
}

fn session() -> Session {
    Session::parse(&text()).unwrap().0
}

#[test]
fn it_is_valid_and_its_warnings_are_those_of_tableau_1_and_no_other() {
    let verdict = Verdict::of("2026.toml", &text());
    assert!(verdict.is_valid(), "{verdict}");
    let warnings: Vec<_> = verdict.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(
        warnings,
        [
            "Tableau 1: the printed total of column `L3` is 22, its cells add up to 27; the cells are the rule",
            "Tableau 1: the printed total of column `BUT3` is 13, its cells add up to 18; the cells are the rule",
        ]
    );
    let line = text().lines().position(|l| l.starts_with("printed_totals")).unwrap() + 1;
    assert_eq!(verdict.warnings.iter().map(|w| (w.line, w.column)).collect::<Vec<_>>(), [(line, 19), (line, 23)]);
    let printed = verdict.to_string();
    assert!(
        printed.ends_with("2026.toml: valid: 3 schools, 3 filières, 60 seats, 4 periods, 13 pieces; 2 warnings"),
        "{printed}"
    );
}

#[test]
fn tableau_1() {
    let s = session();
    for (school, cells, total) in [("albi", [10, 10, 5], 25), ("ales", [7, 8, 5], 20), ("nord-europe", [10, 0, 5], 15)]
    {
        assert_eq!(["L3", "BUT3", "M1"].map(|f| s.seats(school, f)), cells, "{school}");
        assert_eq!(s.seats.rows.iter().find(|r| r.school == school).unwrap().printed_total, total);
    }
    assert_eq!(s.seats.printed_totals, Some(vec![22, 13, 15, 60]));
    assert_eq!(s.seats.total(), 60);
    assert_eq!((s.seats("albi", "nothing"), s.seats("nowhere", "L3")), (0, 0));
}

#[test]
fn tableau_2() {
    let s = session();
    let may = |days: &[i8]| days.iter().map(|d| date(2026, 5, *d)).collect::<Vec<Date>>();
    assert_eq!(s.oral_days("albi"), may(&[18, 19]));
    assert_eq!(s.oral_days("ales"), may(&[19, 20, 21]));
    assert_eq!(s.oral_days("nord-europe"), may(&[19, 20, 21]));
    assert_eq!(s.oral_days("nowhere"), may(&[]));
}

/// R4 and Tableau 3: local times, and the instants they are. CET is UTC+1, CEST UTC+2.
#[test]
fn tableau_3_and_the_milestones() {
    let expected = [
        ("platform_opens", "2026-01-26T14:00:00", "2026-01-26T13:00:00Z"),
        ("deposits_close", "2026-03-20T23:00:00", "2026-03-20T22:00:00Z"),
        ("fees_listed", "2026-04-05T00:00:00", "2026-04-04T22:00:00Z"),
        ("admissibility_commission", "2026-04-08T00:00:00", "2026-04-07T22:00:00Z"),
        ("admissibility_results", "2026-04-09T16:00:00", "2026-04-09T14:00:00Z"),
        ("admission_commission", "2026-05-27T10:00:00", "2026-05-27T08:00:00Z"),
        ("admission_results", "2026-05-28T14:00:00", "2026-05-28T12:00:00Z"),
        ("period_1_opens", "2026-05-28T14:00:00", "2026-05-28T12:00:00Z"),
        ("period_1_closes", "2026-06-03T23:00:00", "2026-06-03T21:00:00Z"),
        ("period_2_opens", "2026-06-04T14:00:00", "2026-06-04T12:00:00Z"),
        ("period_2_closes", "2026-06-10T23:00:00", "2026-06-10T21:00:00Z"),
        ("period_3_opens", "2026-06-11T14:00:00", "2026-06-11T12:00:00Z"),
        ("period_3_closes", "2026-06-17T23:00:00", "2026-06-17T21:00:00Z"),
        ("period_4_opens", "2026-07-13T14:00:00", "2026-07-13T12:00:00Z"),
        ("period_4_closes", "2026-07-17T23:00:00", "2026-07-17T21:00:00Z"),
        ("titles_due", "2026-07-18T00:00:00", "2026-07-17T22:00:00Z"),
    ];
    let s = session();
    let found: Vec<_> =
        s.transitions().iter().map(|t| (t.key.clone(), t.local.to_string(), t.at.to_string())).collect();
    let expected = expected.map(|(k, l, a)| (k.to_owned(), l.to_owned(), a.to_owned()));
    assert_eq!(found, expected);
    assert_eq!(s.periods.len(), 4);
    assert_eq!(s.instant(keys::TITLES_DUE), Some(s.milestones.titles_due.at));
    assert_eq!(s.period(4).map(|p| (p.opens, p.closes)), s.instant("period_4_opens").zip(s.instant("period_4_closes")));
}

fn opening(s: &Session, diploma: &str, mention: &str) -> [(bool, String); 3] {
    SCHOOLS.map(|school| {
        let o = s.opening(diploma, mention, school).unwrap();
        (o.open, format!("{} / {}", o.table, o.row))
    })
}

fn rows(s: &Session, number: u32) -> Vec<(String, Vec<bool>)> {
    s.table(number).unwrap().rows.iter().map(|r| (r.label.clone(), r.open.clone())).collect()
}

fn printed(rows: &[(&str, &[bool])]) -> Vec<(String, Vec<bool>)> {
    rows.iter().map(|(label, cells)| ((*label).to_owned(), cells.to_vec())).collect()
}

const OUI: bool = true;
const NON: bool = false;

#[test]
fn tableau_4() {
    let s = session();
    assert_eq!(s.table(4).unwrap().columns, SCHOOLS);
    assert_eq!(rows(&s, 4), printed(&[("Licence (L3)", &[OUI, OUI, OUI]), ("BUT 3", &[OUI, OUI, NON])]));
}

#[test]
fn tableau_5() {
    let s = session();
    assert_eq!(s.table(5).unwrap().columns, SCHOOLS);
    let expected = printed(&[
        ("Chimie", &[OUI, OUI, OUI]),
        ("Biologie, Biochimie", &[OUI, OUI, NON]),
        ("Mathématiques", &[OUI, OUI, OUI]),
        ("Mathématiques et Informatique", &[OUI, OUI, OUI]),
        ("Mathématiques et Physique", &[OUI, OUI, OUI]),
        ("EEA (Électronique, Électrotechnique, Automatique)", &[OUI, OUI, OUI]),
        ("Mécanique, Génie Mécanique, Génie Civil", &[OUI, OUI, OUI]),
        ("Matériaux", &[OUI, OUI, OUI]),
        ("Physique", &[OUI, OUI, OUI]),
        ("Sciences et Techniques pour l'Ingénieur", &[OUI, OUI, OUI]),
    ]);
    assert_eq!(rows(&s, 5), expected);
    for (mention, cells) in expected {
        let found = opening(&s, "licence", &mention);
        assert_eq!(found.clone().map(|o| o.0).to_vec(), cells, "{mention}");
        assert_eq!(found[0].1, format!("Tableau 5 / {mention}"));
    }
}

#[test]
fn tableau_6_and_no_but_3_at_nord_europe() {
    let s = session();
    let mentions = [
        "Chimie",
        "Génie chimique, génie des procédés",
        "Génie civil, construction durable",
        "Génie électrique et informatique industrielle",
        "Génie industriel et maintenance",
        "Génie mécanique et productique",
        "Métiers de la transition et de l'efficacité énergétiques",
        "Mesures physiques",
        "Sciences et génie des matériaux",
    ];
    assert_eq!(s.table(6).unwrap().columns, SCHOOLS[..2]);
    assert_eq!(rows(&s, 6), mentions.map(|m| (m.to_owned(), vec![OUI, OUI])));
    for mention in mentions {
        let [albi, ales, nord_europe] = opening(&s, "but3", mention);
        let row = format!("Tableau 6 / {mention}");
        assert_eq!((albi, ales), ((OUI, row.clone()), (OUI, row)));
        assert_eq!(nord_europe, (NON, "Tableau 4 / BUT 3".to_owned()), "Tableau 4 rules");
    }
    assert_eq!(s.opening("but3", "Informatique", "albi"), None);
    let DiplomaKind::Listed { unlisted, .. } = s.diploma("but3").unwrap().kind else { panic!() };
    assert_eq!(unlisted, UnlistedMention::Refused);
}

#[test]
fn tableau_7() {
    let s = session();
    assert_eq!(s.table(7).unwrap().columns, SCHOOLS);
    let expected = printed(&[
        ("Mathématiques", &[OUI, OUI, OUI]),
        ("Physique", &[OUI, OUI, OUI]),
        ("Électronique, Electricité, Automatique", &[OUI, OUI, OUI]),
        ("Sciences de l'ingénieur", &[OUI, OUI, OUI]),
        ("Mécanique", &[OUI, OUI, OUI]),
        ("Matériaux", &[OUI, OUI, OUI]),
        ("Génie des procédés", &[OUI, OUI, OUI]),
        ("Génie civil", &[NON, OUI, OUI]),
        ("Environnement, Eau", &[OUI, OUI, OUI]),
        ("Chimie", &[OUI, OUI, OUI]),
        ("Biochimie, Biologie", &[OUI, OUI, NON]),
        ("Géosciences", &[NON, OUI, NON]),
    ]);
    assert_eq!(rows(&s, 7), expected);
    for (mention, cells) in expected {
        let found = opening(&s, "master1", &mention);
        assert_eq!(found.clone().map(|o| o.0).to_vec(), cells, "{mention}");
        assert_eq!(found[2].1, format!("Tableau 7 / {mention}"));
    }
}

/// R8: what is not listed is measured against a listed diploma, and takes its filière.
#[test]
fn diplomas() {
    let s = session();
    let against = |id: &str| {
        let diploma = s.diploma(id).unwrap();
        (diploma.filiere.clone(), s.measured_against(diploma).unwrap().id.clone(), s.mentions(id).unwrap().number)
    };
    for (id, filiere, listed, table) in [
        ("licence", "L3", "licence", 5),
        ("but3", "BUT3", "but3", 6),
        ("master1", "M1", "master1", 7),
        ("unlisted-licence", "L3", "licence", 5),
        ("unlisted-bac4", "M1", "master1", 7),
        ("foreign-licence", "L3", "licence", 5),
        ("foreign-but3", "BUT3", "but3", 6),
        ("foreign-master1", "M1", "master1", 7),
    ] {
        assert_eq!(against(id), (filiere.to_owned(), listed.to_owned(), table), "{id}");
    }
    assert_eq!(s.opening("foreign-licence", "Chimie", "albi"), None, "no table opens a foreign title by itself");
    assert_eq!(["L3", "BUT3", "M1"].map(|f| s.filiere(f).unwrap().cycle_year), [1, 1, 2]);
    assert!(!s.filiere_open("BUT3", "nord-europe") && s.filiere_open("BUT3", "ales") && s.filiere_open("M1", "albi"));
}

#[test]
fn annexe_5() {
    let s = session();
    assert_eq!(s.fee.cents, 7600);
    assert_eq!(s.fee.printed_reference("Noether", "Emmy"), "Noether_Emmy_admission sur titre 2026");
    for (school, iban, holder, mail) in [
        ("albi", "FR76 1007 1420 0000 0010 0289 731", "MINES ST ETIENNE ALBI ALES", "admissions@mines-albi.fr"),
        (
            "ales",
            "FR76 1007 1300 0000 0010 0828 534",
            "REGIE REC DROITS SCOLARITE ENS MINES D'ALES",
            "admissions@mines-ales.fr",
        ),
        ("nord-europe", "FR76 1007 1590 0000 0010 2433 444", "IMT NORD EUROPE", "admission-ast@imt-nord-europe.fr"),
    ] {
        let found = s.school(school).unwrap();
        assert_eq!(found.account.printed_iban(), iban);
        assert_eq!(found.account.iban, iban.replace(' ', ""));
        assert_eq!((found.account.bic.as_str(), found.account.holder.as_str()), ("TRPUFRP1", holder));
        assert_eq!(found.mail, mail);
    }
}

/// R10: what each filière owes, and when.
#[test]
fn pieces() {
    let s = session();
    let due = |filiere: &'static str, due: Due| {
        s.pieces_for(filiere).filter(|p| p.due == due).map(|p| p.id.as_str()).collect::<Vec<_>>()
    };
    let common = [
        "identity",
        "enrolment_certificate",
        "transcripts",
        "attestations",
        "motivation_letter",
        "curriculum_vitae",
        "fiche_appreciation",
        "fiche_poursuite_etudes",
    ];
    assert_eq!(due("BUT3", Due::Closing), common, "no synoptic for a BUT 3");
    let with = |synoptic: &'static str| [&common[..4], &[synoptic], &common[4..]].concat();
    assert_eq!(due("L3", Due::Closing), with("synoptic_licence"));
    assert_eq!(due("M1", Due::Closing), with("synoptic_master1"));
    for filiere in ["L3", "BUT3", "M1"] {
        assert_eq!(due(filiere, Due::Titles), ["diploma", "second_semester_transcript"]);
        assert_eq!(due(filiere, Due::ClosingIfExempt), [s.fee.exemption_piece.as_str()]);
    }
    let group: Vec<_> = s.pieces.iter().filter(|p| p.group.is_some()).map(|p| (p.id.as_str(), p.by)).collect();
    assert_eq!(group, [("fiche_appreciation", Depositor::Referee), ("fiche_poursuite_etudes", Depositor::Candidate)]);
}

#[test]
fn annexe_3_and_the_marks() {
    let s = session();
    assert_eq!((s.orals.interview.minutes, s.orals.english.minutes, s.orals.gap_minutes), (25, 15, 10));
    assert_eq!((s.orals.eliminating_hundredths, s.orals.highest_hundredths, s.orals.panel_members), (400, 2000, 2));
}
