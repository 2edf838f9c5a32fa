//! Hours of the school's days (Tableau 2, R24).

use axum::response::IntoResponse as _;
use contracts::scheduling::{DayView, DefineDayRequest, Hours};
use maud::{Markup, html};

use super::{answer, day_name, schedule_of};
use crate::{
    ui::{self, Field},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/oraux/jours";

/// `GET /oraux/jours`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let schedule = schedule_of(visit).await?;
    let body = html! {
        (alert)
        p class="lead" { (t.get("planner-days-lead")) }
        @for day in &schedule.days { (one(visit, form, day)) }
    };
    Ok(ui::page(visit, &t.get("nav-days"), &[], body))
}

fn text(hours: Option<&Hours>) -> String {
    hours.map(|h| format!("{}-{}", h.from, h.to)).unwrap_or_default()
}

/// "08:30-18:00"; what is no such pair is passed on as it is, to be refused as that.
fn hours(text: &str) -> Option<Hours> {
    let text = text.trim();
    let (from, to) = text.split_once(['-', '–']).unwrap_or((text, ""));
    (!text.is_empty()).then(|| Hours { from: from.trim().into(), to: to.trim().into() })
}

fn one(visit: &Visit, form: &Form, day: &DayView) -> Markup {
    let t = visit.t;
    let typed = form.get("jour") == day.day;
    // Every day has its own form on this page: names end with the day, so that ids differ.
    let name = |what: &str| format!("{what}-{}", day.day);
    let value = |what: &str, stored: String| if typed { form.get(&name(what)).to_owned() } else { stored };
    let breaks: Vec<String> = day.breaks.iter().map(|b| text(Some(b))).collect();
    ui::card(
        &day_name(visit, &day.day),
        ui::form(
            visit,
            PATH,
            html! {
                @if day.hours.is_none() { p { (ui::badge(ui::Tone::Warn, &t.get("planner-no-hours"))) } }
                (ui::hidden("jour", &day.day))
                (ui::field(visit, &Field { name: &name("heures"), label: &t.get("planner-hours"), hint: &t.get("planner-hours-hint"), value: &value("heures", text(day.hours.as_ref())), required: true, max: 13, ..Field::default() }))
                (ui::field(visit, &Field { name: &name("dejeuner"), label: &t.get("planner-lunch"), value: &value("dejeuner", text(day.lunch.as_ref())), required: true, max: 13, ..Field::default() }))
                (ui::field(visit, &Field { name: &name("pauses"), label: &t.get("planner-breaks"), hint: &t.get("planner-breaks-hint"), value: &value("pauses", breaks.join(" ; ")), max: 200, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("planner-day-button"))) }
            },
        ),
    )
}

/// `POST /oraux/jours`
pub async fn post(visit: Visit, form: Form) -> Page {
    let day = form.get("jour").to_owned();
    let typed = |what: &str| form.get(&format!("{what}-{day}")).to_owned();
    let asked = DefineDayRequest {
        school: visit.school().to_owned(),
        hours: hours(&typed("heures")),
        lunch: hours(&typed("dejeuner")),
        breaks: typed("pauses").split(';').filter_map(hours).collect(),
        day: day.clone(),
    };
    let done = visit.scheduling().define_day(asked).await.map(|_| visit.done(PATH, "day-defined"));
    answer(&visit, done, |alert| show(&visit, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_typed_as_a_span() {
        let span = |from: &str, to: &str| Some(Hours { from: from.into(), to: to.into() });
        assert_eq!(hours(" 08:30 - 18:00 "), span("08:30", "18:00"));
        assert_eq!(hours("08:30–18:00"), span("08:30", "18:00"));
        assert_eq!((hours("matin"), hours(" ")), (span("matin", ""), None));
        assert_eq!(text(hours("08:30-18:00").as_ref()), "08:30-18:00");
    }
}
