//! R15, R28, R33: seats moved, a seat beyond the number, nullity.

use contracts::{
    integration,
    jury::{self as api},
};
use notice::keys;
use uuid::Uuid;

use crate::house::{House, MS, ask, candidate, id, president, secretary};

fn computed(period: u32, taken: u32) -> integration::PeriodComputed {
    let cell = |filiere: &str, seats, taken| integration::CellResult {
        school: "ales".into(),
        filiere: filiere.into(),
        seats,
        taken,
        last_called: taken,
    };
    integration::PeriodComputed {
        period,
        cells: vec![cell("L3", 7, taken), cell("BUT3", 8, 8)],
        checked: true,
        digest: "00".into(),
    }
}

fn transfer(request: u128, from: &str, to: &str, count: u32) -> api::TransferSeatsRequest {
    api::TransferSeatsRequest {
        request_id: Uuid::from_u128(request).to_string(),
        school: "ales".into(),
        from_filiere: from.into(),
        to_filiere: to.into(),
        count,
        reason: "places non pourvues".into(),
    }
}

#[tokio::test]
async fn only_what_the_last_computation_left_empty_moves_and_from_the_next_opening_on() {
    let house = House::open("transfer").await;
    let at = house.instant(&keys::period_opens(1));
    let none = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 1), president(at)).unwrap_err();
    assert_eq!(none.reason, "NOT_COMPUTED");
    house.hear(&computed(1, 5), 1).await;
    let alone = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 1), secretary(at)).unwrap_err();
    assert_eq!(alone.reason, "ROLE_NOT_ALLOWED");
    let many = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 3), president(at)).unwrap_err();
    assert_eq!((many.reason.as_str(), many.allowed.as_slice()), ("NOT_EMPTY", &["2".to_owned()][..]));
    let unknown = ask!(house, transfer_seats, transfer(1, "L3", "CPGE", 1), president(at)).unwrap_err();
    assert_eq!((unknown.reason.as_str(), unknown.allowed.len()), ("UNKNOWN_CELL", 3));

    let done = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 1), president(at)).unwrap();
    assert_eq!((done.from_seats, done.to_seats, done.from_period), (6, 9, 2));
    let again = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 1), president(at)).unwrap();
    assert!(again.already_applied && again.from_seats == 6);
    let reused = ask!(house, transfer_seats, transfer(1, "L3", "BUT3", 2), president(at)).unwrap_err();
    assert_eq!(reused.reason, "REQUEST_REUSED");
    let rest = ask!(house, transfer_seats, transfer(2, "L3", "BUT3", 2), president(at)).unwrap_err();
    assert_eq!(rest.allowed, ["1"]);
    let told = house.told::<api::SeatsSet>().await;
    assert_eq!(told.len(), 1, "a repeat and a refusal tell nothing");
    let seats: Vec<_> = told[0].3.seats.iter().map(|s| (s.filiere.as_str(), s.seats)).collect();
    assert_eq!((seats, told[0].3.from_period, told[0].1), (vec![("L3", 6), ("BUT3", 9), ("M1", 5)], 2, 1));

    // An older computation, heard late, changes nothing.
    house.hear(&computed(2, 6), 1).await;
    house.hear(&computed(1, 0), 9).await;
    let full = ask!(house, transfer_seats, transfer(3, "L3", "BUT3", 1), president(at)).unwrap_err();
    assert_eq!(full.allowed, ["0"]);
    let last = house.instant(&keys::period_opens(4));
    house.hear(&computed(3, 4), 1).await;
    let over = ask!(house, transfer_seats, transfer(4, "L3", "BUT3", 1), president(last)).unwrap_err();
    assert_eq!(over.reason, "NO_OPENING_LEFT");
    let in_time = ask!(house, transfer_seats, transfer(4, "L3", "BUT3", 1), president(last - MS)).unwrap();
    assert_eq!(in_time.from_period, 4);
}

