//! What the next opening would propose in one filière, with other seats or other tables: changes nothing.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::{
    integration::{DraftTable, SchoolSeats, WhatIfReply, WhatIfRequest, WhatIfSchool},
    jury::GetTableRequest,
};
use maud::{Markup, html};

use super::{Embargo, cells, embargo, marks_import, tables, words};
use crate::{
    pages::names::Names,
    ui::{self, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/simulation";

/// `GET /jury/simulation`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let form = if visit.held.is_empty() { Form::of(query) } else { visit.held.clone() };
    show(&visit, &form, html! {}, html! {}).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup, found: Markup) -> Page {
    let t = visit.t;
    let filieres = words::filieres(visit, None);
    let filiere = match form.get("filiere") {
        "" => filieres.first().map_or("", |f| f.value),
        given => given,
    };
    let schools: Vec<_> = cells(visit).into_iter().filter(|(_, f)| *f == filiere).map(|(school, _)| school).collect();
    let body = html! {
        (alert)
        (embargo(visit, Embargo::Admission).await?)
        p class="lead" { (t.get("what-if-lead")) }
        (found)
        form class="card" method="get" action=(PATH) {
            (ui::select(visit, &Field { name: "filiere", label: &t.get("jury-filiere"), value: filiere, required: true, ..Field::default() }, &filieres))
            div class="actions" { button class="second" { (t.get("what-if-choose")) } }
        }
        (ui::form(visit, PATH, html! {
            (ui::hidden("filiere", filiere))
            h2 { (t.with("what-if-with", [("filiere", visit.filiere_name(filiere).into())])) }
            @for school in &schools {
                @let (seats, list, draft) = (format!("places-{school}"), format!("jury-table-{school}"), format!("projet-{school}"));
                fieldset class="card" {
                    legend { (visit.school_name(school)) }
                    (ui::field(visit, &Field { name: &seats, label: &t.get("what-if-seats"), hint: &t.with("what-if-seats-hint", [("n", visit.app.session.seats(school, filiere).into())]), value: form.get(&seats), kind: Kind::Number, max: 4, ..Field::default() }))
                    (ui::checkbox(&Field { name: &draft, label: &t.get("what-if-draft"), ..Field::default() }, form.has(&draft)))
                    (ui::textarea(visit, &Field { name: &list, label: &t.get("what-if-table"), hint: &t.get("what-if-table-hint"), value: form.raw(&list), ..Field::default() }, 3))
                }
            }
            div class="actions" { button { (t.get("what-if-button")) } }
        }))
    };
    Ok(ui::page(visit, &t.get("nav-what-if"), &[], body).into_response())
}

/// `POST /jury/simulation`
pub async fn post(visit: Visit, form: Form) -> Page {
    let asked = match asked(&visit, &form).await? {
        Ok(asked) => asked,
        Err(alert) => return show(&visit, &form, alert, html! {}).await,
    };
    match visit.integration().what_if(asked).await {
        Ok(reply) => {
            let found = found(&visit, &reply.into_inner()).await?;
            show(&visit, &form, html! {}, found).await
        }
        Err(status) => show(&visit, &form, visit.refused(&status)?, html! {}).await,
    }
}

/// What the form asks for: seats where they are typed, tables where they are typed or where the draft is to be taken.
async fn asked(visit: &Visit, form: &Form) -> Result<Result<WhatIfRequest, Markup>, Fault> {
    let filiere = form.get("filiere");
    let mut asked = WhatIfRequest { filiere: filiere.into(), ..WhatIfRequest::default() };
    for (school, _) in cells(visit).into_iter().filter(|(_, f)| *f == filiere) {
        let seats = form.get(&format!("places-{school}"));
        if !seats.is_empty() {
            let Ok(seats) = seats.parse() else {
                let t = visit.t;
                let why =
                    html! { p { (visit.school_name(school)) " – " q { (seats) } " – " (t.get("parse-not-a-number")) } };
                return Ok(Err(ui::alert(Tone::Bad, &t.get("refused-title"), why)));
            };
            asked.seats.push(SchoolSeats { school: school.into(), seats });
        }
        let list = form.get(&format!("jury-table-{school}"));
        let dossier_ids = if form.has(&format!("projet-{school}")) {
            let cell = GetTableRequest { school: school.into(), filiere: filiere.into() };
            visit.jury().get_table(cell).await?.into_inner().dossier_ids
        } else if list.is_empty() {
            continue;
        } else {
            match tables::ids(visit, filiere, list).await? {
                Ok(ids) => ids,
                Err(unread) => return Ok(Err(marks_import::unread(visit, &[unread]))),
            }
        };
        asked.tables.push(DraftTable { school: school.into(), dossier_ids });
    }
    Ok(Ok(asked))
}

async fn found(visit: &Visit, reply: &WhatIfReply) -> Result<Markup, Fault> {
    let t = visit.t;
    let proposed = reply.schools.iter().flat_map(|s| &s.proposals).map(|p| p.dossier_id.as_str());
    let names = Names::of(visit, proposed.chain(reply.released.iter().map(|r| r.dossier_id.as_str()))).await?;
    let signature = if reply.signature == 0 { t.get("what-if-no-signature") } else { reply.signature.to_string() };
    let released: Vec<_> = reply
        .released
        .iter()
        .map(|r| {
            vec![
                names.link(&r.dossier_id, "/jury/dossiers"),
                html! { (visit.school_name(&r.school)) },
                html! { (visit.school_name(&r.proposed)) },
            ]
        })
        .collect();
    let columns = ["jury-candidate", "what-if-gives-up", "what-if-proposed"].map(|k| Column::new(t.get(k)));
    Ok(html! {
        section class="card next" {
            h2 { (t.with("what-if-found", [("period", reply.period.into())])) }
            @if reply.before_close { p { (t.get("what-if-before-close")) } }
            (ui::facts(&[(t.get("jury-signature"), html! { (signature) })]))
            (school_counts(visit, &reply.schools))
            @for school in &reply.schools { (proposals(visit, school, &names)) }
            (ui::table(&t.get("what-if-released"), &columns, &released, &t.get("what-if-none-released")))
        }
    })
}

fn school_counts(visit: &Visit, schools: &[WhatIfSchool]) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = schools
        .iter()
        .map(|s| {
            vec![
                html! { (visit.school_name(&s.school)) },
                html! { (s.seats) },
                html! { (s.taken) },
                html! { (s.empty) },
                html! { @if s.last_called > 0 { (s.last_called) } @else { "–" } },
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("jury-school")),
        Column::number(t.get("ranking-seats")),
        Column::number(t.get("seats-taken")),
        Column::number(t.get("what-if-empty")),
        Column::number(t.get("what-if-last-called")),
    ];
    ui::table(&t.get("what-if-counts"), &columns, &rows, "")
}

fn proposals(visit: &Visit, school: &WhatIfSchool, names: &Names) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = school
        .proposals
        .iter()
        .map(|p| {
            let state = if p.new { t.get("what-if-new") } else { t.get("what-if-held") };
            vec![
                html! { @if p.rank > 0 { (p.rank) } @else { "–" } },
                names.link(&p.dossier_id, "/jury/dossiers"),
                html! { (state) @if p.supernumerary { " " (ui::badge(Tone::Info, &t.get("what-if-supernumerary"))) } },
            ]
        })
        .collect();
    let columns =
        [Column::number(t.get("jury-rank")), Column::new(t.get("jury-candidate")), Column::new(t.get("what-if-state"))];
    let caption = visit.school_name(&school.school);
    html! { details { summary { (caption) " – " (t.with("what-if-proposals", [("n", rows.len().into())])) }
    (ui::table(caption, &columns, &rows, &t.get("what-if-nobody"))) } }
}
