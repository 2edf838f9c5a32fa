//! Definitive or lapsed (R34): the deposit's instant counts, however late it is heard of or looked at.

use contracts::{
    intake,
    integration::{self as api, Answer, State, TitlePieceState},
};
use jiff::Timestamp;
use notice::keys;
use platform::refusal::Decoded;
use uuid::Uuid;

use super::house::{HOUR, House, MS, ask, id, president, staff};

const DIPLOMA: &str = "diploma";
const TRANSCRIPT: &str = "second_semester_transcript";

/// 1 has OUI DÉFINITIF at albi, and the periods are over.
async fn over(name: &str) -> House {
    let house = House::eve(name).await;
    house.open_period(1).await;
    house.answer(1, Answer::OuiDefinitif, house.opens(1)).await.unwrap();
    for period in 1..=4 {
        if period > 1 {
            house.open_period(period).await;
        }
        house.close_period(period).await;
    }
    house
}

async fn deposit(house: &House, piece: &str, at: Timestamp) {
    let deposited = intake::LatePieceDeposited {
        dossier_id: id(1),
        piece: piece.into(),
        piece_id: Uuid::new_v4().to_string(),
        deposited_at: Some(at.into()),
    };
    house.hear(&deposited, 9).await;
}

async fn review(house: &House, piece: &str, accepted: bool, at: Timestamp) -> Result<api::ReviewTitleReply, Decoded> {
    let reason = if accepted { String::new() } else { "illisible".into() };
    let request =
        api::ReviewTitleRequest { dossier_id: id(1), piece: piece.into(), accepted, reason, in_closed_dossier: false };
    ask!(house, review_title, request, staff("albi", at))
}

#[tokio::test]
async fn accepted_before_and_after_the_deadline_is_definitive() {
    let house = over("titles").await;
    let due = house.instant(keys::TITLES_DUE);
    deposit(&house, DIPLOMA, due - HOUR).await;
    deposit(&house, TRANSCRIPT, due - MS).await;
    assert_eq!(review(&house, DIPLOMA, true, due - MS).await.unwrap().state(), State::Accepted);
    house.fire(keys::TITLES_DUE).await;
    assert_eq!(house.state(1, due).await, (State::Accepted, "albi".into()), "deposited in time, not looked at yet");
    let reviewed = review(&house, TRANSCRIPT, true, due + HOUR).await.unwrap();
    assert_eq!(reviewed.state(), State::Admitted);
    let admitted = house.told("admissions.v1.albi.admitted").await;
    assert_eq!((admitted.len(), admitted[0].0.clone()), (1, id(1)));
    // Definitive is definitive: no later look takes it back, or says so.
    let late = review(&house, TRANSCRIPT, false, due + HOUR).await.unwrap_err();
    assert_eq!(late.reason, "ADMISSION_DEFINITIVE");
    assert_eq!(
        review(&house, TRANSCRIPT, true, due + HOUR).await.unwrap().titles[1].state(),
        TitlePieceState::Accepted
    );
    let list = ask!(house, final_list, api::FinalListRequest { school: "albi".into() }, staff("albi", due)).unwrap();
    assert_eq!((list.entries[0].state(), list.entries[0].missing.len()), (State::Admitted, 0));
}

#[tokio::test]
async fn what_is_not_there_lapses_and_says_what_is_missing() {
    let house = over("lapsed").await;
    let due = house.instant(keys::TITLES_DUE);
    deposit(&house, DIPLOMA, due - HOUR).await;
    deposit(&house, TRANSCRIPT, due).await;
    assert_eq!(review(&house, TRANSCRIPT, true, due).await.unwrap_err().reason, "PIECE_NOT_DEPOSITED");
    house.fire(keys::TITLES_DUE).await;
    assert_eq!(house.state(1, due).await, (State::Lapsed, "albi".into()));
    let list = ask!(house, final_list, api::FinalListRequest::default(), president(due)).unwrap();
    assert_eq!(list.entries[0].missing, [TRANSCRIPT]);
    assert_eq!(house.told("admissions.v1.albi.lapsed").await.len(), 1);
    assert_eq!(house.told("admissions.v1.albi.seat_released").await.len(), 0, "its seat is not proposed again");
    // Made in time and heard of late: acknowledged deposits are never lost (R3).
    deposit(&house, TRANSCRIPT, due - MS).await;
    assert_eq!(house.state(1, due).await, (State::Accepted, "albi".into()));
}

