//! Panels and rooms of the school (R24).

use axum::response::IntoResponse as _;
use contracts::scheduling::{DefinePanelRequest, DefineRoomRequest, ListScheduleReply, WithdrawPanelRequest};
use maud::{Markup, html};

use super::{answer, exam_name, exam_of, exam_value, schedule_of};
use crate::{
    lists::List,
    ui::{self, Choice, Column, Field},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/oraux/jurys";

/// `GET /oraux/jurys`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

fn list(visit: &Visit, schedule: &ListScheduleReply) -> List {
    let t = visit.t;
    let rows = schedule
        .panels
        .iter()
        .map(|p| {
            let examiners = p.examiners.join(", ");
            vec![
                html! { (p.panel) },
                html! { (exam_name(visit, p.exam())) },
                html! { (examiners) },
                withdrawal(visit, &p.panel),
            ]
        })
        .collect();
    let columns = ["planner-panel", "planner-exam", "planner-examiners"].map(|key| Column::new(t.get(key)));
    List {
        name: format!("jurys-{}", visit.school()),
        caption: t.get("planner-panels"),
        empty: t.get("planner-no-panels"),
        columns: columns.into_iter().chain([Column::act(t.get("planner-withdraw"))]).collect(),
        rows,
    }
}

/// `GET /oraux/jurys.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    list(&visit, &schedule_of(&visit).await?).file(&visit).await
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let schedule = schedule_of(visit).await?;
    let exams = [contracts::scheduling::Exam::Interview, contracts::scheduling::Exam::English]
        .map(|e| Choice::new(exam_value(e), exam_name(visit, e)));
    let least = visit.app.session.orals.panel_members;
    let body = html! {
        (alert)
        (list(visit, &schedule).shown(visit, PATH))
        (ui::card(&t.get("planner-panel-define"), ui::form(visit, PATH, html! {
            (ui::hidden("geste", "jury"))
            (ui::field(visit, &Field { name: "nom", label: &t.get("planner-panel"), hint: &t.get("planner-panel-hint"), value: form.get("nom"), required: true, max: 120, ..Field::default() }))
            (ui::select(visit, &Field { name: "epreuve", label: &t.get("planner-exam"), value: form.get("epreuve"), required: true, ..Field::default() }, &exams))
            (ui::textarea(visit, &Field { name: "examinateurs", label: &t.get("planner-examiners"), hint: &t.with("planner-examiners-hint", [("least", least.into())]), value: form.get("examinateurs"), required: true, ..Field::default() }, 3))
            div class="actions" { (ui::button(&t.get("planner-panel-button"))) }
        })))
        (ui::card(&t.get("planner-rooms"), html! {
            @if schedule.rooms.is_empty() { p class="empty" { (t.get("planner-no-rooms")) } }
            ul { @for room in &schedule.rooms { li { (room) } } }
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "salle"))
                (ui::field(visit, &Field { name: "salle", label: &t.get("planner-room"), value: form.get("salle"), required: true, max: 120, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("planner-room-button"))) }
            }))
        }))
    };
    Ok(ui::page(visit, &t.get("nav-panels"), &[], body))
}

fn withdrawal(visit: &Visit, panel: &str) -> Markup {
    let label = format!("{} {panel}", visit.t.get("planner-withdraw"));
    ui::form(
        visit,
        PATH,
        html! {
            (ui::hidden("geste", "retirer"))
            (ui::hidden("retire", panel))
            button class="second" aria-label=(label) { (visit.t.get("planner-withdraw")) }
        },
    )
}

/// `POST /oraux/jurys`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut scheduling = visit.scheduling();
    let school = visit.school().to_owned();
    let done = match form.get("geste") {
        "jury" => {
            let examiners =
                form.get("examinateurs").lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
            let exam = exam_of(form.get("epreuve")).into();
            let asked = DefinePanelRequest { school, panel: form.get("nom").into(), exam, examiners };
            scheduling.define_panel(asked).await.map(|_| "panel-defined")
        }
        "salle" => {
            let asked = DefineRoomRequest { school, room: form.get("salle").into() };
            scheduling.define_room(asked).await.map(|_| "room-defined")
        }
        "retirer" => {
            let asked = WithdrawPanelRequest { school, panel: form.get("retire").into() };
            scheduling.withdraw_panel(asked).await.map(|_| "panel-withdrawn")
        }
        _ => return Err(Fault::BadRequest),
    };
    let done = done.map(|key| visit.done(PATH, key));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}
