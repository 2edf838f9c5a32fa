//! Nothing of a period is seen before its opening, by anyone, whatever is stored already (R19, R38).

use contracts::{
    integration::{self as api, Answer, State},
    jury,
};

use super::house::{HOUR, House, MS, ask, candidate, id, president, secretary, staff, table_signed};

#[tokio::test]
async fn one_millisecond_before_the_opening_nobody_sees_anything() {
    let house = House::eve("embargo").await;
    assert!(house.periods().await[0].checked, "computed as soon as everything was there");
    house.open_period(1).await;
    let early = house.opens(1) - MS;
    let situation = house.situation(1, early).await.unwrap_err();
    assert_eq!(situation.reason, "NOT_YET_PUBLISHED");
    // The same for everyone, whatever their result, so that the refusal says nothing.
    for n in [3, 5, 99] {
        assert_eq!(house.situation(n, early).await.unwrap_err(), situation);
    }
    let refused =
        |result: Result<(), platform::refusal::Decoded>| assert_eq!(result.unwrap_err().reason, "NOT_YET_PUBLISHED");
    refused(house.answer(1, Answer::Non, early).await.map(drop));
    refused(ask!(house, explain, api::ExplainRequest { dossier_id: id(1) }, candidate(1, early)).map(drop));
    refused(ask!(house, history, api::HistoryRequest { dossier_id: id(1) }, president(early)).map(drop));
    refused(ask!(house, period_results, api::PeriodResultsRequest { period: 1 }, president(early)).map(drop));
    refused(ask!(house, recompute, api::RecomputeRequest { period: 1 }, president(early)).map(drop));
    refused(ask!(house, final_list, api::FinalListRequest::default(), president(early)).map(drop));
    let table = api::ListTableRequest { school: "albi".into(), filiere: "L3".into() };
    refused(ask!(house, list_table, table.clone(), staff("albi", early)).map(drop));
    refused(house.situation(1, early).await.map(drop));

    let at = house.opens(1);
    assert_eq!(house.situation(1, at).await.unwrap().state(), State::Proposed);
    assert_eq!(ask!(house, list_table, table, staff("albi", at)).unwrap().rows.len(), 3);
    let later = ask!(house, period_results, api::PeriodResultsRequest { period: 2 }, president(at)).unwrap_err();
    assert_eq!(later.reason, "NOT_YET_PUBLISHED");
}

/// A request stamped before an opening and handled after it is shown neither what it may not see nor what is no longer.
#[tokio::test]
async fn a_request_from_before_an_opening_is_asked_to_come_again() {
    let house = House::eve("straddle").await;
    house.open_period(1).await;
    house.close_period(1).await;
    house.open_period(2).await;
    let straddling = house.situation(3, house.opens(2) - MS).await.unwrap_err();
    assert_eq!((straddling.reason.as_str(), straddling.code), ("PERIOD_OPENING", tonic::Code::Unavailable));
    assert_eq!(house.situation(3, house.opens(2)).await.unwrap().state(), State::Eliminated);
}

#[tokio::test]
async fn whatever_comes_last_of_tables_orders_and_confirmation_opens() {
    let house = House::open("order").await;
    let closed = |n: u128| contracts::intake::DossierClosed {
        dossier_id: id(n),
        filiere: "L3".into(),
        closed_at: Some(house.opens(1).into()),
        ..Default::default()
    };
    house.hear(&closed(1), 1).await;
    house.one_seat_each().await;
    let tables: [(&str, &[u128]); 2] = [("albi", &[1]), ("ales", &[])];
    house.hear(&jury::AdmissionPublicationConfirmed { signature: 1 }, 2).await;
    house.hear(&house.admission_signed(1, &tables), 1).await;
    house.open_period(1).await;
    let status = house.periods().await.remove(0);
    assert_eq!(
        (status.held_back.as_str(), status.missing_tables),
        ("NOT_COMPUTED", vec!["albi/L3".into(), "ales/L3".into()])
    );
    for (school, table) in tables {
        house.hear(&table_signed(1, school, table), 1).await;
    }
    let status = house.periods().await.remove(0);
    assert_eq!((status.held_back.as_str(), status.missing_preferences), ("NOT_COMPUTED", 1));
    let preferences = contracts::intake::PreferencesReleased {
        dossier_id: id(1),
        filiere: "L3".into(),
        schools: vec!["albi".into()],
    };
    house.hear(&preferences, 2).await;
    assert_eq!(house.state(1, house.opens(1) + HOUR).await, (State::Proposed, "albi".into()));
}

#[tokio::test]
async fn tables_that_are_not_those_that_were_signed_are_not_computed() {
    let house = House::open("forged").await;
    house.dossier(1, &["albi"]).await;
    house.dossier(2, &["albi"]).await;
    house.hear(&house.admission_signed(1, &[("albi", &[1, 2])]), 1).await;
    house.hear(&table_signed(1, "albi", &[2, 1]), 1).await;
    let status = house.periods().await.remove(0);
    assert_eq!((status.computed_at, status.missing_tables), (None, vec!["albi/L3".to_owned()]));
}

#[tokio::test]
async fn an_unconfirmed_first_period_is_held_back_until_two_people_let_it_out() {
    let house = House::open("held_back").await;
    house.dossier(1, &["albi"]).await;
    house.sign(1, &[("albi", &[1])]).await;
    house.open_period(1).await;
    let at = house.opens(1) + HOUR;
    assert_eq!(house.periods().await[0].held_back, "NOT_CONFIRMED");
    assert_eq!(house.situation(1, at).await.unwrap_err().reason, "NOT_YET_PUBLISHED");

    let prepare = |reason: &str| api::PreparePublicationOverrideRequest { period: 1, reason: reason.into() };
    let blank = ask!(house, prepare_publication_override, prepare(" "), secretary(at)).unwrap_err();
    assert_eq!(blank.reason, "REASON_REQUIRED");
    let prepared = ask!(house, prepare_publication_override, prepare("constaté"), secretary(at)).unwrap();
    let confirm = |digest: &str| api::ConfirmPublicationOverrideRequest { period: 1, outputs_digest: digest.into() };
    let alone =
        ask!(house, confirm_publication_override, confirm(&prepared.outputs_digest), secretary(at)).unwrap_err();
    assert_eq!(alone.reason, "TWO_PEOPLE_REQUIRED");
    let other = ask!(house, confirm_publication_override, confirm("00"), president(at)).unwrap_err();
    assert_eq!(other.reason, "CHANGED_SINCE_PREPARED");
    let confirmed =
        ask!(house, confirm_publication_override, confirm(&prepared.outputs_digest), president(at)).unwrap();
    assert!(confirmed.opened);
    assert_eq!(house.state(1, at).await, (State::Proposed, "albi".into()));
    assert_eq!(house.sql("select count(*) from platform.audit where action like 'publication_override_%'"), "2");
}

/// R38: if the checker objects, nothing is published.
#[tokio::test]
async fn nothing_goes_out_when_the_checker_objects() {
    let house = House::eve("objection").await;
    house.sql("update period set objections = '{\"L3: albi has 1 seats and 2 taken\"}' where number = 1");
    house.open_period(1).await;
    let status = house.periods().await.remove(0);
    assert_eq!((status.held_back.as_str(), status.checked), ("CHECKER_OBJECTS", false));
    assert_eq!(house.situation(1, house.opens(1) + HOUR).await.unwrap_err().reason, "NOT_YET_PUBLISHED");
    assert!(house.told("facts.v1.integration.%").await.is_empty() && house.told("admissions.%").await.is_empty());
}
