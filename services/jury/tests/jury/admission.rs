//! R26, R27: marks, tables, and what shows of them when.

use contracts::jury::{self as api, jury_server::Jury as _};
use notice::keys;
use platform::refusal::Refusal;
use sha2::{Digest as _, Sha256};

use crate::house::{House, MS, ask, candidate, id, president, request, secretary, staff};

const SIGN: api::PrepareAdmissionRequest = api::PrepareAdmissionRequest {};
const PUBLISH: api::PrepareAdmissionPublicationRequest = api::PrepareAdmissionPublicationRequest {};

fn ranking(school: &str, dossiers: &[u128]) -> api::SubmitRankingRequest {
    api::SubmitRankingRequest {
        school: school.into(),
        filiere: "L3".into(),
        dossier_ids: dossiers.iter().map(|n| id(*n)).collect(),
    }
}

#[tokio::test]
async fn marks_wait_for_the_results_and_are_replaced_with_a_reason_only() {
    let house = House::open("marks").await;
    house.admitted(&[1, 2]).await;
    let due = house.instant(keys::ADMISSIBILITY_RESULTS);
    assert_eq!(house.mark(1, "english", "12", due - MS).await.unwrap_err().reason, "NOT_PUBLISHED");
    assert!(!house.mark(1, "english", "4.01", due).await.unwrap().eliminates);
    assert!(house.mark(2, "english", "4.00", due).await.unwrap().eliminates);
    for bad in ["20.01", "4.001", "-1", "", "quatre"] {
        assert_eq!(house.mark(1, "english", bad, due).await.unwrap_err().reason, "MARK_INVALID", "{bad:?}");
    }
    let maths = house.mark(1, "maths", "10", due).await.unwrap_err();
    assert_eq!((maths.reason.as_str(), maths.allowed.len()), ("UNKNOWN_EXAM", 2));
    assert!(house.mark(1, "english", "4.01", due).await.unwrap().already_applied);
    assert_eq!(house.mark(1, "english", "14", due).await.unwrap_err().reason, "MARK_EXISTS");
    let absent = api::RecordAbsenceRequest {
        dossier_id: id(1),
        exam: "english".into(),
        correction_reason: "marqué par erreur".into(),
    };
    assert!(ask!(house, record_absence, absent, secretary(due)).unwrap().eliminates);
    let seen = ask!(house, get_candidature, api::GetCandidatureRequest { dossier_id: id(1) }, secretary(due)).unwrap();
    assert!(seen.eliminated && seen.exams[0].absent && seen.exams[0].mark.is_empty());
}

