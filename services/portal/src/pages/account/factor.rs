//! The second factor: asked for at the door, set up and taken away on the account's page.

use axum::{extract::Query, response::IntoResponse as _};
use maud::{Markup, PreEscaped, html};
use qrcode::{QrCode, render::svg};
use serde::Deserialize;
use uuid::Uuid;

use super::{denied, door};
use crate::{
    accounts,
    store::accounts::Account,
    ui::{self, Field},
    web::{Fault, Form, Page, Visit},
};

/// Where to go once signed in.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    suite: String,
}

/// `GET /connexion/code`
pub async fn ask_page(visit: Visit, Query(next): Query<Next>) -> Page {
    Ok(ask_show(&visit, &next.suite, html! {}).into_response())
}

fn code_field(visit: &Visit) -> Markup {
    ui::field(
        visit,
        &Field {
            name: "code",
            label: &visit.t.get("factor-code"),
            hint: &visit.t.get("factor-code-hint"),
            required: true,
            autocomplete: "one-time-code",
            max: 12,
            ..Field::default()
        },
    )
}

fn ask_show(visit: &Visit, next: &str, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        (ui::form(visit, "/connexion/code", html! {
            (ui::hidden("suite", next))
            (code_field(visit))
            div class="actions" { (ui::button(&t.get("sign-in-button"))) }
        }))
    };
    ui::page(visit, &t.get("factor-ask-title"), &[], body)
}

/// `POST /connexion/code`
pub async fn ask(visit: Visit, form: Form) -> Page {
    let session = visit.session.as_ref().filter(|s| s.half).ok_or(Fault::Forbidden)?;
    match accounts::check_code(&visit.app, session, form.get("code"), visit.now).await {
        Ok(cookie) => Ok(door::enter(&cookie, form.get("suite"))),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(ask_show(&visit, form.get("suite"), alert).into_response())
        }
    }
}

async fn account(visit: &Visit) -> Result<Account, Fault> {
    let id: Uuid = visit.dossier()?;
    crate::store::accounts::by_id(&mut *visit.app.db.read().await?, id).await?.ok_or(Fault::Forbidden)
}

/// `GET /compte/double-facteur`
pub async fn page(visit: Visit) -> Page {
    let account = account(&visit).await?;
    Ok(show(&visit, &account, None, html! {})?.into_response())
}

/// `secret`: the one already shown, when its code was not right.
fn show(visit: &Visit, account: &Account, secret: Option<&str>, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    if account.totp_secret.is_some() {
        let body = html! {
            (alert)
            p class="lead" { (t.get("factor-on")) }
            (ui::form(visit, "/compte/double-facteur", html! {
                (ui::hidden("geste", "retirer"))
                (code_field(visit))
                div class="actions" { (ui::button(&t.get("factor-remove"))) }
            }))
        };
        return Ok(ui::page(visit, &t.get("factor-title"), &[], body));
    }
    let fresh = accounts::begin_factor(&visit.app, &account.email)?;
    // The same secret again after a wrong code: the phone holds it already.
    let (secret, address) = match secret {
        Some(kept) => (kept.to_owned(), fresh.address.replace(&fresh.secret, kept)),
        None => (fresh.secret, fresh.address),
    };
    let code = QrCode::new(&address).map_err(Fault::internal)?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    let drawn = drawn.split_once("?>").map_or(drawn.as_str(), |(_, svg)| svg).to_owned();
    let body = html! {
        (alert)
        p class="lead" { (t.get("factor-lead")) }
        div class="grid" {
            div { div role="img" aria-label=(t.get("factor-scan")) { (PreEscaped(drawn)) } }
            div {
                p { (t.get("factor-type")) }
                p class="mono" { (secret) }
                (ui::form(visit, "/compte/double-facteur", html! {
                    (ui::hidden("geste", "ajouter"))
                    (ui::hidden("secret", &secret))
                    (code_field(visit))
                    div class="actions" { (ui::button(&t.get("factor-add"))) }
                }))
            }
        }
    };
    Ok(ui::page(visit, &t.get("factor-title"), &[], body))
}

/// `POST /compte/double-facteur`
pub async fn post(visit: Visit, form: Form) -> Page {
    let account = account(&visit).await?;
    let (done, key) = if form.get("geste") == "retirer" {
        (accounts::end_factor(&visit.app, account.id, form.get("code"), visit.now).await, "factor-removed")
    } else {
        (
            accounts::set_factor(&visit.app, account.id, form.get("secret"), form.get("code"), visit.now).await,
            "factor-added",
        )
    };
    match done {
        Ok(()) => Ok(visit.done("/compte", key)),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(show(&visit, &account, Some(form.get("secret")).filter(|s| !s.is_empty()), alert)?.into_response())
        }
    }
}
