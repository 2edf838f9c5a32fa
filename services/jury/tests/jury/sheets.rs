//! What comes from a spreadsheet: marks in a batch (R26), a merit list looked at before it is imported (R27).

use contracts::jury as api;
use notice::keys;

use crate::house::{House, MS, ask, candidate, id, member, president, secretary, staff};

fn row(number: u64, exam: &str, mark: &str) -> api::MarkRow {
    api::MarkRow { number, exam: exam.into(), mark: mark.into(), ..Default::default() }
}

fn sheet(rows: &[api::MarkRow]) -> api::RecordMarksRequest {
    api::RecordMarksRequest { rows: rows.to_vec() }
}

#[tokio::test]
async fn a_sheet_of_marks_is_taken_whole_or_not_at_all() {
    let house = House::open("sheet").await;
    house.admitted(&[1, 2, 3]).await;
    let due = house.instant(keys::ADMISSIBILITY_RESULTS);
    let absent = api::MarkRow { absent: true, ..row(3, "interview", "") };
    let by_id = api::MarkRow { dossier_id: id(2), number: 0, ..row(2, "interview", "3.5") };
    let good = [row(1, "interview", "12"), row(1, "english", "14.25"), by_id.clone(), absent.clone()];

    let early = ask!(house, record_marks, sheet(&good), secretary(due - MS)).unwrap_err();
    assert_eq!((early.reason.as_str(), early.fields.len()), ("BATCH_INVALID", 4));
    let faulty = [
        good[0].clone(),
        row(1, "english", "quatorze"),
        row(99, "english", "12"),
        row(2, "maths", "12"),
        row(0, "english", "12"),
        api::MarkRow { absent: true, ..row(2, "english", "12") },
        api::MarkRow { dossier_id: id(2), ..row(2, "english", "12") },
        // Another mark for what the first row gave.
        row(1, "interview", "13"),
        row(2, "english", "20.5"),
    ];
    let refused = ask!(house, record_marks, sheet(&faulty), secretary(due)).unwrap_err();
    let fields: Vec<&str> = refused.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(refused.reason, "BATCH_INVALID");
    assert_eq!(
        fields,
        [
            "rows[1].mark",
            "rows[2]",
            "rows[3].exam",
            "rows[4].dossier_id",
            "rows[5].mark",
            "rows[6].dossier_id",
            "rows[7]",
            "rows[8].mark"
        ]
    );
    assert_eq!(house.sql("select count(*) from results").await.unwrap().trim(), "0", "nothing of it was kept");

    let kept = ask!(house, record_marks, sheet(&good), secretary(due)).unwrap();
    assert_eq!((kept.recorded, kept.already, kept.eliminating), (4, 0, 2));
    let again = ask!(house, record_marks, sheet(&good), secretary(due)).unwrap();
    assert_eq!((again.recorded, again.already, again.eliminating), (0, 4, 2));
    assert_eq!(house.sql("select count(*) from sealed where content like '%result%'").await.unwrap().trim(), "4");
    let corrected = api::MarkRow { correction_reason: "erreur de report".into(), ..row(2, "interview", "13.5") };
    assert_eq!(ask!(house, record_marks, sheet(&[corrected]), secretary(due)).unwrap().recorded, 1);

    // The sheet to enter marks from: admissible and signed, of one school.
    let list = |first_school: &str| api::ListCandidaturesRequest {
        admissible_only: true,
        decision: api::DecisionState::Signed.into(),
        first_school: first_school.into(),
        ..Default::default()
    };
    let albi = ask!(house, list_candidatures, list("albi"), member(due)).unwrap().candidatures;
    let marks: Vec<_> = albi[1].exams.iter().map(|exam| (exam.exam.as_str(), exam.mark.as_str())).collect();
    assert_eq!((albi.len(), marks), (3, vec![("interview", "13.50")]));
    assert!(ask!(house, list_candidatures, list("ales"), member(due)).unwrap().candidatures.is_empty());

    for who in [staff("albi", due), candidate(1, due)] {
        assert_eq!(ask!(house, record_marks, sheet(&good), who).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
    assert_eq!(ask!(house, record_marks, sheet(&[]), secretary(due)).unwrap_err().reason, "INVALID_BATCH");
}

fn merit(number: u64, score: &str, tie_break: u32) -> api::Merit {
    api::Merit { number, score: score.into(), tie_break, ..Default::default() }
}

fn list(entries: &[api::Merit]) -> api::ImportMeritRequest {
    api::ImportMeritRequest { filiere: "L3".into(), entries: entries.to_vec() }
}

#[tokio::test]
async fn ties_and_faults_show_before_anything_is_imported() {
    let house = House::open("check_merit").await;
    house.admitted(&[1, 2, 3, 4, 5]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    for n in 1..=4 {
        house.mark(n, "interview", "12", at).await.unwrap();
        house.mark(n, "english", if n == 4 { "2" } else { "13" }, at).await.unwrap();
    }
    let tied = [merit(2, "14", 0), merit(1, "15.5", 0), merit(3, "14.0", 0)];
    let checked = ask!(house, check_merit, list(&tied), secretary(at)).unwrap();
    assert!(!checked.ready && checked.faults.is_empty() && checked.left_out.is_empty());
    let members: Vec<u64> = checked.ties[0].members.iter().map(|m| m.number).collect();
    assert_eq!((checked.ties.len(), checked.ties[0].score.as_str(), members), (1, "14.0000", vec![2, 3]));
    let lines = |reply: &api::CheckMeritReply| -> Vec<(u64, u32, bool)> {
        reply.tables[0].lines.iter().map(|line| (line.number, line.rank, line.tied)).collect()
    };
    assert_eq!(lines(&checked), [(1, 1, false), (2, 2, true), (3, 2, true)]);
    let schools: Vec<_> = checked.tables.iter().map(|t| (t.school.as_str(), t.lines.len())).collect();
    assert_eq!(schools, [("albi", 3), ("ales", 3), ("nord-europe", 0)]);

    let both = api::Merit { dossier_id: id(2), ..merit(2, "12", 0) };
    let faulty = [
        merit(1, "15.5", 0),
        merit(99, "12", 0),
        both,
        merit(2, "douze", 0),
        merit(1, "11", 0),
        merit(4, "12", 0),
        merit(5, "12", 0),
        merit(0, "12", 0),
    ];
    let checked = ask!(house, check_merit, list(&faulty), secretary(at)).unwrap();
    let faults: Vec<_> = checked.faults.iter().map(|f| (f.entry, f.reason.as_str())).collect();
    assert_eq!(
        faults,
        [
            (1, "UNKNOWN_NUMBER"),
            (2, "ID_AND_NUMBER"),
            (3, "SCORE_INVALID"),
            (4, "DUPLICATE"),
            (5, "ELIMINATED"),
            (6, "RESULT_MISSING"),
            (6, "RESULT_MISSING"),
            (7, "INVALID_ID")
        ]
    );
    assert_eq!(lines(&checked), [(1, 1, false)], "what is without fault");
    let left_out: Vec<u64> = checked.left_out.iter().map(|one| one.number).collect();
    assert_eq!(left_out, [2, 3], "could be ranked, and is not");
    assert_eq!(house.sql("select count(*) from drafts").await.unwrap().trim(), "0", "looking changes nothing");

    let refused = ask!(house, import_merit, list(&faulty), secretary(at)).unwrap_err();
    let fields: Vec<&str> = refused.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(refused.reason, "MERIT_INVALID");
    assert_eq!(fields, ["entries[1].number", "entries[2].number", "entries[3].score", "entries[7].dossier_id"]);
    assert_eq!(ask!(house, import_merit, list(&tied), secretary(at)).unwrap_err().reason, "TIES");
    let broken = [merit(2, "14", 2), merit(1, "15.5", 0), merit(3, "14.0", 1)];
    let checked = ask!(house, check_merit, list(&broken), secretary(at)).unwrap();
    assert!(checked.ready);
    assert_eq!(lines(&checked), [(1, 1, false), (3, 2, false), (2, 3, false)]);
    ask!(house, import_merit, list(&broken), secretary(at)).unwrap();
    let table = api::GetTableRequest { school: "albi".into(), filiere: "L3".into() };
    assert_eq!(ask!(house, get_table, table, secretary(at)).unwrap().dossier_ids, [id(1), id(3), id(2)]);

    for who in [staff("albi", at), candidate(1, at)] {
        assert_eq!(ask!(house, check_merit, list(&tied), who).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
    let unknown = api::ImportMeritRequest { filiere: "CPGE".into(), entries: Vec::new() };
    assert_eq!(ask!(house, check_merit, unknown, president(at)).unwrap_err().reason, "UNKNOWN_CELL");
}
