//! Planning and moving on a real PostgreSQL (R24, R25).

use crate::world::{IMPOSSIBLE, SET, World, dossier, may, reason};
use contracts::{jury, roles, scheduling as proto, scheduling::Exam, scheduling::scheduling_server::Scheduling as _};
use platform::refusal::Refusal;

const ALBI: &str = "albi";
const DAY: &str = "2026-05-18";

/// A school set up, with `n` admissible candidates.
async fn school(name: &'static str, n: u128) -> World {
    let world = World::new(name).await;
    world.set_up(ALBI, DAY).await;
    for n in 0..n {
        world.decided(n, true, ALBI, 1).await;
    }
    world
}

fn begins(slot: Option<&proto::Slot>) -> jiff::Timestamp {
    slot.and_then(|s| s.begins_at).unwrap().try_into().unwrap()
}

#[tokio::test]
async fn everyone_is_convened_and_a_second_plan_changes_nothing() {
    let world = school("orals_plan", 20).await;
    world.decided(50, false, ALBI, 1).await;
    world.decided(51, true, "ales", 1).await;
    let mut mark = 0;
    let first = world.plan(ALBI).await;
    assert_eq!((first.candidates, first.placed, first.kept), (20, 20, 0));
    assert_eq!(world.told(&mut mark).await, vec![SET; 20]);
    let schedule = world.schedule(ALBI).await;
    let second = world.plan(ALBI).await;
    assert_eq!((second.candidates, second.placed, second.kept), (20, 20, 20));
    assert!(world.told(&mut mark).await.is_empty());
    assert_eq!(world.schedule(ALBI).await, schedule);
    assert!(schedule.embargoed);
    assert_eq!(schedule.candidates.len(), 20);
    let first = schedule.candidates[0].convocation.as_ref().unwrap();
    assert_eq!((first.day.as_str(), first.school_name.is_empty(), first.address.is_empty()), (DAY, false, false));
}

/// Why an examiner is absent may be an illness: it stands with the absence and not in the log that operators read.
#[tokio::test]
async fn the_audit_log_has_an_absence_and_not_its_reason() {
    let world = school("orals_absence_log", 0).await;
    let request = proto::RecordExaminerAbsenceRequest {
        school: ALBI.into(),
        examiner: "a".into(),
        from: Some(may(18, 9, 0).into()),
        to: Some(may(18, 10, 0).into()),
        reason: "hospitalisation".into(),
    };
    world.grpc.record_examiner_absence(world.planner(ALBI, request)).await.unwrap();
    let mut conn = world.db.read().await.unwrap();
    let log: String = sqlx::query_scalar("select string_agg(details, ' ') from platform.audit where action = $1")
        .bind("record_absence")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert!(log.contains("2026-05-18") && !log.contains("hospitalisation"), "{log}");
    let kept: String = sqlx::query_scalar("select reason from absences").fetch_one(&mut *conn).await.unwrap();
    assert_eq!(kept, "hospitalisation");
}

#[tokio::test]
async fn what_is_missing_is_named_and_told_once() {
    let world = World::new("orals_missing").await;
    world.decided(0, true, ALBI, 1).await;
    let mut mark = 0;
    let plan = world.plan(ALBI).await;
    assert_eq!(plan.unplaced_dossier_ids, [dossier(0).to_string()]);
    assert_eq!(plan.days.iter().map(|d| d.day.as_str()).collect::<Vec<_>>(), [DAY, "2026-05-19"]);
    assert_eq!((plan.days[0].interview_minutes_short, plan.days[0].english_minutes_short), (25, 15));
    let hours = plan.days[0].remarks.iter().find(|remark| remark.code == "HOURS_NOT_SET").unwrap();
    assert_eq!(hours.values["day"], DAY);
    let missing = world.schedule(ALBI).await.candidates[0].missing.clone();
    let codes: Vec<&str> = missing.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes[..3], ["PLACES_SHORT", "INTERVIEW_MINUTES_SHORT", "ENGLISH_MINUTES_SHORT"]);
    assert_eq!(codes.iter().filter(|code| **code == "NO_INTERVIEW_PANEL").count(), 1, "{codes:?}");
    world.plan(ALBI).await;
    assert_eq!(world.told(&mut mark).await, [IMPOSSIBLE]);
    world.set_up(ALBI, DAY).await;
    assert_eq!(world.plan(ALBI).await.placed, 1);
    assert_eq!(world.told(&mut mark).await, [SET]);
    assert!(world.schedule(ALBI).await.candidates[0].missing.is_empty());
}

