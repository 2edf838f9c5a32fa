//! Opening an account and proving its address.

use axum::response::IntoResponse as _;
use maud::{Markup, html};

use super::denied;
use crate::{
    accounts,
    ui::{self, Field, Kind},
    web::{Client, Form, Page, Path, Visit},
};

/// `GET /compte/creer`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &Form::default(), html! {}).into_response())
}

fn show(visit: &Visit, form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("register-lead")) }
        (ui::form(visit, "/compte/creer", html! {
            (ui::field(visit, &Field { name: "email", label: &t.get("email"), value: form.get("email"), kind: Kind::Email, hint: &t.get("email-hint"), required: true, autocomplete: "username", max: 254, ..Field::default() }))
            (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password"), kind: Kind::Password, hint: &t.get("password-hint"), required: true, autocomplete: "new-password", max: 128, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("register-button"))) a href="/connexion" { (t.get("register-have-one")) } }
        }))
    };
    ui::page(visit, &t.get("register-title"), &[], body)
}

/// `POST /compte/creer`: the same answer whether the address has an account or not.
pub async fn post(visit: Visit, Client(from): Client, form: Form) -> Page {
    let (email, password) = (form.get("email"), form.raw("mot-de-passe"));
    let asked = accounts::register(&visit.app, email, password, visit.t.lang(), &from, visit.now);
    if let Err(refused) = asked.await {
        let alert = denied(&visit, refused)?;
        return Ok(show(&visit, &form, alert).into_response());
    }
    let t = visit.t;
    let body = html! {
        p class="lead" { (t.get("register-sent")) }
        p { (t.get("register-sent-more")) }
    };
    Ok(ui::page(&visit, &t.get("register-sent-title"), &[], body).into_response())
}

/// `GET /compte/verifier/{token}`: asks before it does anything, since mail programs follow links too.
pub async fn verify_page(visit: Visit) -> Page {
    Ok(verify_show(&visit, html! {}).into_response())
}

fn verify_show(visit: &Visit, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("verify-lead")) }
        (ui::form(visit, &visit.path, ui::button(&t.get("verify-button"))))
    };
    ui::page(visit, &t.get("verify-title"), &[], body)
}

/// `POST /compte/verifier/{token}`
pub async fn verify(visit: Visit, Path(token): Path<String>) -> Page {
    match accounts::verify(&visit.app, &token, visit.now).await {
        Ok(()) => Ok(visit.done("/connexion", "verified")),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(verify_show(&visit, alert).into_response())
        }
    }
}