#[tokio::test]
async fn tables_name_every_fault_and_ties_are_shown() {
    let house = House::open("tables").await;
    house.admitted(&[1, 2, 3]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    for n in [1, 2] {
        house.mark(n, "interview", "12", at).await.unwrap();
        house.mark(n, "english", if n == 1 { "13.25" } else { "4" }, at).await.unwrap();
    }
    let faulty = ask!(house, submit_ranking, ranking("albi", &[1, 1, 2, 3, 9]), secretary(at)).unwrap_err();
    assert_eq!(faulty.reason, "RANKING_INVALID");
    let lines: Vec<&str> = faulty.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(lines, ["dossier_ids[1]", "dossier_ids[2]", "dossier_ids[3]", "dossier_ids[3]", "dossier_ids[4]"]);
    let elsewhere = ask!(house, submit_ranking, ranking("nord-europe", &[1]), secretary(at)).unwrap_err();
    assert!(elsewhere.fields[0].1.contains("does not apply"), "{elsewhere:?}");
    let nowhere = api::SubmitRankingRequest { filiere: "BUT3".into(), ..ranking("nord-europe", &[]) };
    assert_eq!(ask!(house, submit_ranking, nowhere, secretary(at)).unwrap_err().reason, "UNKNOWN_CELL");

    house.mark(3, "interview", "12", at).await.unwrap();
    house.mark(3, "english", "12", at).await.unwrap();
    let merit = |a: u32, b: u32| api::ImportMeritRequest {
        filiere: "L3".into(),
        entries: [(1, a), (3, b)]
            .map(|(n, tie_break)| api::Merit {
                dossier_id: id(n),
                score: "12.50".into(),
                tie_break,
                ..Default::default()
            })
            .to_vec(),
    };
    let tied = ask!(house, import_merit, merit(0, 0), secretary(at)).unwrap_err();
    assert_eq!(tied.reason, "TIES");
    assert!(tied.fields[0].1.contains(&id(1)) && tied.fields[0].1.contains(&id(3)));
    let cells = ask!(house, import_merit, merit(2, 1), secretary(at)).unwrap().cells;
    assert_eq!(
        cells.iter().map(|c| (c.school.as_str(), c.ranked)).collect::<Vec<_>>(),
        [("albi", 2), ("ales", 2), ("nord-europe", 0)]
    );
    let table = api::GetTableRequest { school: "ales".into(), filiere: "L3".into() };
    let table = ask!(house, get_table, table, secretary(at)).unwrap();
    assert_eq!((table.dossier_ids, table.signed), (vec![id(3), id(1)], false));
}

#[tokio::test]
async fn what_is_signed_is_told_whole_with_its_digest_and_stands() {
    let house = House::open("signed").await;
    house.admitted(&[1, 2]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    assert_eq!(ask!(house, prepare_admission, SIGN, secretary(at - MS)).unwrap_err().reason, "BEFORE_COMMISSION");
    let incomplete = ask!(house, prepare_admission, SIGN, secretary(at)).unwrap_err();
    assert_eq!((incomplete.reason.as_str(), incomplete.metadata["faults"].as_str()), ("INCOMPLETE", "4"));
    house.ranked(&[2, 1]).await;
    let act = ask!(house, prepare_admission, SIGN, secretary(at)).unwrap();
    ask!(house, submit_ranking, ranking("albi", &[1, 2]), secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap_err().reason, "CHANGED_SINCE_PREPARED");
    let act = ask!(house, prepare_admission, SIGN, secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap().signature, 1);

    let tables = house.told::<api::TableSigned>().await;
    assert_eq!(tables.len(), 8, "empty tables are told too");
    let signed = &house.told::<api::AdmissionSigned>().await[0].3;
    let mut hash = Sha256::new();
    for cell in &signed.cells {
        let table = tables.iter().find(|t| t.3.school == cell.school && t.3.filiere == cell.filiere).unwrap();
        hash.update(format!("{}/{}:{}\n", cell.school, cell.filiere, table.3.dossier_ids.join(",")));
    }
    assert_eq!(signed.digest, hex::encode(hash.finalize()), "anyone can recompute what was signed");
    assert_eq!(signed.digest, act.digest);

    for refused in [
        ask!(house, submit_ranking, ranking("albi", &[2, 1]), secretary(at)).map(|_| ()).unwrap_err(),
        ask!(house, prepare_admission, SIGN, secretary(at)).map(|_| ()).unwrap_err(),
        house.mark(1, "english", "3", at).await.map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(refused.reason, "ADMISSION_SIGNED");
    }
    assert!(house.sql("update signed_tables set dossier_ids = '{}'").await.is_err());
}

#[tokio::test]
async fn results_show_at_their_instant_and_not_a_millisecond_before() {
    let house = House::open("results").await;
    house.admitted(&[1, 2, 3]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    house.mark(3, "interview", "2", at).await.unwrap();
    house.mark(3, "english", "18", at).await.unwrap();
    house.signed(&[2, 1]).await;
    let due = house.instant(keys::ADMISSION_RESULTS);
    let get = |n| api::GetResultRequest { dossier_id: id(n) };
    // Signed but not confirmed: the clock alone publishes nothing.
    assert_eq!(ask!(house, get_result, get(1), candidate(1, due)).unwrap_err().reason, "NOT_PUBLISHED");
    let act = ask!(house, prepare_admission_publication, PUBLISH, secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, secretary(at)).await.unwrap_err().reason, "SAME_PERSON");
    assert_eq!(house.confirm(&act, president(at)).await.unwrap().publish_at, Some(due.into()));
    assert_eq!(house.told::<api::AdmissionPublicationConfirmed>().await.len(), 1);

    let mut answers = Vec::new();
    for n in [1, 3, 9] {
        let status = house.grpc.get_result(request(get(n), candidate(n, due - MS))).await.unwrap_err();
        assert_eq!(Refusal::from_status(&status).unwrap().reason, "NOT_PUBLISHED");
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec()));
    }
    assert!(answers.iter().all(|a| a == &answers[0]));

    let one = ask!(house, get_result, get(1), candidate(1, due)).unwrap();
    assert_eq!(one.outcome(), api::Outcome::Ranked);
    let ranks: Vec<_> = one.ranks.iter().map(|r| (r.school.as_str(), r.rank)).collect();
    assert_eq!((ranks, one.exams[0].mark.as_str()), (vec![("albi", 2), ("ales", 2)], "12.50"));
    let three = ask!(house, get_result, get(3), candidate(3, due)).unwrap();
    assert_eq!((three.outcome(), three.ranks.len()), (api::Outcome::Eliminated, 0));
    assert!(three.exams[0].eliminates && !three.exams[1].eliminates);
    let school = ask!(house, get_result, get(1), staff("ales", due)).unwrap();
    assert_eq!((school.ranks.len(), school.exams.len()), (1, 0));
}