#[tokio::test]
async fn the_database_itself_refuses_every_overlap() {
    let world = school("orals_exclusion", 4).await;
    world.panel(ALBI, "Jury C", Exam::Interview, &["a@albi", "z@albi"]).await.unwrap();
    let id = |n| dossier(n).to_string();
    let insert = |n: u128, exam: &str, panel: &str, room: &str, from: &str, to: &str| {
        world.sql(&format!(
            "insert into sittings (dossier_id, exam, school, panel, room, begins_at, ends_at)
             values ('{}', '{exam}', 'albi', '{panel}', {room}, '{from}+02', '{to}+02')",
            id(n)
        ))
    };
    let at = |time: &str| format!("2026-05-18 {time}");
    insert(0, "interview", "Jury A", "'Salle de Jury A'", &at("09:00"), &at("09:25")).unwrap();
    for (what, refused) in [
        (insert(0, "english", "English A", "null", &at("09:24"), &at("09:39")), "one_exam_at_once_per_candidate"),
        (insert(1, "interview", "Jury A", "null", &at("09:24"), &at("09:49")), "one_exam_at_once_per_panel"),
        (insert(1, "interview", "Jury C", "null", &at("08:40"), &at("09:05")), "one_exam_at_once_per_examiner"),
        (
            insert(1, "interview", "Jury B", "'Salle de Jury A'", &at("09:10"), &at("09:35")),
            "one_exam_at_once_per_room",
        ),
    ] {
        let error = what.unwrap_err();
        assert!(error.contains(refused), "{refused}: {error}");
    }
    // Touching is not overlapping, and a free slot is taken again.
    insert(1, "interview", "Jury A", "'Salle de Jury A'", &at("09:25"), &at("09:50")).unwrap();
    world.sql(&format!("delete from sittings where dossier_id = '{}'", id(0))).unwrap();
    insert(2, "interview", "Jury C", "'Salle de Jury A'", &at("09:00"), &at("09:25")).unwrap();
    let error = world.sql("update panels set examiners = '{q,r}' where panel = 'Jury A'").unwrap_err();
    assert!(error.contains("its members stand"), "{error}");
}

#[tokio::test]
async fn two_schools_that_share_an_examiner_never_use_them_at_once() {
    let world = World::new("orals_shared").await;
    let day = "2026-05-19";
    for school in [ALBI, "ales"] {
        world.set_up(school, day).await;
        world.panel(school, "Jury B", Exam::Interview, &["visitor", &format!("x@{school}")]).await.unwrap();
        world.panel(school, "English B", Exam::English, &["visitor"]).await.unwrap();
    }
    for n in 0..24 {
        world.decided(n, true, if n % 2 == 0 { ALBI } else { "ales" }, 1).await;
    }
    let message = |school: &str| world.planner(school, proto::PlanRequest { school: school.into() });
    let (a, b) = tokio::join!(world.grpc.plan(message(ALBI)), world.grpc.plan(message("ales")));
    for refused in [&a, &b].into_iter().filter_map(|r| r.as_ref().err()) {
        assert_eq!(reason(refused), "SLOT_TAKEN");
    }
    assert_eq!((world.plan(ALBI).await.placed, world.plan("ales").await.placed), (12, 12));
    let overlaps = world
        .sql(
            "select count(*) from examiner_sittings a join examiner_sittings b
              on a.examiner = b.examiner and a.during && b.during and a.dossier_id < b.dossier_id",
        )
        .unwrap();
    assert_eq!(overlaps.trim(), "0");
}

