//! Each kind of fault, planted in the committed file, is told at its own line and column.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use notice::{Session, Verdict};

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sessions/2026.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The 2026 file with the first `from` after `section` replaced by `to`.
fn planted(section: &str, from: &str, to: &str) -> (String, usize) {
    let text = text();
    let start = text.find(section).unwrap_or_else(|| panic!("no {section}"));
    let at = start + text[start..].find(from).unwrap_or_else(|| panic!("no {from} after {section}"));
    (format!("{}{to}{}", &text[..at], &text[at + from.len()..]), at)
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let line = text[..offset].lines().count().max(1) + usize::from(text[..offset].ends_with('\n'));
    let column = text[..offset].chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// One fault: what is replaced, and the problem expected where `marked` stands in the replacement.
struct Fault {
    section: &'static str,
    from: &'static str,
    to: &'static str,
    marked: &'static str,
    says: &'static str,
}

const fn fault(
    section: &'static str,
    from: &'static str,
    to: &'static str,
    marked: &'static str,
    says: &'static str,
) -> Fault {
    Fault { section, from, to, marked, says }
}

const FAULTS: &[Fault] = &[
    // The words of the file.
    fault(
        "[session]",
        "currency =",
        "devise = \"EUR\"\ncurrency =",
        "devise",
        "session.devise: unknown key; known here:",
    ),
    fault("id = \"ales\"", "office", "ofice = \"x\"\noffice", "ofice", "schools[1].ofice: unknown key"),
    fault("[fee]", "amount = \"76.00\"", "amount = 76", "76", "fee.amount: expected a text, found an integer"),
    fault("[session]", "\"EUR\"", "\"euro\"", "\"euro\"", "session.currency: `euro` is not a currency code"),
    fault(
        "[session]",
        "\"Europe/Paris\"",
        "\"Europe/Pris\"",
        "\"Europe",
        "session.zone: `Europe/Pris` is not a time zone",
    ),
    fault("id = \"ales\"", "\"IMT Mines Alès\"", "\" \"", "\" \"", "schools[1].name: must not be empty"),
    fault("[[periods]]", "source = \"Tableau 3\"", "source = \"\"", "\"\"", "periods[0].source: must not be empty"),
    fault("[[filieres]]", "cycle_year = 1", "cycle_year = -1", "-1", "filieres[0].cycle_year: -1 is outside 1 to 9"),
    fault(
        "[[tables]]",
        "\"non\"",
        "\"nein\"",
        "\"nein\"",
        "tables[0].rows[1][3]: expected \"oui\" or \"non\", found \"nein\"",
    ),
    fault(
        "[[tables]]",
        "\"oui\", \"oui\", \"oui\"]",
        "\"oui\", \"oui\"]",
        "",
        "tables[0].rows[0]: expected a label and 3 cells",
    ),
    fault("[orals]", "panel_members = 2", "panel_members = 0", "0", "orals.panel_members: 0 is outside 1 to 20"),
    fault(
        "[orals]",
        "eliminating_mark = \"4.00\"",
        "eliminating_mark = \"4.001\"",
        "\"4.001\"",
        "at most two decimals",
    ),
    fault(
        "[orals]",
        "eliminating_mark = \"4.00\"",
        "eliminating_mark = \"20\"",
        "\"20\"",
        "must be below `highest_mark`",
    ),
    fault("[fee]", "\"76.00\"", "\"-76.00\"", "\"-76.00\"", "fee.amount: `-76.00` is not an amount with two decimals"),
    fault("[fee]", "\"76.00\"", "\"7600000.00\"", "\"7600000", "fee.amount: `7600000.00` is outside 0.01 to 10000.00"),
    fault("[fee]", "\"3 days\"", "\"soon\"", "\"soon\"", "fee.listed_before: `soon` is not a length of time"),
    fault("[fee]", "{nom}", "Nom", "", "fee.reference: expected `{nom}` and `{prenom}`"),
    fault("[[pieces]]", "max_bytes = 10_000_000", "max_bytes = 10", "10", "pieces[0].max_bytes: 10 is outside 1024 to"),
    fault(
        "[[pieces]]",
        "\"closing\"",
        "\"later\"",
        "\"later\"",
        "pieces[0].due: `later` is none of `closing`, `titles`",
    ),
    fault(
        "[[pieces]]",
        "\"jpeg\"",
        "\"gif\"",
        "\"gif\"",
        "pieces[0].formats[1]: `gif` is none of `pdf`, `jpeg`, `png`",
    ),
    // Identifiers of the outer world.
    fault(
        "id = \"ales\"",
        "FR76 1007 1300",
        "FR67 1007 1300",
        "",
        "wrong checksum: it leaves 89 modulo 97 instead of 1",
    ),
    fault("id = \"ales\"", "FR76 1007 1300", "fr76 1007 1300", "", "is not an IBAN"),
    fault("id = \"ales\"", "\"TRPUFRP1\"", "\"TRPUFR\"", "\"TRPUFR\"", "schools[1].account.bic: `TRPUFR` is not a BIC"),
    fault("id = \"ales\"", "\"admissions@mines-ales.fr\"", "\"admissions\"", "\"admissions\"", "is not a mail address"),
    fault("id = \"ales\"", "\"https://www.imt-mines-ales.fr\"", "\"ftp://x\"", "\"ftp", "is not a web address"),
    // Names that nothing declares, or that are declared twice.
    fault("[[schools]]", "id = \"albi\"", "id = \"Albi\"", "\"Albi\"", "`Albi` is not a school's id"),
    fault("id = \"ales\"", "\"ales\"", "\"albi\"", "\"albi\"", "schools[1].id: the school `albi` is declared twice"),
    fault(
        "[seats]",
        "\"ales\"",
        "\"paris\"",
        "\"paris\"",
        "no school `paris` is declared (declared: albi, ales, nord-europe)",
    ),
    fault("[seats]", "\"BUT3\"", "\"BUT2\"", "\"BUT2\"", "seats.columns[1]: no filière `BUT2` is declared"),
    fault("number = 6", "\"ales\"", "\"lille\"", "\"lille\"", "tables[2].columns[1]: no school `lille` is declared"),
    fault("number = 6", "number = 6", "number = 5", "5", "tables[2].number: the table 5 is declared twice"),
    fault("number = 5", "[\"Matériaux\"", "[\"Chimie\"", "\"Chimie\"", "the row `Chimie` stands here twice"),
    fault(
        "id = \"but3\"",
        "filiere = \"BUT3\"",
        "filiere = \"DUT\"",
        "\"DUT\"",
        "diplomas[1].filiere: no filière `DUT` is declared",
    ),
    fault("id = \"but3\"", "row = \"BUT 3\"", "row = \"BUT\"", "\"BUT\"", "the table 4 has no row `BUT`"),
    fault("id = \"but3\"", "mentions = 6", "mentions = 9", "9", "diplomas[1].mentions: no table 9 is declared"),
    fault(
        "id = \"unlisted-bac4\"",
        "\"master1\"",
        "\"doctorat\"",
        "\"doctorat\"",
        "no listed diploma `doctorat` is declared",
    ),
    fault(
        "[fee]",
        "\"crous_attestation\"",
        "\"letter\"",
        "\"letter\"",
        "fee.exemption_piece: no piece `letter` is declared",
    ),
    fault(
        "id = \"fiche_appreciation\"",
        "group = \"appreciation\"\n",
        "",
        "",
        "the group `appreciation` has one piece only",
    ),
    fault("[orals]", "school = \"ales\"", "school = \"douai\"", "\"douai\"", "no school `douai` is declared"),
    fault(
        "[seats]",
        "10,  0, 5, 15",
        "10,  3, 5, 18",
        "3",
        "3 seats at `nord-europe` in `BUT3`, but the tables close every title",
    ),
    fault("[seats]", "[22, 13, 15, 60]", "[22, 13, 15]", "", "`printed_totals` has 3 values, expected 4"),
    // Dates.
    fault(
        "[milestones]",
        "2026-03-20T23:00:00",
        "2026-01-20T23:00:00",
        "2026-01-20",
        "`deposits_close` (2026-01-20T23:00:00) must be after",
    ),
    fault(
        "[milestones]",
        "on = 2026-04-08",
        "on = 2026-04-10",
        "",
        "milestones.admissibility_results.at: `admissibility_results` (2026-04-09T16:00:00) must be at or after `admissibility_commission`",
    ),
    fault(
        "number = 2\n",
        "2026-06-04T14:00:00",
        "2026-06-03T22:00:00",
        "2026-06-03",
        "period 2 opens at 2026-06-03T22:00:00 and overlaps period 1",
    ),
    fault(
        "number = 3\n",
        "2026-06-17T23:00:00",
        "2026-06-11T14:00:00",
        "2026-06-11",
        "`period_3_closes` (2026-06-11T14:00:00) must be after",
    ),
    fault(
        "[milestones]",
        "through = 2026-07-17",
        "through = 2026-07-16",
        "2026-07-16",
        "`titles_due` (2026-07-17T00:00:00) must be at or after",
    ),
    fault(
        "[milestones]",
        "2026-03-20T23:00:00",
        "2026-03-29T02:30:00",
        "2026-03-29",
        "2026-03-29T02:30:00 does not exist in Europe/Paris",
    ),
    fault(
        "[milestones]",
        "2026-01-26T14:00:00",
        "2025-10-26T02:30:00",
        "2025-10-26",
        "2025-10-26T02:30:00 is ambiguous (it happens twice) in Europe/Paris",
    ),
    fault(
        "[milestones]",
        "2026-03-20T23:00:00",
        "2026-03-20T23:00:00+01:00",
        "2026-03-20",
        "has an offset: times are local",
    ),
    fault("[milestones]", "at = 2026-03-20T23:00:00", "at = 2026-03-20", "2026-03-20", "2026-03-20 has no time"),
    fault(
        "[milestones]",
        "on = 2026-04-08",
        "on = 2026-04-08T10:00:00",
        "2026-04-08",
        "expected a date without a time",
    ),
    fault(
        "[milestones]",
        "on = 2026-04-08,",
        "on = 2026-04-08, at = 2026-04-08T10:00:00,",
        "",
        "expected one of `at` (a local time), `on`",
    ),
    fault("number = 3\n", "number = 3", "number = 4", "4", "periods are numbered in order from 1: expected 3"),
    fault("[orals]", "2026-05-18, ", "2026-06-18, ", "2026-06-18", "orals on 2026-06-18 are not between"),
    fault(
        "[orals]",
        "[2026-05-18, 2026-05-19]",
        "[2026-05-19, 2026-05-18]",
        "2026-05-18",
        "2026-05-18 must be after the day before it",
    ),
    fault(
        "[milestones]",
        "2026-01-26T14:00:00",
        "2026-01-26T14:00:00.0000001",
        "2026-01-26",
        "finer than a microsecond",
    ),
    // The syntax itself.
    fault("[session]", "id = \"2026\"", "id = \"2026", "", ""),
    fault("[session]", "id = \"2026\"", "id = \"2026\"\nid = \"2027\"", "", "duplicate key"),
];

#[test]
fn every_kind_of_fault_is_told_where_it_stands() {
    for f in FAULTS {
        let (text, start) = planted(f.section, f.from, f.to);
        let problems = Session::parse(&text).expect_err(f.to);
        let all: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let about = format!("{} -> {}: {all:#?}", f.from, f.to);
        let found = problems.iter().find(|p| p.to_string().contains(f.says)).unwrap_or_else(|| panic!("{about}"));
        if !f.marked.is_empty() {
            let marked = start + f.to.rfind(f.marked).unwrap();
            assert_eq!((found.line, found.column), place(&text, marked), "{about}");
        }
        let ends_in_its_lines = found.line >= place(&text, start).0.saturating_sub(14);
        assert!(ends_in_its_lines && found.line <= text.lines().count(), "{about}");
    }
}

#[test]
fn line_and_column_count_from_one_in_characters() {
    let problems = Session::parse("[session]\nid = \"é\"\n\n[session.zone]\n\"é\" = 1 #\n[zoné]\n").unwrap_err();
    let found = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(found[0].starts_with("6:5: invalid unquoted key"), "{found:#?}");
    let problems = Session::parse("[session]\ntitle = \"é\"      # é\nsites = [\"é\", 3]\n").unwrap_err();
    let found = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(found.contains(&"3:15: session.sites[1]: expected a text, found an integer".to_owned()), "{found:#?}");
    assert!(found.contains(&"1:1: session: `id` is missing".to_owned()), "{found:#?}");
    assert!(found.contains(&"1:1: `schools` is missing".to_owned()), "{found:#?}");
}

#[test]
fn all_faults_are_told_at_once_in_the_files_order() {
    let text = text()
        .replace("zone = \"Europe/Paris\" ", "zone = \"Europe/Pris\" ")
        .replace("FR76 1007 1420", "FR77 1007 1420")
        .replace("mail = \"admissions@mines-ales.fr\"", "mail = \"\"")
        .replace("2026-06-04T14:00:00", "2026-06-03T14:00:00")
        .replace("amount = \"76.00\"", "amount = \"76\"");
    let problems = Session::parse(&text).unwrap_err();
    let paths: Vec<_> = problems.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(
        paths,
        ["session.zone", "schools[0].account.iban", "schools[1].mail", "periods[1].opens", "fee.amount"],
        "{problems:#?}"
    );
    let printed = Verdict::of("x.toml", &text).to_string();
    assert!(printed.contains("error: x.toml:") && printed.ends_with("x.toml: not a session: 5 errors"), "{printed}");
}

#[test]
fn an_empty_text_names_every_missing_section() {
    let problems = Session::parse("").unwrap_err();
    let missing: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
    for section in [
        "session",
        "schools",
        "filieres",
        "seats",
        "tables",
        "diplomas",
        "milestones",
        "periods",
        "orals",
        "fee",
        "pieces",
    ] {
        assert!(missing.contains(&format!("`{section}` is missing").as_str()), "{section}: {missing:?}");
    }
}

/// Nothing that a slip of the hand can do makes the parser panic.
#[test]
fn no_truncation_of_the_file_panics() {
    let text = text();
    for (at, _) in text.char_indices().step_by(97) {
        let complete = Session::parse(&text[..at]).is_ok();
        assert!(!complete || at > text.find("[[pieces]]").unwrap(), "{at}");
    }
}

/// Seconds and fractions are allowed: a rehearsal's milestones lie that close.
#[test]
fn times_may_have_fractions_of_a_second() {
    let (text, _) = planted("[milestones]", "2026-01-26T14:00:00", "2026-01-26T14:00:00.250");
    let (session, _) = Session::parse(&text).unwrap();
    assert_eq!(session.milestones.platform_opens.at, "2026-01-26T13:00:00.250Z".parse().unwrap());
}
