//! Marks of the orals (R26): a school's sheet, one mark at a time; whole sheets come by `marks_import`.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::jury::{Candidature, DecisionState, ListCandidaturesRequest, RecordAbsenceRequest, RecordMarkRequest};
use maud::{Markup, html};

use super::{Embargo, answer, candidatures, embargo, exam_name, exams, parse, words};
use crate::{
    exports::{self, Export, Value},
    pages::names::Names,
    ui::{self, Choice, Column, Field, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/jury/notes";

/// `GET /jury/notes`
pub async fn page(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    Ok(show(&visit, &Form::of(query), &visit.held, html! {}).await?.into_response())
}

/// Who passes the orals at a school: admissible, signed, not annulled.
async fn sheet(visit: &Visit, school: &str, filiere: &str) -> Result<Vec<Candidature>, Fault> {
    let asked = ListCandidaturesRequest {
        decision: DecisionState::Signed.into(),
        admissible_only: true,
        first_school: school.to_owned(),
        filiere: filiere.to_owned(),
        ..ListCandidaturesRequest::default()
    };
    let mut all = candidatures(visit, asked).await?;
    all.retain(|c| !c.annulled);
    all.sort_by_key(|c| c.number);
    Ok(all)
}

async fn show(visit: &Visit, filter: &Form, typed: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let schools = &visit.app.session.schools;
    let school = match filter.get("ecole") {
        "" => schools.first().map(|s| s.id.as_str()).unwrap_or_default(),
        given => given,
    };
    let all = sheet(visit, school, filter.get("filiere")).await?;
    let names = Names::of(visit, all.iter().map(|c| c.dossier_id.as_str())).await?;
    let missing = all.iter().filter(|c| c.exams.len() < exams(visit).len()).count();
    let mut columns = vec![Column::new(t.get("jury-candidate")), Column::new(t.get("jury-filiere"))];
    columns.extend(exams(visit).map(|(_, exam)| Column::new(t.label(&exam.label))));
    columns.push(Column::new(t.get("marks-outcome")));
    let rows: Vec<_> = all
        .iter()
        .map(|c| {
            let mut row = vec![names.link(&c.dossier_id, "/jury/dossiers"), html! { (visit.filiere_name(&c.filiere)) }];
            for (id, _) in exams(visit) {
                let result = c.exams.iter().find(|e| e.exam == id);
                row.push(result.map_or_else(|| html! { "–" }, |e| words::result(t, e)));
            }
            row.push(if c.eliminated {
                ui::badge(Tone::Bad, &t.get("marks-eliminated"))
            } else {
                html! {}
            });
            row
        })
        .collect();
    let body = html! {
        (alert)
        (embargo(visit, Embargo::Admission).await?)
        form class="card" method="get" action=(PATH) {
            div class="grid" {
                (ui::select(visit, &Field { name: "ecole", label: &t.get("marks-school"), value: school, ..Field::default() }, &words::schools(visit, None)))
                (ui::select(visit, &Field { name: "filiere", label: &t.get("jury-filiere"), value: filter.get("filiere"), ..Field::default() }, &words::filieres(visit, Some(t.get("jury-filter-any")))))
            }
            div class="actions" { (ui::button(&t.get("jury-filter-button"))) a href={ (PATH) "/importer" } { (t.get("marks-go-import")) } }
        }
        p { (t.with("marks-missing", [("n", missing.into()), ("all", all.len().into())])) }
        (exports::links_of(visit, "/jury/notes/feuille", &Form::of([("ecole", school), ("filiere", filter.get("filiere"))])))
        (ui::table(&t.with("marks-sheet", [("school", visit.school_name(school).into())]), &columns, &rows, &t.get("marks-nobody")))
        (ui::card(&t.get("marks-one"), one(visit, filter, typed, &all, &names)))
    };
    Ok(ui::page(visit, &t.get("nav-marks"), &[], body))
}

/// `GET /jury/notes/feuille.csv`, `.xlsx`: the sheet as `marks_import` reads it again, names last.
pub async fn export(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Page {
    let t = visit.t;
    let filter = Form::of(query);
    let all = sheet(&visit, filter.get("ecole"), filter.get("filiere")).await?;
    let names = Names::of(&visit, all.iter().map(|c| c.dossier_id.as_str())).await?;
    let rows = all.iter().map(|c| {
        let results = exams(&visit).map(|(id, _)| {
            let result = c.exams.iter().find(|e| e.exam == id);
            result.map_or_else(String::new, |e| if e.absent { "abs".into() } else { words::mark(t, &e.mark) })
        });
        let mut row: Vec<Value> = vec![c.number.into()];
        row.extend(results.map(Value::from));
        row.push(names.name(&c.dossier_id).into());
        row
    });
    let mut columns = vec![t.get("jury-number")];
    columns.extend(exams(&visit).map(|(id, _)| heading(&visit, id)));
    columns.push(t.get("jury-candidate"));
    exports::answer(&visit, Export { name: "notes".into(), columns, rows: rows.collect() }).await
}

/// One mark or absence, and why it replaces another.
fn one(visit: &Visit, filter: &Form, typed: &Form, all: &[Candidature], names: &Names) -> Markup {
    let t = visit.t;
    let full: Vec<_> = all.iter().map(|c| (c.dossier_id.as_str(), names.full(&c.dossier_id))).collect();
    let people: Vec<_> = full.iter().map(|(id, name)| Choice::new(id, name.as_str())).collect();
    let which = exams(visit).map(|(id, exam)| Choice::new(id, t.label(&exam.label)));
    html! {
        @if people.is_empty() { p class="empty" { (t.get("marks-nobody")) } }
        @else {
            (ui::form(visit, PATH, html! {
                (ui::hidden("filtres", &filter.encoded()))
                (ui::select(visit, &Field { name: "dossier", label: &t.get("jury-candidate"), value: typed.get("dossier"), required: true, ..Field::default() }, &people))
                (ui::select(visit, &Field { name: "epreuve", label: &t.get("marks-exam"), value: typed.get("epreuve"), required: true, ..Field::default() }, &which))
                (ui::field(visit, &Field { name: "note", label: &t.get("marks-mark"), hint: &t.get("marks-mark-hint"), value: typed.get("note"), required: true, max: 10, ..Field::default() }))
                (ui::field(visit, &Field { name: "motif", label: &t.get("marks-correction"), hint: &t.get("marks-correction-hint"), value: typed.get("motif"), max: 500, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("marks-button"))) }
            }))
            p class="hint" { (t.get("marks-after-sign-off")) }
        }
    }
}

/// `POST /jury/notes`
pub async fn post(visit: Visit, form: Form) -> Page {
    let filter = Form::parse(form.get("filtres").as_bytes());
    let (mark, absent) = parse::mark(form.get("note"));
    let text = |name: &str| form.get(name).to_owned();
    let (dossier_id, exam, correction_reason) = (text("dossier"), text("epreuve"), text("motif"));
    let mut jury = visit.jury();
    let done = if absent {
        jury.record_absence(RecordAbsenceRequest { dossier_id, exam, correction_reason }).await
    } else {
        jury.record_mark(RecordMarkRequest { dossier_id, exam, mark, correction_reason }).await
    };
    let done = done.map(|reply| {
        let key = if reply.get_ref().eliminates { "mark-recorded-eliminates" } else { "mark-recorded" };
        visit.done(&format!("{PATH}?{}", filter.encoded()), key)
    });
    answer(&visit, done, |alert| show(&visit, &filter, &form, alert)).await
}

/// Label of an exam with its highest mark, for headings of a sheet.
pub fn heading(visit: &Visit, exam: &str) -> String {
    let orals = &visit.app.session.orals;
    let highest = orals.highest_hundredths / 100;
    format!("{} (/{highest})", exam_name(visit, exam))
}
