//! What the candidate studied since the baccalauréat, year by year. Rows are added and taken out by buttons that work
//! without scripts.

use axum::response::IntoResponse as _;
use contracts::intake as api;
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};

use super::{
    Mine, Refused, autosaved,
    frame::{self, Step},
    saved, to_start,
};
use crate::{
    ui::{self, Column, Field},
    web::{Form, Page, Visit},
};

const STEP: Step = Step::Studies;
/// As many as intake takes.
const MOST: usize = 20;
/// Fields of a row: ours, theirs.
const FIELDS: [(&str, &str); 4] =
    [("annee", "year"), ("etablissement", "institution"), ("formation", "formation"), ("resultat", "result")];

/// Every row of a form, blank ones too, in order.
fn rows(form: &Form) -> Vec<api::StudyYear> {
    let text = |field: &str, i: usize| form.get(&format!("{field}-{i}")).to_owned();
    (0..MOST)
        .take_while(|i| form.has(&format!("annee-{i}")))
        .map(|i| api::StudyYear {
            year: text("annee", i),
            institution: text("etablissement", i),
            formation: text("formation", i),
            result: text("resultat", i),
        })
        .collect()
}

fn blank(row: &api::StudyYear) -> bool {
    [&row.year, &row.institution, &row.formation, &row.result].iter().all(|text| text.is_empty())
}

/// What the page shows.
#[derive(Debug, Default)]
struct View {
    rows: Vec<api::StudyYear>,
    earlier: bool,
    other_route: bool,
}

impl View {
    fn of(form: &Form) -> Self {
        Self { rows: rows(form), earlier: form.has("diplome-anterieur"), other_route: form.has("autre-voie") }
    }

    fn stored(dossier: &api::Dossier) -> Self {
        let studies = dossier.studies.clone().unwrap_or_default();
        Self { rows: studies.years, earlier: studies.earlier_graduate, other_route: dossier.other_route_declared }
    }

    /// The rows to keep, and where each stood in the form.
    fn kept(&self) -> (Vec<api::StudyYear>, Vec<usize>) {
        self.rows.iter().enumerate().filter(|(_, row)| !blank(row)).map(|(i, row)| (row.clone(), i)).unzip()
    }
}

/// `GET /candidat/dossier/etudes`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let view = if visit.held.is_empty() { View::stored(&mine.dossier) } else { View::of(&visit.held) };
    Ok(show(&visit, &mine, view, None).into_response())
}

fn show(visit: &Visit, mine: &Mine, mut view: View, refused: Option<&Refused>) -> Markup {
    let t = visit.t;
    if !mine.editable(visit.now) {
        return frame::page(visit, mine, STEP, &[], facts(visit, &mine.dossier));
    }
    if view.rows.is_empty() {
        view.rows.push(api::StudyYear::default());
    }
    let body = html! {
        (Refused::top(refused))
        p { (t.get("studies-lead")) }
        form method="post" action=(STEP.path()) data-autosave data-saved=(t.get("autosave-saved")) data-failed=(t.get("autosave-failed")) {
            (ui::hidden("jeton", &visit.form_token))
            (ui::on_enter())
            @for (i, row) in view.rows.iter().enumerate() { (row_fields(visit, i, row, refused)) }
            div class="actions" { button class="second" name="ajouter" value="oui" formnovalidate disabled[view.rows.len() >= MOST] { (t.get("studies-add")) } }
            (ui::checkbox(&Field { name: "diplome-anterieur", label: &t.get("studies-earlier"), hint: &t.get("studies-earlier-hint"), ..Field::default() }, view.earlier))
            (ui::checkbox(&Field { name: "autre-voie", label: &t.get("studies-other-route"), hint: &t.get("studies-other-route-hint"), ..Field::default() }, view.other_route))
            (frame::go_on(visit, STEP))
        }
    };
    frame::page(visit, mine, STEP, &[], body)
}

