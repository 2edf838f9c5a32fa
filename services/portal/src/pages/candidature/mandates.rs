//! Mandates: a code of its own for a relative, rather than a shared password (R36).

use std::collections::BTreeMap;

use axum::{extract::Query, response::IntoResponse as _};
use contracts::integration::{CreateMandateRequest, ListMandatesRequest, Mandate, RevokeMandateRequest};
use maud::{Markup, html};
use tonic::Code;
use uuid::Uuid;

use super::words::Words;
use crate::{
    place::instant,
    store::sessions,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

const PAGE: &str = "/candidat/mandats";
const CREATE: &str = "creer";
const REVOKE: &str = "revoquer";
/// Longest name of a mandate, in characters.
const LONGEST: usize = 80;

async fn list(visit: &Visit) -> Result<Vec<Mandate>, Fault> {
    let asked = ListMandatesRequest { dossier_id: visit.dossier()?.to_string() };
    Ok(visit.integration().list_mandates(asked).await?.into_inner().mandates)
}

/// What the candidate calls each mandate, by its id.
pub async fn labels(visit: &Visit) -> Result<BTreeMap<String, String>, Fault> {
    Ok(list(visit).await?.into_iter().map(|mandate| (mandate.mandate_id, mandate.label)).collect())
}

/// `GET /candidat/mandats`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    show(&visit, &visit.held, Form::of(query).get(REVOKE), html! {}).await
}

/// `ending`: the mandate that is to be ended, if its end was asked for and not confirmed yet.
async fn show(visit: &Visit, form: &Form, ending: &str, alert: Markup) -> Page {
    let t = visit.t;
    let mandates = list(visit).await?;
    let w = Words::of(visit);
    let body = html! {
        (alert)
        @for m in mandates.iter().filter(|m| m.mandate_id == ending && m.revoked_at.is_none()) { (confirm(visit, m)) }
        p class="lead" { (t.get("mandates-lead")) }
        (ui::table(&t.get("mandates-list"), &columns(w), &mandates.iter().map(|m| row(w, m, &revoke(w, m))).collect::<Vec<_>>(), &t.get("mandates-none")))
        (ui::card(&t.get("mandates-new"), ui::form(visit, PAGE, html! {
            (ui::hidden("geste", CREATE))
            // Marks this very page: sent twice, it makes one mandate.
            (ui::hidden("envoi", &Uuid::new_v4().to_string()))
            (ui::field(visit, &Field { name: "nom", label: &t.get("mandates-label"), hint: &t.get("mandates-label-hint"), value: form.get("nom"), required: true, max: LONGEST, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("mandates-create"))) }
        })))
    };
    Ok(ui::page(visit, &t.get("mandates-title"), &[], body).into_response())
}

fn columns(w: Words<'_>) -> [Column; 4] {
    ["mandates-who", "mandates-since", "mandates-state", "mandates-act"].map(|key| Column::new(w.t.get(key)))
}

fn row(w: Words<'_>, mandate: &Mandate, revoke: &Markup) -> Vec<Markup> {
    let t = w.t;
    let revoked = instant(mandate.revoked_at);
    let state = match revoked {
        Some(at) => html! { (t.with("mandates-revoked", [("at", w.instant(at).into())])) },
        None => ui::badge(Tone::Good, &t.get("mandates-in-force")),
    };
    vec![
        html! { (mandate.label) },
        html! { (w.instant(instant(mandate.created_at))) },
        state,
        html! { @if revoked.is_none() { (revoke) } @else { "–" } },
    ]
}

fn revoke(w: Words<'_>, mandate: &Mandate) -> Markup {
    html! {
        a class="button second" href={ (PAGE) "?" (REVOKE) "=" (mandate.mandate_id) "#" (REVOKE) } {
            (w.t.get("mandates-revoke")) " " span class="visually-hidden" { (mandate.label) }
        }
    }
}

/// Asks before a code stops working: it cannot be given back.
fn confirm(visit: &Visit, mandate: &Mandate) -> Markup {
    let t = visit.t;
    let form = html! {
        (ui::hidden("geste", REVOKE))
        (ui::hidden("mandat", &mandate.mandate_id))
        (ui::hidden("confirme", "oui"))
        div class="actions" { button class="danger" { (t.get("mandates-revoke-sure")) } a href=(PAGE) { (t.get("cancel")) } }
    };
    html! {
        section class="card" id=(REVOKE) {
            h2 { (t.with("mandates-revoke-title", [("label", mandate.label.as_str().into())])) }
            p { (t.get("mandates-revoke-text")) }
            (ui::form(visit, PAGE, form))
        }
    }
}

