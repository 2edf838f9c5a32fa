//! What a planner's page draws and chooses from, and who else reads a schedule, from which millisecond on (R19).

use contracts::{roles, scheduling as proto, scheduling::Exam, scheduling::scheduling_server::Scheduling as _};
use jiff::{SignedDuration, Timestamp};
use tonic::{Request, Status};

use crate::world::{World, dossier, may, reason};

const ALBI: &str = "albi";
const DAY: &str = "2026-05-18";

async fn school(name: &'static str, n: u128) -> World {
    let world = World::new(name).await;
    world.set_up(ALBI, DAY).await;
    for n in 0..n {
        world.decided(n, true, ALBI, 1).await;
    }
    world.plan(ALBI).await;
    world
}

fn schedule_of<T>(message: T, role: &str, unit: Option<&str>, at: Timestamp) -> Request<T> {
    World::caller(role, format!("{role}@albi"), unit, at, message)
}

async fn read(
    world: &World,
    role: &str,
    unit: Option<&str>,
    at: Timestamp,
) -> Result<proto::ListScheduleReply, Status> {
    let message = proto::ListScheduleRequest { school: ALBI.into() };
    world.grpc.list_schedule(schedule_of(message, role, unit, at)).await.map(tonic::Response::into_inner)
}

async fn absent(world: &World, school: &str, examiner: &str, from: Timestamp, to: Timestamp) {
    let request = proto::RecordExaminerAbsenceRequest {
        school: school.into(),
        examiner: examiner.into(),
        from: Some(from.into()),
        to: Some(to.into()),
        reason: "hospitalisation".into(),
    };
    world.grpc.record_examiner_absence(world.planner(school, request)).await.unwrap();
}

#[tokio::test]
async fn the_grid_has_every_panel_of_every_day_with_its_exams_and_what_is_closed() {
    let world = school("grid", 3).await;
    absent(&world, ALBI, "a@albi", may(18, 16, 0), may(18, 18, 0)).await;
    let schedule = world.schedule(ALBI).await;
    let rows: Vec<_> = schedule.grid.iter().map(|g| (g.day.as_str(), g.panel.as_str(), g.slots.len())).collect();
    assert_eq!(
        rows.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>(),
        [(DAY, "Jury A"), (DAY, "Jury B"), (DAY, "English A"), (DAY, "English B")]
    );
    assert_eq!(rows.iter().map(|row| row.2).sum::<usize>(), 6, "both exams of three candidates");
    let jury = &schedule.grid[0];
    assert_eq!((jury.opens_at, jury.closes_at), (Some(may(18, 9, 0).into()), Some(may(18, 17, 0).into())));
    let closed: Vec<_> = jury.closed.iter().map(|span| (span.begins_at.unwrap(), span.ends_at.unwrap())).collect();
    let span = |from: Timestamp, to: Timestamp| (from.into(), to.into());
    assert_eq!(
        closed,
        [
            span(may(18, 10, 15), may(18, 10, 30)),
            span(may(18, 12, 0), may(18, 13, 0)),
            span(may(18, 16, 0), may(18, 17, 0))
        ]
    );
    let first = &schedule.candidates[0];
    let interview = first.convocation.as_ref().unwrap().interview.clone().unwrap();
    let row = schedule.grid.iter().find(|g| g.panel == first.interview_panel).unwrap();
    let slot = row.slots.iter().find(|slot| slot.dossier_id == first.dossier_id).unwrap();
    assert_eq!((slot.begins_at, slot.ends_at, &slot.room), (interview.begins_at, interview.ends_at, &interview.room));

    let absence = &schedule.absences[0];
    assert_eq!((absence.examiner.as_str(), absence.reason.as_str()), ("a@albi", "hospitalisation"));
    let jury = read(&world, roles::JURY, None, world.evening()).await.unwrap();
    assert_eq!((jury.absences.len(), jury.absences[0].reason.as_str()), (1, ""), "why is the planners' to know");
    // What another school noted of a visitor, and what they hold there, counts and is not explained.
    world.set_up("ales", "2026-05-19").await;
    world.panel("ales", "Jury V", Exam::Interview, &["a@albi", "v@ales"]).await.unwrap();
    let there = world.schedule("ales").await.absences;
    let shown: Vec<_> = there.iter().map(|a| (a.examiner.as_str(), a.reason.as_str(), a.elsewhere)).collect();
    assert_eq!(shown, [("a@albi", "", true), ("a@albi", "", true), ("a@albi", "", false)]);
}

