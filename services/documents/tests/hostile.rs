//! What people type is data: it is printed as typed, whatever it looks like, or the document says where it is not.
#![allow(clippy::unwrap_used)]

mod reading;
mod samples;

use documents::{Actor, Decided, Documents, Exam, Language, Piece};
use reading::Reading;

/// Every document, with each of `texts` where there is room for many, and all of them where there is room for one.
fn everywhere(texts: &[&str], language: Language) -> Vec<Reading> {
    let documents = Documents::new();
    let all = || texts.join(" ");
    let each = || texts.iter().map(|text| (*text).to_owned());

    let mut receipt = samples::receipt();
    (receipt.candidate.family_name, receipt.title, receipt.session) = (all(), all(), all());
    let piece = receipt.pieces[0].clone();
    receipt.pieces = each().map(|text| Piece { label: text.clone(), file: text, ..piece.clone() }).collect();

    let mut convocation = samples::convocation();
    (convocation.candidate.first_names, convocation.contact.office) = (all(), all());
    convocation.bring = each().collect();
    let exam = convocation.exams[0].clone();
    convocation.exams = each().map(|text| Exam { room: Some(text.clone()), label: text, ..exam.clone() }).collect();

    let mut answer = samples::answer_receipt();
    (answer.candidate.family_name, answer.school, answer.gives_up) = (all(), Some(all()), each().collect());
    answer.actor = Actor::Mandate { name: all() };

    let mut admissibility = samples::admissibility(texts.len());
    let signed = &mut admissibility.sign_offs[0].act;
    (signed.prepared.name, signed.confirmed.capacity) = (all(), all());
    if let Decided::Admissibility { decisions } = &mut admissibility.decided {
        for (row, text) in decisions.iter_mut().zip(each()) {
            (row.candidate.family_name, row.schools, row.filiere, row.reason) =
                (text.clone(), vec![text.clone()], text.clone(), text);
        }
    }

    let mut admission = samples::admission(texts.len());
    admission.annulments[0].reason = all();
    if let Decided::Admission { tables, transfers, supernumeraries } = &mut admission.decided {
        tables.truncate(1);
        (transfers[0].to_filiere, transfers[0].reason, supernumeraries[0].reason) = (all(), all(), all());
        for table in tables {
            (table.school, table.tie_breaks) = (all(), each().collect());
            table.ranked.iter_mut().zip(each()).for_each(|(row, text)| row.family_name = text);
        }
    }

    let printed = [
        documents.receipt(&receipt, language),
        documents.convocation(&convocation, language),
        documents.answer_receipt(&answer, language),
        documents.minutes(&admissibility, language),
        documents.minutes(&admission, language),
    ];
    printed.into_iter().map(|pdf| Reading::of(&pdf.unwrap())).collect()
}

#[test]
fn markup_is_printed_as_typed() {
    let texts = [
        "#import \"x.typ\": *",
        "#panic(\"no\")",
        "#sys.version",
        "#read(\"data.json\")",
        "$x^2$",
        "*a* _b_ `c`",
        "= Titre",
        "- 1. + /x: y",
        "@nobody <label>",
        "]#[ }#{ )",
        "\\u{41}",
        "a // b /* c",
        "\"quoted\" 'and' -- so --- on...",
        "<script>alert(1)</script>",
        "https://example.org",
    ];
    for pages in everywhere(&texts, Language::French) {
        texts.iter().for_each(|text| pages.says(text));
    }
}

#[test]
fn names_of_many_scripts_are_drawn() {
    let texts = ["Nguyễn Thị Hằng", "Łukasz Żółć", "Ελένη", "Чайковский", "Ţepeș O’Neil"];
    for pages in everywhere(&texts, Language::English) {
        texts.iter().for_each(|text| pages.says(text));
        pages.says_not("Unicode code");
    }
}

/// Written right to left, letters reach a reader in the order they are drawn.
#[test]
fn arabic_and_hebrew_are_drawn() {
    let texts = ["محمد", "שרה"];
    for pages in everywhere(&texts, Language::French) {
        let read = pages.text();
        assert!(texts.concat().chars().all(|letter| read.contains(letter)), "{read}");
        pages.says_not("[U+");
    }
}

#[test]
fn what_no_font_draws_is_a_code_point_and_the_document_says_so() {
    let texts = ["Zoé 😀", "王芳", "a\u{202E}b", "a\u{7}b", "\u{FFFF}"];
    for (language, note) in [
        (Language::French, "Les polices de ce document ne dessinent pas certains caractères"),
        (Language::English, "The fonts of this document do not draw some characters"),
    ] {
        for pages in everywhere(&texts, language) {
            for drawn in ["Zoé [U+1F600]", "[U+738B][U+82B3]", "a[U+202E]b", "a[U+0007]b", "[U+FFFF]"] {
                pages.says(drawn);
            }
            pages.says(note);
        }
    }
}

#[test]
fn nothing_is_said_of_fonts_when_everything_is_drawn() {
    let pdf = Documents::new().receipt(&samples::receipt(), Language::French).unwrap();
    Reading::of(&pdf).says_not("Les polices de ce document");
}

#[test]
fn a_very_long_word_is_there_whole() {
    let long = "Siebentausendzweihundertvierundzwanzig".repeat(4);
    for pages in everywhere(&[&long], Language::French) {
        pages.says(&long);
    }
}

#[test]
fn nothing_at_all_is_printed_as_nothing() {
    for pages in everywhere(&[""], Language::English) {
        assert!(!pages.pages().is_empty());
    }
}
