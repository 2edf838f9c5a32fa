//! The first page: what is open now, and where everyone's part begins.

use axum::response::{IntoResponse as _, Redirect};
use maud::html;

use super::calendar;
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
    let entries = calendar::load(&visit).await?;
    let mut schools = String::new();
    for (i, school) in visit.app.session.schools.iter().enumerate() {
        schools.push_str(if i > 0 { ", " } else { "" });
        schools.push_str(&school.name);
    }
    let body = html! {
        p class="lead" { (t.get("home-lead")) }
        p { (t.with("home-schools", [("schools", schools.into()), ("places", visit.app.session.seats.total().into())])) }
        (calendar::now_card(&visit, &entries))
        div class="grid" {
            (ui::card(&t.get("home-new"), html! {
                p { (t.get("home-new-text")) }
                ol {
                    li { a href="/titres" { (t.get("home-new-titles")) } }
                    li { a href="/procedure" { (t.get("home-new-procedure")) } }
                    li { a href="/compte/creer" { (t.get("home-register")) } }
                }
                div class="actions" { (ui::go("/compte/creer", &t.get("home-register"))) }
            }))
            (ui::card(&t.get("home-candidate"), html! {
                p { (t.get("home-candidate-text")) }
                div class="actions" { (ui::go("/connexion", &t.get("nav-sign-in"))) }
            }))
            (ui::card(&t.get("home-relative"), html! {
                p { (t.get("home-relative-text")) }
                p { a href="/connexion/mandat" { (t.get("home-relative-link")) } }
            }))
            (ui::card(&t.get("home-referee"), html! { p { (t.get("home-referee-text")) } }))
            (ui::card(&t.get("home-staff"), html! {
                p { (t.get("home-staff-text")) }
                p { a href="/connexion/personnel" { (t.get("home-staff-link")) } }
            }))
            (ui::card(&t.get("home-verify"), html! {
                p { (t.get("home-verify-text")) }
                p { a href="/verifier" { (t.get("home-verify-link")) } }
            }))
        }
    };
    Ok(ui::page(&visit, &t.get("home-title"), &[], body).into_response())
}
