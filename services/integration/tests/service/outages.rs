//! A close after a log-in outage waits for a person (R31).

use contracts::integration::{self as api, Answer, CloseDecision, State};
use jiff::SignedDuration;

use super::house::{HOUR, House, ask, operator, president, secretary};

async fn report(house: &House, hours: i64) -> Result<api::ReportOutageReply, platform::refusal::Decoded> {
    let from = house.opens(1) + HOUR;
    let until = from + SignedDuration::from_hours(hours);
    let request =
        api::ReportOutageRequest { from: Some(from.into()), until: Some(until.into()), reason: "panne".into() };
    ask!(house, report_outage, request, operator(until))
}

fn resolve(decision: CloseDecision) -> api::ResolveCloseRequest {
    api::ResolveCloseRequest { period: 1, decision: decision.into(), reason: "panne d'un jour".into() }
}

#[tokio::test]
async fn a_long_outage_makes_the_close_wait_and_a_person_may_spare_everyone() {
    let house = House::eve("outage").await;
    house.open_period(1).await;
    house.answer(1, Answer::OuiDefinitif, house.opens(1)).await.unwrap();
    // Twice the same sixteen hours of a period of 153 are still sixteen.
    report(&house, 16).await.unwrap();
    report(&house, 16).await.unwrap();
    house.close_period(1).await;
    let after = house.closes(1) + HOUR;
    let status = house.periods().await.remove(0);
    assert_eq!((status.close_waits.as_str(), status.closed_at), ("LOGIN_OUTAGE", None));
    assert_eq!(house.state(2, after).await, (State::Proposed, "ales".into()));
    assert_eq!(house.periods().await[1].computed_at, None, "the next period waits too");

    let decided = ask!(house, resolve_close, resolve(CloseDecision::Spare), president(after)).unwrap();
    assert_eq!(decided.eliminated, 0);
    assert_eq!(house.state(1, after).await, (State::Accepted, "albi".into()));
    assert_eq!(house.state(2, after).await, (State::Holding, "ales".into()));
    assert_eq!(house.state(3, after).await.0, State::Waiting);
    assert!(house.periods().await[1].checked);
    let again = ask!(house, resolve_close, resolve(CloseDecision::Spare), president(after)).unwrap_err();
    assert_eq!(again.reason, "CLOSE_DOES_NOT_WAIT");
}

/// Proposals that were held back could not be answered: to a candidate that is an outage, whatever its cause.
#[tokio::test]
async fn a_period_that_opened_late_makes_its_close_wait_too() {
    for (hours, waits) in [(15, ""), (16, "LOGIN_OUTAGE")] {
        let house = House::eve(&format!("late_{hours}")).await;
        house.sql("update period set objections = '{\"L3: albi has 1 seats and 2 taken\"}' where number = 1");
        house.open_period(1).await;
        let at = house.opens(1) + SignedDuration::from_hours(hours);
        let request = api::PreparePublicationOverrideRequest { period: 1, reason: "constaté".into() };
        let outputs_digest = ask!(house, prepare_publication_override, request, secretary(at)).unwrap().outputs_digest;
        let request = api::ConfirmPublicationOverrideRequest { period: 1, outputs_digest };
        assert!(ask!(house, confirm_publication_override, request, president(at)).unwrap().opened);
        house.close_period(1).await;
        assert_eq!(house.periods().await[0].close_waits, waits, "{hours} of 153 hours late");
    }
}

#[tokio::test]
async fn a_short_outage_changes_nothing() {
    let house = House::eve("short_outage").await;
    house.open_period(1).await;
    report(&house, 15).await.unwrap();
    house.close_period(1).await;
    assert_eq!(house.state(2, house.closes(1)).await.0, State::Eliminated);
}

#[tokio::test]
async fn a_person_may_also_let_the_rule_run() {
    let house = House::eve("rule_runs").await;
    house.open_period(1).await;
    report(&house, 24).await.unwrap();
    house.close_period(1).await;
    let decided = ask!(house, resolve_close, resolve(CloseDecision::Eliminate), president(house.closes(1))).unwrap();
    assert_eq!(decided.eliminated, 4);
    let undecided = ask!(house, resolve_close, resolve(CloseDecision::Unspecified), president(house.closes(1)));
    assert_eq!(undecided.unwrap_err().reason, "DECISION_REQUIRED");
    let backwards = report(&house, -1).await.unwrap_err();
    assert_eq!(backwards.reason, "OUTAGE_NOT_USABLE");
}

/// A period that never opened eliminates nobody.
#[tokio::test]
async fn a_period_that_never_opened_does_not_close_by_itself() {
    let house = House::open("never_opened").await;
    house.dossier(1, &["albi"]).await;
    house.sign(1, &[("albi", &[1])]).await;
    house.open_period(1).await;
    house.close_period(1).await;
    assert_eq!(house.periods().await[0].close_waits, "NEVER_OPENED");
    let refused = ask!(house, resolve_close, resolve(CloseDecision::Eliminate), president(house.closes(1)));
    assert_eq!(refused.unwrap_err().reason, "PERIOD_NEVER_OPENED");
    assert_eq!(house.sql("select count(*) from elimination"), "0");
}

/// R5: a window that closed during an outage is reopened for everyone. The close is as if it had not been.
#[tokio::test]
async fn a_reopened_period_takes_its_eliminations_back() {
    let house = House::eve("reopened").await;
    house.open_period(1).await;
    house.answer(2, Answer::OuiMais, house.opens(1)).await.unwrap();
    house.close_period(1).await;
    let night = house.closes(1) + HOUR;
    house.answer(2, Answer::Non, night).await.unwrap();
    assert_eq!(house.state(1, night).await.0, State::Eliminated);

    let until = house.closes(1) + HOUR * 3;
    house.reopen("period_1_closes", until).await;
    assert_eq!(house.state(1, night).await, (State::Proposed, "albi".into()));
    assert_eq!(house.state(2, night).await.0, State::Resigned, "a NON is for good");
    assert_eq!(house.sql("select count(*) from elimination"), "0");
    house.answer(1, Answer::OuiDefinitif, until - HOUR).await.unwrap();
    house.close_at(1, until).await;
    assert_eq!(house.state(1, until).await, (State::Accepted, "albi".into()));
    assert_eq!(house.state(3, until).await.0, State::Eliminated);
    house.open_period(2).await;
    assert_eq!(house.placed(2).await, [(1, "albi".into())]);
}
