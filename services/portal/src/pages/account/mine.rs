//! The account's own page, and closing it.

use axum::response::IntoResponse as _;
use maud::{Markup, html};

use super::denied;
use crate::{
    accounts,
    store::accounts::by_id,
    ui::{self, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

/// `GET /compte`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let account = by_id(&mut *visit.app.db.read().await?, visit.dossier()?).await?.ok_or(Fault::Forbidden)?;
    let factor = if account.totp_secret.is_some() {
        ui::badge(Tone::Good, &t.get("factor-state-on"))
    } else {
        ui::badge(Tone::Info, &t.get("factor-state-off"))
    };
    let body = html! {
        (ui::facts(&[(t.get("email"), html! { (account.email) }), (t.get("factor-title"), factor)]))
        ul {
            li { a href="/compte/double-facteur" { (t.get("factor-title")) } }
            li { a href="/compte/mot-de-passe" { (t.get("reset-title")) } }
            li { a href="/compte/fermer" { (t.get("close-title")) } }
        }
    };
    Ok(ui::page(&visit, &t.get("account-title"), &[], body).into_response())
}

/// `GET /compte/fermer`
pub async fn close_page(visit: Visit) -> Page {
    Ok(close_show(&visit, html! {}).into_response())
}

fn close_show(visit: &Visit, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("close-lead")) }
        (ui::form(visit, "/compte/fermer", html! {
            (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password"), kind: Kind::Password, required: true, autocomplete: "current-password", ..Field::default() }))
            div class="actions" { button class="danger" { (t.get("close-button")) } a href="/compte" { (t.get("cancel")) } }
        }))
    };
    ui::page(visit, &t.get("close-title"), &[], body)
}

/// `POST /compte/fermer`
pub async fn close(visit: Visit, form: Form) -> Page {
    match accounts::close(&visit.app, visit.dossier()?, form.raw("mot-de-passe"), visit.now).await {
        Ok(()) => Ok(visit.done("/", "account-closed")),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(close_show(&visit, alert).into_response())
        }
    }
}
