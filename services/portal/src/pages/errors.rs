//! What a person sees when there is no page.

use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use crate::{
    i18n::Tr,
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

/// What was typed, to be sent again: the page of its form cannot be made without the service that does not answer.
fn again(visit: &Visit, typed: &Typed) -> Markup {
    let Some(body) = kept(visit.t, typed) else { return html! {} };
    let action = if visit.query.is_empty() { visit.path.clone() } else { format!("{}?{}", visit.path, visit.query) };
    if typed.parts { ui::multipart(visit, &action, body) } else { ui::form(visit, &action, body) }
}

/// Nothing where a password has to be typed again, or a file chosen again.
fn kept(t: Tr, typed: &Typed) -> Option<Markup> {
    let whole = !typed.file && !typed.form.secret();
    let kept = typed.form.kept();
    whole.then(|| {
        html! {
            @for (name, value) in kept.pairs() { (ui::hidden(name, value)) }
            p { (t.get("fault-unavailable-kept")) }
            div class="actions" { (ui::button(&t.get("fault-unavailable-again"))) }
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n::Lang, web::Form};

    #[test]
    fn what_was_typed_is_sent_again_from_the_page_of_the_fault_but_for_secrets_and_files() {
        for t in Lang::ALL.map(Tr) {
            let typed = |body: &[u8], file| Typed { form: Form::parse(body), parts: false, file };
            let page =
                kept(t, &typed(b"jeton=old&nom=L%C3%A9a+%3C3&adresse=1+rue%0D%0ALille", false)).unwrap().into_string();
            assert!(page.contains("name=\"nom\" value=\"Léa &lt;3\"") && page.contains("1 rue\nLille"), "{page}");
            assert!(!page.contains("old") && !page.contains('['), "{page}");
            assert!(kept(t, &typed(b"mot-de-passe=x&email=a", false)).is_none());
            assert!(kept(t, &typed(b"voie=x", true)).is_none());
        }
    }
}
