//! One clôture is one trace, from the browser's request to the last service that hears of it; and the numbers that go
//! with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use campaign::{Plan, cast, cast::Finish, world::World};
use contracts::{Fact as _, intake::DossierClosed, subjects};
use futures::TryStreamExt as _;
use notice::keys;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};

use crate::{
    collector::{self, Metric, Seen, Span},
    instruments,
    visitor::Visitor,
};

/// Generous, because machines are shared; exporters send every five seconds.
const PATIENCE: Duration = Duration::from_secs(120);
const TRACE: &str = "7d0c1e5fa95b4fce8d2bb1f14e3a6f02";
const BROWSER: &str = "b7ad6b7169203331";
const CLOSE: &str = "/candidat/dossier/cloture";

/// Waits until what arrived is enough.
async fn until(inbox: &mut collector::Inbox, seen: &mut Seen, what: &str, enough: impl Fn(&Seen) -> bool) {
    let began = Instant::now();
    loop {
        let more = inbox.drain();
        seen.spans.extend(more.spans);
        seen.metrics.extend(more.metrics);
        if enough(seen) {
            return;
        }
        if began.elapsed() > PATIENCE {
            let ours: Vec<&Span> = seen.spans.iter().filter(|s| s.trace == TRACE).collect();
            panic!("{what} did not arrive; {} metrics; of the trace: {ours:#?}", seen.metrics.len());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The services whose consumer at the broker hears of a clôture: asked there, so that nobody new is forgotten here.
async fn hearers(world: &World) -> BTreeSet<String> {
    let jetstream = async_nats::jetstream::new(world.broker.reader().await.unwrap());
    let stream = jetstream.get_stream(subjects::FACTS).await.unwrap();
    let consumers: Vec<_> = stream.consumers().try_collect().await.unwrap();
    let hears = |filters: &[String]| filters.contains(&DossierClosed::subject());
    consumers.into_iter().filter(|c| hears(&c.config.filter_subjects)).map(|c| c.name).collect()
}

fn hears_of_it(span: &Span) -> bool {
    let kind = format!("{}.{}", DossierClosed::SERVICE, DossierClosed::NAME);
    span.trace == TRACE && span.attributes.get("event") == Some(&kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cloture_is_one_trace_from_the_browser_to_the_last_consumer() {
    let (address, mut inbox) = collector::start().await;
    let plan = Plan::of_2026(env!("CARGO_BIN_EXE_campaign"), 12, 6);
    let mut on = campaign::options(&plan);
    on.everywhere = Some(format!("[telemetry]\notlp = \"http://{address}\"\nmetrics_every = \"1s\"\n"));
    on.filter = Some("info".into());
    let session = notice::Session::load(&plan.session).unwrap();
    let eve = session.instant(keys::DEPOSITS_CLOSE).unwrap() - jiff::SignedDuration::from_hours(1);
    let world = campaign::play_until_on(&plan, &on, eve).await.unwrap_or_else(|e| panic!("seed 6: {e}"));
    // Whoever means to close at the last millisecond has a complete dossier an hour before.
    let cast = cast::draw(&world.session, plan.seed, plan.candidates);
    let who = cast.iter().find(|c| c.finish == Finish::LastMillisecond).expect("somebody closes late");

    let mut browser = Visitor::new(&world.portal_url);
    browser.enter("candidat", &who.id.to_string()).await;
    browser.get(CLOSE).await;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("jeton", browser.token()), ("confirmer", "oui")])
        .finish();
    let press = browser
        .request(Method::POST, CLOSE)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("traceparent", format!("00-{TRACE}-{BROWSER}-01"));
    let closed = browser.send(press.body(form)).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.words());
    world.settle().await.unwrap();

    let wanted = hearers(&world).await;
    for known in ["eligibility", "jury", "notifier", "payments"] {
        assert!(wanted.contains(known), "{known} hears of a clôture; the broker names {wanted:?}");
    }
    let mut seen = Seen::default();
    let of = |seen: &Seen| -> BTreeSet<String> {
        seen.spans.iter().filter(|s| hears_of_it(s)).map(|s| s.service.clone()).collect()
    };
    until(&mut inbox, &mut seen, &format!("the trace at {wanted:?}"), |seen| of(seen).is_superset(&wanted)).await;
    let whole = |seen: &Seen| strays(seen).is_empty() && seen.spans.iter().any(followed);
    until(&mut inbox, &mut seen, "every parent of the trace's spans", whole).await;

    let portal = format!("POST {CLOSE}");
    let one = |service: &str, name: &str| {
        let found: Vec<&Span> =
            seen.spans.iter().filter(|s| s.trace == TRACE && s.service == service && s.name == name).collect();
        assert_eq!(found.len(), 1, "{service} {name}: {found:?}");
        found[0].clone()
    };
    assert_eq!(one("portal", &portal).parent, BROWSER, "the portal's span is a child of the browser's");
    let rpc = seen.spans.iter().find(|s| s.trace == TRACE && s.name.ends_with("/CloseDossier")).expect("the call");
    assert_eq!(one("intake", &rpc.name).parent, one("portal", &portal).id, "the call is a child of the page");
    let closing: BTreeSet<&str> = seen.spans.iter().filter(|s| hears_of_it(s)).map(|s| s.parent.as_str()).collect();
    assert_eq!(closing, BTreeSet::from([rpc.id.as_str()]), "whoever hears of it is a child of that call");

    numbers(&mut inbox, seen).await;
}

/// Spans of the trace whose parent is neither the browser's nor one that arrived.
fn strays(seen: &Seen) -> Vec<&Span> {
    let ids: BTreeSet<&str> = seen.spans.iter().filter(|s| s.trace == TRACE).map(|s| s.id.as_str()).collect();
    let stray = |s: &&Span| s.trace == TRACE && s.parent != BROWSER && !ids.contains(s.parent.as_str());
    seen.spans.iter().filter(stray).collect()
}

/// The jury hears what eligibility made of the clôture: the trace goes on behind the first who heard.
fn followed(span: &Span) -> bool {
    let event = span.attributes.get("event").map(String::as_str).unwrap_or_default();
    span.trace == TRACE && span.service == "jury" && event.starts_with("eligibility.")
}

/// The last value of each series.
fn last(metrics: &[Metric], name: &str) -> BTreeMap<Vec<String>, f64> {
    let series = |m: &Metric| [vec![m.service.clone()], m.attributes.values().cloned().collect()].concat();
    metrics.iter().filter(|m| m.name == name).filter_map(|m| Some((series(m), m.value?))).collect()
}

/// What the services say of themselves afterwards is what happened, and nothing of the list is never sent.
async fn numbers(inbox: &mut collector::Inbox, mut seen: Seen) {
    let closed = |seen: &Seen| {
        let state = vec!["intake".to_owned(), "closed".to_owned()];
        let gauge = last(&seen.metrics, "intake.dossiers").get(&state).copied();
        let counted = last(&seen.metrics, "intake.closures").get(&vec!["intake".to_owned()]).copied();
        gauge.zip(counted)
    };
    // Both were sent while others closed: they agree once the last clôture is in both.
    seen.metrics.clear();
    until(inbox, &mut seen, "as many dossiers closed as clôtures", |seen| {
        closed(seen).is_some_and(|(gauge, counted)| gauge == counted && gauge > 0.0)
    })
    .await;
    let sent = |seen: &Seen| {
        let states = last(&seen.metrics, "notifier.mails");
        states.get(&vec!["notifier".to_owned(), "sent".to_owned()]).copied().unwrap_or_default() > 0.0
    };
    until(inbox, &mut seen, "mails that were sent", sent).await;
    // The watch looks every half minute: what it saw while the clock was moved is overwritten then.
    let hour = |seen: &Seen| {
        let remaining = last(&seen.metrics, "platform.window.remaining");
        let left = remaining.get(&vec!["intake".to_owned(), "deposits".to_owned()]).copied();
        left.is_some_and(|left| (3_000.0..=3_600.0).contains(&left))
    };
    until(inbox, &mut seen, "an hour to go", hour).await;
    for idle in ["scheduler.overdue", "platform.calendar.overdue", "platform.outbox.age"] {
        let rests = |seen: &Seen| {
            let all = last(&seen.metrics, idle);
            !all.is_empty() && all.values().all(|late| *late < 60.0)
        };
        until(inbox, &mut seen, &format!("{idle} of a platform at rest"), rests).await;
    }
    let told = |seen: &Seen| seen.metrics.iter().map(|m| (m.name.clone(), m.unit.clone())).collect::<BTreeSet<_>>();
    let listed = instruments::listed();
    // Each of these tells of trouble and is not there before; the last one compares real clocks.
    let trouble =
        ["platform.alarms", "scheduler.calendar.alarms", "rpc.server.shed", "http.server.shed", "platform.clock.skew"];
    let quiet = |i: &&instruments::Instrument| !trouble.contains(&i.name.as_str());
    let wanted: BTreeSet<_> = listed.iter().filter(quiet).map(|i| (i.name.clone(), i.unit.clone())).collect();
    until(inbox, &mut seen, &format!("{wanted:?}"), |seen| told(seen).is_superset(&wanted)).await;
}
