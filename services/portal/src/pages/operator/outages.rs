//! When log-in was down (R31): beyond a set share of a period its close waits for a person.

use axum::response::IntoResponse as _;
use contracts::integration::{ListOutagesReply, ListOutagesRequest, Outage, PeriodOutage, ReportOutageRequest};
use maud::{Markup, html};

use super::{answer, wall_clock};
use crate::{
    lists::List,
    ui::{self, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/interruptions";

/// `GET /exploitation/interruptions`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

/// Outages as they were reported, for operators and for the jury.
pub fn list(visit: &Visit, listed: &ListOutagesReply) -> List {
    let t = visit.t;
    let row =
        |o: &Outage| vec![visit.time(o.from), visit.time(o.until), html! { (o.reason) }, html! { (o.reported_by) }];
    let columns = ["outage-from", "outage-until", "outage-reason", "outage-by"].map(|k| Column::new(t.get(k)));
    List {
        name: "interruptions".into(),
        caption: t.get("outage-list"),
        empty: t.get("outage-none"),
        columns: columns.into(),
        rows: listed.outages.iter().map(row).collect(),
    }
}

/// How long log-in was down in each period, and from how long on its close waits.
fn per_period(visit: &Visit, listed: &ListOutagesReply) -> List {
    let t = visit.t;
    let minutes = |seconds: u64| t.with("op-minutes", [("n", seconds.div_ceil(60).into())]);
    let row = |p: &PeriodOutage| {
        let waits = p.seconds >= p.close_waits_from_seconds;
        vec![
            html! { (p.period) },
            html! { (minutes(p.seconds)) @if waits { " " (ui::badge(Tone::Warn, &t.get("op-close-waits"))) } },
            html! { (minutes(p.close_waits_from_seconds)) },
        ]
    };
    List {
        name: "interruptions-periodes".into(),
        caption: t.get("op-per-period"),
        empty: t.get("outage-none"),
        columns: ["op-period", "op-down", "op-waits-from"].map(|key| Column::new(t.get(key))).into(),
        rows: listed.periods.iter().map(row).collect(),
    }
}

/// `GET /exploitation/interruptions/periodes.csv`, `.xlsx`
pub async fn per_period_export(visit: Visit) -> Page {
    let listed = visit.integration().list_outages(ListOutagesRequest {}).await?.into_inner();
    per_period(&visit, &listed).file(&visit).await
}

/// `GET /exploitation/interruptions.csv`, `/jury/interruptions.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    let listed = visit.integration().list_outages(ListOutagesRequest {}).await?.into_inner();
    list(&visit, &listed).file(&visit).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let listed = visit.integration().list_outages(ListOutagesRequest {}).await?.into_inner();
    let body = html! {
        (alert)
        (ui::card(&t.get("op-outage-title"), html! {
            p { (t.get("op-outage-text")) }
            (ui::form(visit, PATH, html! {
                (ui::field(visit, &Field { name: "debut", label: &t.get("outage-from"), hint: &t.get("op-wall-clock"), value: form.get("debut"), kind: Kind::DateTime, required: true, ..Field::default() }))
                (ui::field(visit, &Field { name: "fin", label: &t.get("outage-until"), value: form.get("fin"), kind: Kind::DateTime, required: true, ..Field::default() }))
                (ui::textarea(visit, &Field { name: "cause", label: &t.get("outage-reason"), value: form.get("cause"), required: true, max: 1000, ..Field::default() }, 2))
                div class="actions" { (ui::button(&t.get("op-outage-button"))) }
            }))
        }))
        (per_period(visit, &listed).shown(visit, "/exploitation/interruptions/periodes"))
        (list(visit, &listed).shown(visit, PATH))
    };
    Ok(ui::page(visit, &t.get("op-outages"), &[], body))
}

/// `POST /exploitation/interruptions`
pub async fn post(visit: Visit, form: Form) -> Page {
    let asked = ReportOutageRequest {
        from: wall_clock(&visit, form.get("debut")),
        until: wall_clock(&visit, form.get("fin")),
        reason: form.get("cause").into(),
    };
    let done = visit.integration().report_outage(asked).await.map(|_| visit.done(PATH, "outage-reported"));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}
