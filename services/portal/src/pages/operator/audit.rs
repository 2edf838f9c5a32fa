//! The audit log of a service: page by page, and its chain of hashes verified.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::machinery::{AuditEntry, ListAuditRequest, VerifyAuditRequest};
use maud::{Markup, html};

use super::operations;
use crate::{
    backends::SERVICES,
    exports,
    lists::List,
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/exploitation/audit";
/// Entries on one page.
const PAGE: u32 = 100;

/// `GET /exploitation/audit`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let query = Form::of(query);
    Ok(show(&visit, query.get("service"), query.get("apres").parse().unwrap_or(0), html! {}).await?.into_response())
}

fn list(visit: &Visit, service: &str, entries: &[AuditEntry]) -> List {
    let t = visit.t;
    let row = |e: &AuditEntry| {
        vec![
            html! { (e.sequence) },
            html! { (visit.exact(e.at)) },
            html! { (e.actor) },
            html! { code { (e.action) } },
            html! { details { summary { (t.get("op-details")) } pre class="mono" { (e.details_json) } p class="mono" { (e.hash) } } },
        ]
    };
    List {
        name: format!("audit-{service}"),
        caption: t.with("op-audit-of", [("service", service.into())]),
        empty: t.get("op-audit-none"),
        columns: vec![
            Column::number(t.get("op-sequence-number")),
            Column::new(t.get("op-at")),
            Column::new(t.get("op-actor")),
            Column::new(t.get("op-action")),
            Column::new(t.get("op-details")),
        ],
        rows: entries.iter().map(row).collect(),
    }
}

/// `GET /exploitation/audit.csv`, `.xlsx`: all of a service's log, paged through; too long for a file, it is refused.
pub async fn export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let query = Form::of(query);
    let service = SERVICES.into_iter().find(|name| *name == query.get("service")).unwrap_or(SERVICES[0]);
    let entries = exports::all(|token| {
        let (asked, after) = (operations(&visit, service), token.parse().unwrap_or(0));
        async move {
            let entries = asked?.list_audit(ListAuditRequest { after, limit: PAGE }).await?.into_inner().entries;
            let next = entries.last().filter(|_| entries.len() >= PAGE as usize).map(|e| e.sequence.to_string());
            Ok::<_, Fault>((entries, next.unwrap_or_default()))
        }
    })
    .await?;
    list(&visit, service, &entries).file(&visit).await
}

async fn show(visit: &Visit, service: &str, after: u64, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let service = if service.is_empty() { SERVICES[0] } else { service };
    let entries =
        operations(visit, service)?.list_audit(ListAuditRequest { after, limit: PAGE }).await?.into_inner().entries;
    let choices: Vec<_> = SERVICES.iter().map(|s| Choice::new(s, *s)).collect();
    let next = entries.last().filter(|_| entries.len() >= PAGE as usize).map(|e| e.sequence);
    let first = format!("{PATH}?service={service}");
    let body = html! {
        (alert)
        form class="card" method="get" action=(PATH) {
            (ui::select(visit, &Field { name: "service", label: &t.get("op-service"), value: service, ..Field::default() }, &choices))
            div class="actions" { (ui::button(&t.get("op-show"))) }
        }
        (ui::form(visit, PATH, html! { (ui::hidden("service", service)) div class="actions" { button class="second" { (t.with("op-verify", [("service", service.into())])) } } }))
        (list(visit, service, &entries).shown_of(visit, PATH, &Form::of([("service", service)])))
        nav class="pager" aria-label=(t.get("pager")) {
            a href=(first) { (t.get("pager-first")) }
            @if let Some(next) = next { a href={ (first) "&apres=" (next) } rel="next" { (t.get("pager-next")) } }
        }
    };
    Ok(ui::page(visit, &t.get("nav-audit"), &[], body))
}

/// `POST /exploitation/audit`: recomputes the chain.
pub async fn verify(visit: Visit, form: Form) -> Page {
    let t = visit.t;
    let service = form.get("service");
    let v = operations(&visit, service)?.verify_audit(VerifyAuditRequest {}).await?.into_inner();
    let (tone, text) = if v.intact {
        (Tone::Good, t.with("op-intact", [("n", v.entries.into())]))
    } else {
        (Tone::Bad, t.with("op-broken", [("n", v.first_broken.into())]))
    };
    let alert = ui::alert(tone, &text, html! { p class="mono" { (v.head) } });
    Ok(show(&visit, service, 0, alert).await?.into_response())
}
