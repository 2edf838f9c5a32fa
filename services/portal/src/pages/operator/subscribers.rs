//! Who reads the stream of published facts, and how far behind they are.

use axum::response::IntoResponse as _;
use contracts::notifier::ListSubscribersRequest;
use maud::html;

use crate::{
    lists::List,
    ui::{self, Column, Tone},
    web::{Fault, Page, Visit},
};

const PATH: &str = "/exploitation/abonnes";

async fn list(visit: &Visit) -> Result<List, Fault> {
    let t = visit.t;
    let listed = visit.notifier().list_subscribers(ListSubscribersRequest {}).await?.into_inner();
    let rows = listed
        .subscribers
        .iter()
        .map(|s| {
            let state = match (s.pending, s.unacknowledged) {
                (0, 0) => ui::badge(Tone::Good, &t.get("op-up-to-date")),
                (0, _) => ui::badge(Tone::Info, &t.get("op-working")),
                _ => ui::badge(Tone::Warn, &t.get("op-behind")),
            };
            vec![
                html! { (s.name) },
                html! { @for (i, subject) in s.subjects.iter().enumerate() { @if i > 0 { ", " } code { (subject) } } },
                state,
                html! { (s.pending) },
                html! { (s.unacknowledged) },
                html! { (s.acknowledged_sequence) " / " (s.last_sequence) },
            ]
        })
        .collect();
    let columns = vec![
        Column::new(t.get("op-subscriber")),
        Column::new(t.get("op-subjects")),
        Column::new(t.get("op-state")),
        Column::number(t.get("op-pending")),
        Column::number(t.get("op-unacknowledged")),
        Column::number(t.get("op-sequence")),
    ];
    let (caption, empty) = (t.get("nav-subscribers"), t.get("op-no-subscribers"));
    Ok(List { name: "abonnes".into(), caption, empty, columns, rows })
}

/// `GET /exploitation/abonnes`
pub async fn page(visit: Visit) -> Page {
    let body = list(&visit).await?.shown(&visit, PATH);
    Ok(ui::page(&visit, &visit.t.get("nav-subscribers"), &[], body).into_response())
}

/// `GET /exploitation/abonnes.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit).await?.file(&visit).await
}
