//! When examiners cannot sit, and which exams that makes impossible (R24).

use axum::response::IntoResponse as _;
use contracts::scheduling::{AffectedExam, RecordExaminerAbsenceRequest};
use jiff::civil::DateTime;
use maud::{Markup, html};

use super::{answer, embargo, exam_name, schedule_of};
use crate::{
    pages::names::Names,
    ui::{self, Choice, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/oraux/absences";

/// `GET /oraux/absences`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let schedule = schedule_of(visit).await?;
    let rows: Vec<_> = schedule
        .absences
        .iter()
        .map(|a| {
            let reason = if a.elsewhere { t.get("planner-elsewhere") } else { a.reason.clone() };
            vec![
                html! { (a.examiner) },
                html! { (visit.instant(a.from)) },
                html! { (visit.instant(a.to)) },
                html! { (reason) },
            ]
        })
        .collect();
    let columns = ["planner-examiner", "planner-from", "planner-to", "planner-reason"].map(|k| Column::new(t.get(k)));
    let mut examiners: Vec<&str> = schedule.panels.iter().flat_map(|p| &p.examiners).map(String::as_str).collect();
    examiners.sort_unstable();
    examiners.dedup();
    let choices: Vec<_> = examiners.iter().map(|e| Choice::new(e, *e)).collect();
    let body = html! {
        (alert)
        (embargo(visit, &schedule))
        (ui::table(&t.get("nav-absences"), &columns, &rows, &t.get("planner-no-absences")))
        (ui::card(&t.get("planner-absence-record"), html! {
            @if choices.is_empty() { p class="empty" { (t.get("planner-no-panels")) } }
            @else { (ui::form(visit, PATH, html! {
                (ui::select(visit, &Field { name: "examinateur", label: &t.get("planner-examiner"), value: form.get("examinateur"), required: true, ..Field::default() }, &choices))
                (ui::field(visit, &Field { name: "debut", label: &t.get("planner-from"), value: form.get("debut"), kind: Kind::DateTime, required: true, ..Field::default() }))
                (ui::field(visit, &Field { name: "fin", label: &t.get("planner-to"), value: form.get("fin"), kind: Kind::DateTime, required: true, ..Field::default() }))
                (ui::field(visit, &Field { name: "motif", label: &t.get("planner-reason"), value: form.get("motif"), required: true, max: 500, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("planner-absence-button"))) }
            })) }
        }))
    };
    Ok(ui::page(visit, &t.get("nav-absences"), &[], body))
}

/// An instant typed as wall-clock time at the school.
fn typed(visit: &Visit, text: &str) -> Option<contracts::Timestamp> {
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(visit.app.session.zone.clone()).ok()?.timestamp().into())
}

/// `POST /oraux/absences`: says at once which exams have to be placed again.
pub async fn post(visit: Visit, form: Form) -> Page {
    let asked = RecordExaminerAbsenceRequest {
        school: visit.school().to_owned(),
        examiner: form.get("examinateur").to_owned(),
        from: typed(&visit, form.get("debut")),
        to: typed(&visit, form.get("fin")),
        reason: form.get("motif").to_owned(),
    };
    match visit.scheduling().record_examiner_absence(asked).await {
        Ok(reply) => {
            let affected = reply.into_inner().affected;
            let alert = affected_exams(&visit, &affected).await?;
            Ok(show(&visit, &Form::default(), alert).await?.into_response())
        }
        Err(status) => answer(&visit, Err(status), |alert| show(&visit, &form, alert)).await,
    }
}

async fn affected_exams(visit: &Visit, affected: &[AffectedExam]) -> Result<Markup, Fault> {
    let t = visit.t;
    if affected.is_empty() {
        return Ok(ui::alert(
            Tone::Good,
            &t.get("planner-absence-recorded"),
            html! { p { (t.get("planner-nothing-affected")) } },
        ));
    }
    let names = Names::of(visit, affected.iter().map(|a| a.dossier_id.as_str())).await?;
    Ok(ui::alert(
        Tone::Warn,
        &t.get("planner-absence-recorded"),
        html! {
            p { (t.get("planner-affected")) " " a href="/oraux" { (t.get("nav-schedule")) } }
            ul { @for a in affected { li {
                (names.link(&a.dossier_id, "/oraux/candidats")) " – " (exam_name(visit, a.exam())) ", " (visit.instant(a.begins_at))
            } } }
        },
    ))
}