#[tokio::test]
async fn a_corrected_table_is_signed_again_under_the_next_number() {
    let house = House::open("recorrect").await;
    house.admitted(&[1, 2]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    house.ranked(&[1, 2]).await;
    // Forgotten at Albi.
    ask!(house, submit_ranking, ranking("albi", &[1]), secretary(at)).unwrap();
    let act = ask!(house, prepare_admission, SIGN, secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    let act = ask!(house, prepare_admission_publication, PUBLISH, secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    let correction = |dossiers: &[u128]| api::PrepareTableCorrectionRequest {
        school: "albi".into(),
        filiere: "L3".into(),
        dossier_ids: dossiers.iter().map(|n| id(*n)).collect(),
        reason: "oublié".into(),
    };
    let same = ask!(house, prepare_table_correction, correction(&[1]), secretary(at)).unwrap_err();
    assert_eq!(same.reason, "NOTHING_TO_CORRECT");
    let twice = ask!(house, prepare_table_correction, correction(&[1, 1]), secretary(at)).unwrap_err();
    assert_eq!(twice.reason, "RANKING_INVALID");
    let act = ask!(house, prepare_table_correction, correction(&[2, 1]), secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap().signature, 2);
    let tables = house.told::<api::TableSigned>().await;
    assert_eq!(tables.iter().filter(|t| t.1 == 2 && t.3.signature == 2).count(), 8);
    assert_eq!(house.told::<api::AdmissionSigned>().await.len(), 2);
    let confirmed: Vec<u64> =
        house.told::<api::AdmissionPublicationConfirmed>().await.iter().map(|t| t.3.signature).collect();
    assert_eq!(confirmed, [1, 2], "a confirmed publication covers the corrected tables");

    // A mark that would eliminate someone who is ranked: the tables first.
    let mark = |n: u128, mark: &str| api::PrepareMarkCorrectionRequest {
        dossier_id: id(n),
        exam: "english".into(),
        mark: mark.into(),
        absent: false,
        reason: "erreur de report".into(),
    };
    assert_eq!(ask!(house, prepare_mark_correction, mark(1, "2"), secretary(at)).unwrap_err().reason, "RANKED");
    let act = ask!(house, prepare_mark_correction, mark(1, "15"), secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    let due = house.instant(keys::ADMISSION_RESULTS);
    let seen = ask!(house, get_result, api::GetResultRequest { dossier_id: id(1) }, candidate(1, due)).unwrap();
    assert_eq!(seen.exams[1].mark, "15.00");
    let inadmissible = api::PrepareAdmissibilityCorrectionRequest {
        dossier_id: id(1),
        admissible: false,
        determinations: Vec::new(),
        reason: "erreur".into(),
    };
    let ranked = ask!(house, prepare_admissibility_correction, inadmissible, secretary(at)).unwrap_err();
    assert_eq!(ranked.reason, "RANKED");
}
