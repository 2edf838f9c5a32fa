//! The calendar as it stands: every milestone and period, what moved, what is open now and for how long.

use axum::response::IntoResponse as _;
use contracts::scheduler::{CalendarEntry, GetCalendarRequest};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::keys;

use crate::{
    i18n::Tr,
    ui::{self, Column, Tone},
    web::{Fault, Page, Visit},
};

/// One instant of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of the transition; see [`notice::keys`].
    pub key: String,
    /// When it is due, UTC.
    pub due: Timestamp,
    /// When the notice prints it, if it was moved since (R5).
    pub printed: Option<Timestamp>,
}

/// Something candidates can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Making and closing a dossier (R2).
    Deposits,
    /// Answering in an integration period (R30).
    Period(u32),
    /// Depositing title and transcript of a closed dossier (R34).
    Titles,
}

/// The calendar, from the scheduler; from our own copy of it while the scheduler does not answer.
///
/// # Errors
/// Neither can be read.
pub async fn load(visit: &Visit) -> Result<Vec<Entry>, Fault> {
    if let Ok(calendar) = visit.scheduler().get_calendar(GetCalendarRequest {}).await {
        return Ok(calendar.into_inner().transitions.into_iter().filter_map(entry).collect());
    }
    let session = &visit.app.session;
    let printed: Vec<String> = session.transitions().iter().map(|t| t.key.clone()).collect();
    let known = platform::calendar::instants(&mut *visit.app.db.read().await?, &printed).await?;
    let mut entries: Vec<Entry> = session
        .transitions()
        .iter()
        .map(|t| {
            let due = known.get(&t.key).copied().unwrap_or(t.at);
            Entry { key: t.key.clone(), due, printed: (due != t.at).then_some(t.at) }
        })
        .collect();
    entries.sort_by_key(|e| e.due);
    Ok(entries)
}

fn entry(entry: CalendarEntry) -> Option<Entry> {
    let due = Timestamp::try_from(entry.due_at?).ok()?;
    let printed = entry.printed_at.and_then(|at| Timestamp::try_from(at).ok()).filter(|printed| *printed != due);
    Some(Entry { key: entry.key, due, printed })
}

/// When a transition is due.
#[must_use]
pub fn due(entries: &[Entry], key: &str) -> Option<Timestamp> {
    entries.iter().find(|e| e.key == key).map(|e| e.due)
}

/// What is open at `now`, and until when (itself out, R2).
#[must_use]
pub fn open(entries: &[Entry], now: Timestamp) -> Vec<(Open, Timestamp)> {
    let within = |from: &str, to: &str| {
        let (opens, closes) = (due(entries, from)?, due(entries, to)?);
        (opens <= now && now < closes).then_some(closes)
    };
    let deposits = within(keys::PLATFORM_OPENS, keys::DEPOSITS_CLOSE).map(|until| (Open::Deposits, until));
    let periods = entries
        .iter()
        .filter_map(|e| keys::opened_period(&e.key))
        .filter_map(|n| within(&keys::period_opens(n), &keys::period_closes(n)).map(|until| (Open::Period(n), until)));
    // While deposits are open, nobody thinks of what may follow them.
    let titles = within(keys::DEPOSITS_CLOSE, keys::TITLES_DUE).map(|until| (Open::Titles, until));
    deposits.into_iter().chain(periods).chain(titles).collect()
}

/// What a transition is called.
#[must_use]
pub fn name(t: Tr, key: &str) -> String {
    if let Some(n) = keys::opened_period(key) {
        return t.with("calendar-period-opens", [("n", n.into())]);
    }
    if let Some(n) = keys::closed_period(key) {
        return t.with("calendar-period-closes", [("n", n.into())]);
    }
    t.find(&format!("calendar-{key}"), &fluent_bundle::FluentArgs::new()).unwrap_or_else(|| key.to_owned())
}

/// Time left until an instant, counted down where scripts run.
#[must_use]
pub fn left(visit: &Visit, until: Timestamp) -> Markup {
    let t = visit.t;
    let words = serde_json::json!({
        "d": t.get("left-days"), "h": t.get("left-hours"), "m": t.get("left-minutes"), "s": t.get("left-seconds"),
        "over": t.get("left-over"),
    });
    html! { span class="left" data-left=(until.as_millisecond()) data-words=(words) hidden {} }
}

