//! Dossiers with the same name and birth date under two accounts (R7).

use axum::{extract::Query, response::IntoResponse as _};
use contracts::intake::{DossierState, LookAlikeGroup, LookAlikesRequest};
use maud::html;

use super::At;
use crate::{
    exports::{self, Export},
    ui::{self, Column},
    web::{Fault, Page, Visit},
};

const PAGE: &str = "/ecole/homonymes";

fn request(visit: &Visit, page_size: u32, page_token: String) -> LookAlikesRequest {
    LookAlikesRequest { dossier_id: String::new(), school: visit.school().to_owned(), page_size, page_token }
}

const fn state(state: DossierState) -> &'static str {
    match state {
        DossierState::Unspecified | DossierState::Open => "dossier-open",
        DossierState::Closed => "dossier-closed",
        DossierState::NotClosed => "dossier-not-closed",
        DossierState::Abandoned => "dossier-abandoned",
    }
}

/// `GET /ecole/homonymes`
pub async fn page(visit: Visit, Query(at): Query<At>) -> Page {
    let t = visit.t;
    let found = visit.intake().look_alikes(request(&visit, 50, at.page)).await?.into_inner();
    let columns = [
        Column::new(t.get("queue-candidate")),
        Column::new(t.get("identity-born")),
        Column::new(t.get("look-alikes-dossiers")),
    ];
    let rows: Vec<_> = found
        .groups
        .iter()
        .map(|g| {
            vec![
                html! { (g.family_name) " " (g.first_names) },
                html! { (g.birth_date.parse().map_or(g.birth_date.clone(), |date| t.date(date))) },
                html! { @for d in &g.dossiers { p { (t.with("school-dossier-number", [("n", d.number.to_string().into())])) " – " (t.get(state(d.state()))) } } },
            ]
        })
        .collect();
    let body = html! {
        p { a href="/ecole" { (t.get("back-to-queue")) } }
        p class="lead" { (t.get("look-alikes-lead")) }
        (exports::links(&visit, PAGE))
        (ui::table(&t.get("look-alikes-title"), &columns, &rows, &t.get("look-alikes-none")))
        (ui::pager(&visit, PAGE, &found.next_page_token))
    };
    Ok(ui::page(&visit, &t.get("look-alikes-title"), &[], body).into_response())
}

/// The same as a file: one row per dossier.
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let groups: Vec<LookAlikeGroup> = exports::all(|token| {
        let (mut intake, asked) = (visit.intake(), request(&visit, 200, token));
        async move {
            let found = intake.look_alikes(asked).await?.into_inner();
            Ok::<_, Fault>((found.groups, found.next_page_token))
        }
    })
    .await?;
    let rows = groups.iter().flat_map(|g| {
        g.dossiers.iter().map(move |d| {
            vec![
                g.family_name.as_str().into(),
                g.first_names.as_str().into(),
                g.birth_date.as_str().into(),
                d.number.into(),
                t.get(state(d.state())).into(),
            ]
        })
    });
    let columns = ["queue-name", "queue-first-names", "identity-born", "queue-number", "queue-state"];
    let name = format!("homonymes-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_state_has_a_word() {
        for lang in Lang::ALL {
            for s in [DossierState::Open, DossierState::Closed, DossierState::NotClosed, DossierState::Abandoned] {
                assert!(Tr(lang).find(state(s), &FluentArgs::new()).is_some(), "{s:?}");
            }
        }
    }
}