#[tokio::test]
async fn an_absence_names_the_exams_it_makes_impossible_and_the_plan_moves_them() {
    let world = school("orals_absence", 12).await;
    world.plan(ALBI).await;
    let before = world.schedule(ALBI).await;
    let request = proto::RecordExaminerAbsenceRequest {
        school: ALBI.into(),
        examiner: "b@albi".into(),
        from: Some(may(18, 0, 0).into()),
        to: Some(may(18, 12, 0).into()),
        reason: "grève".into(),
    };
    let reply = world.grpc.record_examiner_absence(world.planner(ALBI, request.clone())).await.unwrap().into_inner();
    let sat = before.candidates.iter().filter(|c| {
        c.interview_panel == "Jury A" && begins(c.convocation.as_ref().unwrap().interview.as_ref()) < may(18, 12, 0)
    });
    let sat: Vec<_> = sat.map(|c| c.dossier_id.clone()).collect();
    let mut named: Vec<_> = reply.affected.iter().map(|a| a.dossier_id.clone()).collect();
    named.sort();
    assert!(!sat.is_empty());
    assert_eq!(named, sat);
    let plan = world.plan(ALBI).await;
    assert_eq!((plan.placed, plan.kept), (12, 12 - u32::try_from(sat.len()).unwrap()));
    assert_eq!(
        world
            .schedule(ALBI)
            .await
            .candidates
            .iter()
            .filter(|c| c.interview_panel == "Jury A"
                && begins(c.convocation.as_ref().unwrap().interview.as_ref()) < may(18, 12, 0))
            .count(),
        0
    );
    let backwards = proto::RecordExaminerAbsenceRequest { from: request.to, to: request.from, ..request };
    let refused = world.grpc.record_examiner_absence(world.planner(ALBI, backwards)).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELD_INVALID");
}

#[tokio::test]
async fn a_move_is_checked_and_told_and_a_refused_one_changes_nothing() {
    let world = school("orals_move", 6).await;
    world.plan(ALBI).await;
    let mut mark = 0;
    world.told(&mut mark).await;
    let before = world.schedule(ALBI).await;
    let interview_of = |n: usize| begins(before.candidates[n].convocation.as_ref().unwrap().interview.as_ref());
    assert_eq!(
        (before.candidates[0].interview_panel.as_str(), before.candidates[2].interview_panel.as_str()),
        ("Jury A", "Jury A")
    );
    for (exam, at, broken) in [
        (Exam::Interview, may(18, 10, 10), "break"),
        (Exam::Interview, may(18, 17, 0), "outside the hours"),
        (Exam::English, may(20, 9, 0), "outside the hours"),
        (Exam::Interview, interview_of(2), "panel \"Jury A\" has another exam"),
        (Exam::English, interview_of(0), "minutes between"),
    ] {
        let refused = world.move_to(ALBI, 0, exam, at).await.unwrap_err();
        let refused = Refusal::from_status(&refused).unwrap();
        assert_eq!(refused.reason, "SLOT_IMPOSSIBLE");
        assert!(refused.preconditions.iter().any(|(_, why)| why.contains(broken)), "{broken}: {refused:?}");
    }
    assert_eq!(world.schedule(ALBI).await, before);
    assert!(world.told(&mut mark).await.is_empty());
    let moved = world.move_to(ALBI, 0, Exam::Interview, may(18, 16, 30)).await.unwrap();
    assert_eq!(begins(moved.interview.as_ref()), may(18, 16, 30));
    assert_eq!(world.told(&mut mark).await, [SET]);
    world.move_to(ALBI, 0, Exam::Interview, may(18, 16, 30)).await.unwrap();
    assert!(world.told(&mut mark).await.is_empty(), "moving it where it is changes nothing");
    assert_eq!(world.plan(ALBI).await.kept, 6);
    let elsewhere = world.move_to("ales", 0, Exam::Interview, may(19, 9, 0)).await.unwrap_err();
    assert_eq!(reason(&elsewhere), "NO_SLOT", "another school's dossier is as good as unknown");
}

#[tokio::test]
async fn a_correction_or_nullity_frees_the_slots() {
    let world = school("orals_freed", 3).await;
    world.plan(ALBI).await;
    let mut mark = 0;
    world.told(&mut mark).await;
    world.decided(0, false, ALBI, 2).await;
    world.decided(0, true, ALBI, 1).await;
    let annulled = jury::CandidatureAnnulled { dossier_id: dossier(1).to_string(), at: None };
    world.hear(&annulled, 3, world.evening()).await;
    world.decided(1, true, ALBI, 4).await;
    assert_eq!(world.told(&mut mark).await, [IMPOSSIBLE, IMPOSSIBLE]);
    assert_eq!(world.sql("select count(*) from sittings").unwrap().trim(), "2");
    let plan = world.plan(ALBI).await;
    assert_eq!((plan.candidates, plan.kept), (1, 1));
    world.decided(0, true, ALBI, 3).await;
    assert_eq!(world.plan(ALBI).await.placed, 2, "a correction can also admit");
}

