//! Seats (R28): what the last computation left empty, moved to another filière of the same school.

use axum::response::IntoResponse as _;
use contracts::{
    jury::{CellSeats, GetProgressRequest, ListSeatsRequest, TransferSeatsRequest},
    roles,
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Embargo, answer, embargo_of, words};
use crate::{
    lists::List,
    ui::{self, Choice, Column, Field, Kind},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/places";

/// `GET /jury/places`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let (mut a, mut b) = (visit.jury(), visit.jury());
    let (listed, progress) =
        tokio::try_join!(a.list_seats(ListSeatsRequest {}), b.get_progress(GetProgressRequest {}))?;
    let body = html! {
        (alert)
        (embargo_of(visit, progress.get_ref(), Embargo::Admission).await?)
        (list(visit, &listed.get_ref().cells).shown(visit, PATH))
        (ui::card(&t.get("seats-transfer"), transfer(visit, form)))
        (ui::card(&t.get("supernumerary-title"), html! {
            p { (t.get("supernumerary-text")) }
            p { (t.get("seats-supernumerary-where")) " " a href="/jury/dossiers?decision=signee&admissibles=oui" { (t.get("nav-dossiers")) } }
        }))
    };
    Ok(ui::page(visit, &t.get("nav-seats"), &[], body))
}

fn list(visit: &Visit, cells: &[CellSeats]) -> List {
    let t = visit.t;
    List {
        name: "places".into(),
        caption: t.get("nav-seats"),
        empty: String::new(),
        columns: vec![
            Column::new(t.get("seats-cell")),
            Column::number(t.get("seats-printed")),
            Column::number(t.get("seats-now")),
            Column::number(t.get("seats-taken")),
            Column::number(t.get("seats-transferable")),
            Column::new(t.get("seats-computed")),
        ],
        rows: cells.iter().map(|cell| row(visit, cell)).collect(),
    }
}

/// `GET /jury/places.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &visit.jury().list_seats(ListSeatsRequest {}).await?.into_inner().cells).file(&visit).await
}

fn row(visit: &Visit, cell: &CellSeats) -> Vec<Markup> {
    let computed = if cell.computed_period == 0 {
        visit.t.get("seats-not-computed")
    } else {
        visit.t.with("seats-period", [("n", cell.computed_period.into())])
    };
    vec![
        html! { (visit.school_name(&cell.school)) ", " (visit.filiere_name(&cell.filiere)) },
        html! { (cell.printed) },
        html! { (cell.seats) },
        html! { (cell.taken) },
        html! { (cell.transferable) },
        html! { (computed) },
    ]
}

/// The president moves seats; the others see how.
fn transfer(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    if visit.role() != roles::JURY_PRESIDENT {
        return html! { p { (t.get("seats-president-only")) } };
    }
    // The same form sent twice is the same transfer.
    let request =
        if form.get("demande").is_empty() { Uuid::new_v4().to_string() } else { form.get("demande").to_owned() };
    let filieres: Vec<Choice<'_>> = words::filieres(visit, None);
    html! {
        p { (t.get("seats-transfer-text")) }
        (ui::form(visit, PATH, html! {
            (ui::hidden("demande", &request))
            (ui::select(visit, &Field { name: "ecole", label: &t.get("jury-school"), value: form.get("ecole"), required: true, ..Field::default() }, &words::schools(visit, None)))
            (ui::select(visit, &Field { name: "de", label: &t.get("seats-from"), value: form.get("de"), required: true, ..Field::default() }, &filieres))
            (ui::select(visit, &Field { name: "vers", label: &t.get("seats-to"), value: form.get("vers"), required: true, ..Field::default() }, &filieres))
            (ui::field(visit, &Field { name: "nombre", label: &t.get("seats-count"), value: form.get("nombre"), kind: Kind::Number, required: true, max: 4, ..Field::default() }))
            (ui::textarea(visit, &Field { name: "motif", label: &t.get("jury-reason"), value: form.get("motif"), required: true, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("seats-button"))) }
        }))
    }
}

/// `POST /jury/places`
pub async fn post(visit: Visit, form: Form) -> Page {
    let text = |name: &str| form.get(name).to_owned();
    let asked = TransferSeatsRequest {
        request_id: text("demande"),
        school: text("ecole"),
        from_filiere: text("de"),
        to_filiere: text("vers"),
        // Not a number moves nothing, and is refused as that.
        count: form.get("nombre").parse().unwrap_or(0),
        reason: text("motif"),
    };
    let done = visit.jury().transfer_seats(asked).await.map(|_| visit.done(PATH, "seats-moved"));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}
