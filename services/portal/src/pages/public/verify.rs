//! Whether a receipt was issued here: anyone who was handed one can ask. The address of its QR code holds the question.

use std::collections::BTreeMap;

use axum::{extract::Query, response::IntoResponse as _};
use maud::html;

use crate::{
    seals::Attested,
    ui::{self, Field, Tone},
    web::{Form, Page, Visit},
};

/// `GET /verifier`: number, instant, digest and seal tell nothing about anybody.
pub async fn page(visit: Visit, Query(query): Query<BTreeMap<String, String>>) -> Page {
    let t = visit.t;
    let form = Form::of(query);
    let asked = ["dossier", "instant", "empreinte", "sceau"].iter().any(|name| !form.get(name).is_empty());
    let verdict = match Attested::of(&form) {
        _ if !asked => html! {},
        None => ui::alert(
            Tone::Bad,
            &t.get("receipt-check-unreadable"),
            html! { p { (t.get("receipt-check-unreadable-text")) } },
        ),
        Some(attested) if visit.app.seals.holds(&attested, form.get("cle"), form.get("sceau")) => {
            let at = t.exact(attested.closed_at, &visit.app.session.zone);
            let said = [("number", attested.number.into()), ("at", at.into())];
            ui::alert(
                Tone::Good,
                &t.get("receipt-check-ours"),
                html! { p { (t.with("receipt-check-ours-text", said)) } },
            )
        }
        Some(_) => ui::alert(
            Tone::Bad,
            &t.get("receipt-check-not-ours"),
            html! { p { (t.get("receipt-check-not-ours-text")) } },
        ),
    };
    let line = |name: &'static str, label: String, hint: String| {
        ui::field(
            &visit,
            &Field {
                name,
                label: &label,
                value: form.get(name),
                hint: &hint,
                required: true,
                max: 200,
                ..Field::default()
            },
        )
    };
    let body = html! {
        p class="lead" { (t.get("receipt-check-lead")) }
        (verdict)
        form method="get" action="/verifier" {
            (line("dossier", t.get("receipt-check-number"), String::new()))
            (line("instant", t.get("receipt-check-instant"), t.get("receipt-check-instant-hint")))
            (line("empreinte", t.get("receipt-check-digest"), String::new()))
            (line("sceau", t.get("receipt-check-seal"), String::new()))
            (line("cle", t.get("receipt-check-key"), String::new()))
            div class="actions" { (ui::button(&t.get("receipt-check-button"))) }
        }
    };
    Ok(ui::page(&visit, &t.get("receipt-check-title"), &[], body).into_response())
}
