//! Other routes to the same formation (R15): their lists, and who is on one of them.

use axum::{
    extract::{Multipart, Query},
    response::IntoResponse as _,
};
use contracts::jury::{ImportOtherRoutesRequest, ListOtherRouteMatchesRequest, OtherRouteMatch};
use maud::{Markup, html};

use super::{answer, dossiers};
use crate::{
    exports,
    lists::List,
    pages::names::Names,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit, upload},
};

const PATH: &str = "/jury/autres-voies";

/// `GET /jury/autres-voies`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    Ok(show(&visit, &Form::of(query), visit.held.get("voie"), html! {}).await?.into_response())
}

async fn show(visit: &Visit, query: &Form, route: &str, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let asked = ListOtherRouteMatchesRequest { page_size: 50, page_token: query.get("page").to_owned() };
    let listed = visit.jury().list_other_route_matches(asked).await?.into_inner();
    let names = Names::of(visit, listed.matches.iter().map(|m| m.dossier_id.as_str())).await?;
    let body = html! {
        (alert)
        p class="lead" { (t.get("jury-routes-lead")) }
        (list(visit, &listed.matches, &names).shown(visit, PATH))
        (dossiers::pager(visit, PATH, query, &listed.next_page_token))
        (ui::card(&t.get("jury-routes-import"), ui::multipart(visit, PATH, html! {
            (ui::field(visit, &Field { name: "voie", label: &t.get("jury-routes-route"), hint: &t.get("jury-routes-route-hint"), value: route, required: true, max: 100, ..Field::default() }))
            (ui::file(visit, &Field { name: "fichier", label: &t.get("jury-import-file"), hint: &t.get("jury-routes-file-hint"), required: true, ..Field::default() }, ".csv,text/csv"))
            div class="actions" { (ui::button(&t.get("jury-routes-import-button"))) }
        })))
    };
    Ok(ui::page(visit, &t.get("jury-other-routes"), &[], body))
}

fn list(visit: &Visit, matches: &[OtherRouteMatch], names: &Names) -> List {
    let t = visit.t;
    let rows = matches
        .iter()
        .map(|m| {
            let declared = if m.declared {
                ui::badge(Tone::Info, &t.get("jury-routes-declared"))
            } else {
                ui::badge(Tone::Warn, &t.get("jury-routes-not-declared"))
            };
            vec![
                names.link(&m.dossier_id, "/jury/dossiers"),
                html! { (m.route) },
                html! { (t.with("jury-routes-line", [("line", m.line.into())])) ", " (visit.instant(m.imported_at)) },
                declared,
            ]
        })
        .collect();
    let columns = ["jury-candidate", "jury-routes-route", "jury-routes-found", "jury-routes-by-candidate"]
        .map(|k| Column::new(t.get(k)));
    List {
        name: "autres-voies".into(),
        caption: t.get("jury-routes-matches"),
        empty: t.get("jury-routes-none"),
        columns: columns.into(),
        rows,
    }
}

/// `GET /jury/autres-voies.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    let matches = exports::all(|page_token| {
        let (mut jury, asked) = (visit.jury(), ListOtherRouteMatchesRequest { page_size: 500, page_token });
        async move {
            let page = jury.list_other_route_matches(asked).await?.into_inner();
            Ok::<_, Fault>((page.matches, page.next_page_token))
        }
    })
    .await?;
    let names = Names::of(&visit, matches.iter().map(|m| m.dossier_id.as_str())).await?;
    list(&visit, &matches, &names).file(&visit).await
}

/// `POST /jury/autres-voies`
pub async fn post(visit: Visit, multipart: Multipart) -> Page {
    let (form, _, csv) = upload::read(&visit, multipart, upload::LARGEST_LIST).await?;
    let asked = ImportOtherRoutesRequest { route: form.get("voie").into(), csv };
    let done = visit.jury().import_other_routes(asked).await.map(|_| visit.done(PATH, "routes-imported"));
    let first = Form::default();
    answer(&visit, done, |alert| show(&visit, &first, form.get("voie"), alert)).await
}
