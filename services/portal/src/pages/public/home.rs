//! The first page: everyone to where their part begins.

use axum::response::{IntoResponse as _, Redirect};
use maud::html;

use crate::{
    ui,
    web::{Page, Visit},
};

/// `GET /`
pub async fn page(visit: Visit) -> Page {
    if visit.grant().is_some()
        && let Some(first) = ui::sections(visit.role()).first()
    {
        return Ok(Redirect::to(first.href).into_response());
    }
    let t = visit.t;
    let body = html! {
        p class="lead" { (t.get("home-lead")) }
        div class="actions" { (ui::go("/compte/creer", &t.get("home-register"))) (ui::go("/connexion", &t.get("nav-sign-in"))) }
    };
    Ok(ui::page(&visit, &t.get("home-title"), &[], body).into_response())
}