#[tokio::test]
async fn orals_at_a_distance_need_no_room_and_say_where_to_connect() {
    let world = World::new("orals_remote").await;
    world.panel(ALBI, "Jury", Exam::Interview, &["a", "b"]).await.unwrap();
    world.panel(ALBI, "English", Exam::English, &["e"]).await.unwrap();
    world.day(ALBI, DAY, "09:00", "17:00").await.unwrap();
    world.decided(0, true, ALBI, 1).await;
    assert_eq!(world.plan(ALBI).await.placed, 0);
    assert_eq!(world.remote(ALBI, None, true).await.unwrap(), 0);
    assert_eq!(world.plan(ALBI).await.placed, 1);
    let shown = world.schedule(ALBI).await.candidates[0].convocation.clone().unwrap();
    assert!(shown.remote && shown.address.is_empty());
    assert_eq!(shown.link, "https://visio.example/salle");
    assert_eq!(world.remote(ALBI, None, true).await.unwrap(), 0, "nothing changed");
    assert_eq!(world.remote(ALBI, None, false).await.unwrap(), 1);
    assert_eq!(world.plan(ALBI).await.placed, 0, "back on site there is no room");
    assert_eq!(reason(&world.remote(ALBI, Some(9), true).await.unwrap_err()), "NO_SLOT");
}

#[tokio::test]
async fn set_up_is_refused_where_it_cannot_be() {
    let world = school("orals_setup", 2).await;
    let refused = world.day(ALBI, "2026-05-20", "09:00", "17:00").await.unwrap_err();
    let refused = Refusal::from_status(&refused).unwrap();
    assert_eq!(
        (refused.reason.as_str(), refused.allowed),
        ("DAY_NOT_IN_SESSION", vec![DAY.into(), "2026-05-19".into()])
    );
    for (from, to) in [("17:00", "09:00"), ("9h", "17:00"), ("09:00", "25:00"), ("10:20", "17:00")] {
        assert_eq!(reason(&world.day(ALBI, DAY, from, to).await.unwrap_err()), "INVALID_HOURS", "{from} {to}");
    }
    let one = world.panel(ALBI, "Jury D", Exam::Interview, &["alone"]).await.unwrap_err();
    assert_eq!(reason(&one), "INVALID_PANEL");
    let none = world.panel(ALBI, "Jury D", Exam::Unspecified, &["a", "b"]).await.unwrap_err();
    assert_eq!(reason(&none), "FIELD_INVALID");
    assert_eq!(reason(&world.room(ALBI, "  ").await.unwrap_err()), "FIELD_REQUIRED");
    assert_eq!(reason(&world.room(ALBI, &"x".repeat(121)).await.unwrap_err()), "FIELD_TOO_LONG");
    world.plan(ALBI).await;
    let sat = world.panel(ALBI, "Jury A", Exam::Interview, &["a@albi", "new"]).await.unwrap_err();
    assert_eq!(reason(&sat), "PANEL_HAS_EXAMS");
    world.panel(ALBI, "Jury A", Exam::Interview, &["b@albi", "a@albi"]).await.unwrap();
    let late = world.day(ALBI, DAY, "10:00", "17:00").await.unwrap_err();
    assert_eq!(reason(&late), "DAY_HAS_EXAMS");
    let other = world.planner("ales", proto::PlanRequest { school: ALBI.into() });
    assert_eq!(reason(&world.grpc.plan(other).await.unwrap_err()), "UNIT_NOT_ALLOWED");
    let finance = world.as_role(roles::FINANCE, proto::ListScheduleRequest { school: ALBI.into() });
    assert_eq!(reason(&world.grpc.list_schedule(finance).await.unwrap_err()), "ROLE_NOT_ALLOWED");
    let jury = world.as_role(roles::JURY, proto::ListScheduleRequest { school: "nowhere".into() });
    assert_eq!(reason(&world.grpc.list_schedule(jury).await.unwrap_err()), "UNKNOWN_SCHOOL");
}
