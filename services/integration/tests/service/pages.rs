//! What the first page and the lists of a browser need at every moment (R35, R36).

use contracts::integration::{self as api, Answer, EliminationReason, NextStep, State};
use jiff::SignedDuration;
use notice::keys;

use super::house::{HOUR, House, MS, ask, candidate, id, number, operator, president, relative, staff};

#[tokio::test]
async fn a_candidate_s_first_page_says_everything_at_every_moment() {
    let house = House::eve("first_page").await;
    house.open_period(1).await;
    let early = house.situation(2, house.opens(1) - MS).await.unwrap_err();
    assert_eq!(
        (early.reason.as_str(), early.metadata["opens_at"].clone()),
        ("NOT_YET_PUBLISHED", house.opens(1).to_string())
    );

    let day = house.opens(1) + HOUR;
    let proposed = house.situation(2, day).await.unwrap();
    assert_eq!((proposed.state(), proposed.next_step()), (State::Proposed, NextStep::Answer));
    assert_eq!(proposed.state_since, Some(house.opens(1).into()));
    assert_eq!((proposed.last_period, proposed.next_period), (false, 2));
    assert_eq!(proposed.titles_due_at, Some(house.instant(keys::TITLES_DUE).into()));
    assert_eq!((proposed.answered_at, proposed.answered_by_mandate), (None, false));
    let create = api::CreateMandateRequest { dossier_id: id(2), label: "Ma mère".into() };
    let mandate = ask!(house, create_mandate, create, candidate(2, day)).unwrap().mandate_id;
    house.answer_as(relative(&mandate, 2, day + MS), 2, Answer::OuiMais, false).await.unwrap();
    let answered = house.situation(2, day + HOUR).await.unwrap();
    assert_eq!((answered.answered_at, answered.answered_by_mandate), (Some((day + MS).into()), true));
    assert_eq!(answered.state_since, proposed.state_since, "an answer takes effect at the close");

    house.close_period(1).await;
    let night = house.closes(1) + HOUR;
    let between = house.situation(2, night).await.unwrap();
    assert_eq!((between.state(), between.next_step(), between.period_open), (State::Holding, NextStep::LogIn, false));
    assert_eq!((between.next_period, between.next_period_opens_at), (2, Some(house.opens(2).into())));
    assert_eq!((between.answered_at, between.state_since), (None, Some(house.closes(1).into())));
    let out = house.situation(4, night).await.unwrap();
    assert_eq!((out.state(), out.elimination_reason()), (State::Eliminated, EliminationReason::NoLogin));
    assert!(out.elimination_rule.starts_with("R31"), "{}", out.elimination_rule);
    assert_eq!((out.eliminated_in_period, between.eliminated_in_period), (1, 0));

    for period in 2..=4 {
        house.open_period(period).await;
        let day = house.opens(period) + HOUR;
        if period == 2 {
            house.answer(2, Answer::OuiDefinitif, day).await.unwrap();
        }
        house.close_period(period).await;
    }
    let last = house.situation(2, house.closes(4)).await.unwrap();
    assert_eq!((last.last_period, last.next_period, last.next_period_opens_at), (true, 0, None));
    house.fire(keys::TITLES_DUE).await;
    let lapsed = house.situation(2, house.instant(keys::TITLES_DUE)).await.unwrap();
    assert_eq!((lapsed.state(), lapsed.next_step()), (State::Lapsed, NextStep::None));
    assert_eq!(lapsed.missing_titles, ["diploma", "second_semester_transcript"]);
    assert!(last.missing_titles.is_empty());
    let list = ask!(
        house,
        final_list,
        api::FinalListRequest { school: lapsed.school.clone() },
        staff(&lapsed.school, house.instant(keys::TITLES_DUE))
    )
    .unwrap();
    let entries: Vec<_> = list.entries.iter().map(|e| (number(&e.dossier_id), e.rank, e.missing.len())).collect();
    assert_eq!(entries, [(2, 2, 2)], "second at albi, with two pieces missing");
}