/// R19, R25: staff see who sits when from the results on, not a millisecond before, and of those only who is out.
#[tokio::test]
async fn staff_read_the_schedule_from_the_very_millisecond_of_the_results() {
    let world = school("grid_staff", 2).await;
    let at = world.results;
    let before = at - SignedDuration::from_millis(1);
    let unconfirmed = read(&world, roles::STAFF, Some(ALBI), at).await.unwrap_err();
    assert_eq!(reason(&unconfirmed), "NOT_PUBLISHED", "the clock alone publishes nothing");
    world.confirmed().await;
    let early = read(&world, roles::STAFF, Some(ALBI), before).await.unwrap_err();
    assert_eq!((reason(&early), early.details()), ("NOT_PUBLISHED".into(), unconfirmed.details()));
    assert_eq!(read(&world, roles::PLANNER, Some(ALBI), before).await.unwrap().candidates.len(), 2);

    // Moved later, what was confirmed waits with it (R5).
    world.sql("update platform.transitions set due_at = due_at + interval '1 day'").unwrap();
    assert_eq!(reason(&read(&world, roles::STAFF, Some(ALBI), at).await.unwrap_err()), "NOT_PUBLISHED");
    world.sql("update platform.transitions set due_at = due_at - interval '1 day'").unwrap();

    world.constraint(0, at).await.unwrap();
    // Decided after the confirmation: out with the next one.
    let decided = contracts::jury::AdmissibilityDecided {
        dossier_id: dossier(7).to_string(),
        admissible: true,
        filiere: "L3".into(),
        first_school: ALBI.into(),
        ..Default::default()
    };
    world.hear(&decided, 1, at + SignedDuration::from_hours(1)).await;
    world.plan(ALBI).await;
    absent(&world, ALBI, "z@albi", may(18, 16, 0), may(18, 18, 0)).await;
    let staff = read(&world, roles::STAFF, Some(ALBI), at).await.unwrap();
    let shown: Vec<_> = staff.candidates.iter().map(|c| c.dossier_id.clone()).collect();
    assert_eq!(shown, [dossier(0).to_string(), dossier(1).to_string()]);
    assert!(!staff.embargoed && staff.candidates.iter().all(|c| c.convocation.is_some() && c.constraints.is_empty()));
    assert_eq!(staff.grid.iter().map(|g| g.slots.len()).sum::<usize>(), 4);
    assert!(staff.absences.iter().all(|absence| absence.reason.is_empty()) && staff.absences.len() == 1);
    // What an examiner holds at another school is not theirs to see: who sits there may not be out.
    world.set_up("ales", "2026-05-19").await;
    world.panel("ales", "Jury V", Exam::Interview, &["a@albi", "v@ales"]).await.unwrap();
    let ales = proto::ListScheduleRequest { school: "ales".into() };
    let ales = world.grpc.list_schedule(schedule_of(ales, roles::STAFF, Some("ales"), at)).await.unwrap().into_inner();
    assert!(ales.absences.is_empty() && ales.grid.iter().all(|row| row.closed.len() == 2), "{:?}", ales.grid);
    let planner = read(&world, roles::PLANNER, Some(ALBI), at).await.unwrap();
    assert_eq!((planner.candidates.len(), planner.embargoed), (3, true));
    assert_eq!(planner.candidates[0].constraints.len(), 1);

    for (role, unit, expected) in [
        (roles::STAFF, Some("ales"), "UNIT_NOT_ALLOWED"),
        (roles::STAFF, None, "UNIT_NOT_ALLOWED"),
        (roles::FINANCE, Some(ALBI), "ROLE_NOT_ALLOWED"),
        (roles::CANDIDATE, None, "ROLE_NOT_ALLOWED"),
    ] {
        assert_eq!(reason(&read(&world, role, unit, at).await.unwrap_err()), expected, "{role}");
    }
}

