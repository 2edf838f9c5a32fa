//! The ranking (R27): a table per school and filière, what is missing, sign-off, publication.

use axum::response::IntoResponse as _;
use contracts::jury::{
    GetProgressRequest, GetTableRequest, ListMissingRequest, Missing, PrepareAdmissionPublicationRequest,
    PrepareAdmissionRequest, Stage, Table,
};
use maud::{Markup, html};

use super::{Embargo, acts, admissibility, answer, cells, embargo_of, prepared};
use crate::{
    exports,
    lists::List,
    pages::names::Names,
    ui::{self, Column, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/classement";

/// `GET /jury/classement`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, html! {}).await?.into_response())
}

/// The table of every cell as it stands.
pub async fn tables(visit: &Visit) -> Result<Vec<Table>, Fault> {
    let asked = cells(visit).into_iter().map(|(school, filiere)| {
        let mut jury = visit.jury();
        let asked = GetTableRequest { school: school.into(), filiere: filiere.into() };
        async move { Ok::<_, Fault>(jury.get_table(asked).await?.into_inner()) }
    });
    futures::future::try_join_all(asked).await
}

async fn show(visit: &Visit, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let (mut a, mut b) = (visit.jury(), visit.jury());
    let (tables, progress, missing) = tokio::try_join!(
        tables(visit),
        async { Ok(a.get_progress(GetProgressRequest {}).await?.into_inner()) },
        async { Ok(b.list_missing(ListMissingRequest { stage: Stage::Admission.into() }).await?.into_inner().missing) },
    )?;
    let names = Names::of(visit, missing.iter().map(|m| m.subject.as_str()).filter(|s| acts::is_dossier(s))).await?;
    let body = html! {
        (alert)
        (embargo_of(visit, &progress, Embargo::Admission).await?)
        p { (t.get("ranking-lead")) }
        p { (ui::go("/jury/classement/importer", &t.get("ranking-go-import"))) }
        (list(visit, &tables).shown(visit, PATH))
        section class="card" {
            h2 { (t.get("ranking-sign-off")) }
            (missing_list(visit, &missing, &names))
            (ui::form(visit, PATH, html! { (ui::hidden("geste", "signer")) div class="actions" { (ui::button(&t.get("ranking-prepare"))) } }))
        }
        section class="card" {
            h2 { (t.get("jury-publication")) }
            p { (t.get("ranking-publication-text")) }
            (ui::form(visit, PATH, html! { (ui::hidden("geste", "publier")) div class="actions" { (ui::button(&t.get("jury-prepare-publication"))) } }))
        }
    };
    Ok(ui::page(visit, &t.get("nav-ranking"), &[], body))
}

fn list(visit: &Visit, tables: &[Table]) -> List {
    let t = visit.t;
    List {
        name: "classements".into(),
        caption: t.get("ranking-tables"),
        empty: String::new(),
        columns: vec![
            Column::new(t.get("ranking-table")),
            Column::number(t.get("ranking-ranked")),
            Column::number(t.get("ranking-seats")),
            Column::new(t.get("ranking-state")),
        ],
        rows: tables.iter().map(|table| row(visit, table)).collect(),
    }
}

/// `GET /jury/classement.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &tables(&visit).await?).file(&visit).await
}

fn row(visit: &Visit, table: &Table) -> Vec<Markup> {
    let t = visit.t;
    let state = match (table.signed, table.submitted) {
        (true, _) => ui::badge(Tone::Good, &t.with("ranking-signed", [("n", table.signature.into())])),
        (_, true) => ui::badge(Tone::Warn, &t.get("jury-drafted")),
        _ => ui::badge(Tone::Info, &t.get("ranking-untouched")),
    };
    vec![
        html! { a href={ (PATH) "/" (table.school) "/" (table.filiere) } { (visit.school_name(&table.school)) ", " (visit.filiere_name(&table.filiere)) } },
        html! { (table.dossier_ids.len()) },
        html! { (visit.app.session.seats(&table.school, &table.filiere)) },
        state,
    ]
}

fn missing_list(visit: &Visit, missing: &[Missing], names: &Names) -> Markup {
    let t = visit.t;
    html! {
        @if missing.is_empty() { p { (t.get("ranking-nothing-missing")) } }
        @else {
            (exports::links(visit, "/jury/classement/manques"))
            details open[missing.len() <= 10] {
                summary { (t.with("jury-missing-count", [("n", missing.len().into())])) }
                ul { @for m in missing { li {
                    @if let Some((school, filiere)) = m.subject.split_once('/') { (visit.school_name(school)) ", " (visit.filiere_name(filiere)) }
                    @else { (names.link(&m.subject, "/jury/dossiers")) }
                    " – " (admissibility::gap(visit, m, names))
                } } }
            }
        }
    }
}

/// `GET /jury/classement/manques.csv`, `.xlsx`
pub async fn missing_export(visit: Visit) -> Page {
    admissibility::missing_of(&visit, Stage::Admission).await
}

/// `POST /jury/classement`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut jury = visit.jury();
    let done = match form.get("geste") {
        "signer" => jury.prepare_admission(PrepareAdmissionRequest {}).await,
        "publier" => jury.prepare_admission_publication(PrepareAdmissionPublicationRequest {}).await,
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|act| prepared(&visit, act.get_ref()));
    answer(&visit, done, |alert| show(&visit, alert)).await
}
