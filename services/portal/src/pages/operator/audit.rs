//! The audit log of a service: page by page, and its chain of hashes verified.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Redirect},
};
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
/// Under which the search is kept for the session.
const KEPT: &str = "exploitation-audit";
const SEARCH: &str = "chercher";
/// Entries on one page.
const PAGE: u32 = 100;

/// `GET /exploitation/audit`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let search = if visit.held.is_empty() { visit.recall(KEPT).await? } else { visit.held.clone() };
    Ok(show(&visit, &search, Form::of(query).get("avant"), html! {}).await?.into_response())
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

/// `GET /exploitation/audit.csv`, `.xlsx`: all that the search finds, newest first; too long for a file, it is refused.
pub async fn export(visit: Visit) -> Page {
    let search = visit.recall(KEPT).await?;
    let service = service_of(&search);
    let entries = exports::all(|token| {
        let (asked, request) = (operations(&visit, service), request(&search, &token));
        async move {
            let entries = asked?.list_audit(request).await?.into_inner().entries;
            let next = entries.last().filter(|_| entries.len() >= PAGE as usize).map(|e| e.sequence.to_string());
            Ok::<_, Fault>((entries, next.unwrap_or_default()))
        }
    })
    .await?;
    list(&visit, service, &entries).file(&visit).await
}

fn service_of(search: &Form) -> &'static str {
    SERVICES.into_iter().find(|name| *name == search.get("service")).unwrap_or(SERVICES[0])
}

/// What is asked for, before an entry's number.
fn request(search: &Form, before: &str) -> ListAuditRequest {
    ListAuditRequest {
        limit: PAGE,
        newest_first: true,
        before: before.parse().unwrap_or(0),
        actor: search.get("acteur").to_owned(),
        action: search.get("acte").to_owned(),
        ..ListAuditRequest::default()
    }
}

/// The newest entries first: what just happened is what an operator looks for.
async fn show(visit: &Visit, search: &Form, before: &str, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let service = service_of(search);
    let entries = operations(visit, service)?.list_audit(request(search, before)).await?.into_inner().entries;
    let choices: Vec<_> = SERVICES.iter().map(|s| Choice::new(s, *s)).collect();
    let next = entries.last().filter(|_| entries.len() >= PAGE as usize).map(|e| e.sequence);
    let body = html! {
        (alert)
        (ui::card(&t.get("op-show"), ui::form(visit, PATH, html! {
            (ui::hidden("geste", SEARCH))
            (ui::select(visit, &Field { name: "service", label: &t.get("op-service"), value: service, ..Field::default() }, &choices))
            div class="filters" {
                (ui::field(visit, &Field { name: "acteur", label: &t.get("op-actor"), value: search.get("acteur"), max: 100, ..Field::default() }))
                (ui::field(visit, &Field { name: "acte", label: &t.get("op-action"), value: search.get("acte"), max: 100, ..Field::default() }))
            }
            div class="actions" { (ui::button(&t.get("op-show"))) }
        })))
        (ui::form(visit, PATH, html! { (ui::hidden("service", service)) div class="actions" { button class="second" { (t.with("op-verify", [("service", service.into())])) } } }))
        (list(visit, service, &entries).shown(visit, PATH))
        nav class="pager" aria-label=(t.get("pager")) {
            a href=(PATH) { (t.get("op-audit-newest")) }
            @if let Some(next) = next { a href={ (PATH) "?avant=" (next) } rel="next" { (t.get("op-audit-older")) } }
        }
    };
    Ok(ui::page(visit, &t.get("nav-audit"), &[], body))
}

/// `POST /exploitation/audit`: another search, or the chain computed anew.
pub async fn post(visit: Visit, form: Form) -> Page {
    let t = visit.t;
    if form.get("geste") == SEARCH {
        visit.remember(KEPT, &form).await?;
        return Ok(Redirect::to(PATH).into_response());
    }
    let service = form.get("service");
    let v = operations(&visit, service)?.verify_audit(VerifyAuditRequest {}).await?.into_inner();
    let (tone, text) = if v.intact {
        (Tone::Good, t.with("op-intact", [("n", v.entries.into())]))
    } else {
        (Tone::Bad, t.with("op-broken", [("n", v.first_broken.into())]))
    };
    let alert = ui::alert(tone, &text, html! { p class="mono" { (v.head) } });
    Ok(show(&visit, &Form::of([("service", service)]), "", alert).await?.into_response())
}