fn row_fields(visit: &Visit, i: usize, row: &api::StudyYear, refused: Option<&Refused>) -> Markup {
    let t = visit.t;
    let line = |field: &str, label: String, value: &str, hint: String, max: usize| {
        let name = format!("{field}-{i}");
        ui::field(
            visit,
            &Field {
                name: &name,
                label: &label,
                value,
                hint: &hint,
                error: &Refused::on(refused, &name),
                max,
                ..Field::default()
            },
        )
    };
    html! {
        fieldset class="card" {
            legend { (t.with("studies-row", [("n", (i + 1).into())])) }
            div class="grid" {
                (line("annee", t.get("studies-year"), &row.year, t.get("studies-year-hint"), 9))
                (line("etablissement", t.get("studies-institution"), &row.institution, String::new(), 200))
                (line("formation", t.get("studies-formation"), &row.formation, String::new(), 200))
                (line("resultat", t.get("studies-result"), &row.result, t.get("studies-result-hint"), 200))
            }
            button class="link" name="retirer" value=(i) formnovalidate { (t.with("studies-remove", [("n", (i + 1).into())])) }
        }
    }
}

/// The same to be read.
pub(super) fn facts(visit: &Visit, dossier: &api::Dossier) -> Markup {
    let t = visit.t;
    let view = View::stored(dossier);
    let rows: Vec<_> = view
        .rows
        .iter()
        .map(|y| vec![html! { (y.year) }, html! { (y.institution) }, html! { (y.formation) }, html! { (y.result) }])
        .collect();
    let columns = ["studies-year", "studies-institution", "studies-formation", "studies-result"]
        .map(|key| Column::new(t.get(key)));
    html! {
        (ui::table(&t.get("step-studies"), &columns, &rows, &t.get("missing-studies")))
        @if view.earlier { p { (t.get("studies-earlier")) } }
        @if view.other_route { p { (t.get("studies-other-route")) } }
    }
}

/// `POST /candidat/dossier/etudes`
pub async fn post(visit: Visit, headers: HeaderMap, form: Form) -> Page {
    let mut view = View::of(&form);
    if form.has("ajouter") {
        let Some(mine) = Mine::load(&visit).await? else { return to_start() };
        view.rows.push(api::StudyYear::default());
        return Ok(show(&visit, &mine, view, None).into_response());
    }
    let taken_out = form.get("retirer").parse::<usize>().ok().filter(|i| *i < view.rows.len());
    if let Some(i) = taken_out {
        view.rows.remove(i);
    }
    let (years, places) = view.kept();
    let request = api::UpdateFormRequest {
        dossier_id: visit.dossier()?.to_string(),
        studies: Some(api::Studies { years, earlier_graduate: view.earlier }),
        other_route_declared: Some(view.other_route),
        ..Default::default()
    };
    match visit.intake().update_form(request).await {
        Ok(_) if autosaved(&headers) => Ok(saved()),
        Ok(_) if taken_out.is_some() => Ok(visit.done(STEP.path(), "saved")),
        Ok(_) => Ok(visit.done(STEP.next().path(), "saved")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, |path| name_of(path, &places))?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let page = show(&visit, &mine, view, Some(&refused));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `studies.years[2].institution` is the institution of the row that was sent third.
fn name_of(path: &str, places: &[usize]) -> String {
    let named = || {
        let (index, field) = path.strip_prefix("studies.years[")?.split_once("].")?;
        let place = places.get(index.parse::<usize>().ok()?)?;
        let ours = FIELDS.iter().find(|(_, theirs)| *theirs == field)?.0;
        Some(format!("{ours}-{place}"))
    };
    named().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_rows_are_left_out_and_errors_find_their_row() {
        let form = Form::parse(b"annee-0=&etablissement-0=&formation-0=&resultat-0=&annee-1=2024-2025&etablissement-1=U&formation-1=L2&resultat-1=&annee-3=x");
        let view = View::of(&form);
        assert_eq!(view.rows.len(), 2, "rows end where the numbering does");
        let (years, places) = view.kept();
        assert_eq!((years.len(), places.as_slice()), (1, [1].as_slice()));
        assert_eq!(name_of("studies.years[0].institution", &places), "etablissement-1");
        assert_eq!(name_of("studies.years[7].institution", &places), "");
        assert_eq!(name_of("studies.years", &places), "");
    }
}
