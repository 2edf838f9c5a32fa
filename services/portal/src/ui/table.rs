//! Tables that turn into cards on a narrow screen, and lists of facts.

use maud::{Markup, html};

use crate::web::Visit;

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Heading.
    pub title: String,
    /// Numbers stand to the right.
    pub number: bool,
    /// What can be done with a row: no part of the list.
    pub act: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: false, act: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: true, act: false }
    }

    /// A column of buttons.
    #[must_use]
    pub fn act(title: impl Into<String>) -> Self {
        Self { title: title.into(), number: false, act: true }
    }
}

/// What a cell shows.
pub type Cell = Markup;

/// A table with a caption. The first cell of each row heads it. `empty`: what is said instead when there are no rows.
#[must_use]
pub fn table(caption: &str, columns: &[Column], rows: &[Vec<Cell>], empty: &str) -> Markup {
    html! {
        @if rows.is_empty() { p class="empty" { (empty) } } @else {
            div class="scroll" tabindex="0" role="region" aria-label=(caption) {
                table class="cards" {
                    caption { (caption) }
                    thead { tr { @for c in columns { th scope="col" class=[c.number.then_some("number")] { (c.title) } } } }
                    tbody {
                        @for row in rows { tr {
                            @for (i, (cell, c)) in row.iter().zip(columns).enumerate() {
                                @if i == 0 { th scope="row" data-label=(c.title) class=[c.number.then_some("number")] { (cell) } }
                                @else { td data-label=(c.title) class=[c.number.then_some("number")] { (cell) } }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// Facts: term and what holds.
#[must_use]
pub fn facts(pairs: &[(String, Markup)]) -> Markup {
    html! { dl class="facts" { @for (term, value) in pairs { div { dt { (term) } dd { (value) } } } } }
}

/// To the next page of a list; `token` is opaque and tells nothing about anybody.
#[must_use]
pub fn pager(visit: &Visit, path: &str, token: &str) -> Markup {
    html! {
        nav class="pager" aria-label=(visit.t.get("pager")) {
            a href=(path) { (visit.t.get("pager-first")) }
            @if !token.is_empty() { a href={ (path) "?page=" (token) } rel="next" { (visit.t.get("pager-next")) } }
        }
    }
}
