//! Dossiers to read, in their share.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::jury::{Candidature, DecisionState, ListCandidaturesRequest};
use maud::{Markup, html};

use super::{candidatures, words};
use crate::{
    exports::{self, Export},
    pages::{labels::Labelled as _, names::Names},
    ui::{self, Cell, Choice, Column, Field, Tone},
    web::{Form, Page, Visit},
};

/// Dossiers on one page.
const PAGE: u32 = 50;

/// What an address asks for. Filters tell nothing about anybody.
pub fn asked(form: &Form) -> ListCandidaturesRequest {
    let text = |name: &str| form.get(name).to_owned();
    ListCandidaturesRequest {
        page_size: PAGE,
        page_token: text("page"),
        filiere: text("filiere"),
        school: text("ecole"),
        first_school: text("choix1"),
        decision: match form.get("decision") {
            "aucune" => DecisionState::Undecided,
            "projet" => DecisionState::Draft,
            "signee" => DecisionState::Signed,
            _ => DecisionState::Unspecified,
        }
        .into(),
        fee_unsettled_only: form.has("frais"),
        other_route_only: form.has("voie"),
        undetermined_only: form.has("indetermines"),
        admissible_only: form.has("admissibles"),
        mine_only: form.get("part") == "mienne",
        without_my_opinion: form.get("part") == "sans-avis",
    }
}

/// The filters as a form that asks for this page again.
pub fn filters(visit: &Visit, path: &str, form: &Form, with_share: bool) -> Markup {
    let t = visit.t;
    let any = || Some(t.get("jury-filter-any"));
    let choice = |name, label: &str, value, choices: &[Choice<'_>]| {
        ui::select(visit, &Field { name, label, value, ..Field::default() }, choices)
    };
    let decisions = [
        Choice::new("", t.get("jury-filter-any")),
        Choice::new("aucune", t.get("jury-undecided")),
        Choice::new("projet", t.get("jury-drafted")),
        Choice::new("signee", t.get("jury-signed")),
    ];
    let shares = [
        Choice::new("", t.get("jury-share-all")),
        Choice::new("mienne", t.get("jury-share-mine")),
        Choice::new("sans-avis", t.get("jury-share-without-opinion")),
    ];
    let tick = |name, key: &str| ui::checkbox(&Field { name, label: &t.get(key), ..Field::default() }, form.has(name));
    html! {
        details class="card" open[form.pairs().any(|(name, value)| name != "page" && !value.is_empty())] {
            summary { (t.get("jury-filter-title")) }
            form method="get" action=(path) {
                div class="grid" {
                    @if with_share { (choice("part", &t.get("jury-share"), form.get("part"), &shares)) }
                    (choice("filiere", &t.get("jury-filiere"), form.get("filiere"), &words::filieres(visit, any())))
                    (choice("ecole", &t.get("jury-school"), form.get("ecole"), &words::schools(visit, any())))
                    (choice("choix1", &t.get("jury-first-school"), form.get("choix1"), &words::schools(visit, any())))
                    (choice("decision", &t.get("jury-decision"), form.get("decision"), &decisions))
                }
                (tick("indetermines", "jury-filter-undetermined"))
                (tick("voie", "jury-filter-other-route"))
                (tick("frais", "jury-filter-fee-unsettled"))
                (tick("admissibles", "jury-filter-admissible"))
                div class="actions" { (ui::button(&t.get("jury-filter-button"))) a href=(path) { (t.get("jury-filter-clear")) } }
            }
        }
    }
}

/// To the next page under the same filters.
pub fn pager(visit: &Visit, path: &str, form: &Form, token: &str) -> Markup {
    let first = without_page(form);
    let next = Form::of(first.pairs().chain([("page", token)]));
    html! {
        nav class="pager" aria-label=(visit.t.get("pager")) {
            a href={ (path) "?" (first.encoded()) } { (visit.t.get("pager-first")) }
            @if !token.is_empty() { a href={ (path) "?" (next.encoded()) } rel="next" { (visit.t.get("pager-next")) } }
        }
    }
}

