//! What a planner does by hand on a real PostgreSQL: places who is left over, takes back panels and absences (R24, R25).

use contracts::{scheduling as proto, scheduling::Exam, scheduling::scheduling_server::Scheduling as _};
use platform::refusal::Refusal;

use crate::world::{SET, World, dossier, may, reason};

const ALBI: &str = "albi";
const DAY: &str = "2026-05-18";

async fn places(world: &World, n: u128, exam: Exam) -> proto::ListPossibleSlotsReply {
    let message =
        proto::ListPossibleSlotsRequest { dossier_id: dossier(n).to_string(), exam: exam.into(), day: DAY.into() };
    world.grpc.list_possible_slots(world.planner(ALBI, message)).await.unwrap().into_inner()
}

fn choice(n: u128, exam: Exam, slot: &proto::PossibleSlot) -> proto::MoveSlotRequest {
    proto::MoveSlotRequest {
        dossier_id: dossier(n).to_string(),
        exam: exam.into(),
        begins_at: slot.begins_at,
        panel: slot.panel.clone(),
        room: slot.room.clone(),
        reason: "placé à la main".into(),
        other_begins_at: slot.other_begins_at,
        other_panel: slot.other_panel.clone(),
        other_room: slot.other_room.clone(),
    }
}

#[tokio::test]
async fn who_is_left_over_is_placed_by_hand_and_the_plan_keeps_it() {
    let world = World::new("hand_placed").await;
    for n in 0..3 {
        world.decided(n, true, ALBI, 1).await;
    }
    world.plan(ALBI).await;
    let unset = places(&world, 0, Exam::Interview).await;
    assert!(unset.slots.is_empty());
    let codes: Vec<_> = unset.remarks.iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(codes, ["HOURS_NOT_SET", "NO_INTERVIEW_PANEL", "NO_ENGLISH_EXAMINER"]);

    world.set_up(ALBI, DAY).await;
    let mut mark = 0;
    world.told(&mut mark).await;
    let offered = places(&world, 0, Exam::Interview).await;
    assert!(offered.remarks.is_empty() && offered.slots.iter().all(|slot| slot.other_begins_at.is_some()));
    let alone = proto::MoveSlotRequest { other_begins_at: None, ..choice(0, Exam::Interview, &offered.slots[0]) };
    let refused = world.grpc.move_slot(world.planner(ALBI, alone)).await.unwrap_err();
    let refused = Refusal::from_status(&refused).unwrap();
    assert_eq!(
        (refused.reason.as_str(), refused.because[0].reason.code.as_str()),
        ("SLOT_IMPOSSIBLE", "BOTH_EXAMS_NEEDED")
    );

    let slot = &offered.slots[5];
    let request = choice(0, Exam::Interview, slot);
    let placed = world.grpc.move_slot(world.planner(ALBI, request.clone())).await.unwrap().into_inner();
    assert_eq!(placed.convocation.unwrap().interview.unwrap().begins_at, slot.begins_at);
    assert_eq!(world.told(&mut mark).await, [SET]);
    world.grpc.move_slot(world.planner(ALBI, request)).await.unwrap();
    assert!(world.told(&mut mark).await.is_empty(), "placed already");
    let schedule = world.schedule(ALBI).await;
    let now: Vec<_> = schedule.candidates.iter().map(|c| (c.convocation.is_some(), c.missing.is_empty())).collect();
    assert_eq!(now, [(true, true), (false, false), (false, false)]);

    // What is in the way of the next one names whom it is.
    let next = places(&world, 1, Exam::Interview).await;
    let busy = next.impossible.iter().flat_map(|no| &no.why).find(|why| why.code == "PANEL_BUSY").unwrap();
    assert_eq!(busy.values["panel"], slot.panel);
    assert!(next.impossible.iter().any(|no| no.why.iter().any(|why| why.code == "IN_A_BREAK")));
    let plan = world.plan(ALBI).await;
    assert_eq!((plan.placed, plan.kept), (3, 1));
    let kept = world.schedule(ALBI).await.candidates[0].convocation.clone().unwrap();
    assert_eq!(kept.interview.unwrap().begins_at, slot.begins_at);

    let stranger = choice(99, Exam::Interview, slot);
    assert_eq!(reason(&world.grpc.move_slot(world.planner(ALBI, stranger)).await.unwrap_err()), "NO_SLOT");
    world.decided(7, false, ALBI, 1).await;
    let rejected = choice(7, Exam::Interview, slot);
    assert_eq!(reason(&world.grpc.move_slot(world.planner(ALBI, rejected)).await.unwrap_err()), "NO_SLOT");
}

#[tokio::test]
async fn a_panel_is_withdrawn_while_nobody_sits_before_it() {
    let world = World::new("hand_panel").await;
    world.set_up(ALBI, DAY).await;
    let withdraw = async |panel: &str, school: &str| {
        let message = proto::WithdrawPanelRequest { school: ALBI.into(), panel: panel.into() };
        world.grpc.withdraw_panel(world.planner(school, message)).await.map(|reply| reply.into_inner().withdrawn)
    };
    assert_eq!(reason(&withdraw("Jury B", "ales").await.unwrap_err()), "UNIT_NOT_ALLOWED");
    assert_eq!((withdraw("Jury B", ALBI).await.unwrap(), withdraw("Jury B", ALBI).await.unwrap()), (true, false));
    let panels = world.schedule(ALBI).await.panels;
    assert!(panels.len() == 3 && panels.iter().all(|panel| panel.panel != "Jury B"));
    world.decided(0, true, ALBI, 1).await;
    world.plan(ALBI).await;
    assert_eq!(reason(&withdraw("Jury A", ALBI).await.unwrap_err()), "PANEL_HAS_EXAMS");
    assert_eq!(world.schedule(ALBI).await.panels, panels);
    let log = world.sql("select count(*) from platform.audit where action = 'withdraw_panel'").unwrap();
    assert_eq!(log.trim(), "1");
}

#[tokio::test]
async fn an_absence_is_withdrawn_by_the_school_that_recorded_it() {
    let world = World::new("hand_absence").await;
    for school in [ALBI, "ales"] {
        world.set_up(school, "2026-05-19").await;
        world.panel(school, "Jury C", Exam::Interview, &["visitor", &format!("y@{school}")]).await.unwrap();
    }
    let (from, to) = (may(19, 9, 0), may(19, 12, 0));
    let record = proto::RecordExaminerAbsenceRequest {
        school: ALBI.into(),
        examiner: "visitor".into(),
        from: Some(from.into()),
        to: Some(to.into()),
        reason: "hospitalisation".into(),
    };
    world.grpc.record_examiner_absence(world.planner(ALBI, record)).await.unwrap();
    let own = async |school: &str| {
        world.schedule(school).await.absences.iter().map(|absence| absence.own).collect::<Vec<_>>()
    };
    assert_eq!((own(ALBI).await, own("ales").await), (vec![true], vec![false]));
    let withdraw = async |school: &str| {
        let message = proto::WithdrawExaminerAbsenceRequest {
            school: school.into(),
            examiner: "visitor".into(),
            from: Some(from.into()),
            to: Some(to.into()),
        };
        let reply = world.grpc.withdraw_examiner_absence(world.planner(school, message)).await;
        reply.unwrap().into_inner().withdrawn
    };
    assert!(!withdraw("ales").await, "another school's absence stands");
    assert_eq!(own("ales").await, [false]);
    assert!(withdraw(ALBI).await && !withdraw(ALBI).await);
    assert!(own(ALBI).await.is_empty() && own("ales").await.is_empty());
}
