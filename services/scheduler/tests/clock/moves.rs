//! Moving milestones through the public interface, under a simulated clock.

use contracts::{
    machinery::AdvanceRequest,
    scheduler::{
        ConfirmMoveRequest, GetAcknowledgementsRequest, GetCalendarRequest, ListMovesRequest, MoveState,
        PrepareMoveRequest, TransitionState,
    },
};
use engines::Nats;
use jiff::Timestamp;
use platform::{
    clock::Clock,
    config,
    db::Db,
    machinery::{Parts, start},
    refusal::Refusal,
    streams,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::house::{House, Replica, eventually};

const SESSION: &str = include_str!("../../../../infra/sessions/2026.toml");

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reason(status: &tonic::Status) -> String {
    Refusal::from_status(status).unwrap_or_else(|| panic!("{status:?}")).reason
}

async fn broker() -> Nats {
    tokio::task::spawn_blocking(|| Nats::start(&[]).unwrap()).await.unwrap()
}

async fn house(database: &'static str, nats: &Nats) -> House {
    let url = nats.url();
    tokio::task::spawn_blocking(move || House::new(database, &url, SESSION)).await.unwrap()
}

async fn advance(house: &House, replica: &Replica, from: &str, to: &str) {
    let request = AdvanceRequest { to: Some(at(to).into()) };
    replica.clock().await.advance(house.by("clock", at(from), request)).await.unwrap();
}

/// Keys that have fired, and the version.
async fn fired(replica: &Replica) -> (Vec<String>, u64) {
    let calendar = replica.scheduler().await.get_calendar(GetCalendarRequest {}).await.unwrap().into_inner();
    let fired = calendar.transitions.into_iter().filter(|t| t.state() == TransitionState::Fired);
    (fired.map(|t| t.key).collect(), calendar.version)
}

fn keys<const N: usize>(keys: [&str; N]) -> Vec<String> {
    keys.map(str::to_owned).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_window_is_reopened_by_two_people_and_closes_again() {
    let nats = broker().await;
    let house = house("moves", &nats).await;
    let start = "2026-03-20T21:59:00Z";
    // Two replicas: one is asked, both see it.
    let (one, other) = (house.start("one", Some(start)).await, house.start("other", Some(start)).await);
    eventually((keys(["platform_opens"]), 2), || fired(&other)).await;
    let after = "2026-03-20T22:10:00Z";
    advance(&house, &one, start, after).await;
    advance(&house, &other, start, after).await;
    eventually((keys(["platform_opens", "deposits_close"]), 3), || fired(&other)).await;

    let mut desk = one.scheduler().await;
    let now = at(after);
    let ask = |to: &str, why: &str| PrepareMoveRequest {
        key: "deposits_close".into(),
        to: Some(at(to).into()),
        reason: why.into(),
    };
    // Refusals change nothing.
    let nobody = desk.prepare_move(ask("2026-03-21T12:00:00Z", "outage")).await.unwrap_err();
    assert_eq!(reason(&nobody), "TOKEN_REQUIRED");
    let mute = desk.prepare_move(house.by("ana", now, ask("2026-03-21T12:00:00Z", "  "))).await.unwrap_err();
    assert_eq!((mute.code(), reason(&mute).as_str()), (tonic::Code::InvalidArgument, "INVALID_MOVE"));
    // What PostgreSQL cannot keep, and what would not fit into a refusal.
    let nul = desk.prepare_move(house.by("ana", now, ask("2026-03-21T12:00:00Z", "a\0b"))).await.unwrap_err();
    assert_eq!((nul.code(), reason(&nul).as_str()), (tonic::Code::InvalidArgument, "INVALID_MOVE"));
    let long = PrepareMoveRequest { key: "x".repeat(100_000), ..ask("2026-03-21T12:00:00Z", "x") };
    assert_eq!(reason(&desk.prepare_move(house.by("ana", now, long)).await.unwrap_err()), "INVALID_MOVE");
    let id = ConfirmMoveRequest { move_id: "é".repeat(50_000) };
    assert_eq!(reason(&desk.confirm_move(house.by("ana", now, id)).await.unwrap_err()), "INVALID_MOVE");
    let earlier = desk.prepare_move(house.by("ana", now, ask("2026-03-20T21:00:00Z", "x"))).await.unwrap_err();
    assert_eq!(reason(&earlier), "MOVED_EARLIER");
    let far = desk.prepare_move(house.by("ana", now, ask("2026-05-01T00:00:00Z", "x"))).await.unwrap_err();
    assert_eq!((far.code(), reason(&far).as_str()), (tonic::Code::FailedPrecondition, "OUT_OF_ORDER"));

    let to = "2026-03-21T12:00:00Z";
    let prepared = desk.prepare_move(house.by("ana", now, ask(to, "outage"))).await.unwrap().into_inner();
    let prepared = prepared.r#move.unwrap();
    assert!(prepared.shifts.len() == 1 && prepared.shifts[0].reopens, "{prepared:?}");
    assert_eq!(fired(&other).await.1, 3, "preparing moves nothing");

    let confirm = ConfirmMoveRequest { move_id: prepared.id.clone() };
    let alone = desk.confirm_move(house.by("ana", now, confirm.clone())).await.unwrap_err();
    assert_eq!((alone.code(), reason(&alone).as_str()), (tonic::Code::PermissionDenied, "SAME_PERSON"));
    let done = desk.confirm_move(house.by("bruno", now, confirm.clone())).await.unwrap().into_inner();
    assert_eq!(done.version, 4);
    let again = desk.confirm_move(house.by("bruno", now, confirm)).await.unwrap().into_inner();
    assert_eq!(again, done, "a repeated command answers the same");
    assert_eq!(fired(&other).await, (keys(["platform_opens"]), 4), "open again, for everyone");

    let moves = desk.list_moves(house.by("ana", now, ListMovesRequest {})).await.unwrap().into_inner().moves;
    assert_eq!(moves.len(), 1);
    assert_eq!((moves[0].state(), moves[0].confirmed_by.as_str()), (MoveState::Confirmed, "bruno"));

    // Both sleep until the new instant, and it closes once.
    advance(&house, &one, after, to).await;
    advance(&house, &other, after, to).await;
    eventually((keys(["platform_opens", "deposits_close"]), 5), || fired(&one)).await;
    let last = one.scheduler().await.get_calendar(GetCalendarRequest {}).await.unwrap().into_inner();
    let close = last.transitions.iter().find(|t| t.key == "deposits_close").unwrap();
    assert_eq!((close.local.as_str(), close.version), ("2026-03-21T13:00:00", 5));
    assert_eq!(close.fired_at, Some(at(to).into()));
    assert_eq!(close.printed_at, Some(at("2026-03-20T22:00:00Z").into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_taken_the_calendar_as_its_own_is_shown() {
    let nats = broker().await;
    let house = house("acknowledgements", &nats).await;
    let start_at = "2026-02-01T00:00:00Z";
    let replica = house.start("one", Some(start_at)).await;
    // A service that is nothing but its calendar: `intake` runs, `jury` does not.
    let settings =
        config::Nats { url: nats.url(), user: None, password: None, password_file: None, ca_file: None, replicas: 1 };
    let client = streams::connect(&settings, "intake");
    let url = tokio::task::spawn_blocking(|| {
        engines::Postgres::shared().unwrap().create_database("acknowledging_intake").unwrap()
    });
    let nothing = sqlx::migrate::Migrator::with_migrations(Vec::new());
    let db = Db::open(url.await.unwrap().parse().unwrap(), 5, "intake", nothing).await.unwrap();
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let parts = Parts {
        service: "intake",
        db,
        nats: client.await.unwrap(),
        clock: Clock::simulated(at(start_at)),
        settings: config::Data {
            calendar: config::Calendar { grace: config::Span::from_millis(10) },
            environment: config::Environment::Demo,
            replicas: 1,
        },
        windows: Vec::new(),
        listeners: Vec::new(),
        effects: Vec::new(),
        own_work: Vec::new(),
    };
    start(parts, &tracker, stop.clone()).await.unwrap();

    let acknowledged = || async {
        let mut desk = replica.scheduler().await;
        let request = house.by("ana", at(start_at), GetAcknowledgementsRequest {});
        let reply = desk.get_acknowledgements(request).await.unwrap().into_inner();
        let services = reply.services.into_iter().map(|s| (s.service, s.version, s.current));
        (reply.version, services.collect::<Vec<_>>())
    };
    let wanted = |version| (version, vec![("intake".to_owned(), version, true), ("jury".to_owned(), 0, false)]);
    eventually(wanted(2), acknowledged).await;

    let mut desk = replica.scheduler().await;
    let to = Some(at("2026-03-22T22:00:00Z").into());
    let request = PrepareMoveRequest { key: "deposits_close".into(), to, reason: "strike".into() };
    let prepared = desk.prepare_move(house.by("ana", at(start_at), request)).await.unwrap().into_inner();
    let confirm = ConfirmMoveRequest { move_id: prepared.r#move.unwrap().id };
    desk.confirm_move(house.by("bruno", at(start_at), confirm)).await.unwrap();
    eventually(wanted(3), acknowledged).await;

    // The alarm comes before the old instant, for the one that is missing and no other.
    advance(&house, &replica, start_at, "2026-03-20T21:59:56Z").await;
    eventually(true, || async { replica.log().contains("calendar_unacknowledged") }).await;
    let alarms: Vec<String> =
        replica.log().lines().filter(|l| l.contains("calendar_unacknowledged")).map(str::to_owned).collect();
    assert!(alarms.iter().all(|l| l.contains("jury") && !l.contains("intake")), "{alarms:#?}");
    stop.cancel();
    tracker.close();
    tracker.wait().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_database_is_one_session() {
    let nats = broker().await;
    let house = house("one_session", &nats).await;
    let start = "2026-02-01T00:00:00Z";
    drop(house.start("one", Some(start)).await);
    // Seeded once: the same file again changes nothing.
    let again = house.start("one", Some(start)).await;
    eventually((keys(["platform_opens"]), 2), || fired(&again)).await;
    drop(again);
    house.write("session.toml", &SESSION.replace("id = \"2026\"", "id = \"2027\""));
    let mut other = house.spawn("one", Some(start));
    assert_eq!(other.ended().await.code(), Some(1));
    let log = other.log();
    assert!(log.contains("the database holds the session `2026`, the file describes `2027`"), "{log}");
}