/// `GET /jury/dossiers`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let form = Form::of(query);
    let listed = visit.jury().list_candidatures(asked(&form)).await?.into_inner();
    let names = Names::of(&visit, listed.candidatures.iter().map(|c| c.dossier_id.as_str())).await?;
    let rows: Vec<_> = listed.candidatures.iter().map(|c| row(&visit, &names, c)).collect();
    let columns = [
        Column::new(t.get("jury-candidate")),
        Column::new(t.get("jury-filiere")),
        Column::new(t.get("jury-schools")),
        Column::new(t.get("jury-verification")),
        Column::new(t.get("jury-opinions")),
        Column::new(t.get("jury-decision")),
    ];
    let body = html! {
        (super::embargo(&visit, super::Embargo::Next).await?)
        (filters(&visit, "/jury/dossiers", &form, true))
        (exports::links_of(&visit, "/jury/dossiers", &without_page(&form)))
        (ui::table(&t.get("nav-dossiers"), &columns, &rows, &t.get("jury-no-dossiers")))
        (pager(&visit, "/jury/dossiers", &form, &listed.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("nav-dossiers"), &[], body).into_response())
}

/// The filters alone.
pub fn without_page(form: &Form) -> Form {
    Form::of(form.pairs().filter(|(name, value)| *name != "page" && !value.is_empty()))
}

/// `GET /jury/dossiers.csv`, `.xlsx`: every page of the list under its filters.
pub async fn export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let all = candidatures(&visit, asked(&without_page(&Form::of(query)))).await?;
    let names = Names::of(&visit, all.iter().map(|c| c.dossier_id.as_str())).await?;
    let rows = all.iter().map(|c| {
        let schools: Vec<String> = c
            .schools
            .iter()
            .map(|s| format!("{} : {}", visit.school_name(&s.school), t.get(words::standing(s.standing()).0)))
            .collect();
        vec![
            c.number.into(),
            names.name(&c.dossier_id).into(),
            visit.filiere_name(&c.filiere).into(),
            visit.school_name(&c.first_school).into(),
            schools.join(" ; ").into(),
            t.get(words::verification_of(&c.verification).key()).into(),
            t.get(words::fee_of(&c.fee).key()).into(),
            opinions(&visit, c).into(),
            words::decision_text(t, c).into(),
            c.decision_reason.as_str().into(),
        ]
    });
    let columns = [
        "jury-number",
        "jury-candidate",
        "jury-filiere",
        "jury-first-school",
        "jury-schools",
        "jury-verification",
        "jury-fee",
        "jury-opinions",
        "jury-decision",
        "jury-reason",
    ]
    .map(|key| t.get(key));
    exports::answer(&visit, Export { name: "dossiers".into(), columns: columns.into(), rows: rows.collect() }).await
}

fn row(visit: &Visit, names: &Names, c: &Candidature) -> Vec<Cell> {
    let t = visit.t;
    vec![
        names.link(&c.dossier_id, "/jury/dossiers"),
        html! { (visit.filiere_name(&c.filiere)) },
        html! { ul class="plain" { @for s in &c.schools {
            li { (visit.school_name(&s.school)) " " (words::standing_badge(t, s.standing())) }
        } } },
        html! {
            (words::verification(t, &c.verification)) " " (words::fee_badge(t, &c.fee))
            @if c.other_route_declared || !c.other_routes.is_empty() { " " (ui::badge(Tone::Warn, &t.get("jury-other-route"))) }
        },
        html! { (opinions(visit, c)) },
        words::decision(t, c),
    ]
}

/// How many favour it, of how many.
fn opinions(visit: &Visit, c: &Candidature) -> String {
    let favourable = c.opinions.iter().filter(|o| o.favourable).count();
    visit.t.with("jury-opinions-count", [("yes", favourable.into()), ("all", c.opinions.len().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_the_filters() {
        let form = Form::parse(b"part=sans-avis&filiere=L3&decision=projet&indetermines=oui&page=abc");
        let asked = asked(&form);
        assert!(asked.without_my_opinion && !asked.mine_only && asked.undetermined_only && !asked.fee_unsettled_only);
        assert_eq!(
            (asked.filiere.as_str(), asked.decision(), asked.page_token.as_str()),
            ("L3", DecisionState::Draft, "abc")
        );
    }
}
