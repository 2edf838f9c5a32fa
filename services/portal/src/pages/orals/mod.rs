//! The pages of a school's planner of the orals (R24, R25).

mod absences;
mod candidate;
mod days;
mod grid;
mod panels;
mod schedule;

use axum::{
    response::{IntoResponse as _, Response},
    routing::get,
};
use contracts::{
    machinery::Reason,
    roles,
    scheduling::{Exam, ListScheduleReply, ListScheduleRequest},
};
use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use platform::refusal::Refusal;
use tonic::Status;

use crate::web::{Audience, Fault, Page, Routes, Visit};

const PLANNER: Audience = Audience::Roles(&[roles::PLANNER]);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(PLANNER, "/oraux", "GET POST", get(schedule::page).post(schedule::post))
        .on(PLANNER, "/oraux/planning.csv", "GET", get(schedule::export))
        .on(PLANNER, "/oraux/planning.xlsx", "GET", get(schedule::export))
        .on(PLANNER, "/oraux/non-places.csv", "GET", get(schedule::unplaced_export))
        .on(PLANNER, "/oraux/non-places.xlsx", "GET", get(schedule::unplaced_export))
        .on(PLANNER, "/oraux/contraintes.csv", "GET", get(schedule::constraints_export))
        .on(PLANNER, "/oraux/contraintes.xlsx", "GET", get(schedule::constraints_export))
        .on(PLANNER, "/oraux/jurys.csv", "GET", get(panels::export))
        .on(PLANNER, "/oraux/jurys.xlsx", "GET", get(panels::export))
        .on(PLANNER, "/oraux/absences.csv", "GET", get(absences::export))
        .on(PLANNER, "/oraux/absences.xlsx", "GET", get(absences::export))
        .on(PLANNER, "/oraux/candidats/{id}", "GET POST", get(candidate::page).post(candidate::post))
        .on(PLANNER, "/oraux/jurys", "GET POST", get(panels::page).post(panels::post))
        .on(PLANNER, "/oraux/jours", "GET POST", get(days::page).post(days::post))
        .on(PLANNER, "/oraux/absences", "GET POST", get(absences::page).post(absences::post))
}

/// The schedule of the planner's school.
async fn schedule_of(visit: &Visit) -> Result<ListScheduleReply, Fault> {
    let asked = ListScheduleRequest { school: visit.school().to_owned() };
    Ok(visit.scheduling().list_schedule(asked).await?.into_inner())
}

/// Who is convened gives the admissibility away (R19): said as long as it holds.
fn embargo(visit: &Visit, schedule: &ListScheduleReply) -> Markup {
    html! { @if schedule.embargoed { div class="embargo" { (visit.t.get("planner-embargo")) } } }
}

/// Label of an exam.
fn exam_name(visit: &Visit, exam: Exam) -> &str {
    let orals = &visit.app.session.orals;
    visit.t.label(if exam == Exam::English { &orals.english.label } else { &orals.interview.label })
}

/// An exam by its value in forms and addresses.
fn exam_of(value: &str) -> Exam {
    if value == "anglais" { Exam::English } else { Exam::Interview }
}

const fn exam_value(exam: Exam) -> &'static str {
    match exam {
        Exam::English => "anglais",
        _ => "entretien",
    }
}

fn instant(at: Option<contracts::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::try_from(at).ok())
}

/// The time of day at the school.
fn clock(visit: &Visit, at: Option<contracts::Timestamp>) -> String {
    instant(at).map(|at| visit.t.time(at, &visit.app.session.zone)).unwrap_or_default()
}

/// A day in words.
fn day_name(visit: &Visit, day: &str) -> String {
    day.parse::<Date>().map_or_else(|_| day.to_owned(), |date| visit.t.date(date))
}

/// What is missing or in the way, one line each.
fn reasons(visit: &Visit, all: &[Reason]) -> Markup {
    html! { ul class="plain" { @for reason in all { li { (visit.reason(reason, str::to_owned)) } } } }
}

/// On, or the same page again with what was refused, and each rule it breaks, on top.
async fn answer<F>(visit: &Visit, done: Result<Response, Status>, again: impl FnOnce(Markup) -> F) -> Page
where
    F: Future<Output = Result<Markup, Fault>>,
{
    let status = match done {
        Ok(response) => return Ok(response),
        Err(status) => status,
    };
    let broken = Refusal::from_status(&status).map(|r| visit.because(&r, str::to_owned)).unwrap_or_default();
    let alert = html! {
        (visit.refused(&status)?)
        @if !broken.is_empty() { ul { @for why in &broken { li { (why) } } } }
    };
    Ok(again(alert).await?.into_response())
}
