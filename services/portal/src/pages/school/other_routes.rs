//! Lists of other routes to the same formation (R15): imported here, decided by the jury.

use axum::{
    extract::{Multipart, Query},
    response::IntoResponse as _,
};
use contracts::jury::{
    ImportOtherRoutesReply, ImportOtherRoutesRequest, ListOtherRouteMatchesRequest, OtherRouteMatch,
};
use maud::{Markup, html};

use super::At;
use crate::{
    exports::{self, Export},
    pages::names::Names,
    ui::{self, Column, Field, Tone},
    web::{Fault, Form, Page, Visit, upload},
};

const PAGE: &str = "/ecole/autres-voies";
/// Largest list (the jury's own limit).
const LARGEST: usize = 1 << 20;
/// The same with the fields around it.
pub(super) const LARGEST_UPLOAD: usize = LARGEST + (64 << 10);

/// `GET /ecole/autres-voies`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    show(&visit, at.page, &visit.held, html! {}).await
}

async fn show(visit: &Visit, page_token: String, form: &Form, alert: Markup) -> Page {
    let t = visit.t;
    let asked = ListOtherRouteMatchesRequest { page_size: 100, page_token };
    let found = visit.jury().list_other_route_matches(asked).await?.into_inner();
    let names = Names::of(visit, found.matches.iter().map(|m| m.dossier_id.as_str())).await?;
    let columns = ["queue-candidate", "routes-route", "routes-line", "routes-imported-at", "routes-declared"]
        .map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = found
        .matches
        .iter()
        .map(|m| {
            vec![
                html! { a href={ "/ecole/dossiers/" (m.dossier_id) } { (names.full(&m.dossier_id)) } },
                html! { (m.route) },
                html! { @if m.line > 0 { (m.line) } },
                html! { (visit.instant(m.imported_at)) },
                html! { @if m.declared { (ui::badge(Tone::Info, &t.get("routes-declared"))) } },
            ]
        })
        .collect();
    let body = html! {
        p { a href="/ecole" { (t.get("back-to-queue")) } }
        (alert)
        p class="lead" { (t.get("routes-lead")) }
        (ui::card(&t.get("routes-import"), ui::multipart(visit, PAGE, html! {
            (ui::field(visit, &Field { name: "voie", label: &t.get("routes-route"), hint: &t.get("routes-route-hint"), value: form.get("voie"), required: true, max: 100, ..Field::default() }))
            (ui::file(visit, &Field { name: "fichier", label: &t.get("routes-file"), hint: &t.get("routes-file-hint"), required: true, ..Field::default() }, ".csv,text/csv"))
            div class="actions" { (ui::button(&t.get("routes-button"))) }
        })))
        (exports::links(visit, PAGE))
        (ui::table(&t.get("routes-matches"), &columns, &rows, &t.get("routes-none")))
        (ui::pager(visit, PAGE, &found.next_page_token))
    };
    Ok(ui::page(visit, &t.get("routes-title"), &[], body).into_response())
}

/// `POST /ecole/autres-voies`
pub async fn import(visit: Visit, multipart: Multipart) -> Page {
    let (form, _, csv) = upload::read(&visit, multipart, LARGEST).await?;
    let asked = ImportOtherRoutesRequest { route: form.get("voie").to_owned(), csv };
    let alert = match visit.jury().import_other_routes(asked).await {
        Ok(reply) => imported(&visit, &reply.into_inner()),
        Err(status) => return show(&visit, String::new(), &form, visit.refused(&status)?).await,
    };
    show(&visit, String::new(), &Form::default(), alert).await
}

fn imported(visit: &Visit, reply: &ImportOtherRoutesReply) -> Markup {
    let t = visit.t;
    let title = if reply.already_applied { t.get("routes-imported-already") } else { t.get("routes-imported") };
    let counts = [("lines", reply.lines.into()), ("matches", reply.matched_dossier_ids.len().into())];
    ui::alert(Tone::Good, &title, html! { p { (t.with("routes-imported-counts", counts)) } })
}

/// The matches as a file.
pub async fn export(visit: Visit) -> Page {
    let matches: Vec<OtherRouteMatch> = exports::all(|page_token| {
        let (mut jury, asked) = (visit.jury(), ListOtherRouteMatchesRequest { page_size: 200, page_token });
        async move {
            let found = jury.list_other_route_matches(asked).await?.into_inner();
            Ok::<_, Fault>((found.matches, found.next_page_token))
        }
    })
    .await?;
    let names = Names::of(&visit, matches.iter().map(|m| m.dossier_id.as_str())).await?;
    let t = visit.t;
    let rows = matches.iter().map(|m| {
        let n = names.get(&m.dossier_id).cloned().unwrap_or_default();
        let declared = if m.declared { t.get("yes") } else { String::new() };
        vec![
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            m.route.as_str().into(),
            m.line.into(),
            exports::instant(&visit, m.imported_at),
            declared.into(),
        ]
    });
    let columns = [
        "queue-number",
        "queue-name",
        "queue-first-names",
        "routes-route",
        "routes-line",
        "routes-imported-at",
        "routes-declared",
    ];
    let name = format!("autres-voies-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}
