//! A whole session of five candidates, from signed tables to the final list.

use contracts::integration::{self as api, Answer, EliminationReason, State};
use notice::keys;
use serde_json::json;

use super::house::{HOUR, House, MS, ask, id, number, president};

#[tokio::test]
async fn from_signed_tables_to_the_final_list() {
    let house = House::eve("session").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    assert_eq!(house.placed(1).await, [(1, "albi".into()), (2, "ales".into()), (4, "nord-europe".into())]);
    assert_eq!(house.state(3, day).await, (State::Waiting, String::new()));
    assert_eq!(house.state(5, day).await, (State::NotRetained, String::new()));

    // 1 has their first choice: nothing better is possible.
    let refused = house.answer(1, Answer::OuiMais, day).await.unwrap_err();
    assert_eq!(refused.reason, "ANSWER_NOT_ALLOWED");
    assert_eq!(refused.allowed, ["ANSWER_OUI_DEFINITIF", "ANSWER_NON"]);
    house.answer(1, Answer::OuiDefinitif, day).await.unwrap();
    let receipt = house.answer(2, Answer::OuiMais, day).await.unwrap();
    assert_eq!((receipt.school.as_str(), receipt.period, receipt.already_applied), ("ales", 1, false));
    assert_eq!(receipt.takes_effect_at, Some(house.closes(1).into()));
    let again = house.answer(2, Answer::OuiMais, day + HOUR).await.unwrap();
    assert!(again.already_applied);
    assert_eq!((again.version, again.received_at), (receipt.version, receipt.received_at));
    assert_eq!(house.login(3, day).await, 1);
    // 4 has a proposal, and stays away; 5 is asked nothing.
    assert_eq!(house.answer(5, Answer::Attente, day).await.unwrap_err().reason, "NOT_RETAINED");
    house.close_period(1).await;

    let results = house.results(1).await;
    let eliminated: Vec<_> = results.eliminated.iter().map(|e| (number(&e.dossier_id), e.reason())).collect();
    assert_eq!(eliminated, [(4, EliminationReason::NoLogin)]);
    assert!(results.eliminated[0].rule.contains("R31"), "{}", results.eliminated[0].rule);
    let facts: serde_json::Value = serde_json::from_str(&results.eliminated[0].facts_json).unwrap();
    assert_eq!((&facts["logged_in"], &facts["school"]), (&false.into(), &"nord-europe".into()));

    // Between the periods 1 resigns: the seat of albi goes to 2, whose seat at ales goes to 3 (R32).
    let night = house.closes(1) + HOUR;
    assert_eq!(house.answer(1, Answer::NonMais, night).await.unwrap_err().reason, "PERIOD_NOT_OPEN");
    house.answer(1, Answer::Non, night).await.unwrap();
    assert_eq!(house.state(2, night).await, (State::Holding, "ales".into()));
    house.open_period(2).await;
    assert_eq!(house.placed(2).await, [(2, "albi".into()), (3, "ales".into())]);
    let resigned: Vec<_> = house.results(1).await.resigned.iter().map(|r| number(&r.dossier_id)).collect();
    assert_eq!(resigned, [1]);

    let day = house.opens(2) + HOUR;
    house.login(2, day).await;
    house.answer(3, Answer::OuiDefinitif, day).await.unwrap();
    house.close_period(2).await;
    let eliminated = house.results(2).await.eliminated;
    assert_eq!(eliminated.len(), 1);
    assert_eq!((number(&eliminated[0].dossier_id), eliminated[0].reason()), (2, EliminationReason::NoAnswer));

    for period in 3..=4 {
        house.open_period(period).await;
        assert_eq!(house.placed(period).await, [(3, "ales".into())]);
        house.close_period(period).await;
    }
    // OUI DÉFINITIF needs nothing more.
    let after = house.instant(keys::TITLES_DUE) - MS;
    assert_eq!(house.state(3, after).await, (State::Accepted, "ales".into()));
    let list = ask!(house, final_list, api::FinalListRequest::default(), president(after)).unwrap();
    let list: Vec<_> = list.entries.iter().map(|e| (number(&e.dossier_id), e.school.as_str(), e.state())).collect();
    assert_eq!(list, [(3, "ales", State::Accepted)]);

    for period in 1..=4 {
        let again = ask!(house, recompute, api::RecomputeRequest { period }, president(after)).unwrap();
        assert!(again.identical && again.objections.is_empty(), "period {period}: {again:?}");
        assert_eq!(again.stored_outputs_digest, again.recomputed_outputs_digest);
    }
    heard(&house).await;
}

/// What other services and other systems heard of it.
async fn heard(house: &House) {
    let states: Vec<String> = (house.told("facts.v1.integration.situation_changed").await.into_iter())
        .filter(|(aggregate, ..)| *aggregate == id(2))
        .map(|(_, version, fact)| format!("{version} {} {}", fact["state"].as_str().unwrap(), fact["answer"]))
        .collect();
    let expected = [
        "1 STATE_PROPOSED null",
        "2 STATE_PROPOSED \"ANSWER_OUI_MAIS\"",
        "3 STATE_HOLDING \"ANSWER_OUI_MAIS\"",
        "4 STATE_PROPOSED null",
        "5 STATE_ELIMINATED null",
    ];
    assert_eq!(states, expected);
    let at_ales: Vec<_> = (house.told("admissions.v1.ales.%").await.into_iter())
        .map(|(aggregate, _, fact)| (number(&aggregate), fact))
        .collect();
    let fact = |n: u128, more: serde_json::Value| {
        let mut fact = json!({ "dossierId": id(n), "school": "ales", "filiere": "L3" });
        fact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (n, fact)
    };
    let expected = [
        fact(2, json!({ "period": 1 })),
        fact(2, json!({})),
        fact(2, json!({ "period": 2 })),
        fact(3, json!({ "period": 2 })),
        fact(3, json!({ "definitive": true })),
    ];
    assert_eq!(at_ales, expected);
    let computed = house.told("facts.v1.embargo.integration.period_computed").await;
    assert!(computed.iter().all(|(.., fact)| fact["checked"] == true), "{computed:?}");
}
