//! The calendar, and moving a milestone later by two people (R5).

use axum::response::IntoResponse as _;
use contracts::scheduler::{
    CalendarEntry, ConfirmMoveRequest, GetAcknowledgementsReply, GetAcknowledgementsRequest, GetCalendarReply,
    GetCalendarRequest, ListMovesRequest, Move, MoveState, PrepareMoveRequest, TransitionState,
};
use maud::{Markup, html};
use notice::keys;

use super::{answer, wall_clock};
use crate::{
    i18n::Tr,
    lists::List,
    ui::{self, Choice, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/calendrier";

/// `GET /exploitation/calendrier`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

/// A transition in words.
pub fn name(t: Tr, key: &str) -> String {
    match key {
        keys::PLATFORM_OPENS => t.get("op-key-platform-opens"),
        keys::DEPOSITS_CLOSE => t.get("op-key-deposits-close"),
        keys::FEES_LISTED => t.get("op-key-fees-listed"),
        keys::ADMISSIBILITY_COMMISSION => t.get("op-key-admissibility-commission"),
        keys::ADMISSIBILITY_RESULTS => t.get("op-key-admissibility-results"),
        keys::ADMISSION_COMMISSION => t.get("op-key-admission-commission"),
        keys::ADMISSION_RESULTS => t.get("op-key-admission-results"),
        keys::TITLES_DUE => t.get("op-key-titles-due"),
        _ => match (keys::opened_period(key), keys::closed_period(key)) {
            (Some(n), _) => t.with("op-key-period-opens", [("n", n.into())]),
            (_, Some(n)) => t.with("op-key-period-closes", [("n", n.into())]),
            _ => key.to_owned(),
        },
    }
}

fn list(visit: &Visit, calendar: &GetCalendarReply) -> List {
    let t = visit.t;
    let columns = ["op-milestone", "op-due", "op-state", "op-printed"].map(|k| Column::new(t.get(k)));
    List {
        name: "jalons".into(),
        caption: t.with("op-calendar", [("version", calendar.version.into())]),
        empty: String::new(),
        columns: columns.into(),
        rows: calendar.transitions.iter().map(|entry| row(visit, entry)).collect(),
    }
}

/// Which calendar each service goes by.
fn acknowledged(visit: &Visit, acks: &GetAcknowledgementsReply) -> List {
    let t = visit.t;
    let state = |current: bool| {
        if current { ui::badge(Tone::Good, &t.get("op-current")) } else { ui::badge(Tone::Warn, &t.get("op-behind")) }
    };
    let rows = acks.services.iter();
    let rows = rows.map(|s| vec![html! { (s.service) }, html! { (s.version) }, state(s.current)]).collect();
    List {
        name: "calendrier-services".into(),
        caption: t.get("op-acknowledgements"),
        empty: String::new(),
        columns: vec![
            Column::new(t.get("op-service")),
            Column::number(t.get("op-version")),
            Column::new(t.get("op-state")),
        ],
        rows,
    }
}

/// `GET /exploitation/calendrier/services.csv`, `.xlsx`
pub async fn acknowledged_export(visit: Visit) -> Page {
    let acks = visit.scheduler().get_acknowledgements(GetAcknowledgementsRequest {}).await?.into_inner();
    acknowledged(&visit, &acks).file(&visit).await
}

/// `GET /exploitation/calendrier.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    let calendar = visit.scheduler().get_calendar(GetCalendarRequest {}).await?.into_inner();
    list(&visit, &calendar).file(&visit).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let (mut a, mut b, mut c) = (visit.scheduler(), visit.scheduler(), visit.scheduler());
    let (calendar, moves, acks) = tokio::try_join!(
        a.get_calendar(GetCalendarRequest {}),
        b.list_moves(ListMovesRequest {}),
        c.get_acknowledgements(GetAcknowledgementsRequest {}),
    )?;
    let (calendar, moves, acks) = (calendar.into_inner(), moves.into_inner().moves, acks.into_inner());
    let (waiting, done): (Vec<&Move>, Vec<&Move>) = moves.iter().rev().partition(|m| m.state() == MoveState::Prepared);
    let body = html! {
        (alert)
        @if !waiting.is_empty() { h2 { (t.get("op-moves-waiting")) } @for m in &waiting { (one(visit, m)) } }
        (list(visit, &calendar).shown(visit, PATH))
        (ui::card(&t.get("op-move-title"), prepare(visit, form, &calendar.transitions)))
        (acknowledged(visit, &acks).shown(visit, "/exploitation/calendrier/services"))
        @if !done.is_empty() { h2 { (t.get("op-moves-done")) } @for m in &done { (one(visit, m)) } }
    };
    Ok(ui::page(visit, &t.get("nav-milestones"), &[], body))
}

fn row(visit: &Visit, e: &CalendarEntry) -> Vec<Markup> {
    let t = visit.t;
    let state = match e.state() {
        TransitionState::Fired => ui::badge(Tone::Good, &t.get("op-fired")),
        _ => ui::badge(Tone::Info, &t.get("op-ahead")),
    };
    vec![
        html! { (name(t, &e.key)) " " code { (e.key) } },
        visit.time(e.due_at),
        state,
        if e.printed_at.is_some() {
            visit.time(e.printed_at)
        } else {
            html! { "–" }
        },
    ]
}

fn prepare(visit: &Visit, form: &Form, all: &[CalendarEntry]) -> Markup {
    let t = visit.t;
    let choices: Vec<_> = all.iter().map(|e| Choice::new(&e.key, name(t, &e.key))).collect();
    html! {
        p { (t.get("op-move-text")) }
        (ui::form(visit, PATH, html! {
            (ui::hidden("geste", "preparer"))
            (ui::select(visit, &Field { name: "jalon", label: &t.get("op-milestone"), value: form.get("jalon"), required: true, ..Field::default() }, &choices))
            (ui::field(visit, &Field { name: "vers", label: &t.get("op-move-to"), hint: &t.get("op-wall-clock"), value: form.get("vers"), kind: Kind::DateTime, required: true, ..Field::default() }))
            (ui::textarea(visit, &Field { name: "motif", label: &t.get("op-reason"), value: form.get("motif"), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("op-move-prepare"))) }
        }))
    }
}

/// A move and everything that moves with it; the second person's button while it waits.
fn one(visit: &Visit, m: &Move) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = m
        .shifts
        .iter()
        .map(|s| {
            vec![
                html! { (name(t, &s.key)) },
                html! { (visit.instant(s.from)) },
                html! { (visit.instant(s.to)) @if s.reopens { " " (ui::badge(Tone::Warn, &t.get("op-reopens"))) } },
            ]
        })
        .collect();
    let columns = ["op-milestone", "op-from", "op-to"].map(|k| Column::new(t.get(k)));
    let waits = m.state() == MoveState::Prepared;
    html! {
        section class={ "card" @if waits { " next" } } {
            h3 { (name(t, &m.key)) " → " (visit.instant(m.to)) }
            p { (m.reason) }
            p { (t.with("op-prepared-by", [("who", m.prepared_by.as_str().into()), ("at", visit.instant(m.prepared_at).into())]))
                @if !waits { " " (t.with("op-confirmed-by", [("who", m.confirmed_by.as_str().into()), ("at", visit.instant(m.confirmed_at).into())])) } }
            (ui::table(&t.get("op-what-moves"), &columns, &rows, ""))
            @if waits {
                p { (t.get("op-confirm-text")) }
                (ui::form(visit, PATH, html! {
                    (ui::hidden("geste", "confirmer"))
                    (ui::hidden("deplacement", &m.id))
                    div class="actions" { button class="danger" { (t.get("op-move-confirm")) } }
                }))
            }
        }
    }
}

/// `POST /exploitation/calendrier`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut scheduler = visit.scheduler();
    let done = match form.get("geste") {
        "preparer" => {
            // No instant, or one that is none: the scheduler refuses it as that.
            let to = wall_clock(&visit, form.get("vers"));
            let asked = PrepareMoveRequest { key: form.get("jalon").into(), to, reason: form.get("motif").into() };
            scheduler.prepare_move(asked).await.map(|_| "move-prepared")
        }
        "confirmer" => {
            let move_id = form.get("deplacement").to_owned();
            scheduler.confirm_move(ConfirmMoveRequest { move_id }).await.map(|_| "move-confirmed")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(PATH, key));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn transitions_have_names() {
        for lang in Lang::ALL {
            let t = Tr(lang);
            for key in ["platform_opens", "deposits_close", "fees_listed", "admissibility_commission", "titles_due"] {
                assert!(!name(t, key).starts_with('[') && name(t, key) != key, "{key}");
            }
            assert!(name(t, &keys::period_opens(2)).contains('2'));
            assert_ne!(name(t, &keys::period_closes(2)), name(t, &keys::period_opens(2)));
            assert_eq!(name(t, "something_else"), "something_else");
        }
    }
}
