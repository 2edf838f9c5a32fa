//! The nullity of a candidature (R15, "sous peine de nullité"): said what it does, then prepared; another confirms.

use axum::response::IntoResponse as _;
use contracts::jury::PrepareAnnulmentRequest;
use maud::{Markup, html};
use uuid::Uuid;

use super::{answer, prepared};
use crate::{
    pages::names::Names,
    ui::{self, Field, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /jury/dossiers/{id}/nullite`
pub async fn page(visit: Visit, Path(id): Path<Uuid>) -> Page {
    Ok(show(&visit, id, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, id: Uuid, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let id = id.to_string();
    let names = Names::of(visit, [id.as_str()]).await?;
    let name = names.get(&id).map(|_| names.full(&id)).ok_or(Fault::NotFound)?;
    let body = html! {
        (alert)
        p class="lead" { a href={ "/jury/dossiers/" (id) } { (name) } }
        (ui::alert(Tone::Warn, &t.get("annulment-what"), html! { p { (t.get("annulment-text")) } }))
        (ui::form(visit, &format!("/jury/dossiers/{id}/nullite"), html! {
            (ui::textarea(visit, &Field { name: "motif", label: &t.get("jury-reason"), value: form.get("motif"), required: true, max: 1000, ..Field::default() }, 3))
            div class="actions" { button class="danger" { (t.get("annulment-button")) } a href={ "/jury/dossiers/" (id) } { (t.get("cancel")) } }
        }))
    };
    Ok(ui::page(visit, &t.get("annulment-title"), &[], body))
}

/// `POST /jury/dossiers/{id}/nullite`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let asked = PrepareAnnulmentRequest { dossier_id: id.to_string(), reason: form.get("motif").into() };
    let done = visit.jury().prepare_annulment(asked).await.map(|act| prepared(&visit, act.get_ref()));
    answer(&visit, done, |alert| show(&visit, id, &form, alert)).await
}