/// `POST /candidat/mandats`: makes one, or ends one.
pub async fn post(visit: Visit, form: Form) -> Page {
    let dossier_id = visit.dossier()?.to_string();
    let mut integration = visit.integration();
    let refused = match form.get("geste") {
        CREATE => {
            // Remembered before anything is made: the page of a code that is loaded again makes no second one.
            let sending = form.get("envoi").parse::<Uuid>().ok().map(|sending| format!("mandat-{sending}"));
            if let Some(sending) = &sending {
                if !visit.recall(sending).await?.is_empty() {
                    return Ok(visit.done(PAGE, "mandate-made-already"));
                }
                visit.remember(sending, &Form::of([("geste", CREATE)])).await?;
            }
            let asked = CreateMandateRequest { dossier_id, label: form.get("nom").to_owned() };
            match integration.create_mandate(asked).await {
                Ok(made) => return Ok(created(&visit, form.get("nom"), &made.into_inner().code)),
                Err(status) => {
                    // Nothing was made: the same page may be mended and sent again.
                    if let Some(sending) = sending.filter(|_| status.code() == Code::InvalidArgument) {
                        visit.remember(&sending, &Form::default()).await?;
                    }
                    status
                }
            }
        }
        REVOKE if !form.has("confirme") => return show(&visit, &form, form.get("mandat"), html! {}).await,
        REVOKE => {
            let mandate = form.get("mandat");
            let asked = RevokeMandateRequest { dossier_id, mandate_id: mandate.to_owned() };
            match integration.revoke_mandate(asked).await {
                Ok(_) => {
                    // Only integration asks whether a mandate is in force: a session would go on seeing results.
                    sessions::end_all(&mut *visit.app.db.read().await?, mandate, &[], visit.now).await?;
                    return Ok(visit.done(PAGE, "mandate-revoked"));
                }
                Err(status) => status,
            }
        }
        _ => return Err(Fault::BadRequest),
    };
    let alert = visit.refused(&refused)?;
    show(&visit, &form, "", alert).await
}

/// The code, once: it is kept nowhere, so this page is not one that can be asked for again.
fn created(visit: &Visit, label: &str, code: &str) -> axum::response::Response {
    let body = code_view(Words::of(visit), label, code, &format!("{}/connexion/mandat", visit.app.settings.public_url));
    ui::page(visit, &visit.t.get("mandate-code-title"), &[], body).into_response()
}

fn code_view(w: Words<'_>, label: &str, code: &str, address: &str) -> Markup {
    let t = w.t;
    html! {
        (ui::alert(Tone::Warn, &t.get("mandate-code-once"), html! { p { (t.get("mandate-code-once-text")) } }))
        section class="card" {
            h2 { (t.with("mandate-code-for", [("label", label.into())])) }
            p class="code mono" translate="no" { (code) }
            p { (t.get("mandate-code-where")) " " span class="mono" { (address) } }
            ul {
                li { (t.get("mandate-may-answer")) }
                li { (t.get("mandate-may-not")) }
                li { (t.get("mandate-is-recorded")) }
            }
        }
        div class="actions" { a class="button second" href="/candidat/mandats" { (t.get("mandate-code-kept")) } }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::words::sample, *};

    #[test]
    fn a_code_is_shown_whole_and_only_a_mandate_in_force_can_be_ended() {
        let view = |w: Words<'_>| code_view(w, "Ma mère <3", "ABCDE-FGHJK", "https://admis.example/connexion/mandat");
        let [page, _] = sample::rendered(view);
        assert!(page.contains("ABCDE-FGHJK") && page.contains("Ma mère &lt;3"), "{page}");
        let mandate = |revoked: bool| Mandate {
            label: "Ma mère".into(),
            created_at: Some(sample::at("2026-05-29T08:00:00Z").into()),
            revoked_at: revoked.then(|| sample::at("2026-05-30T08:00:00Z").into()),
            ..Mandate::default()
        };
        for revoked in [true, false] {
            let button = html! { button { "X" } };
            let [page, _] = sample::rendered(|w| html! { @for cell in row(w, &mandate(revoked), &button) { (cell) } });
            assert_eq!(page.contains("<button>"), !revoked);
        }
    }
}
