//! The executable between a real broker and a real database: a plan that survives SIGKILL, events heard twice, and a
//! convocation that shows from the very millisecond of the results, whoever's clock says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod process;

use contracts::{
    jury, machinery, roles,
    scheduling::{self as proto, scheduling_client::SchedulingClient},
};
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::refusal::Refusal;
use process::{House, dossier, eventually};

const ALBI: &str = "albi";
const CANDIDATES: u128 = 10;

fn results() -> Timestamp {
    let session = Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0;
    session.instant(keys::ADMISSIBILITY_RESULTS).unwrap()
}

fn calendar(version: u64, fired: bool) -> machinery::CalendarChanged {
    let transition = machinery::Transition {
        key: keys::ADMISSIBILITY_RESULTS.into(),
        due_at: Some(results().into()),
        fired_at: fired.then(|| results().into()),
    };
    machinery::CalendarChanged {
        version,
        zone: "Europe/Paris".into(),
        transitions: vec![transition],
        moves: Vec::new(),
    }
}

async fn tell_decisions(house: &House, signed: Timestamp) {
    for n in 0..CANDIDATES {
        let fact = jury::AdmissibilityDecided {
            dossier_id: dossier(n).to_string(),
            admissible: true,
            filiere: "L3".into(),
            first_school: ALBI.into(),
            ..Default::default()
        };
        house.tell(&fact, 1, signed).await;
    }
    let confirmed = jury::AdmissibilityPublicationConfirmed { publish_at: Some(results().into()) };
    house.tell(&confirmed, 1, signed + SignedDuration::from_mins(5)).await;
}

async fn set_up(house: &House) {
    let mut client = SchedulingClient::new(house.channel());
    let hours = |from: &str, to: &str| proto::Hours { from: from.into(), to: to.into() };
    let day = proto::DefineDayRequest {
        school: ALBI.into(),
        day: "2026-05-18".into(),
        hours: Some(hours("09:00", "17:00")),
        lunch: Some(hours("12:00", "13:00")),
        breaks: vec![hours("10:15", "10:30")],
    };
    client.define_day(house.planner(ALBI, day)).await.unwrap();
    for (panel, exam, examiners) in
        [("Jury", proto::Exam::Interview, vec!["a", "b"]), ("English", proto::Exam::English, vec!["c"])]
    {
        let request = proto::DefinePanelRequest {
            school: ALBI.into(),
            panel: panel.into(),
            exam: exam.into(),
            examiners: examiners.into_iter().map(Into::into).collect(),
        };
        client.define_panel(house.planner(ALBI, request)).await.unwrap();
        let room = proto::DefineRoomRequest { school: ALBI.into(), room: format!("Salle {panel}") };
        client.define_room(house.planner(ALBI, room)).await.unwrap();
    }
}

async fn schedule(house: &House) -> Vec<proto::ScheduledCandidate> {
    let mut client = SchedulingClient::new(house.channel());
    let request = house.planner(ALBI, proto::ListScheduleRequest { school: ALBI.into() });
    client.list_schedule(request).await.unwrap().into_inner().candidates
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_outlives_the_process_and_shows_at_its_millisecond() {
    let signed = results() - SignedDuration::from_hours(20);
    let mut house = House::prepare(signed).await;
    house.start().await;
    house.tell(&calendar(1, false), 1, signed).await;
    tell_decisions(&house, signed).await;
    set_up(&house).await;
    eventually("every decision is heard", async || schedule(&house).await.len() == CANDIDATES as usize).await;
    let plan = house.planner(ALBI, proto::PlanRequest { school: ALBI.into() });
    let plan = SchedulingClient::new(house.channel()).plan(plan).await.unwrap().into_inner();
    assert_eq!((plan.placed, plan.kept), (10, 0), "{plan:?}");
    let planned = schedule(&house).await;

    // Acknowledged, then killed before the relay can be sure to have told anything.
    house.kill();
    house.start().await;
    assert_eq!(schedule(&house).await, planned);
    tell_decisions(&house, signed).await;
    let set = "facts.v1.embargo.scheduling.convocation_set";
    eventually("every convocation is told", async || house.messages("FACTS", set).await == 10).await;
    let again = house.planner(ALBI, proto::PlanRequest { school: ALBI.into() });
    let again = SchedulingClient::new(house.channel()).plan(again).await.unwrap().into_inner();
    assert_eq!((again.placed, again.kept), (10, 10));

    // The clock passes the instant; requests that the edge received on either side of it arrive after.
    house.advance(results() + SignedDuration::from_secs(1)).await;
    let ask = async |received: Timestamp| {
        let message = proto::GetConvocationRequest { dossier_id: dossier(0).to_string() };
        let request = house.stamped(roles::CANDIDATE, &dossier(0).to_string(), received, message);
        SchedulingClient::new(house.channel()).get_convocation(request).await
    };
    let early = ask(results() - SignedDuration::from_millis(1)).await.unwrap_err();
    assert_eq!(Refusal::from_status(&early).unwrap().reason, "NO_CONVOCATION");
    let shown = ask(results()).await.unwrap().into_inner().convocation.unwrap();
    assert_eq!((shown.school.as_str(), shown.day.as_str()), (ALBI, "2026-05-18"));

    let published = "admissions.v1.albi.convocation_published";
    assert_eq!(house.messages("ADMISSIONS", published).await, 0, "the event acts, not the clock");
    house.tell(&calendar(2, true), 2, results()).await;
    house.tell(&calendar(2, true), 2, results()).await;
    eventually("every convocation is announced", async || house.messages("ADMISSIONS", published).await == 10).await;
    house.kill();
    house.start().await;
    let moved = proto::MoveSlotRequest {
        dossier_id: dossier(9).to_string(),
        exam: proto::Exam::Interview.into(),
        begins_at: Some("2026-05-18T14:30:00Z".parse::<Timestamp>().unwrap().into()),
        reason: "transport".into(),
        ..Default::default()
    };
    SchedulingClient::new(house.channel()).move_slot(house.planner(ALBI, moved)).await.unwrap();
    eventually("the move is announced", async || house.messages("ADMISSIONS", published).await == 11).await;
    assert_eq!(house.messages("FACTS", set).await, 11, "nothing was told twice");
}
