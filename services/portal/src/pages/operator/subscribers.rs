//! Who reads the stream of published facts, and how far behind they are.

use axum::response::IntoResponse as _;
use contracts::notifier::ListSubscribersRequest;
use maud::html;

use crate::{
    ui::{self, Column, Tone},
    web::{Page, Visit},
};

/// `GET /exploitation/abonnes`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let listed = visit.notifier().list_subscribers(ListSubscribersRequest {}).await?.into_inner();
    let rows: Vec<_> = listed
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
    let columns = [
        Column::new(t.get("op-subscriber")),
        Column::new(t.get("op-subjects")),
        Column::new(t.get("op-state")),
        Column::number(t.get("op-pending")),
        Column::number(t.get("op-unacknowledged")),
        Column::number(t.get("op-sequence")),
    ];
    let body = ui::table(&t.get("nav-subscribers"), &columns, &rows, &t.get("op-no-subscribers"));
    Ok(ui::page(&visit, &t.get("nav-subscribers"), &[], body).into_response())
}