#[tokio::test]
async fn a_refused_piece_can_be_replaced_until_the_deadline() {
    let house = over("refused").await;
    let due = house.instant(keys::TITLES_DUE);
    deposit(&house, DIPLOMA, due - HOUR * 3).await;
    let unexplained = api::ReviewTitleRequest { dossier_id: id(1), piece: DIPLOMA.into(), ..Default::default() };
    let unexplained = ask!(house, review_title, unexplained, staff("albi", due - HOUR)).unwrap_err();
    assert_eq!(unexplained.reason, "REASON_REQUIRED");
    let refused = review(&house, DIPLOMA, false, due - HOUR * 2).await.unwrap();
    assert_eq!((refused.titles[0].state(), refused.titles[0].reason.as_str()), (TitlePieceState::Refused, "illisible"));
    deposit(&house, DIPLOMA, due - HOUR).await;
    assert_eq!(review(&house, DIPLOMA, true, due).await.unwrap().titles[0].state(), TitlePieceState::Accepted);
    // The transcript was in the dossier at clôture.
    let earlier = api::ReviewTitleRequest {
        dossier_id: id(1),
        piece: TRANSCRIPT.into(),
        accepted: true,
        in_closed_dossier: true,
        ..Default::default()
    };
    assert_eq!(ask!(house, review_title, earlier, staff("albi", due)).unwrap().state(), State::Admitted);
}

#[tokio::test]
async fn only_the_school_of_the_seat_looks_at_titles_and_receives_the_dossier() {
    let house = over("seat_school").await;
    let at = house.closes(4) + HOUR / 2;
    deposit(&house, DIPLOMA, at).await;
    let request =
        api::ReviewTitleRequest { dossier_id: id(1), piece: DIPLOMA.into(), accepted: true, ..Default::default() };
    assert_eq!(ask!(house, review_title, request, staff("ales", at)).unwrap_err().reason, "NO_SEAT_HERE");
    let cv = api::ReviewTitleRequest { dossier_id: id(1), piece: "cv".into(), accepted: true, ..Default::default() };
    let cv = ask!(house, review_title, cv, staff("albi", at)).unwrap_err();
    assert_eq!((cv.reason.as_str(), cv.allowed), ("NOT_A_TITLE_PIECE", vec![DIPLOMA.into(), TRANSCRIPT.into()]));
    let receive = || api::ReceiveIntegrationDossierRequest { dossier_id: id(1) };
    let elsewhere = ask!(house, receive_integration_dossier, receive(), staff("ales", at)).unwrap_err();
    assert_eq!(elsewhere.reason, "NO_SEAT_HERE");
    let first = ask!(house, receive_integration_dossier, receive(), staff("albi", at)).unwrap();
    let again = ask!(house, receive_integration_dossier, receive(), staff("albi", at + MS)).unwrap();
    assert!(!first.already_received && again.already_received && first.received_at == again.received_at);
}

#[tokio::test]
async fn a_deadline_moved_on_takes_the_lapse_back() {
    let house = over("moved_on").await;
    let due = house.instant(keys::TITLES_DUE);
    deposit(&house, DIPLOMA, due - HOUR).await;
    house.fire(keys::TITLES_DUE).await;
    assert_eq!(house.state(1, due).await.0, State::Lapsed);
    house.reopen(keys::TITLES_DUE, due + HOUR * 24).await;
    assert_eq!(house.state(1, due + HOUR).await.0, State::Accepted);
    deposit(&house, TRANSCRIPT, due + HOUR).await;
    review(&house, DIPLOMA, true, due + HOUR).await.unwrap();
    assert_eq!(review(&house, TRANSCRIPT, true, due + HOUR).await.unwrap().state(), State::Admitted);
}