#[tokio::test]
async fn the_record_shows_every_first_request_and_who_made_it() {
    let house = House::eve("record").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    let create = api::CreateMandateRequest { dossier_id: id(2), label: "Ma mère".into() };
    let mandate = ask!(house, create_mandate, create, candidate(2, day)).unwrap().mandate_id;
    house.answer(2, Answer::OuiMais, day + HOUR).await.unwrap();
    house.close_period(1).await;
    house.open_period(2).await;
    let request = api::RecordLoginRequest { dossier_id: id(2) };
    ask!(house, record_login, request, relative(&mandate, 2, house.opens(2))).unwrap();
    house.login(2, house.opens(2) + HOUR).await;
    let history = ask!(house, history, api::HistoryRequest { dossier_id: id(2) }, president(house.opens(2))).unwrap();
    let log_ins: Vec<_> = history.log_ins.iter().map(|l| (l.period, l.at, l.actor.as_str(), l.by_mandate)).collect();
    let own = id(2);
    assert_eq!(
        log_ins,
        [(1, Some(day.into()), own.as_str(), false), (2, Some(house.opens(2).into()), mandate.as_str(), true)]
    );
}

#[tokio::test]
async fn staff_see_who_was_seen_when_and_other_schools_people_not() {
    let house = House::eve("unseen").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    house.login(2, day).await;
    house.login(3, day).await;
    let ask_for = |period| api::NotLoggedInRequest { school: String::new(), period };
    let ales = ask!(house, not_logged_in, ask_for(1), staff("ales", day + HOUR)).unwrap();
    let shown: Vec<_> = ales
        .candidates
        .iter()
        .map(|c| (number(&c.dossier_id), c.state(), c.school.as_str(), c.logged_in_at, c.last_seen_at))
        .collect();
    assert_eq!(
        shown,
        [
            // Has a proposal of albi, which is not ales's to know.
            (1, State::Proposed, "", None, None),
            (2, State::Proposed, "ales", Some(day.into()), None)
        ]
    );
    assert_eq!(ales.candidates[0].filiere, "L3");
    assert_eq!((ales.not_logged_in, ales.not_answered), (vec![id(1)], vec![id(1), id(2)]));
    house.answer(2, Answer::OuiMais, day + HOUR).await.unwrap();
    house.answer(1, Answer::OuiDefinitif, day + HOUR).await.unwrap();
    house.close_period(1).await;
    house.open_period(2).await;
    let ales = ask!(house, not_logged_in, ask_for(2), staff("ales", house.opens(2))).unwrap();
    let shown: Vec<_> =
        ales.candidates.iter().map(|c| (number(&c.dossier_id), c.logged_in_at, c.last_seen_at)).collect();
    assert_eq!(shown, [(2, None, Some(day.into())), (3, None, Some(day.into()))]);
    let nord = ask!(house, not_logged_in, ask_for(2), staff("nord-europe", house.opens(2))).unwrap();
    assert!(nord.candidates.is_empty());
    assert_eq!(
        ask!(house, not_logged_in, ask_for(2), candidate(2, house.opens(2))).unwrap_err().reason,
        "ROLE_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn outages_are_listed_with_what_they_took_of_each_period() {
    let house = House::eve("outage_list").await;
    house.open_period(1).await;
    for (from, hours) in [(1, 4), (3, 4), (30, 1)] {
        let from = house.opens(1) + SignedDuration::from_hours(from);
        let until = from + SignedDuration::from_hours(hours);
        let request =
            api::ReportOutageRequest { from: Some(from.into()), until: Some(until.into()), reason: "panne".into() };
        ask!(house, report_outage, request, operator(until)).unwrap();
    }
    let at = house.closes(1) - HOUR;
    let list = ask!(house, list_outages, api::ListOutagesRequest {}, operator(at)).unwrap();
    assert_eq!(list.outages.len(), 3);
    let latest = &list.outages[0];
    assert_eq!(latest.from, Some((house.opens(1) + SignedDuration::from_hours(30)).into()));
    assert_eq!((latest.reason.as_str(), latest.reported_by.as_str()), ("panne", "operator"));
    // Six hours and one, of the 153 of which a tenth makes the close wait.
    let periods: Vec<_> = list.periods.iter().map(|p| (p.period, p.seconds, p.close_waits_from_seconds)).collect();
    assert_eq!(periods[0], (1, 7 * 3600, 153 * 360));
    assert_eq!((periods.len(), periods[1].1), (4, 0));
    assert_eq!(ask!(house, list_outages, api::ListOutagesRequest {}, president(at)).unwrap().outages.len(), 3);
    for who in [staff("albi", at), candidate(1, at)] {
        assert_eq!(ask!(house, list_outages, api::ListOutagesRequest {}, who).unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
}
