//! Messages that could not be handled, in every service, and handling them again.

use axum::response::IntoResponse as _;
use contracts::machinery::{ListSetAsideRequest, ReplaySetAsideRequest, SetAsideMessage};
use maud::{Markup, html};

use super::{answer, everywhere, operations};
use crate::{
    exports,
    lists::List,
    ui::{self, Column, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/messages";

/// `GET /exploitation/messages`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, html! {}).await?.into_response())
}

async fn all(visit: &Visit) -> Vec<(&'static str, Option<Vec<SetAsideMessage>>)> {
    everywhere(visit, |mut service| async move {
        service.list_set_aside(ListSetAsideRequest {}).await.map(|reply| reply.into_inner().messages)
    })
    .await
}

/// `GET /exploitation/messages.csv`, `.xlsx`: of every service that answers; one that does not is said to be away.
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let mut rows = Vec::new();
    for (service, messages) in all(&visit).await {
        let Some(messages) = messages else {
            let away = html! { (t.get("op-away")) };
            rows.push(vec![html! { (service) }, away, html! {}, html! {}, html! {}]);
            continue;
        };
        let row = |m: &SetAsideMessage| [vec![html! { (service) }], cells(&visit, m)].concat();
        rows.extend(messages.iter().map(row));
    }
    let columns = [vec![Column::new(t.get("op-service"))], columns(&visit)].concat();
    let caption = t.get("nav-set-aside");
    List { name: "messages".into(), caption, empty: String::new(), columns, rows }.file(&visit).await
}

fn columns(visit: &Visit) -> Vec<Column> {
    let t = visit.t;
    vec![
        Column::new(t.get("op-message")),
        Column::new(t.get("op-since")),
        Column::number(t.get("op-tries")),
        Column::new(t.get("op-error")),
    ]
}

fn cells(visit: &Visit, m: &SetAsideMessage) -> Vec<Markup> {
    vec![
        html! { code { (m.r#type) } " " span class="mono" { (m.aggregate) } },
        html! { (visit.exact(m.set_aside_at)) },
        html! { (m.tries) },
        html! { span lang="en" { (m.error) } },
    ]
}

async fn show(visit: &Visit, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let all = all(visit).await;
    let nothing = all.iter().all(|(_, messages)| messages.as_ref().is_some_and(Vec::is_empty));
    let body = html! {
        (alert)
        p class="lead" { (t.get("op-aside-lead")) }
        @if !nothing { (exports::links(visit, PATH)) }
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
            let again = replay(visit, service, &m.consumer, &m.event_id, &t.get("op-replay"));
            [cells(visit, m), vec![again]].concat()
        })
        .collect();
    let columns = [columns(visit), vec![Column::act(t.get("op-act"))]].concat();
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
