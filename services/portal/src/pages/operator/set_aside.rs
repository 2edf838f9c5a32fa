//! Messages that could not be handled, in every service, and handling them again.

use axum::response::IntoResponse as _;
use contracts::machinery::{ListSetAsideRequest, ReplaySetAsideRequest, SetAsideMessage};
use maud::{Markup, html};

use super::{answer, everywhere, operations};
use crate::{
    ui::{self, Column, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/messages";

/// `GET /exploitation/messages`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, html! {}).await?.into_response())
}

async fn show(visit: &Visit, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let all = everywhere(visit, |mut service| async move {
        service.list_set_aside(ListSetAsideRequest {}).await.map(|reply| reply.into_inner().messages)
    })
    .await;
    let nothing = all.iter().all(|(_, messages)| messages.as_ref().is_some_and(Vec::is_empty));
    let body = html! {
        (alert)
        p class="lead" { (t.get("op-aside-lead")) }
        @if nothing { p class="empty" { (t.get("op-aside-none")) } }
        @for (service, messages) in &all {
            @match messages {
                None => { p { (service) " " (ui::badge(Tone::Bad, &t.get("op-away"))) } }
                Some(messages) if messages.is_empty() => {}
                Some(messages) => { (of(visit, service, messages)) }
            }
        }
    };
    Ok(ui::page(visit, &t.get("nav-set-aside"), &[], body))
}

fn of(visit: &Visit, service: &str, messages: &[SetAsideMessage]) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = messages
        .iter()
        .map(|m| {
            vec![
                html! { code { (m.r#type) } " " span class="mono" { (m.aggregate) } },
                html! { (visit.exact(m.set_aside_at)) },
                html! { (m.tries) },
                html! { span lang="en" { (m.error) } },
                replay(visit, service, &m.consumer, &m.event_id, &t.get("op-replay")),
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("op-message")),
        Column::new(t.get("op-since")),
        Column::number(t.get("op-tries")),
        Column::new(t.get("op-error")),
        Column::new(t.get("op-act")),
    ];
    let mut consumers: Vec<&str> = messages.iter().map(|m| m.consumer.as_str()).collect();
    consumers.sort_unstable();
    consumers.dedup();
    html! {
        (ui::table(service, &columns, &rows, ""))
        @for consumer in consumers { (replay(visit, service, consumer, "", &t.with("op-replay-all", [("consumer", consumer.into())]))) }
    }
}

fn replay(visit: &Visit, service: &str, consumer: &str, event: &str, text: &str) -> Markup {
    ui::form(
        visit,
        PATH,
        html! {
            (ui::hidden("service", service))
            (ui::hidden("consommateur", consumer))
            (ui::hidden("message", event))
            button class="second" { (text) }
        },
    )
}

/// `POST /exploitation/messages`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut service = operations(&visit, form.get("service"))?;
    let asked =
        ReplaySetAsideRequest { consumer: form.get("consommateur").into(), event_id: form.get("message").into() };
    let done = service.replay_set_aside(asked).await.map(|reply| {
        let key = if reply.get_ref().still_set_aside == 0 { "replayed" } else { "replayed-some" };
        visit.done(PATH, key)
    });
    answer(&visit, done, |alert| show(&visit, alert)).await
}
