//! What a person sees when there is no page.

use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use crate::{
    ui,
    web::{Fault, Typed, Visit},
};

/// The fallback of the router.
pub async fn not_found() -> Response {
    Fault::NotFound.into_response()
}

/// An address to which only forms are sent was asked for as a page.
pub async fn method_not_allowed() -> Response {
    Fault::Method.into_response()
}

/// The page of a fault, in the person's language.
#[must_use]
pub fn page(visit: &Visit, fault: &Fault) -> Markup {
    let t = visit.t;
    let (title, text) = match fault {
        Fault::Refused(refusal) => (t.get("refused-title"), visit.refusal(refusal)),
        Fault::NotFound => (t.get("fault-not-found"), t.get("fault-not-found-text")),
        Fault::Forbidden => (t.get("fault-forbidden"), t.get("fault-forbidden-text")),
        Fault::FormToken => (t.get("fault-form"), t.get("fault-form-text")),
        // A redirect: nobody sees its page.
        Fault::Stale { .. } => (t.get("fault-form"), t.get("fault-form-text")),
        Fault::Method => (t.get("fault-method"), t.get("fault-method-text")),
        Fault::BadRequest => (t.get("fault-bad-request"), t.get("fault-bad-request-text")),
        Fault::TooLarge => (t.get("fault-too-large"), t.get("fault-too-large-text")),
        Fault::Unavailable => (t.get("fault-unavailable"), t.get("fault-unavailable-text")),
        Fault::Internal => (t.get("fault-internal"), t.get("fault-internal-text")),
    };
    ui::page(
        visit,
        &title,
        &[],
        html! {
            p class="lead" { (text) }
            @if let (Fault::Unavailable, Some(typed)) = (fault, visit.typed.get()) { (again(visit, typed)) }
            div class="actions" {
                @if matches!(fault, Fault::Method) { (ui::go(&visit.here(), &t.get("fault-method-go"))) }
                @else { (ui::go("/", &t.get("back-to-start"))) }
            }
        },
    )
}

/// What was typed, to be sent again: the page of its form cannot be made without the service that does not answer. A
/// password is typed again, and a file chosen again.
fn again(visit: &Visit, typed: &Typed) -> Markup {
    if typed.file || typed.form.secret() {
        return html! {};
    }
    let t = visit.t;
    let kept = typed.form.kept();
    let body = html! {
        @for (name, value) in kept.pairs() { (ui::hidden(name, value)) }
        p { (t.get("fault-unavailable-kept")) }
        div class="actions" { (ui::button(&t.get("fault-unavailable-again"))) }
    };
    let action = if visit.query.is_empty() { visit.path.clone() } else { format!("{}?{}", visit.path, visit.query) };
    if typed.parts { ui::multipart(visit, &action, body) } else { ui::form(visit, &action, body) }
}

/// Said without asking anybody, when there is too much in hand: both languages, no session.
#[must_use]
pub fn busy() -> Markup {
    html! {
        (DOCTYPE)
        html lang="fr" {
            head { meta charset="utf-8"; meta name="viewport" content="width=device-width, initial-scale=1"; title { "Admis" } }
            body {
                main {
                    h1 { "Beaucoup de monde en ce moment" }
                    p { "Votre demande n'a pas été prise en compte. Rechargez la page dans quelques secondes." }
                    div lang="en" {
                        h2 { "Very busy right now" }
                        p { "Your request was not taken. Load the page again in a few seconds." }
                    }
                }
            }
        }
    }
}
