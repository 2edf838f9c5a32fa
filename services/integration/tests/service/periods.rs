//! Answers and log-ins around the edges of a period (R2, R30, R31).

use contracts::integration::{self as api, Answer, NextStep, Reason, State};

use super::house::{HOUR, House, MS, ask, candidate, id, president, service, staff};

#[tokio::test]
async fn one_millisecond_decides_an_answer() {
    let house = House::eve("edges").await;
    house.open_period(1).await;
    let closes = house.closes(1);
    house.answer(2, Answer::OuiMais, closes - MS).await.unwrap();
    // The instant has come and the close is not stored yet: try again, and nothing about a deadline that has passed.
    let closing = house.answer(1, Answer::OuiDefinitif, closes).await.unwrap_err();
    assert_eq!((closing.reason.as_str(), closing.code), ("WINDOW_CLOSING", tonic::Code::Unavailable));
    house.close_period(1).await;
    assert_eq!(house.answer(2, Answer::OuiDefinitif, closes).await.unwrap_err().reason, "PERIOD_NOT_OPEN");
    assert_eq!(house.state(2, closes).await, (State::Holding, "ales".into()));
    assert_eq!(house.state(1, closes).await, (State::Eliminated, String::new()));
    // In time, but the close is stored: after the grace nothing comes in any more.
    assert_eq!(house.answer(2, Answer::OuiDefinitif, closes - MS).await.unwrap_err().reason, "PERIOD_NOT_OPEN");
}

#[tokio::test]
async fn the_last_answer_of_a_period_stands() {
    let house = House::eve("last_answer").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    for answer in [Answer::OuiDefinitif, Answer::NonMais, Answer::OuiMais] {
        house.answer(2, answer, day).await.unwrap();
    }
    let standing = house.results(1).await.answers;
    assert_eq!((standing.len(), standing[0].answer()), (1, Answer::OuiMais));
    let history = ask!(house, history, api::HistoryRequest { dossier_id: id(2) }, candidate(2, day)).unwrap();
    let what: Vec<_> = history.entries.iter().map(|entry| (entry.what.as_str(), entry.answer())).collect();
    let answered = |answer| ("answered", answer);
    let expected = [
        ("proposed", Answer::Unspecified),
        answered(Answer::OuiDefinitif),
        answered(Answer::NonMais),
        answered(Answer::OuiMais),
    ];
    assert_eq!(what, expected);
    house.close_period(1).await;
    assert_eq!(house.state(2, house.closes(1)).await, (State::Holding, "ales".into()));
}

#[tokio::test]
async fn non_needs_a_confirmation_and_is_for_good() {
    let house = House::eve("non").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    let unconfirmed = house.answer_as(candidate(2, day), 2, Answer::Non, false).await.unwrap_err();
    assert_eq!(unconfirmed.reason, "CONFIRMATION_REQUIRED");
    assert_eq!(house.state(2, day).await.0, State::Proposed);
    let receipt = house.answer(2, Answer::Non, day).await.unwrap();
    assert_eq!(receipt.takes_effect_at, Some(day.into()));
    assert_eq!(receipt.gives_up, ["albi", "ales"]);
    assert_eq!(house.state(2, day).await.0, State::Resigned);
    assert_eq!(house.answer(2, Answer::Attente, day).await.unwrap_err().reason, "NO_LONGER_IN_THE_RUNNING");
    let again = house.answer(2, Answer::Non, day + HOUR).await.unwrap();
    assert!(again.already_applied && again.version == receipt.version);
    house.close_period(1).await;
    // Between the periods too, it is the same NON.
    assert!(house.answer(2, Answer::Non, house.closes(1) + HOUR).await.unwrap().already_applied);
    house.open_period(2).await;
    assert!(house.placed(2).await.iter().all(|(n, _)| *n != 2));
}

#[tokio::test]
async fn in_the_last_period_non_mais_asks_for_a_confirmation() {
    let house = House::eve("last_period").await;
    for period in 1..=4 {
        house.open_period(period).await;
        let day = house.opens(period) + HOUR;
        if period == 4 {
            assert_eq!(house.answer(2, Answer::NonMais, day).await.unwrap_err().reason, "CONFIRMATION_REQUIRED");
        }
        house.answer(2, Answer::OuiMais, day).await.unwrap();
        house.answer(1, Answer::OuiDefinitif, day).await.unwrap();
        house.close_period(period).await;
    }
    // OUI MAIS is a seat for good after the last close (R34).
    assert_eq!(house.state(2, house.closes(4)).await, (State::Accepted, "ales".into()));
}

#[tokio::test]
async fn every_request_of_the_candidate_is_a_log_in_and_nobody_else_s_is() {
    let house = House::eve("log_ins").await;
    assert_eq!(house.login(3, house.opens(1) - MS).await, 0);
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    house.state(1, day).await;
    assert_eq!(house.sql("select count(*) from log_in"), "0");
    house.situation(1, day).await.unwrap();
    // Refused, and a log-in all the same.
    house.answer(3, Answer::OuiMais, day).await.unwrap_err();
    assert_eq!(house.sql("select count(*) from log_in where period = 1"), "2");
    let list = |who| {
        let request = api::NotLoggedInRequest { school: String::new(), period: 1 };
        ask_list(&house, request, who)
    };
    let everyone = list(service(day)).await;
    assert_eq!((everyone.not_logged_in, everyone.not_answered.len()), (vec![id(2), id(4)], 3));
    assert_eq!(list(staff("nord-europe", day)).await.not_logged_in, [id(4)]);
    house.close_period(1).await;
    assert_eq!(house.login(3, house.closes(1)).await, 0);
    assert_eq!(house.state(3, house.closes(1)).await.0, State::Waiting);
}

