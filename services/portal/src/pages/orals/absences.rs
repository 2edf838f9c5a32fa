//! When examiners cannot sit, and which exams that makes impossible (R24).

use axum::response::IntoResponse as _;
use contracts::scheduling::{
    AbsenceView, AffectedExam, ListScheduleReply, RecordExaminerAbsenceRequest, WithdrawExaminerAbsenceRequest,
};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{answer, embargo, exam_name, instant, schedule_of};
use crate::{
    domain::typed,
    lists::List,
    pages::names::Names,
    ui::{self, Choice, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/oraux/absences";

/// `GET /oraux/absences`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

fn list(visit: &Visit, schedule: &ListScheduleReply) -> List {
    let t = visit.t;
    let rows = schedule
        .absences
        .iter()
        .map(|a| {
            let reason = if a.elsewhere { t.get("planner-elsewhere") } else { a.reason.clone() };
            vec![
                html! { (a.examiner) },
                visit.time(a.from),
                visit.time(a.to),
                html! { (reason) },
                html! { @if a.own { (withdrawal(visit, a)) } },
            ]
        })
        .collect();
    let columns = ["planner-examiner", "planner-from", "planner-to", "planner-reason"].map(|k| Column::new(t.get(k)));
    List {
        name: format!("absences-{}", visit.school()),
        caption: t.get("nav-absences"),
        empty: t.get("planner-no-absences"),
        columns: columns.into_iter().chain([Column::act(t.get("planner-withdraw"))]).collect(),
        rows,
    }
}

/// `GET /oraux/absences.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &schedule_of(&visit).await?).file(&visit).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let schedule = schedule_of(visit).await?;
    let mut examiners: Vec<&str> = schedule.panels.iter().flat_map(|p| &p.examiners).map(String::as_str).collect();
    examiners.sort_unstable();
    examiners.dedup();
    let choices: Vec<_> = examiners.iter().map(|e| Choice::new(e, *e)).collect();
    let body = html! {
        (alert)
        (embargo(visit, &schedule))
        (list(visit, &schedule).shown(visit, PATH))
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

/// A button that takes an absence back. It says which, for whoever hears the buttons one after the other.
fn withdrawal(visit: &Visit, a: &AbsenceView) -> Markup {
    let at = |at: Option<contracts::Timestamp>| instant(at).map(|at| at.to_string()).unwrap_or_default();
    let label = format!("{} {}, {}", visit.t.get("planner-withdraw"), a.examiner, visit.instant(a.from));
    ui::form(
        visit,
        PATH,
        html! {
            (ui::hidden("geste", "retirer"))
            (ui::hidden("examinateur", &a.examiner))
            (ui::hidden("debut", &at(a.from)))
            (ui::hidden("fin", &at(a.to)))
            button class="second" aria-label=(label) { (visit.t.get("planner-withdraw")) }
        },
    )
}

/// `POST /oraux/absences`: says at once which exams have to be placed again.
pub async fn post(visit: Visit, form: Form) -> Page {
    if form.get("geste") == "retirer" {
        return withdraw(visit, form).await;
    }
    let zone = &visit.app.session.zone;
    let at = |name: &str| typed::instant(form.get(name), zone).map(contracts::Timestamp::from);
    let asked = RecordExaminerAbsenceRequest {
        school: visit.school().to_owned(),
        examiner: form.get("examinateur").to_owned(),
        from: at("debut"),
        to: at("fin"),
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

/// An absence withdrawn already is withdrawn: the list shows it.
async fn withdraw(visit: Visit, form: Form) -> Page {
    let at = |name: &str| form.get(name).parse::<Timestamp>().ok().map(contracts::Timestamp::from);
    let asked = WithdrawExaminerAbsenceRequest {
        school: visit.school().to_owned(),
        examiner: form.get("examinateur").to_owned(),
        from: at("debut"),
        to: at("fin"),
    };
    let done = visit.scheduling().withdraw_examiner_absence(asked).await;
    let done = done.map(|_| visit.done(PATH, "absence-withdrawn"));
    let empty = Form::default();
    answer(&visit, done, |alert| show(&visit, &empty, alert)).await
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
