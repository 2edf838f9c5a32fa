//! Setting another password.

use axum::response::IntoResponse as _;
use maud::{Markup, html};

use super::denied;
use crate::{
    accounts,
    ui::{self, Field, Kind},
    web::{Client, Form, Page, Path, Visit},
};

/// `GET /compte/mot-de-passe`
pub async fn ask_page(visit: Visit) -> Page {
    Ok(ask_show(&visit, &Form::default(), html! {}).into_response())
}

fn ask_show(visit: &Visit, form: &Form, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("reset-lead")) }
        (ui::form(visit, "/compte/mot-de-passe", html! {
            (ui::field(visit, &Field { name: "email", label: &t.get("email"), value: form.get("email"), kind: Kind::Email, required: true, autocomplete: "username", max: 254, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("reset-ask-button"))) }
        }))
    };
    ui::page(visit, &t.get("reset-title"), &[], body)
}

/// `POST /compte/mot-de-passe`: the same answer whether the address has an account or not.
pub async fn ask(visit: Visit, Client(from): Client, form: Form) -> Page {
    if let Err(refused) = accounts::ask_reset(&visit.app, form.get("email"), visit.t.lang(), &from, visit.now).await {
        let alert = denied(&visit, refused)?;
        return Ok(ask_show(&visit, &form, alert).into_response());
    }
    let t = visit.t;
    let body = html! { p class="lead" { (t.get("reset-sent")) } };
    Ok(ui::page(&visit, &t.get("reset-title"), &[], body).into_response())
}

/// `GET /compte/mot-de-passe/{token}`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, html! {}).into_response())
}

fn show(visit: &Visit, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        (ui::form(visit, &visit.path, html! {
            (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password-new"), kind: Kind::Password, hint: &t.get("password-hint"), required: true, autocomplete: "new-password", max: 128, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("reset-button"))) }
        }))
    };
    ui::page(visit, &t.get("reset-title"), &[], body)
}

/// `POST /compte/mot-de-passe/{token}`
pub async fn post(visit: Visit, Path(token): Path<String>, Client(from): Client, form: Form) -> Page {
    match accounts::set_password(&visit.app, &token, form.raw("mot-de-passe"), &from, visit.now).await {
        Ok(()) => Ok(visit.done("/connexion", "password-set")),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(show(&visit, alert).into_response())
        }
    }
}
