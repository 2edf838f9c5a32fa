//! What pages are made of. Every piece is plain HTML that works without scripts, by keyboard and on a narrow screen.

mod form;
mod layout;
mod table;

pub use form::{
    Choice, Field, Kind, button, checkbox, field, file, form, hidden, multipart, on_enter, radios, select, textarea,
};
pub use layout::{Section, page, sections};
pub use table::{Cell, Column, facts, pager, table};

use maud::{Markup, html};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Info,
    /// Something was done.
    Good,
    /// Take care.
    Warn,
    /// Something was refused or went wrong.
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A message with a title. What was refused is announced by screen readers at once.
#[must_use]
pub fn alert(tone: Tone, title: &str, body: Markup) -> Markup {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    html! {
        div class={ "alert " (tone.class()) } role=(role) {
            p class="alert-title" { (title) }
            (body)
        }
    }
}

/// A word with a tone, such as a state in a list.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// A link that looks like a button: for going on, never for acting.
#[must_use]
pub fn go(href: &str, text: &str) -> Markup {
    html! { a class="button" href=(href) { (text) } }
}

/// A card with a heading of the second level.
#[must_use]
pub fn card(title: &str, body: Markup) -> Markup {
    html! { section class="card" { h2 { (title) } (body) } }
}
