//! A relative with a code of their own (R36).

use contracts::integration::{self as api, Answer};

use super::house::{HOUR, House, ask, candidate, id, relative, service};

#[tokio::test]
async fn a_relative_answers_until_the_code_is_revoked() {
    let house = House::eve("mandate").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    let create = |label: &str| api::CreateMandateRequest { dossier_id: id(2), label: label.into() };
    let given = ask!(house, create_mandate, create("Ma mère"), candidate(2, day)).unwrap();
    assert!(!house.sql("select * from mandate").contains(&given.code), "only a hash is kept");
    let typed = given.code.to_lowercase().replace('-', " ");
    let known = ask!(house, exchange_mandate, api::ExchangeMandateRequest { code: typed }, service(day)).unwrap();
    assert_eq!((known.mandate_id.as_str(), known.dossier_id), (given.mandate_id.as_str(), id(2)));

    let mother = relative(&given.mandate_id, 2, day);
    house.answer_as(mother.clone(), 2, Answer::OuiMais, false).await.unwrap();
    // The latest answer stands, whoever gave it; the record shows who did.
    house.answer(2, Answer::OuiDefinitif, day).await.unwrap();
    let history = ask!(house, history, api::HistoryRequest { dossier_id: id(2) }, mother.clone()).unwrap();
    let acted: Vec<_> = history.entries.iter().map(|entry| (entry.actor.as_str(), entry.by_mandate)).collect();
    assert_eq!(acted, [("integration", false), (given.mandate_id.as_str(), true), (id(2).as_str(), false)]);
    // A mandate makes no mandates, and is nobody else's.
    assert_eq!(ask!(house, create_mandate, create("x"), mother.clone()).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    let other = relative(&given.mandate_id, 1, day);
    assert_eq!(house.answer_as(other, 1, Answer::Attente, false).await.unwrap_err().reason, "MANDATE_NOT_IN_FORCE");

    let revoke = api::RevokeMandateRequest { dossier_id: id(2), mandate_id: given.mandate_id.clone() };
    let first = ask!(house, revoke_mandate, revoke.clone(), candidate(2, day)).unwrap();
    let again = ask!(house, revoke_mandate, revoke, candidate(2, day + HOUR)).unwrap();
    assert_eq!(first, again);
    let refused = house.answer_as(mother, 2, Answer::OuiMais, false).await.unwrap_err();
    assert_eq!(refused.reason, "MANDATE_NOT_IN_FORCE");
    let gone = ask!(house, exchange_mandate, api::ExchangeMandateRequest { code: given.code }, service(day));
    assert_eq!(gone.unwrap_err().reason, "NO_MANDATE");
    let list = api::ListMandatesRequest { dossier_id: id(2) };
    let list = ask!(house, list_mandates, list, candidate(2, day)).unwrap().mandates;
    assert_eq!((list.len(), list[0].revoked_at), (1, first.revoked_at));
    assert_eq!(ask!(house, create_mandate, create("  "), candidate(2, day)).unwrap_err().reason, "LABEL_NOT_USABLE");
}
