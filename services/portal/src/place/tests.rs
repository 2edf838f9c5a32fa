//! Every moment of the year has its place and its next step (R35).

use contracts::{
    intake::Correction,
    integration::{EliminationReason, TitlePiece},
    scheduling::Slot,
};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn dates() -> Dates {
    Dates {
        opens: at("2026-01-26T13:00:00Z"),
        deposits_close: at("2026-03-20T22:00:00Z"),
        fees_listed: at("2026-04-04T22:00:00Z"),
        admissibility: at("2026-04-09T14:00:00Z"),
        admission: at("2026-05-28T12:00:00Z"),
        first_period: at("2026-05-28T12:00:00Z"),
        titles_due: at("2026-07-17T22:00:00Z"),
    }
}

fn dossier(state: DossierState) -> Option<Dossier> {
    Some(Dossier { state: state.into(), ..Dossier::default() })
}

fn closed() -> Known {
    Known { dossier: dossier(DossierState::Closed), ..Known::default() }
}

fn admissible() -> Known {
    Known { admissibility: Some(AdmissibilityResult { admissible: true, ..Default::default() }), ..closed() }
}

fn convened() -> Known {
    let slot = |begins: &str, ends: &str| {
        Some(Slot { begins_at: Some(at(begins).into()), ends_at: Some(at(ends).into()), room: String::new() })
    };
    let convocation = Convocation {
        interview: slot("2026-05-18T08:00:00Z", "2026-05-18T08:25:00Z"),
        english: slot("2026-05-18T07:00:00Z", "2026-05-18T07:15:00Z"),
        ..Default::default()
    };
    Known { convocation: Some(convocation), ..admissible() }
}

fn judged_as(outcome: Outcome) -> Known {
    Known { result: Some(JuryResult { outcome: outcome.into(), ..Default::default() }), ..convened() }
}

const CLOSES: &str = "2026-06-03T21:00:00Z";
const NEXT: &str = "2026-06-04T12:00:00Z";

/// In the first period.
fn during(state: State, answer: Answer) -> Situation {
    Situation {
        state: state.into(),
        answer: answer.into(),
        period: 1,
        period_open: true,
        period_closes_at: Some(at(CLOSES).into()),
        next_period_opens_at: Some(at(NEXT).into()),
        titles_due_at: Some(dates().titles_due.into()),
        integration_dossier_received: true,
        ..Default::default()
    }
}

/// After it.
fn between(state: State) -> Situation {
    Situation { period_open: false, period_closes_at: None, ..during(state, Answer::Unspecified) }
}

/// After the last one.
fn after(state: State, next_step: NextStep) -> Situation {
    Situation { next_period_opens_at: None, last_period: true, next_step: next_step.into(), ..between(state) }
}

fn with(situation: Situation) -> Known {
    Known { situation: Some(situation), ..judged_as(Outcome::Ranked) }
}

/// Place, next thing, by when.
fn seen(known: &Known, now: &str) -> (Place, What, Option<String>) {
    let standing = standing(known, &dates(), at(now));
    (standing.place, standing.next.what, standing.next.at.map(|at| at.to_string()))
}

#[track_caller]
fn expect(known: &Known, now: &str, place: Place, what: What, by: Option<&str>) {
    assert_eq!(seen(known, now), (place, what, by.map(str::to_owned)));
}

#[test]
fn before_there_is_a_dossier() {
    let none = Known::default();
    expect(&none, "2026-01-26T12:59:59.999Z", Place::BeforeOpening, What::AwaitOpening, Some("2026-01-26T13:00:00Z"));
    expect(&none, "2026-01-26T13:00:00Z", Place::NoDossier, What::OpenDossier, Some("2026-03-20T22:00:00Z"));
    expect(&none, "2026-03-20T21:59:59.999Z", Place::NoDossier, What::OpenDossier, Some("2026-03-20T22:00:00Z"));
    expect(&none, "2026-03-20T22:00:00Z", Place::TooLate, What::Nothing, None);
}

