//! The API in words: tokens, pages, ETags, keys, errors, and every operation from the table itself.

use axum::response::IntoResponse as _;
use maud::html;

use crate::{
    api::{
        DOCUMENT, PREFIX, operations,
        scope::Scope,
        trouble::{STATUSES, anchor},
    },
    ui::{self, Column},
    web::{Page, Visit},
};

/// Chapters: title and text.
const CHAPTERS: [(&str, &str); 5] = [
    ("api-tokens-title", "api-tokens-text"),
    ("api-pages-title", "api-pages-text"),
    ("api-etags-title", "api-etags-text"),
    ("api-keys-title", "api-keys-text"),
    ("api-embargo-title", "api-embargo-text"),
];

/// `GET /api`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let per_minute = visit.app.settings.api.per_minute;
    let columns = ["api-operation", "api-operation-address", "api-scope"].map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = operations::table()
        .iter()
        .map(|one| {
            vec![
                html! { (t.get(&one.key())) },
                html! { code { (one.verb.method()) " " (PREFIX) (one.path) } },
                html! { @if let Some(scope) = one.scope { code { (scope.word()) } } @else { (t.get("api-any-token")) } },
            ]
        })
        .collect();
    let scope_columns = ["api-scope", "api-scope-opens"].map(|key| Column::new(t.get(key)));
    let scopes: Vec<_> =
        Scope::ALL.into_iter().map(|s| vec![html! { code { (s.word()) } }, html! { (t.get(&s.key())) }]).collect();
    let error_columns = ["api-error-status", "api-error-meaning"].map(|key| Column::new(t.get(key)));
    let errors: Vec<_> = STATUSES
        .into_iter()
        .map(|status| {
            vec![html! { span id=(anchor(status)) { (status) } }, html! { (t.get(&format!("api-status-{status}"))) }]
        })
        .collect();
    let body = html! {
        p class="lead" { (t.get("api-lead")) }
        p { a href=(DOCUMENT) download { (t.get("api-document")) } }
        @for (title, text) in CHAPTERS { h2 { (t.get(title)) } p { (t.get(text)) } }
        h2 { (t.get("api-rate-title")) }
        p { (t.with("api-rate-text", [("n", per_minute.into())])) }
        h2 { (t.get("api-operations-title")) }
        (ui::table(&t.get("api-operations-caption"), &columns, &rows, ""))
        h2 { (t.get("api-scopes-title")) }
        (ui::table(&t.get("api-scopes-caption"), &scope_columns, &scopes, ""))
        h2 { (t.get("api-errors-title")) }
        p { (t.get("api-errors-text")) }
        (ui::table(&t.get("api-errors-caption"), &error_columns, &errors, ""))
    };
    Ok(ui::page(&visit, &t.get("api-title"), &[], body).into_response())
}
