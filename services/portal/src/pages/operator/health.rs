//! The state of every service, side by side.

use axum::response::IntoResponse as _;
use contracts::machinery::{PendingReply, PendingRequest};
use maud::{Markup, html};

use super::everywhere;
use crate::{
    i18n::Tr,
    ui::{self, Column, Tone},
    web::{Page, Visit},
};

/// `GET /exploitation`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let all = everywhere(&visit, |mut service| async move {
        service.pending(PendingRequest {}).await.map(tonic::Response::into_inner)
    })
    .await;
    let body = html! {
        (states(t, &all))
        ul {
            li { a href="/exploitation/interruptions" { (t.get("op-outages")) } }
            li { a href="/exploitation/messages" { (t.get("nav-set-aside")) } }
            li { a href="/exploitation/audit" { (t.get("nav-audit")) } }
        }
    };
    Ok(ui::page(&visit, &t.get("nav-health"), &[], body).into_response())
}

fn states(t: Tr, all: &[(&str, Option<PendingReply>)]) -> Markup {
    let rows: Vec<_> = all
        .iter()
        .map(|(service, pending)| {
            let Some(p) = pending else {
                let away = ui::badge(Tone::Bad, &t.get("op-away"));
                let mut row = vec![html! { (service) }, away];
                row.resize(9, html! { "–" });
                return row;
            };
            let waits =
                p.outbox_unpublished + p.consumer_pending + p.consumer_ack_pending + p.effects_pending + p.own_pending;
            let state = match (p.set_aside, waits) {
                (1.., _) => ui::badge(Tone::Bad, &t.get("op-set-aside")),
                (_, 1..) => ui::badge(Tone::Info, &t.get("op-working")),
                _ => ui::badge(Tone::Good, &t.get("op-idle")),
            };
            let number = |n: u64| html! { (n) };
            let aside = if p.set_aside > 0 {
                html! { a href="/exploitation/messages" { (p.set_aside) } }
            } else {
                number(0)
            };
            vec![
                html! { (service) },
                state,
                number(p.outbox_unpublished),
                number(p.consumer_pending + p.consumer_ack_pending),
                number(p.effects_pending),
                number(p.own_pending),
                aside,
                number(p.outbox_published),
                number(p.inbox_handled),
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("op-service")),
        Column::new(t.get("op-state")),
        Column::number(t.get("op-outbox")),
        Column::number(t.get("op-inbox")),
        Column::number(t.get("op-effects")),
        Column::number(t.get("op-own")),
        Column::number(t.get("op-aside")),
        Column::number(t.get("op-published")),
        Column::number(t.get("op-handled")),
    ];
    ui::table(&t.get("nav-health"), &columns, &rows, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_service_that_is_away_hides_no_other() {
        let busy = PendingReply { effects_pending: 2, ..PendingReply::default() };
        let aside = PendingReply { set_aside: 1, ..PendingReply::default() };
        let all = [
            ("intake", None),
            ("jury", Some(busy)),
            ("payments", Some(aside)),
            ("portal", Some(PendingReply::default())),
        ];
        for lang in Lang::ALL {
            let t = Tr(lang);
            let shown = states(t, &all).into_string();
            for key in ["op-away", "op-working", "op-set-aside", "op-idle"] {
                assert_eq!(shown.matches(&format!(">{}</span>", t.get(key))).count(), 1, "{key}: {shown}");
            }
            assert!(!shown.contains('['), "{shown}");
        }
    }
}