#[test]
fn a_dossier_until_the_deposits_close() {
    let mut open = Known { dossier: dossier(DossierState::Open), ..Known::default() };
    expect(&open, "2026-03-01T00:00:00Z", Place::Open, What::Close, Some("2026-03-20T22:00:00Z"));
    open.missing = vec![MissingThing::default()];
    expect(&open, "2026-03-20T21:59:59.999Z", Place::Open, What::Complete, Some("2026-03-20T22:00:00Z"));
    // Not a candidature from the instant on, stored as such or not (R13).
    expect(&open, "2026-03-20T22:00:00Z", Place::NotClosed, What::Nothing, None);
    let not_closed = Known { dossier: dossier(DossierState::NotClosed), ..Known::default() };
    expect(&not_closed, "2026-06-01T00:00:00Z", Place::NotClosed, What::Nothing, None);
    let abandoned = Known { dossier: dossier(DossierState::Abandoned), ..Known::default() };
    expect(&abandoned, "2026-03-01T00:00:00Z", Place::Abandoned, What::Nothing, None);
}

#[test]
fn a_closed_dossier_waits_until_the_results_and_no_instant_lets_anything_through() {
    let mut known = closed();
    let results = Some("2026-04-09T14:00:00Z");
    expect(&known, "2026-03-10T00:00:00Z", Place::ToVerify, What::AwaitAdmissibility, results);
    known.dossier.as_mut().unwrap().verdict = Verdict::Complete.into();
    expect(&known, "2026-04-09T13:59:59.999Z", Place::Verified, What::AwaitAdmissibility, results);
    // The instant has passed and the jury says nothing yet: no date is promised.
    expect(&known, "2026-04-09T14:00:00Z", Place::Verified, What::AwaitAdmissibility, None);
}

#[test]
fn a_piece_asked_for_again_goes_before_waiting_until_its_instant() {
    let mut known = closed();
    let correction = |until: &str| Correction { until: Some(at(until).into()), ..Default::default() };
    let dossier = known.dossier.as_mut().unwrap();
    dossier.corrections = vec![correction("2026-04-02T10:00:00Z"), correction("2026-04-01T10:00:00Z")];
    expect(&known, "2026-03-25T00:00:00Z", Place::Correction, What::Correct, Some("2026-04-01T10:00:00Z"));
    expect(&known, "2026-04-01T10:00:00Z", Place::Correction, What::Correct, Some("2026-04-02T10:00:00Z"));
    expect(&known, "2026-04-02T10:00:00Z", Place::ToVerify, What::AwaitAdmissibility, Some("2026-04-09T14:00:00Z"));
    known.dossier.as_mut().unwrap().corrections[0].deposited_piece_id = "p".into();
    expect(&known, "2026-04-01T12:00:00Z", Place::ToVerify, What::AwaitAdmissibility, Some("2026-04-09T14:00:00Z"));
}

#[test]
fn a_fee_that_is_owed_is_said_besides_until_it_is_listed() {
    let mut known = closed();
    known.fee = Some(Fee { status: FeeStatus::Short.into(), ..Default::default() });
    let also = |known: &Known, now: &str| standing(known, &dates(), at(now)).also;
    let pay = |by: Option<Timestamp>| vec![Step { what: What::Pay, at: by }];
    assert_eq!(also(&known, "2026-03-25T00:00:00Z"), pay(Some(dates().fees_listed)));
    assert_eq!(also(&known, "2026-04-05T00:00:00Z"), pay(None));
    known.fee = Some(Fee { status: FeeStatus::Settled.into(), ..Default::default() });
    assert_eq!(also(&known, "2026-03-25T00:00:00Z"), []);
    let open = Known { dossier: dossier(DossierState::Open), fee: Some(Fee::default()), ..Known::default() };
    assert_eq!(also(&open, "2026-03-01T00:00:00Z"), []);
}

