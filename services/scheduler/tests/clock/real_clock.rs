//! Under the system's clock, with milestones fractions of a second apart: each transition fires once, in order, never
//! early, whichever replica is there for it.

use std::time::Duration;

use engines::{Nats, Postgres};
use jiff::{SignedDuration, Timestamp};

use crate::house::{House, PATIENCE};

/// Instants `step` apart; the last two milestones before the periods, and the first period, share theirs.
fn session(begin: Timestamp, step: SignedDuration) -> String {
    // UTC: no change of clocks can come between.
    let local = |n: i32| jiff::tz::TimeZone::UTC.to_datetime(begin + step * n);
    let day = local(4).date();
    let text = include_str!("../../../../infra/sessions/2026.toml");
    let (head, rest) = text.split_once("[milestones]").unwrap();
    let (_, rest) = rest.split_once("[orals]").unwrap();
    let (orals, rest) = rest.split_once("days = [").unwrap();
    let (_, tail) = rest.split_once("\n]\n").unwrap();
    let days = ["albi", "ales", "nord-europe"]
        .map(|s| format!("{{ school = \"{s}\", days = [{day}], source = \"Tableau 2\" }}"))
        .join(", ");
    let milestones: String = [
        ("platform_opens", 0),
        ("deposits_close", 1),
        ("admissibility_commission", 3),
        ("admissibility_results", 4),
        ("admission_commission", 5),
        ("admission_results", 6),
        ("titles_due", 15),
    ]
    .map(|(key, n)| format!("{key} = {{ at = {}, source = \"a test\" }}\n", local(n)))
    .concat();
    let periods: String = (0..4)
        .map(|p| {
            let (opens, closes) = (local(6 + 2 * p), local(7 + 2 * p));
            format!("[[periods]]\nnumber = {}\nopens = {opens}\ncloses = {closes}\nsource = \"a test\"\n", p + 1)
        })
        .collect();
    let listed = format!("\"{}ms\"", step.as_millis());
    format!("{head}[milestones]\n{milestones}\n{periods}\n[orals]{orals}days = [{days}]\n{tail}")
        .replace("\"Europe/Paris\"", "\"UTC\"")
        .replace("\"3 days\"", &listed)
}

/// What the stream holds of the calendar: version, keys that had fired, when the event says it became true.
async fn announced(nats: &str) -> Vec<(u64, Vec<String>, Timestamp)> {
    let jetstream = async_nats::jetstream::new(async_nats::connect(nats).await.unwrap());
    let mut stream = jetstream.get_stream("FACTS").await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    let mut found = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        if message.subject.as_str() != "facts.v1.scheduler.calendar_changed" {
            continue;
        }
        let time = message.headers.get("ce-time").unwrap().as_str().parse().unwrap();
        let fact: contracts::machinery::CalendarChanged = serde_json::from_slice(&message.payload).unwrap();
        let fired = fact.transitions.iter().filter(|t| t.fired_at.is_some());
        found.push((fact.version, fired.map(|t| t.key.clone()).collect(), time));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_fire_each_transition_once_though_one_is_killed() {
    let nats = tokio::task::spawn_blocking(|| Nats::start(&[]).unwrap()).await.unwrap();
    // Started before anything else, so that only the schedulers' own start is still to come.
    tokio::task::spawn_blocking(|| Postgres::shared().unwrap().url("postgres")).await.unwrap();
    let clock = platform::clock::Clock::system();
    let begin = clock.now().round(jiff::Unit::Second).unwrap() + SignedDuration::from_secs(6);
    let step = SignedDuration::from_millis(400);
    let text = session(begin, step);
    let (described, _) = notice::Session::parse(&text).unwrap();
    assert_eq!(described.transitions().len(), 16);

    let house = House::new("real_clock", &nats.url(), &text);
    let (first, second) = tokio::join!(house.start("first", None), house.start("second", None));
    let mut first = first;
    // One dies in the middle and comes back: the other fires meanwhile, and nothing twice afterwards.
    clock.sleep_until(begin + step * 6 + SignedDuration::from_millis(100)).await;
    first.kill();
    clock.sleep_until(begin + step * 9).await;
    let first = house.start("first", None).await;

    let end = clock.now() + SignedDuration::try_from(PATIENCE).unwrap();
    let mut events = announced(&nats.url()).await;
    while events.len() < 17 {
        assert!(clock.now() < end, "{events:#?}\n{}\n{}", first.log(), second.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
        events = announced(&nats.url()).await;
    }

    let order: Vec<String> = described.transitions().iter().map(|t| t.key.clone()).collect();
    events.sort_by_key(|e| e.0);
    for (n, (version, fired, time)) in events.iter().enumerate() {
        assert_eq!(*version, n as u64 + 1, "a version twice, or none: {events:#?}");
        assert_eq!(fired[..], order[..n], "in the procedure's order");
        if n > 0 {
            assert_eq!(Some(*time), described.instant(&order[n - 1]), "dated by the due instant");
        }
    }

    // Never early: the broker had the event after the instant; and the database holds one announcement of each.
    let rows = Postgres::shared()
        .unwrap()
        .sql(
            "real_clock",
            "select count(*), count(*) filter (where o.published_at < o.time and o.version > 1)
             from platform.outbox o where o.kind = 'scheduler.calendar_changed';
             select count(*) from transitions where state = 'fired' and fired_at = due_at",
        )
        .unwrap();
    assert_eq!(rows, "17|0\n16");
}