/// What is open now, or what opens next.
#[must_use]
pub fn now_card(visit: &Visit, entries: &[Entry]) -> Markup {
    let t = visit.t;
    let open = open(entries, visit.now);
    // What closes next is said already.
    let next = entries.iter().find(|e| e.due > visit.now && open.iter().all(|(_, until)| *until != e.due));
    let zone = &visit.app.session.zone;
    html! {
        section class="card next" {
            h2 { (t.get("calendar-now")) }
            @if open.is_empty() { p { (t.get("calendar-nothing-open")) } } @else {
                ul { @for (what, until) in &open { li {
                    strong { (open_name(t, *what)) } " – "
                    (t.with("calendar-until", [("until", t.instant(*until, zone).into())])) " " (left(visit, *until))
                } } }
            }
            @if let Some(next) = next {
                p { (t.get("calendar-next")) " " strong { (name(t, &next.key)) } ", " (t.instant(next.due, zone)) ". " (left(visit, next.due)) }
            }
        }
    }
}

fn open_name(t: Tr, what: Open) -> String {
    match what {
        Open::Deposits => t.get("calendar-open-deposits"),
        Open::Period(n) => t.with("calendar-open-period", [("n", n.into())]),
        Open::Titles => t.get("calendar-open-titles"),
    }
}

/// `GET /calendrier`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let entries = load(&visit).await?;
    let zone = &visit.app.session.zone;
    let rows: Vec<_> = entries
        .iter()
        .map(|e| {
            let passed = e.due <= visit.now;
            let state = if passed {
                ui::badge(Tone::Info, &t.get("calendar-passed"))
            } else {
                html! { (t.get("calendar-ahead")) " " (left(&visit, e.due)) }
            };
            vec![
                html! { (name(t, &e.key)) },
                html! {
                    (t.instant(e.due, zone))
                    @if let Some(printed) = e.printed {
                        br; (ui::badge(Tone::Warn, &t.get("calendar-moved"))) " "
                        span class="hint" { (t.with("calendar-printed", [("printed", t.instant(printed, zone).into())])) }
                    }
                },
                state,
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("calendar-what")),
        Column::new(t.get("calendar-when")),
        Column::new(t.get("calendar-state")),
    ];
    let body = html! {
        p class="lead" { (t.get("calendar-lead")) }
        (now_card(&visit, &entries))
        (ui::table(&t.get("calendar-caption"), &columns, &rows, ""))
        p { (t.get("calendar-half-open")) }
        (orals(&visit))
    };
    Ok(ui::page(&visit, &t.get("calendar-title"), &[], body).into_response())
}

/// Days of the orals per school (Tableau 2 in 2026): days, not instants of the calendar.
fn orals(visit: &Visit) -> Markup {
    let t = visit.t;
    let rows: Vec<_> =
        visit.app.session.schools.iter().map(|s| vec![html! { (s.name) }, html! { (days(visit, &s.id)) }]).collect();
    ui::table(
        &t.get("calendar-orals"),
        &[Column::new(t.get("public-school")), Column::new(t.get("public-days"))],
        &rows,
        "",
    )
}

/// A school's days of orals, in words.
pub(super) fn days(visit: &Visit, school: &str) -> String {
    let days: Vec<_> = visit.app.session.oral_days(school).iter().map(|d| visit.t.date(*d)).collect();
    days.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn entries() -> Vec<Entry> {
        [
            (keys::PLATFORM_OPENS, "2026-01-26T13:00:00Z"),
            (keys::DEPOSITS_CLOSE, "2026-03-20T22:00:00Z"),
            ("period_1_opens", "2026-05-28T12:00:00Z"),
            ("period_1_closes", "2026-06-03T21:00:00Z"),
            (keys::TITLES_DUE, "2026-07-17T22:00:00Z"),
        ]
        .map(|(key, due)| Entry { key: key.into(), due: at(due), printed: None })
        .to_vec()
    }

    #[test]
    fn windows_are_half_open_and_several_can_be_open_at_once() {
        let open_at = |text: &str| open(&entries(), at(text)).into_iter().map(|(what, _)| what).collect::<Vec<_>>();
        assert_eq!(open_at("2026-01-26T12:59:59.999Z"), []);
        assert_eq!(open_at("2026-01-26T13:00:00Z"), [Open::Deposits]);
        assert_eq!(open_at("2026-03-20T21:59:59.999Z"), [Open::Deposits]);
        assert_eq!(open_at("2026-03-20T22:00:00Z"), [Open::Titles]);
        assert_eq!(open_at("2026-06-01T00:00:00Z"), [Open::Period(1), Open::Titles]);
        assert_eq!(open_at("2026-06-03T21:00:00Z"), [Open::Titles]);
        assert_eq!(open_at("2026-07-17T22:00:00Z"), []);
    }

    #[test]
    fn every_transition_of_the_session_has_a_name() {
        let (session, _) = notice::Session::parse(crate::pages::SAMPLE_SESSION).unwrap();
        for lang in Lang::ALL {
            for t in session.transitions() {
                assert_ne!(name(Tr(lang), &t.key), t.key, "{}", lang.tag());
            }
        }
    }
}