#[test]
fn from_the_admissibility_results_to_the_orals() {
    let rejected = Known { admissibility: Some(AdmissibilityResult::default()), ..closed() };
    expect(&rejected, "2026-04-09T14:00:00Z", Place::NotAdmissible, What::Nothing, None);
    expect(&admissible(), "2026-04-09T14:00:00Z", Place::Admissible, What::AwaitConvocation, None);
    // The English test comes first here: the day begins with it and ends with the interview.
    expect(&convened(), "2026-05-18T06:00:00Z", Place::Convened, What::Come, Some("2026-05-18T07:00:00Z"));
    expect(&convened(), "2026-05-18T08:24:59.999Z", Place::Convened, What::Come, None);
    let results = Some("2026-05-28T12:00:00Z");
    expect(&convened(), "2026-05-18T08:25:00Z", Place::AfterOrals, What::AwaitAdmission, results);
    expect(&convened(), "2026-05-28T12:00:00Z", Place::AfterOrals, What::AwaitAdmission, None);
}

#[test]
fn the_admission_results() {
    let now = "2026-05-28T12:00:00Z";
    for (outcome, place) in [
        (Outcome::NotRetained, Place::NotRetained),
        (Outcome::Eliminated, Place::EliminatedAtOrals),
        (Outcome::NotAdmissible, Place::NotAdmissible),
        (Outcome::Annulled, Place::Annulled),
    ] {
        expect(&judged_as(outcome), now, place, What::Nothing, None);
        // Integration, which knows no reason, does not cover the jury's.
        let both = Known { situation: Some(after(State::NotRetained, NextStep::None)), ..judged_as(outcome) };
        expect(&both, now, place, What::Nothing, None);
    }
    // Held back: the results are out, the proposals are not.
    expect(&judged_as(Outcome::Ranked), now, Place::Ranked, What::AwaitProposals, None);
}

#[test]
fn during_a_period() {
    let now = "2026-05-29T08:00:00Z";
    let (none, closes) = (Answer::Unspecified, Some(CLOSES));
    expect(&with(during(State::Proposed, none)), now, Place::Proposed, What::Answer, closes);
    for answer in [Answer::OuiDefinitif, Answer::OuiMais, Answer::NonMais] {
        expect(&with(during(State::Proposed, answer)), now, Place::Answered, What::MayChange, closes);
    }
    expect(&with(during(State::Holding, none)), now, Place::Holding, What::MayChange, closes);
    expect(&with(during(State::Waiting, none)), now, Place::Waiting, What::LogIn, Some(NEXT));
    let last = Situation { next_period_opens_at: None, last_period: true, ..during(State::Waiting, none) };
    expect(&with(last), now, Place::Waiting, What::Nothing, None);
}

#[test]
fn between_periods_and_after_the_last() {
    let now = "2026-06-03T22:00:00Z";
    expect(&with(between(State::Holding)), now, Place::HoldingBetween, What::LogIn, Some(NEXT));
    expect(&with(between(State::Waiting)), now, Place::WaitingBetween, What::LogIn, Some(NEXT));
    expect(&with(between(State::Proposed)), now, Place::Closing, What::LookAgain, None);
    let now = "2026-07-17T21:30:00Z";
    expect(&with(after(State::Holding, NextStep::None)), now, Place::Closing, What::LookAgain, None);
    expect(&with(after(State::Waiting, NextStep::None)), now, Place::NoSeat, What::Nothing, None);
    let due = Some("2026-07-17T22:00:00Z");
    let reserve = after(State::Accepted, NextStep::DepositTitles);
    expect(&with(reserve), now, Place::Reserve, What::DepositTitles, due);
    let deposited = after(State::Accepted, NextStep::WaitForSchool);
    expect(&with(deposited), now, Place::ReserveAtSchool, What::AwaitSchool, None);
}

