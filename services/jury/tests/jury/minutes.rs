//! What the second person is shown before confirming, and what the procès-verbal prints afterwards.

use contracts::{
    integration,
    jury::{self as api, ActKind, Stage},
};
use notice::keys;
use uuid::Uuid;

use crate::house::{House, MS, ask, candidate, id, member, president, secretary, staff};

const SIGN: api::PrepareAdmissibilityRequest = api::PrepareAdmissibilityRequest {};
const SIGN_TABLES: api::PrepareAdmissionRequest = api::PrepareAdmissionRequest {};

async fn detail(house: &House, act: &api::Act, at: jiff::Timestamp) -> api::ActDetail {
    ask!(house, get_act, api::GetActRequest { act_id: act.act_id.clone() }, president(at)).unwrap()
}

async fn minutes(house: &House, stage: Stage, at: jiff::Timestamp) -> api::Minutes {
    ask!(house, get_minutes, api::GetMinutesRequest { stage: stage.into() }, member(at)).unwrap()
}

fn numbers(dossiers: &[api::RankedDossier]) -> Vec<u64> {
    dossiers.iter().map(|one| one.number).collect()
}

#[tokio::test]
async fn decisions_are_shown_before_they_are_signed_and_printed_when_they_are() {
    let house = House::open("minutes_admissibility").await;
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    for n in 1..=3 {
        house.closed(n, &["albi", "ales"], if n == 2 { &["ales"] } else { &[] }).await;
        let draft =
            api::DraftAdmissibilityRequest { dossier_id: id(n), admissible: n != 3, reason: format!("motif {n}") };
        ask!(house, draft_admissibility, draft, secretary(at)).unwrap();
    }
    let found = api::RecordDeterminationRequest {
        dossier_id: id(2),
        school: "ales".into(),
        recevable: false,
        reason: "programme".into(),
    };
    ask!(house, record_determination, found, secretary(at)).unwrap();
    let unsigned = api::GetMinutesRequest { stage: Stage::Admissibility.into() };
    assert_eq!(ask!(house, get_minutes, unsigned, member(at)).unwrap_err().reason, "NOT_SIGNED");

    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    let shown = detail(&house, &act, at).await;
    assert_eq!(shown.act.as_ref(), Some(&act));
    let decisions: Vec<_> = shown
        .decisions
        .iter()
        .map(|d| (d.number, d.admissible, d.reason.as_str(), d.recevable_schools.join(",")))
        .collect();
    let both = || "albi,ales".to_owned();
    assert_eq!(
        decisions,
        [(1, true, "motif 1", both()), (2, true, "motif 2", "albi".into()), (3, false, "motif 3", both())]
    );
    assert_eq!(shown.decisions[1].determinations[0].reason, "programme");

    // What is confirmed is what was shown, to the wording of a reason.
    let reworded =
        api::DraftAdmissibilityRequest { dossier_id: id(1), admissible: true, reason: "un autre motif".into() };
    ask!(house, draft_admissibility, reworded, secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap_err().reason, "CHANGED_SINCE_PREPARED");
    assert_eq!(detail(&house, &act, at).await.decisions[0].reason, "motif 1", "it shows what was prepared");
    let act = ask!(house, prepare_admissibility, SIGN, secretary(at)).unwrap();
    house.confirm(&act, president(at + MS)).await.unwrap();
    let publish = api::PrepareAdmissibilityPublicationRequest {};
    let publication = ask!(house, prepare_admissibility_publication, publish, secretary(at)).unwrap();
    assert_eq!(detail(&house, &publication, at).await.decisions.len(), 3);
    house.confirm(&publication, president(at + MS)).await.unwrap();

    let correction = api::PrepareAdmissibilityCorrectionRequest {
        dossier_id: id(3),
        admissible: true,
        determinations: Vec::new(),
        reason: "erreur de saisie".into(),
    };
    let correction = ask!(house, prepare_admissibility_correction, correction, secretary(at)).unwrap();
    let shown = detail(&house, &correction, at).await;
    let before = shown.decision_before.as_ref().unwrap();
    assert_eq!((before.admissible, before.reason.as_str()), (false, "motif 3"));
    assert_eq!((shown.decisions[0].admissible, shown.dossier.unwrap().number), (true, 3));
    let waiting = minutes(&house, Stage::Admissibility, at).await;
    assert!(waiting.corrections.is_empty(), "prepared is not done");
    house.confirm(&correction, president(at + MS)).await.unwrap();
    let annul = api::PrepareAnnulmentRequest { dossier_id: id(2), reason: "autre voie".into() };
    let annul = ask!(house, prepare_annulment, annul, secretary(at)).unwrap();
    assert_eq!(detail(&house, &annul, at).await.dossier.unwrap().number, 2);
    house.confirm(&annul, president(at + MS)).await.unwrap();

    let printed = minutes(&house, Stage::Admissibility, at).await;
    let sign_off = printed.sign_offs[0].act.as_ref().unwrap();
    assert_eq!((sign_off.prepared_by.as_str(), sign_off.confirmed_by.as_str()), ("secretary", "president"));
    assert_eq!((sign_off.prepared_at, sign_off.confirmed_at), (Some(at.into()), Some((at + MS).into())));
    assert_eq!((sign_off.count, sign_off.digest.as_str()), (3, act.digest.as_str()));
    let due = house.instant(keys::ADMISSIBILITY_RESULTS);
    assert_eq!(printed.publications[0].publish_at, Some(due.into()));
    let stand: Vec<_> = printed.decisions.iter().map(|d| (d.number, d.admissible, d.annulled)).collect();
    assert_eq!(stand, [(1, true, false), (2, true, true), (3, true, false)]);
    assert_eq!(printed.decisions[0].reason, "un autre motif");
    let counts = printed.counts.unwrap();
    assert_eq!((counts.admissible, counts.rejected, counts.annulled), (2, 0, 1));
    let corrected = &printed.corrections[0];
    assert_eq!(corrected.act.as_ref().unwrap().reason, "erreur de saisie");
    assert!(!corrected.decision_before.as_ref().unwrap().admissible && corrected.decisions[0].admissible);
    assert_eq!(printed.annulments[0].act.as_ref().unwrap().subject, id(2));
}