#[tokio::test]
async fn a_person_wronged_gets_a_seat_once_and_from_two_people() {
    let house = House::open("wronged").await;
    house.admitted(&[1, 2]).await;
    house.ranked(&[1, 2]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    let grant = |n: u128, school: &str| api::PrepareSupernumeraryRequest {
        dossier_id: id(n),
        school: school.into(),
        reason: "erreur de la plateforme".into(),
    };
    assert_eq!(ask!(house, prepare_supernumerary, grant(1, "albi"), secretary(at)).unwrap_err().reason, "NOT_SIGNED");
    let act = ask!(house, prepare_admission, api::PrepareAdmissionRequest {}, secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    // What it tells goes to every service: nothing of it before the results are public (R19).
    let results = house.instant(keys::ADMISSION_RESULTS);
    let unconfirmed = ask!(house, prepare_supernumerary, grant(1, "albi"), secretary(results)).unwrap_err();
    assert_eq!(unconfirmed.reason, "NOT_PUBLISHED");
    let publication = api::PrepareAdmissionPublicationRequest {};
    let act = ask!(house, prepare_admission_publication, publication, secretary(at)).unwrap();
    house.confirm(&act, president(at)).await.unwrap();
    for school in ["albi", "nord-europe"] {
        let early = ask!(house, prepare_supernumerary, grant(1, school), secretary(results - MS)).unwrap_err();
        assert_eq!(early.reason, "NOT_PUBLISHED");
    }
    ask!(house, prepare_supernumerary, grant(1, "albi"), secretary(results)).unwrap();
    let elsewhere = ask!(house, prepare_supernumerary, grant(1, "nord-europe"), secretary(results)).unwrap_err();
    assert_eq!(elsewhere.reason, "NOT_ON_TABLE");
    let during = house.instant(&keys::period_opens(2)) + MS;
    let act = ask!(house, prepare_supernumerary, grant(1, "albi"), secretary(during)).unwrap();
    assert_eq!(house.confirm(&act, secretary(during)).await.unwrap_err().reason, "SAME_PERSON");
    assert!(house.told::<api::SupernumeraryGranted>().await.is_empty());
    house.confirm(&act, president(during)).await.unwrap();
    let told = house.told::<api::SupernumeraryGranted>().await;
    assert_eq!((told.len(), told[0].3.from_period, told[0].3.filiere.as_str()), (1, 3, "L3"));
    let again = ask!(house, prepare_supernumerary, grant(1, "albi"), secretary(during)).unwrap_err();
    assert_eq!(again.reason, "ALREADY_GRANTED");
}

#[tokio::test]
async fn an_annulled_candidature_leaves_by_two_people_and_never_comes_back() {
    let house = House::open("annul").await;
    house.admitted(&[1]).await;
    let at = house.instant(keys::ADMISSION_COMMISSION);
    let annul = || api::PrepareAnnulmentRequest { dossier_id: id(1), reason: "inscrit par une autre voie".into() };
    let act = ask!(house, prepare_annulment, annul(), president(at)).unwrap();
    let withdrawn = ask!(house, withdraw, api::WithdrawRequest { act_id: act.act_id.clone() }, president(at)).unwrap();
    assert_eq!(withdrawn.state(), api::ActState::Withdrawn);
    assert_eq!(house.confirm(&act, secretary(at)).await.unwrap_err().reason, "ACT_WITHDRAWN");
    let act = ask!(house, prepare_annulment, annul(), president(at)).unwrap();
    house.confirm(&act, secretary(at)).await.unwrap();
    assert_eq!(house.told::<api::CandidatureAnnulled>().await.len(), 1);
    assert_eq!(house.mark(1, "english", "12", at).await.unwrap_err().reason, "ANNULLED");
    assert_eq!(ask!(house, prepare_annulment, annul(), president(at)).unwrap_err().reason, "ANNULLED");
    let seen = api::GetAdmissibilityRequest { dossier_id: id(1) };
    assert!(ask!(house, get_admissibility, seen, candidate(1, at)).unwrap().annulled);
    let back = house.sql("update candidatures set annulled_at = null").await.unwrap_err();
    assert!(back.to_string().contains("cannot be undone"), "{back}");
    // Nobody is left to rank or to miss: empty tables are signed.
    let act = ask!(house, prepare_admission, api::PrepareAdmissionRequest {}, secretary(at)).unwrap();
    assert_eq!(house.confirm(&act, president(at)).await.unwrap().signature, 1);
    let acts = api::ListActsRequest { kind: api::ActKind::Annulment.into(), ..Default::default() };
    assert_eq!(ask!(house, list_acts, acts, secretary(at)).unwrap().acts.len(), 2);
}