#[test]
fn the_ways_out_and_in() {
    for (state, place) in [
        (State::Resigned, Place::Resigned),
        (State::Eliminated, Place::Eliminated),
        (State::Annulled, Place::Annulled),
        (State::Admitted, Place::Admitted),
        (State::Lapsed, Place::Lapsed),
    ] {
        let mut situation = between(state);
        situation.elimination_reason = EliminationReason::NoLogin.into();
        expect(&with(situation), "2026-06-10T00:00:00Z", place, What::Nothing, None);
    }
    let mut annulled = closed();
    annulled.dossier.as_mut().unwrap().annulled_at = Some(at("2026-04-01T00:00:00Z").into());
    expect(&annulled, "2026-04-02T00:00:00Z", Place::Annulled, What::Nothing, None);
}

#[test]
fn a_relative_is_told_the_same_without_the_dossier() {
    let mandate = Known { mandate: true, ..Known::default() };
    let results = Some("2026-04-09T14:00:00Z");
    expect(&mandate, "2026-01-01T00:00:00Z", Place::NothingPublic, What::AwaitAdmissibility, results);
    let known = Known { mandate: true, dossier: None, ..with(during(State::Proposed, Answer::Unspecified)) };
    expect(&known, "2026-05-29T08:00:00Z", Place::Proposed, What::Answer, Some(CLOSES));
}

#[test]
fn a_seat_brings_titles_and_the_dossier_dintegration_besides() {
    let title = TitlePiece { state: TitlePieceState::Missing.into(), ..Default::default() };
    let mut situation = during(State::Proposed, Answer::OuiMais);
    situation.titles = vec![title];
    situation.integration_dossier_received = false;
    let whats = |situation: &Situation, now: &str| {
        standing(&with(situation.clone()), &dates(), at(now)).also.iter().map(|s| s.what).collect::<Vec<_>>()
    };
    let now = "2026-06-01T00:00:00Z";
    assert_eq!(whats(&situation, now), [What::DepositTitles, What::IntegrationDossier]);
    situation.answer = Answer::NonMais.into();
    assert_eq!(whats(&situation, now), []);
    let reserve = Situation { titles: situation.titles, ..after(State::Accepted, NextStep::DepositTitles) };
    assert_eq!(whats(&reserve, now), []);
}

#[test]
fn what_silence_does() {
    let said = |state, answer| silence(&during(state, answer));
    assert_eq!(said(State::Proposed, Answer::Unspecified), Some(Silence::Eliminates));
    assert_eq!(said(State::Proposed, Answer::NonMais), Some(Silence::AnswerStands));
    assert_eq!(said(State::Holding, Answer::Unspecified), Some(Silence::KeepsSeat));
    assert_eq!(said(State::Waiting, Answer::Unspecified), Some(Silence::CountsAsWaiting));
    assert_eq!(said(State::Accepted, Answer::Unspecified), None);
    let last = Situation { last_period: true, ..during(State::Holding, Answer::Unspecified) };
    assert_eq!(silence(&last), Some(Silence::BecomesAdmission));
    assert_eq!(silence(&between(State::Holding)), None);
}

#[test]
fn whoever_has_nothing_left_to_give_up_is_not_in_the_running() {
    assert!(in_the_running(&closed()) && in_the_running(&admissible()) && in_the_running(&judged_as(Outcome::Ranked)));
    assert!(in_the_running(&with(between(State::Waiting))) && in_the_running(&with(between(State::Admitted))));
    for out in [State::Resigned, State::Eliminated, State::NotRetained, State::Lapsed, State::Annulled] {
        assert!(!in_the_running(&with(between(out))), "{out:?}");
    }
    assert!(!in_the_running(&Known { admissibility: Some(AdmissibilityResult::default()), ..closed() }));
    assert!(!in_the_running(&Known::default()));
}
