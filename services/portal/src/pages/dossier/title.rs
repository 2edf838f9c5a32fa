//! The title the candidate presents (R8), and the schools it opens (R9).

use axum::{extract::Query, response::IntoResponse as _};
use contracts::{
    eligibility::{self as tables, Diploma, DiplomaKind},
    intake as api,
};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Mine, Refused,
    frame::{self, Step},
    to_start,
};
use crate::{
    pages::public::titles::{self, Stated},
    ui::{self, Tone},
    web::{Form, Page, Visit},
};

const STEP: Step = Step::Title;

/// The diploma chosen last, by which the other questions follow.
#[derive(Debug, Default, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    diplome: String,
}

/// `GET /candidat/dossier/titre`
pub async fn page(visit: Visit, Query(chosen): Query<Chosen>) -> Page {
    let (mine, diplomas) = tokio::try_join!(Mine::load(&visit), titles::diplomas(&visit))?;
    let Some(mine) = mine else { return to_start() };
    let mut stated = mine
        .dossier
        .title
        .as_ref()
        .map_or_else(Stated::default, |t| Stated::stored(&t.diploma, &t.mention, &t.equivalent_to));
    if !visit.held.is_empty() {
        stated = Stated::of(&visit.held);
    } else if !chosen.diplome.is_empty() && chosen.diplome != stated.diploma {
        stated = Stated { diploma: chosen.diplome, ..Stated::default() };
    }
    Ok(show(&visit, &mine, &diplomas, &stated, html! {}).into_response())
}

fn show(visit: &Visit, mine: &Mine, diplomas: &[Diploma], stated: &Stated, alert: Markup) -> Markup {
    let t = visit.t;
    let dossier = &mine.dossier;
    let chosen = diplomas.iter().find(|d| d.id == stated.diploma);
    let body = html! {
        (alert)
        @if mine.editable(visit.now) {
            p { (t.get("title-lead")) }
            @if !dossier.order.is_empty() { (ui::alert(Tone::Warn, &t.get("title-order-warning"), html! { p { (t.get("title-order-warning-text")) } })) }
            (titles::choose_diploma(visit, STEP.path(), diplomas, &stated.diploma))
            @if let Some(diploma) = chosen {
                (ui::form(visit, STEP.path(), html! {
                    (ui::hidden("diplome", &diploma.id))
                    (stated.fields(visit, diploma))
                    (frame::go_on(visit, STEP))
                }))
            }
        }
        @if dossier.title.is_some() { (facts(visit, dossier, diplomas)) }
    };
    frame::page(visit, mine, STEP, &[], body)
}

/// The title as it is kept, and what the tables say of it.
fn facts(visit: &Visit, dossier: &api::Dossier, diplomas: &[Diploma]) -> Markup {
    html! {
        section {
            h2 { (visit.t.get("title-kept")) }
            (summary(visit, dossier, diplomas))
            (titles::answers(visit, &standings(&dossier.schools)))
        }
    }
}

/// The title as it is kept.
pub(super) fn summary(visit: &Visit, dossier: &api::Dossier, diplomas: &[Diploma]) -> Markup {
    let t = visit.t;
    let title = dossier.title.clone().unwrap_or_default();
    let diploma =
        diplomas.iter().find(|d| d.id == title.diploma).map_or(title.diploma.as_str(), |d| titles::label(t, d));
    let mut facts =
        vec![(t.get("titles-diploma"), html! { (diploma) }), (t.get("titles-mention"), html! { (title.mention) })];
    if !title.equivalent_to.is_empty() {
        facts.push((t.get("titles-equivalent"), html! { (title.equivalent_to) }));
    }
    facts.push((t.get("title-filiere"), html! { (visit.filiere_name(&dossier.filiere)) }));
    ui::facts(&facts)
}

/// What intake keeps of eligibility's answer, as eligibility gave it.
pub(super) fn standings(schools: &[api::SchoolRecevabilite]) -> Vec<tables::SchoolRecevabilite> {
    schools
        .iter()
        .map(|s| tables::SchoolRecevabilite {
            school: s.school.clone(),
            recevabilite: s.recevabilite,
            table: s.table.clone(),
            row: s.row.clone(),
        })
        .collect()
}

/// `POST /candidat/dossier/titre`: never saved by itself, since a change may clear the order (R9).
pub async fn post(visit: Visit, form: Form) -> Page {
    let diplomas = titles::diplomas(&visit).await?;
    let stated = Stated::of(&form);
    let listed = diplomas.iter().any(|d| d.id == stated.diploma && d.kind() == DiplomaKind::Listed);
    let tables::Title { diploma, mention, equivalent_to } = stated.title(listed);
    let request = api::UpdateFormRequest {
        dossier_id: visit.dossier()?.to_string(),
        title: Some(api::Title { diploma, mention, equivalent_to }),
        ..Default::default()
    };
    match visit.intake().update_form(request).await {
        Ok(reply) if reply.get_ref().order_cleared => Ok(visit.done(STEP.next().path(), "order-cleared")),
        Ok(_) => Ok(visit.done(STEP.next().path(), "saved")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, str::to_owned)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let page = show(&visit, &mine, &diplomas, &stated, Refused::top(Some(&refused)));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recevabilite_means_the_same_in_both_contracts() {
        for (ours, theirs) in [
            (api::Recevabilite::Open, tables::Recevabilite::Open),
            (api::Recevabilite::Closed, tables::Recevabilite::Closed),
            (api::Recevabilite::ForJury, tables::Recevabilite::ForJury),
        ] {
            let school = api::SchoolRecevabilite { recevabilite: ours.into(), ..Default::default() };
            assert_eq!(standings(&[school])[0].recevabilite(), theirs);
        }
    }
}
