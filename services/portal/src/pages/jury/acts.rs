//! Acts of two people: prepared, confirmed, replaced, taken back.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::jury::{Act, ActState, ListActsRequest};
use maud::html;
use uuid::Uuid;

use super::{Embargo, People, dossiers, embargo, people, words};
use crate::{
    exports,
    lists::List,
    pages::names::Names,
    ui::{self, Column},
    web::{Fault, Form, Page, Visit},
};

/// Where they stand.
pub const PATH: &str = "/jury/actes";

/// `GET /jury/actes`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let form = Form::of(query);
    let asked = ListActsRequest { page_size: 50, page_token: form.get("page").to_owned(), ..asked(&form) };
    let mut jury = visit.jury();
    let (listed, people) = tokio::try_join!(async { Ok(jury.list_acts(asked).await?.into_inner()) }, people(&visit))?;
    let names = Names::of(&visit, listed.acts.iter().map(|a| a.subject.as_str()).filter(|s| is_dossier(s))).await?;
    let filters = if form.has("attente") { waiting() } else { Form::default() };
    let body = html! {
        (embargo(&visit, Embargo::Admission).await?)
        p { a href="/jury/proces-verbaux" { (t.get("jury-minutes")) } " · "
            @if form.has("attente") { a href="/jury/actes" { (t.get("acts-all")) } } @else { a href="/jury/actes?attente=oui" { (t.get("acts-waiting")) } } }
        (list(&visit, &t.get("nav-acts"), &listed.acts, &names, &people).shown_of(&visit, PATH, &filters))
        (dossiers::pager(&visit, "/jury/actes", &form, &listed.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("nav-acts"), &[], body).into_response())
}

fn asked(form: &Form) -> ListActsRequest {
    ListActsRequest { prepared_only: form.has("attente"), ..ListActsRequest::default() }
}

/// The filter for those that wait for their second person.
pub fn waiting() -> Form {
    Form::of([("attente", "oui")])
}

/// `GET /jury/actes.csv`, `.xlsx`: all of them, or all that wait.
pub async fn export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let asked = asked(&Form::of(query));
    let acts = exports::all(|page_token| {
        let (mut jury, asked) = (visit.jury(), ListActsRequest { page_size: 100, page_token, ..asked.clone() });
        async move {
            let page = jury.list_acts(asked).await?.into_inner();
            Ok::<_, Fault>((page.acts, page.next_page_token))
        }
    })
    .await?;
    let names = Names::of(&visit, acts.iter().map(|a| a.subject.as_str()).filter(|s| is_dossier(s))).await?;
    let people = people(&visit).await?;
    list(&visit, &visit.t.get("nav-acts"), &acts, &names, &people).file(&visit).await
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
pub fn list(visit: &Visit, caption: &str, acts: &[Act], names: &Names, people: &People) -> List {
    let t = visit.t;
    let rows = acts
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
    let (caption, empty) = (caption.to_owned(), t.get("acts-none"));
    List { name: "actes".into(), caption, empty, columns: columns.into(), rows }
}
