//! The schools: whom to write to, how many places, when the orals are, where the fee goes.

use axum::response::IntoResponse as _;
use maud::html;

use super::calendar;
use crate::{
    ui::{self, Column},
    web::{Page, Visit},
};

/// `GET /ecoles`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let session = &visit.app.session;
    let columns: Vec<Column> = std::iter::once(Column::new(t.get("public-school")))
        .chain(session.filieres.iter().map(|f| Column::number(t.label(&f.label))))
        .collect();
    let seats: Vec<_> = session
        .schools
        .iter()
        .map(|s| {
            let cells = session.filieres.iter().map(|f| html! { (session.seats(&s.id, &f.id)) });
            std::iter::once(html! { (s.name) }).chain(cells).collect::<Vec<_>>()
        })
        .collect();
    let body = html! {
        p class="lead" { (t.get("schools-lead")) }
        (ui::table(&t.with("schools-seats", [("source", session.seats.source.as_str().into())]), &columns, &seats, ""))
        @for school in &session.schools {
            section class="card" id=(school.id) {
                h2 { (school.name) }
                (ui::facts(&[
                    (t.get("schools-office"), html! { (school.office) br; @for line in &school.address { (line) br; } }),
                    (t.get("schools-phone"), html! { @for (i, phone) in school.phone.iter().enumerate() { @if i > 0 { ", " } a href={ "tel:" (phone.replace(' ', "")) } { (phone) } } }),
                    (t.get("schools-mail"), html! { a href={ "mailto:" (school.mail) } { (school.mail) } }),
                    (t.get("schools-web"), html! { a href=(school.web) { (school.web) } }),
                    (t.get("schools-days"), html! { (calendar::days(&visit, &school.id)) }),
                    (t.get("schools-account"), html! {
                        (school.account.holder) br;
                        "IBAN " span class="mono" { (school.account.printed_iban()) } br;
                        "BIC " span class="mono" { (school.account.bic) }
                    }),
                ]))
            }
        }
        p { (t.get("schools-fee-note")) }
        @if !session.local_recruitment.is_empty() {
            h2 { (t.get("schools-local")) }
            ul { @for local in &session.local_recruitment { li {
                (t.label(&local.public)) " – "
                @if let Some(school) = &local.school { (visit.school_name(school)) ": " }
                (local.contact)
            } } }
        }
    };
    Ok(ui::page(&visit, &t.get("schools-title"), &[], body).into_response())
}
