//! Acts of two people: prepared, confirmed, replaced, taken back.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::jury::{Act, ActState, ListActsRequest};
use maud::{Markup, html};
use uuid::Uuid;

use super::{Embargo, People, dossiers, embargo, people, words};
use crate::{
    pages::names::Names,
    ui::{self, Column},
    web::{Form, Page, Visit},
};

/// `GET /jury/actes`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let form = Form::of(query);
    let asked = ListActsRequest {
        prepared_only: form.has("attente"),
        page_size: 50,
        page_token: form.get("page").to_owned(),
        ..ListActsRequest::default()
    };
    let mut jury = visit.jury();
    let (listed, people) = tokio::try_join!(async { Ok(jury.list_acts(asked).await?.into_inner()) }, people(&visit))?;
    let names = Names::of(&visit, listed.acts.iter().map(|a| a.subject.as_str()).filter(|s| is_dossier(s))).await?;
    let body = html! {
        (embargo(&visit, Embargo::Admission).await?)
        p { a href="/jury/proces-verbaux" { (t.get("jury-minutes")) } " · "
            @if form.has("attente") { a href="/jury/actes" { (t.get("acts-all")) } } @else { a href="/jury/actes?attente=oui" { (t.get("acts-waiting")) } } }
        (list(&visit, &t.get("nav-acts"), &listed.acts, &names, &people))
        (dossiers::pager(&visit, "/jury/actes", &form, &listed.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("nav-acts"), &[], body).into_response())
}

/// Whether an act's subject is a dossier's id.
pub fn is_dossier(subject: &str) -> bool {
    Uuid::try_parse(subject).is_ok()
}

/// What an act is about, in words.
pub fn subject(visit: &Visit, act: &Act, names: &Names) -> String {
    match act.subject.split_once('/') {
        _ if is_dossier(&act.subject) => names.full(&act.subject),
        Some((school, filiere)) => format!("{}, {}", visit.school_name(school), visit.filiere_name(filiere)),
        None => match act.subject.as_str() {
            "admissibility" => visit.t.get("nav-admissibility"),
            "admission" => visit.t.get("jury-admission"),
            other => other.to_owned(),
        },
    }
}

/// A list of acts.
pub fn list(visit: &Visit, caption: &str, acts: &[Act], names: &Names, people: &People) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = acts
        .iter()
        .map(|a| {
            vec![
                html! { a href={ "/jury/actes/" (a.act_id) } { (t.get(words::kind(a.kind()))) } },
                html! { (subject(visit, a, names)) },
                words::act_state(t, a.state()),
                html! { (people.name(&a.prepared_by)) ", " (visit.instant(a.prepared_at)) },
                html! { @if a.state() == ActState::Confirmed { (people.name(&a.confirmed_by)) ", " (visit.instant(a.confirmed_at)) } @else { "–" } },
            ]
        })
        .collect();
    let columns =
        ["act-what", "act-about", "act-state", "act-prepared", "act-confirmed"].map(|k| Column::new(t.get(k)));
    ui::table(caption, &columns, &rows, &t.get("acts-none"))
}