async fn ask_list(
    house: &House,
    request: api::NotLoggedInRequest,
    who: platform::auth::Caller,
) -> api::NotLoggedInReply {
    ask!(house, not_logged_in, request, who).unwrap()
}

#[tokio::test]
async fn the_page_says_what_to_do_and_the_explanation_why() {
    let house = House::eve("pages").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    let page = house.situation(2, day).await.unwrap();
    assert_eq!((page.next_step(), page.better_schools.as_slice()), (NextStep::Answer, &["albi".to_owned()][..]));
    assert!(page.period_open && page.logged_in);
    assert_eq!(page.period_closes_at, Some(house.closes(1).into()));
    let oui_mais = page.allowed.iter().find(|allowed| allowed.answer() == Answer::OuiMais).unwrap();
    assert!(oui_mais.better_proposal_releases, "the page warns before the answer (R32)");
    house.answer(2, Answer::OuiMais, day).await.unwrap();
    assert_eq!(house.situation(2, day).await.unwrap().next_step(), NextStep::LogIn);
    let why = ask!(house, explain, api::ExplainRequest { dossier_id: id(3) }, candidate(3, day)).unwrap();
    let why: Vec<_> = (why.schools.iter())
        .map(|school| (school.school.as_str(), school.rank, school.seats, school.last_called, school.reason()))
        .collect();
    let not_reached = Reason::RankNotReached;
    assert_eq!(why, [("ales", 3, 1, 1, not_reached), ("albi", 3, 1, 1, not_reached)]);
}

#[tokio::test]
async fn people_read_their_own_and_schools_their_own() {
    let house = House::eve("access").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    let of = |n: u128| api::GetSituationRequest { dossier_id: id(n) };
    assert_eq!(ask!(house, get_situation, of(1), candidate(2, day)).unwrap_err().reason, "NOT_YOURS");
    assert!(ask!(house, get_situation, of(1), staff("albi", day)).is_ok());
    assert_eq!(ask!(house, get_situation, of(4), staff("albi", day)).unwrap_err().reason, "NO_CANDIDATURE");
    assert_eq!(house.situation(99, day).await.unwrap_err().reason, "NO_CANDIDATURE");
    let nonsense = api::GetSituationRequest { dossier_id: "1".into() };
    assert_eq!(ask!(house, get_situation, nonsense, president(day)).unwrap_err().reason, "NOT_AN_ID");
    let unknown = api::AnswerRequest { dossier_id: id(1), answer: 17, confirmed: true };
    assert_eq!(ask!(house, answer, unknown, candidate(1, day)).unwrap_err().reason, "ANSWER_UNKNOWN");
    let answer = api::AnswerRequest { dossier_id: id(1), answer: Answer::Non.into(), confirmed: true };
    assert_eq!(ask!(house, answer, answer, president(day)).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    let table = api::ListTableRequest { school: "ales".into(), filiere: "L3".into() };
    assert_eq!(ask!(house, list_table, table, staff("albi", day)).unwrap_err().reason, "UNIT_NOT_ALLOWED");
    let ours = ask!(house, period_results, api::PeriodResultsRequest { period: 1 }, staff("albi", day)).unwrap();
    assert_eq!(ours.proposals.iter().map(|p| p.dossier_id.clone()).collect::<Vec<_>>(), [id(1)]);
    let nowhere = api::PeriodResultsRequest { period: 9 };
    assert_eq!(ask!(house, period_results, nowhere, president(day)).unwrap_err().reason, "NO_PERIOD");
}

/// Answers stamped in time race the close: whatever was acknowledged stands, whatever was refused did not happen.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_acknowledged_answer_is_never_lost_at_the_close() {
    const PEOPLE: u128 = 48;
    let house = std::sync::Arc::new(House::open("race").await);
    for n in 1..=PEOPLE {
        house.dossier(n, &["albi"]).await;
    }
    house.seats("albi", 48, 1, 1).await;
    let everyone: Vec<u128> = (1..=PEOPLE).collect();
    house.sign(1, &[("albi", &everyone)]).await;
    house.hear(&contracts::jury::AdmissionPublicationConfirmed { signature: 1 }, 2).await;
    house.open_period(1).await;
    let at = house.closes(1) - MS;
    let answering = everyone.iter().map(|n| {
        let (house, n) = (house.clone(), *n);
        // Every eighth resigns, which takes the round's lock as the close does.
        let answer = if n % 8 == 0 { Answer::Non } else { Answer::OuiDefinitif };
        tokio::spawn(async move { (n, answer, house.answer(n, answer, at).await) })
    });
    let answering: Vec<_> = answering.collect();
    let closing = {
        let house = house.clone();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            house.close_period(1).await;
        })
    };
    let mut answered = Vec::new();
    for one in answering {
        answered.push(one.await.unwrap());
    }
    closing.await.unwrap();
    for (n, answer, outcome) in answered {
        let expected = match (answer, &outcome) {
            (Answer::Non, Ok(_)) => State::Resigned,
            (_, Ok(_)) => State::Accepted,
            (_, Err(refused)) => {
                assert!(
                    ["PERIOD_NOT_OPEN", "NO_LONGER_IN_THE_RUNNING"].contains(&refused.reason.as_str()),
                    "{refused:?}"
                );
                State::Eliminated
            }
        };
        assert_eq!(house.state(n, house.closes(1)).await.0, expected, "{n} {answer:?} {outcome:?}");
    }
}
