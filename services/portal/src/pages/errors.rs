//! What a person sees when there is no page.

use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use crate::{
    ui,
    web::{Fault, Visit},
};

/// The fallback of the router.
pub async fn not_found() -> Response {
    Fault::NotFound.into_response()
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
            div class="actions" { (ui::go("/", &t.get("back-to-start"))) }
        },
    )
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