async fn places(
    world: &World,
    school: &str,
    n: u128,
    exam: Exam,
    day: &str,
) -> Result<Vec<proto::PossibleSlot>, Status> {
    let message =
        proto::ListPossibleSlotsRequest { dossier_id: dossier(n).to_string(), exam: exam.into(), day: day.into() };
    let reply = world.grpc.list_possible_slots(world.planner(school, message)).await?.into_inner();
    assert!(reply.slots.len() <= 200 && reply.slots.windows(2).all(|w| w[0].begins_at <= w[1].begins_at));
    assert_eq!(reply.more, reply.slots.len() == 200);
    Ok(reply.slots)
}

#[tokio::test]
async fn whatever_is_offered_can_be_chosen() {
    let world = school("grid_places", 6).await;
    world.day(ALBI, "2026-05-19", "09:00", "17:00").await.unwrap();
    let offered = places(&world, ALBI, 0, Exam::English, "").await.unwrap();
    let days = |slots: &[proto::PossibleSlot]| {
        let mut days: Vec<_> = slots.iter().map(|slot| slot.day.clone()).collect();
        days.dedup();
        days
    };
    assert_eq!(days(&offered), [DAY, "2026-05-19"]);
    assert!(offered.iter().all(|slot| slot.other_begins_at.is_some() == (slot.day != DAY)));
    let second = places(&world, ALBI, 0, Exam::English, "2026-05-19").await.unwrap();
    assert_eq!(days(&second), ["2026-05-19"]);

    let choose = |slot: &proto::PossibleSlot| proto::MoveSlotRequest {
        dossier_id: dossier(0).to_string(),
        exam: Exam::English.into(),
        begins_at: slot.begins_at,
        panel: slot.panel.clone(),
        room: slot.room.clone(),
        reason: "à la demande du candidat".into(),
        other_begins_at: slot.other_begins_at,
        other_panel: slot.other_panel.clone(),
        other_room: slot.other_room.clone(),
    };
    for slot in [&offered[0], &offered[offered.len() / 3], &second[0], &second[second.len() - 1]] {
        let moved = world.grpc.move_slot(world.planner(ALBI, choose(slot))).await.unwrap().into_inner();
        let convocation = moved.convocation.unwrap();
        assert_eq!((convocation.day, convocation.english.unwrap().begins_at), (slot.day.clone(), slot.begins_at));
        // Where the others sit has not changed, and what was left is offered again.
        if slot.day == DAY {
            continue;
        }
        assert!(places(&world, ALBI, 0, Exam::English, DAY).await.unwrap().iter().all(|s| s.other_begins_at.is_some()));
        let back = places(&world, ALBI, 0, Exam::English, DAY).await.unwrap();
        world.grpc.move_slot(world.planner(ALBI, choose(&back[0]))).await.unwrap();
    }

    let unplaced = places(&world, ALBI, 99, Exam::English, "").await.unwrap_err();
    let elsewhere = places(&world, "ales", 0, Exam::English, "").await.unwrap_err();
    assert_eq!((reason(&unplaced), reason(&elsewhere)), ("NO_SLOT".into(), "NO_SLOT".into()));
    let bad = places(&world, ALBI, 0, Exam::Unspecified, "").await.unwrap_err();
    assert_eq!(reason(&bad), "FIELD_INVALID");
    let message = proto::ListPossibleSlotsRequest {
        dossier_id: dossier(0).to_string(),
        exam: Exam::English.into(),
        day: String::new(),
    };
    for (role, unit) in [(roles::STAFF, Some(ALBI)), (roles::JURY, None), (roles::CANDIDATE, None)] {
        let request = schedule_of(message.clone(), role, unit, world.evening());
        assert_eq!(reason(&world.grpc.list_possible_slots(request).await.unwrap_err()), "ROLE_NOT_ALLOWED", "{role}");
    }
}
