//! Forms: every control with its label, its hint and its error tied to it.

use maud::{Markup, html};

use crate::web::Visit;

/// What kind of line is typed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    #[default]
    Text,
    /// E-mail address.
    Email,
    /// Password.
    Password,
    /// Telephone number.
    Tel,
    /// Civil date.
    Date,
    /// Civil date and time, in the session's zone.
    DateTime,
    /// Whole or decimal number, typed freely: spin buttons change values by accident.
    Number,
    /// https address.
    Url,
}

impl Kind {
    const fn html(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Text => ("text", None),
            Self::Email => ("email", Some("email")),
            Self::Password => ("password", None),
            Self::Tel => ("tel", Some("tel")),
            Self::Date => ("date", None),
            Self::DateTime => ("datetime-local", None),
            Self::Number => ("text", Some("decimal")),
            Self::Url => ("url", Some("url")),
        }
    }
}

/// A control of a form. Name and label are needed; the rest says more.
#[derive(Debug, Clone, Default)]
pub struct Field<'a> {
    /// Name in the form, and base of its id.
    pub name: &'a str,
    /// Label.
    pub label: &'a str,
    /// What it holds now.
    pub value: &'a str,
    /// What kind of line.
    pub kind: Kind,
    /// What helps to fill it in; empty for nothing.
    pub hint: &'a str,
    /// What is wrong with it; empty for nothing.
    pub error: &'a str,
    /// Must be filled in.
    pub required: bool,
    /// Token of the `autocomplete` attribute; empty for "off" on passwords and nothing otherwise.
    pub autocomplete: &'a str,
    /// Most characters; 0 for no limit.
    pub max: usize,
}

/// The label above, hint and error below it, and ids to tie them to the control.
fn around(f: &Field<'_>, required_word: &str, control: impl FnOnce(Option<String>) -> Markup) -> Markup {
    let (hint, error) = (format!("{}-aide", f.name), format!("{}-erreur", f.name));
    let mut described = Vec::new();
    if !f.hint.is_empty() {
        described.push(hint.clone());
    }
    if !f.error.is_empty() {
        described.push(error.clone());
    }
    let described = (!described.is_empty()).then(|| described.join(" "));
    html! {
        div class={ "field" @if !f.error.is_empty() { " wrong" } } {
            label for=(f.name) { (f.label) @if f.required && !required_word.is_empty() { " " span class="required" { (required_word) } } }
            @if !f.hint.is_empty() { p class="hint" id=(hint) { (f.hint) } }
            @if !f.error.is_empty() { p class="error" id=(error) { (f.error) } }
            (control(described))
        }
    }
}

/// A line.
#[must_use]
pub fn field(visit: &Visit, f: &Field<'_>) -> Markup {
    let (kind, mode) = f.kind.html();
    let autocomplete = (!f.autocomplete.is_empty()).then_some(f.autocomplete);
    let max = (f.max > 0).then_some(f.max);
    around(f, &visit.t.get("required"), |described| {
        html! {
            input id=(f.name) name=(f.name) type=(kind) value=(f.value) inputmode=[mode] autocomplete=[autocomplete]
                maxlength=[max] required[f.required] aria-describedby=[described] aria-invalid=[(!f.error.is_empty()).then_some("true")];
        }
    })
}

/// Several lines.
#[must_use]
pub fn textarea(visit: &Visit, f: &Field<'_>, rows: usize) -> Markup {
    let max = (f.max > 0).then_some(f.max);
    around(f, &visit.t.get("required"), |described| {
        html! {
            textarea id=(f.name) name=(f.name) rows=(rows) maxlength=[max] required[f.required] aria-describedby=[described]
                aria-invalid=[(!f.error.is_empty()).then_some("true")] { (f.value) }
        }
    })
}

/// One thing to choose.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// Value sent.
    pub value: &'a str,
    /// What people read.
    pub label: String,
    /// More about it, in radios.
    pub hint: String,
}

impl<'a> Choice<'a> {
    /// A choice without a hint.
    #[must_use]
    pub fn new(value: &'a str, label: impl Into<String>) -> Self {
        Self { value, label: label.into(), hint: String::new() }
    }
}

/// One of a list, folded. What is needed is asked for by HTML only where the first choice is none: no other can be empty.
#[must_use]
pub fn select(visit: &Visit, f: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    let required = f.required && choices.first().is_some_and(|c| c.value.is_empty());
    around(f, &visit.t.get("required"), |described| {
        html! {
            select id=(f.name) name=(f.name) required[required] aria-describedby=[described] aria-invalid=[(!f.error.is_empty()).then_some("true")] {
                @for c in choices { option value=(c.value) selected[c.value == f.value] { (c.label) } }
            }
        }
    })
}

/// One of a list, all in sight.
#[must_use]
pub fn radios(visit: &Visit, f: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    html! {
        fieldset class={ "field" @if !f.error.is_empty() { " wrong" } } {
            legend { (f.label) @if f.required { " " span class="required" { (visit.t.get("required")) } } }
            @if !f.hint.is_empty() { p class="hint" { (f.hint) } }
            @if !f.error.is_empty() { p class="error" id={ (f.name) "-erreur" } { (f.error) } }
            @for (i, c) in choices.iter().enumerate() {
                div class="choice" {
                    input type="radio" id={ (f.name) "-" (i) } name=(f.name) value=(c.value) checked[c.value == f.value] required[f.required];
                    label for={ (f.name) "-" (i) } { (c.label) }
                    @if !c.hint.is_empty() { p class="hint" { (c.hint) } }
                }
            }
        }
    }
}

/// A box to tick.
#[must_use]
pub fn checkbox(f: &Field<'_>, checked: bool) -> Markup {
    html! {
        div class={ "field choice" @if !f.error.is_empty() { " wrong" } } {
            input type="checkbox" id=(f.name) name=(f.name) value="oui" checked[checked] required[f.required]
                aria-describedby=[(!f.hint.is_empty()).then(|| format!("{}-aide", f.name))];
            label for=(f.name) { (f.label) }
            @if !f.error.is_empty() { p class="error" { (f.error) } }
            @if !f.hint.is_empty() { p class="hint" id={ (f.name) "-aide" } { (f.hint) } }
        }
    }
}

/// A file to choose. `accept`: e.g. ".pdf,.jpg".
#[must_use]
pub fn file(visit: &Visit, f: &Field<'_>, accept: &str) -> Markup {
    around(f, &visit.t.get("required"), |described| {
        html! { input id=(f.name) name=(f.name) type="file" accept=(accept) required[f.required] aria-describedby=[described]; }
    })
}

/// A value that goes along.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A form of ours: posts to `action` with its token.
#[must_use]
pub fn form(visit: &Visit, action: &str, body: Markup) -> Markup {
    html! { form method="post" action=(action) { (hidden("jeton", &visit.form_token)) (body) } }
}

/// The same for a form with a file. The token stands before the file.
#[must_use]
pub fn multipart(visit: &Visit, action: &str, body: Markup) -> Markup {
    html! { form method="post" action=(action) enctype="multipart/form-data" { (hidden("jeton", &visit.form_token)) (body) } }
}

/// What Enter in a line does, where a form has several buttons: a browser presses the first of them. Stands first in the
/// form, seen by nobody and reached neither by the keyboard nor by a screen reader, and sends what the form's saving button
/// does.
#[must_use]
pub fn on_enter() -> Markup {
    html! { button class="visually-hidden" tabindex="-1" aria-hidden="true" {} }
}

/// A button that sends its form.
#[must_use]
pub fn button(text: &str) -> Markup {
    html! { button { (text) } }
}
