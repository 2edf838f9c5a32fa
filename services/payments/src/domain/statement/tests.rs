#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::domain::matching;

const SCHOOL: Expected<'_> = Expected { iban: "FR7610071420000000100289731", currency: "EUR" };

macro_rules! fixture {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $name))[..]
    };
}

fn only(bytes: &[u8], format: Format) -> Statement {
    let (found, statements) = read(bytes, None, SCHOOL).unwrap();
    assert_eq!(found, format);
    let [statement] = <[Statement; 1]>::try_from(statements).unwrap();
    statement
}
fn faults(bytes: &[u8]) -> Vec<String> {
    match read(bytes, None, SCHOOL) {
        Err(Unreadable::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}
fn references(line: &BankLine) -> Vec<u64> {
    matching::references(line).iter().map(|r| r.number()).collect()
}

#[test]
fn camt_version_2_is_read_whole() {
    let s = only(fixture!("camt053-v02.xml"), Format::Camt053);
    assert_eq!((s.opening, s.closing), (Cents::new(100_000), Cents::new(114_850)));
    assert_eq!(s.closing_date, date(2026, 3, 10));
    let told: Vec<_> =
        s.lines.iter().map(|l| (l.cents.get(), l.reversal, l.location.as_str(), references(l))).collect();
    assert_eq!(
        told,
        [
            (7600, false, "Stmt[1]/Ntry[1]", vec![1]),
            (7600, false, "Stmt[1]/Ntry[2]/TxDtls[1]", vec![]),
            (3800, false, "Stmt[1]/Ntry[2]/TxDtls[2]", vec![2]),
            (-3800, true, "Stmt[1]/Ntry[3]", vec![]),
            (-350, false, "Stmt[1]/Ntry[4]", vec![]),
        ]
    );
    assert_eq!(s.lines[0].counterparty, "MME LEFEVRE & M. MARTIN");
    assert_eq!((s.lines[1].bank_reference.as_str(), s.lines[1].end_to_end.as_str()), ("2026031000002-1", "E2E-1"));
    assert_eq!(s.lines[3].counterparty, "PETIT LUCIE");
    assert_eq!(s.lines[4].remittance, "FRAIS DE TENUE DE COMPTE");
}

#[test]
fn camt_version_8_is_read_with_prefixes_and_parties() {
    let s = only(fixture!("camt053-v08.xml"), Format::Camt053);
    assert_eq!(
        (s.opening, s.closing, s.lines.len()),
        (Cents::new(-1000), Cents::new(6600), 1),
        "a pending entry is no line"
    );
    let line = &s.lines[0];
    assert_eq!((line.counterparty.as_str(), line.booked_on), ("N'Guyen Thị", date(2026, 3, 11)));
    assert_eq!(line.bank_reference, "TX-1");
}

#[test]
fn every_version_of_the_namespace_is_accepted_and_no_other() {
    let text = std::str::from_utf8(fixture!("camt053-v02.xml")).unwrap();
    for version in 0..=20 {
        let text = text.replace("camt.053.001.02", &format!("camt.053.001.{version:02}"));
        assert_eq!(read(text.as_bytes(), None, SCHOOL).is_ok(), (2..=13).contains(&version), "{version}");
    }
    assert_eq!(
        read(fixture!("camt052.xml"), None, SCHOOL).unwrap_err(),
        Unreadable::NotCamt053("urn:iso:std:iso:20022:tech:xsd:camt.052.001.02".into())
    );
}

#[test]
fn cfonb_120_is_read_whole() {
    let s = only(fixture!("releve.cfonb120"), Format::Cfonb120);
    assert_eq!((s.opening, s.closing), (Cents::new(-1000), Cents::new(6250)));
    assert_eq!((s.opening_date, s.closing_date), (date(2026, 3, 9), date(2026, 3, 11)));
    let told: Vec<_> =
        s.lines.iter().map(|l| (l.cents.get(), l.reversal, l.location.as_str(), references(l))).collect();
    assert_eq!(
        told,
        [
            (7600, false, "line 2", vec![1]),
            (7000, false, "line 7", vec![2]),
            (-7000, true, "line 11", vec![]),
            (-350, false, "line 13", vec![]),
        ]
    );
    assert_eq!(
        (s.lines[0].counterparty.as_str(), s.lines[0].bank_reference.as_str()),
        ("MME LEFEVRE ANNE", "0000001 REF0001")
    );
    assert_eq!((s.lines[1].end_to_end.as_str(), s.lines[2].end_to_end.as_str()), ("E2E-2", "E2E-2"));
    assert_eq!(s.lines[3].bank_reference, "FRAISTENUEDECOMPTE");
    // Without line ends, as some transmissions deliver it: the same.
    let joined: Vec<u8> = fixture!("releve.cfonb120").iter().copied().filter(|b| !b"\r\n".contains(b)).collect();
    assert_eq!(only(&joined, Format::Cfonb120).lines, {
        let mut lines = s.lines;
        for (line, record) in lines.iter_mut().zip([2, 7, 11, 13]) {
            line.location = format!("line {record}");
        }
        lines
    });
}

#[test]
fn faults_are_named_with_their_place() {
    assert_eq!(
        faults(fixture!("wrong-total.xml")),
        ["Stmt[1]: the closing balance is 1148.51, the lines make 1148.50"]
    );
    assert_eq!(
        faults(fixture!("three-faults.xml")),
        [
            "Stmt[1]/Ntry[1]: BookgDt is `2026-02-30`, expected a date such as 2026-03-20",
            "Stmt[1]/Ntry[3]: CdtDbtInd is `DEBIT`, expected CRDT or DBIT",
            "Stmt[1]/Ntry[4]: the amount is in `USD`, the session's currency is EUR",
        ]
    );
    assert_eq!(
        faults(fixture!("wrong-total.cfonb120")),
        ["line 14: the closing balance is 62.51, the lines make 62.50"]
    );
    assert_eq!(
        faults(fixture!("faulty-amount.cfonb120")),
        ["line 2: the amount (91-104) is `0000000000760X`, expected 13 digits and a signed last one, in whole cents"]
    );
}

#[test]
fn a_statement_of_another_account_is_refused() {
    let other = Expected { iban: "FR7610071300000000100828534", ..SCHOOL };
    for file in [fixture!("camt053-v02.xml"), fixture!("releve.cfonb120")] {
        let Err(Unreadable::Faults(faults)) = read(file, None, other) else { panic!("taken") };
        assert!(matches!(faults[0].what, Wrong::Account { .. }), "{faults:?}");
    }
    let pounds = Expected { currency: "GBP", ..SCHOOL };
    for file in [fixture!("camt053-v02.xml"), fixture!("releve.cfonb120")] {
        let Err(Unreadable::Faults(faults)) = read(file, None, pounds) else { panic!("taken") };
        assert!(matches!(faults[0].what, Wrong::Currency { .. }), "{faults:?}");
    }
}

#[test]
fn what_is_not_a_statement_is_refused_as_what_it_is() {
    assert_eq!(read(b"", None, SCHOOL), Err(Unreadable::Neither));
    assert_eq!(read(b"%PDF-1.7", None, SCHOOL), Err(Unreadable::Neither));
    assert!(matches!(read(b"%PDF-1.7", Some(Format::Camt053), SCHOOL), Err(Unreadable::NotXml { line: 1, .. })));
    assert_eq!(read(b"<html/>", None, SCHOOL), Err(Unreadable::NotCamt053("html".into())));
    assert!(matches!(read(fixture!("truncated.xml"), None, SCHOOL), Err(Unreadable::NotXml { .. })));
    assert_eq!(read(b"0110071\n", None, SCHOOL), Err(Unreadable::NotCfonb120 { line: 1, found: 7 }));
    assert_eq!(read(&vec![b'<'; MAX_BYTES + 1], None, SCHOOL), Err(Unreadable::TooLarge(MAX_BYTES + 1)));
    assert!(matches!(read(b"<a></b>", None, SCHOOL), Err(Unreadable::NotXml { .. })));
    assert!(matches!(read(b"<a/><b/>", None, SCHOOL), Err(Unreadable::NotXml { .. })));
    assert!(matches!(read(b"<a/>x", None, SCHOOL), Err(Unreadable::NotXml { .. })));
}

#[test]
fn document_types_entities_and_depth_are_refused() {
    for file in [fixture!("entity-expansion.xml"), fixture!("external-entity.xml")] {
        assert!(
            matches!(read(file, None, SCHOOL), Err(Unreadable::Hostile { line: 2, .. })),
            "{:?}",
            read(file, None, SCHOOL)
        );
    }
    assert!(matches!(read(b"<a>&lol;</a>", None, SCHOOL), Err(Unreadable::Hostile { .. })));
    let deep = "<a>".repeat(100_000);
    assert!(matches!(read(deep.as_bytes(), None, SCHOOL), Err(Unreadable::Hostile { .. })));
    let wide = format!("<a>{}</a>", "<b/>".repeat(700_000));
    assert!(matches!(read(wide.as_bytes(), None, SCHOOL), Err(Unreadable::Hostile { .. })));
}

#[test]
fn more_lines_than_one_import_can_hold_are_refused() {
    let text = std::str::from_utf8(fixture!("releve.cfonb120")).unwrap();
    let movement = text.lines().nth(12).unwrap();
    assert!(movement.starts_with("04"));
    let with = |count: usize| {
        let mut records: Vec<&str> = text.lines().collect();
        records.splice(13..13, std::iter::repeat_n(movement, count));
        read(records.join("\n").as_bytes(), None, SCHOOL)
    };
    assert_eq!(with(MAX_LINES - 3), Err(Unreadable::TooManyLines));
    assert!(matches!(with(MAX_LINES - 4), Err(Unreadable::Faults(_))), "read whole, and the total is wrong");
}

#[test]
fn latin_1_is_read_in_both_formats() {
    let text = std::str::from_utf8(fixture!("camt053-v02.xml")).unwrap().replace("UTF-8", "ISO-8859-1");
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(only(&bytes, Format::Camt053).lines[1].remittance, "Durand_Zoé_admission sur titre 2026");
    let mut record = fixture!("releve.cfonb120").to_vec();
    let at = record.windows(4).position(|w| w == b"ANNE").unwrap();
    record[at + 3] = 0xe9;
    assert_eq!(only(&record, Format::Cfonb120).lines[0].counterparty, "MME LEFEVRE ANNé");
}

#[test]
fn several_details_must_make_their_entry() {
    let text = std::str::from_utf8(fixture!("camt053-v02.xml")).unwrap();
    let text = text.replace("<TxAmt><Amt Ccy=\"EUR\">38.00", "<TxAmt><Amt Ccy=\"EUR\">38.01");
    assert_eq!(faults(text.as_bytes()), ["Stmt[1]/Ntry[2]: Amt of the entry is 114.00, the lines make 114.01"]);
}

#[test]
fn overpunched_amounts_are_exact() {
    let text = std::str::from_utf8(fixture!("releve.cfonb120")).unwrap();
    // Three decimals, all the last ones zero, are whole cents; and are not when one is not.
    let with = |amount: &str, decimals: &str| {
        let lines: Vec<String> =
            text.lines()
                .enumerate()
                .map(|(i, l)| {
                    if i == 1 { format!("{}{decimals}{}{amount}{}", &l[..19], &l[20..90], &l[104..]) } else { l.into() }
                })
                .collect();
        read(lines.join("\n").as_bytes(), None, SCHOOL)
    };
    assert!(with("0000000007600{", "3").is_ok());
    assert!(with("0000000007600A", "3").is_err());
    assert!(with("0000000000007F", "0").is_ok(), "76 whole euros");
    assert!(with("0000000000007F", "1").is_err(), "7.60: the total is wrong");
    assert!(with("9999999999999I", "2").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for format in [None, Some(Format::Camt053), Some(Format::Cfonb120)] {
            let _ = read(&bytes, format, SCHOOL);
        }
    }

    #[test]
    fn no_damage_to_a_file_panics_a_reader_or_yields_other_money(
        which in 0usize..3, cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..3), 1..6),
    ) {
        let mut bytes = [fixture!("camt053-v02.xml"), fixture!("camt053-v08.xml"), fixture!("releve.cfonb120")][which].to_vec();
        for (at, byte, how) in cuts {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        if let Ok((_, statements)) = read(&bytes, None, SCHOOL) {
            for s in statements {
                let lines: Cents = s.lines.iter().map(|l| l.cents).sum();
                prop_assert_eq!(s.opening + lines, s.closing);
            }
        }
    }

    #[test]
    fn no_text_of_records_panics_the_cfonb_reader(text in "(0[1457][ 0-9A-Z{}é]{118}\n){0,8}") {
        let _ = read(text.as_bytes(), Some(Format::Cfonb120), SCHOOL);
    }
}