#[tokio::test]
async fn tables_are_printed_as_they_are_signed_with_everything_done_since() {
    let house = House::open("minutes_admission").await;
    house.admitted(&[1, 2]).await;
    house.ranked(&[2, 1]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    let stage = api::GetMinutesRequest { stage: Stage::Admission.into() };
    assert_eq!(ask!(house, get_minutes, stage, member(at)).unwrap_err().reason, "NOT_SIGNED");
    let act = ask!(house, prepare_admission, SIGN_TABLES, secretary(at)).unwrap();
    let shown = detail(&house, &act, at).await;
    assert_eq!((shown.tables.len(), numbers(&shown.tables[0].dossiers)), (8, vec![2, 1]));
    house.confirm(&act, president(at)).await.unwrap();
    let publish = api::PrepareAdmissionPublicationRequest {};
    let publication = ask!(house, prepare_admission_publication, publish, secretary(at)).unwrap();
    let shown = detail(&house, &publication, at).await;
    assert_eq!((shown.signature, numbers(&shown.tables[0].dossiers)), (1, vec![2, 1]));
    house.confirm(&publication, president(at)).await.unwrap();

    let correction = api::PrepareTableCorrectionRequest {
        school: "albi".into(),
        filiere: "L3".into(),
        dossier_ids: vec![id(1), id(2)],
        reason: "interversion".into(),
    };
    let correction = ask!(house, prepare_table_correction, correction, secretary(at)).unwrap();
    let shown = detail(&house, &correction, at).await;
    assert_eq!(numbers(&shown.table_before.unwrap().dossiers), [2, 1]);
    assert_eq!((shown.tables.len(), numbers(&shown.tables[0].dossiers)), (1, vec![1, 2]));
    house.confirm(&correction, president(at)).await.unwrap();
    let mark = api::PrepareMarkCorrectionRequest {
        dossier_id: id(1),
        exam: "english".into(),
        mark: "15".into(),
        absent: false,
        reason: "report".into(),
    };
    let mark = ask!(house, prepare_mark_correction, mark, secretary(at)).unwrap();
    let shown = detail(&house, &mark, at).await;
    assert_eq!((shown.mark_before.unwrap().mark, shown.mark.unwrap().mark), ("12.50".into(), "15.00".into()));
    house.confirm(&mark, president(at)).await.unwrap();

    let period = house.instant(&keys::period_opens(1));
    let granted =
        api::PrepareSupernumeraryRequest { dossier_id: id(2), school: "ales".into(), reason: "lésé".into() };
    let granted = ask!(house, prepare_supernumerary, granted, secretary(period)).unwrap();
    let seat = detail(&house, &granted, period).await.seat.unwrap();
    assert_eq!((seat.school.as_str(), seat.filiere.as_str()), ("ales", "L3"));
    house.confirm(&granted, president(period)).await.unwrap();
    let cell =
        integration::CellResult { school: "ales".into(), filiere: "L3".into(), seats: 7, taken: 5, last_called: 5 };
    let computed = integration::PeriodComputed { period: 1, cells: vec![cell], checked: true, digest: "00".into() };
    house.hear(&computed, 1).await;
    let transfer = api::TransferSeatsRequest {
        request_id: Uuid::from_u128(1).to_string(),
        school: "ales".into(),
        from_filiere: "L3".into(),
        to_filiere: "M1".into(),
        count: 2,
        reason: "places vides".into(),
    };
    ask!(house, transfer_seats, transfer, president(period)).unwrap();

    let printed = minutes(&house, Stage::Admission, period).await;
    assert_eq!((printed.signature, printed.signed_at), (2, Some(at.into())));
    assert_eq!((printed.tables.len(), numbers(&printed.tables[0].dossiers)), (8, vec![1, 2]));
    assert_eq!((printed.sign_offs.len(), printed.sign_offs[0].signature), (1, 1));
    assert_eq!(printed.publications[0].publish_at, Some(house.instant(keys::ADMISSION_RESULTS).into()));
    let kinds: Vec<_> = printed.corrections.iter().map(|c| c.act.as_ref().unwrap().kind()).collect();
    assert_eq!(kinds, [ActKind::TableCorrection, ActKind::MarkCorrection]);
    assert_eq!((printed.corrections[0].signature, printed.supernumeraries.len()), (2, 1));
    let moved: Vec<_> =
        printed.transfers.iter().map(|t| (t.to_filiere.as_str(), t.count, t.moved_by.as_str())).collect();
    assert_eq!(moved, [("M1", 2, "president")]);
    let ales: Vec<u32> = printed.seats.iter().filter(|c| c.school == "ales").map(|c| c.seats).collect();
    assert_eq!((printed.seats.len(), ales), (8, vec![5, 8, 7]));
    assert!(printed.decisions.is_empty() && printed.counts.is_none());
}

#[tokio::test]
async fn acts_and_minutes_are_the_jury_s_alone() {
    let house = House::open("minutes_roles").await;
    house.admitted(&[1]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    let annul = api::PrepareAnnulmentRequest { dossier_id: id(1), reason: "autre voie".into() };
    let act = ask!(house, prepare_annulment, annul, secretary(at)).unwrap();
    for who in [staff("albi", at), candidate(1, at)] {
        let act = api::GetActRequest { act_id: act.act_id.clone() };
        assert_eq!(ask!(house, get_act, act, who.clone()).unwrap_err().reason, "ROLE_NOT_ALLOWED");
        let stage = api::GetMinutesRequest { stage: Stage::Admissibility.into() };
        assert_eq!(ask!(house, get_minutes, stage, who).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
    let unknown = api::GetActRequest { act_id: id(1) };
    assert_eq!(ask!(house, get_act, unknown, member(at)).unwrap_err().reason, "NO_ACT");
    let stage = ask!(house, get_minutes, api::GetMinutesRequest::default(), member(at)).unwrap_err();
    assert_eq!(stage.reason, "UNKNOWN_STAGE");
}
