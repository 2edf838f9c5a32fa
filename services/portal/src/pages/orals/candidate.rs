//! One candidate's slots: what they said, where they could go, at a distance or not.

use axum::{extract::Query, response::IntoResponse as _};
use contracts::scheduling::{
    Convocation, Exam, ImpossibleSlot, ListPossibleSlotsRequest, MoveSlotRequest, PossibleSlot, ScheduledCandidate,
    SetRemoteRequest,
};
use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{answer, clock, day_name, embargo, exam_name, exam_of, exam_value, instant, reasons, schedule_of};
use crate::{
    pages::names::Names,
    ui::{self, Choice, Column, Field, Kind},
    web::{Fault, Form, Page, Path, Visit},
};

/// `GET /oraux/candidats/{id}`
pub async fn page(visit: Visit, Path(id): Path<Uuid>, Query(query): Query<Vec<(String, String)>>) -> Page {
    Ok(show(&visit, id, &Form::of(query), &visit.held, html! {}).await?.into_response())
}

async fn show(visit: &Visit, id: Uuid, query: &Form, form: &Form, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let id = id.to_string();
    let (schedule, names) = tokio::try_join!(schedule_of(visit), Names::of(visit, [id.as_str()]))?;
    let candidate = schedule.candidates.iter().find(|c| c.dossier_id == id).ok_or(Fault::NotFound)?;
    let body = html! {
        (alert)
        (embargo(visit, &schedule))
        (now(visit, candidate))
        @if let Some(convocation) = &candidate.convocation {
            (ui::card(&t.get("planner-move-title"), moving(visit, candidate, query, form).await?))
            (ui::card(&t.get("planner-remote-one"), remote(visit, &id, form, convocation)))
        } @else {
            (ui::card(&t.get("planner-not-placed"), reasons(visit, &candidate.missing)))
            (ui::card(&t.get("planner-place-title"), moving(visit, candidate, query, form).await?))
        }
        p { a href="/oraux" { (t.get("planner-back")) } }
    };
    Ok(ui::page(visit, &names.full(&id), &[], body))
}

fn now(visit: &Visit, c: &ScheduledCandidate) -> Markup {
    let t = visit.t;
    let Some(v) = &c.convocation else { return html! {} };
    let slot = |exam: Exam, slot: Option<&contracts::scheduling::Slot>, panel: &str| {
        let begins = slot.and_then(|s| s.begins_at);
        (exam_name(visit, exam).to_owned(), html! { (clock(visit, begins)) " · " (panel) })
    };
    html! {
        (ui::facts(&[
            (t.get("planner-day"), html! { (day_name(visit, &v.day)) }),
            slot(Exam::Interview, v.interview.as_ref(), &c.interview_panel),
            slot(Exam::English, v.english.as_ref(), &c.english_panel),
            (t.get("planner-where"), html! { @if v.remote { a href=(v.link) rel="noopener" { (v.link) } } @else { (v.address) } }),
        ]))
        @if !c.constraints.is_empty() { (ui::card(&t.get("planner-constraints"), html! { ul { @for said in &c.constraints {
            li { (said.reason) " (" (visit.instant(said.stated_at)) ")" }
        } } })) }
    }
}

/// Everything a slot needs to be moved to, in one value of a form.
fn value(slot: &PossibleSlot) -> String {
    let at = |at: Option<contracts::Timestamp>| instant(at).map(|at| at.to_string()).unwrap_or_default();
    Form::of([
        ("a", at(slot.begins_at)),
        ("jury", slot.panel.clone()),
        ("salle", slot.room.clone()),
        ("autre", at(slot.other_begins_at)),
        ("autre-jury", slot.other_panel.clone()),
        ("autre-salle", slot.other_room.clone()),
    ])
    .encoded()
}

/// The move that a value of [`value`] asks for.
fn order(id: String, exam: Exam, value: &str, reason: &str) -> MoveSlotRequest {
    let place = Form::parse(value.as_bytes());
    let text = |name: &str| place.get(name).to_owned();
    let at = |name: &str| place.get(name).parse::<Timestamp>().ok().map(contracts::Timestamp::from);
    MoveSlotRequest {
        dossier_id: id,
        exam: exam.into(),
        begins_at: at("a"),
        panel: text("jury"),
        room: text("salle"),
        reason: reason.to_owned(),
        other_begins_at: at("autre"),
        other_panel: text("autre-jury"),
        other_room: text("autre-salle"),
    }
}

/// Which exam, which day, then one of the slots that every rule allows; below, what is in the way of the others. For who
/// has no slot yet, each slot comes with a place for the other exam.
async fn moving(visit: &Visit, candidate: &ScheduledCandidate, query: &Form, form: &Form) -> Result<Markup, Fault> {
    let t = visit.t;
    let id = candidate.dossier_id.as_str();
    let button = if candidate.convocation.is_some() { "planner-move-button" } else { "planner-place-button" };
    let exam = exam_of(query.get("epreuve"));
    let path = format!("/oraux/candidats/{id}");
    let asked = ListPossibleSlotsRequest { dossier_id: id.into(), exam: exam.into(), day: query.get("jour").into() };
    let possible = visit.scheduling().list_possible_slots(asked).await?.into_inner();
    let values: Vec<_> = possible.slots.iter().map(|s| (value(s), label(visit, s))).collect();
    let choices: Vec<_> = values.iter().map(|(value, label)| Choice::new(value, label.as_str())).collect();
    let exams = [Exam::Interview, Exam::English].map(|e| Choice::new(exam_value(e), exam_name(visit, e)));
    let session_days = visit.app.session.oral_days(visit.school());
    let all: Vec<String> = session_days.iter().map(ToString::to_string).collect();
    let days: Vec<_> = std::iter::once(Choice::new("", t.get("planner-every-day")))
        .chain(all.iter().map(|day| Choice::new(day, day_name(visit, day))))
        .collect();
    Ok(html! {
        form method="get" action=(path) {
            div class="grid" {
                (ui::select(visit, &Field { name: "epreuve", label: &t.get("planner-exam"), value: exam_value(exam), ..Field::default() }, &exams))
                (ui::select(visit, &Field { name: "jour", label: &t.get("planner-day"), value: query.get("jour"), ..Field::default() }, &days))
            }
            div class="actions" { button class="second" { (t.get("planner-show-slots")) } }
        }
        @if possible.more { p class="hint" { (t.get("planner-more-slots")) } }
        @if choices.is_empty() { p class="empty" { (t.get("planner-no-slots")) } }
        @else {
            (ui::form(visit, &path, html! {
                (ui::hidden("geste", "deplacer"))
                (ui::hidden("epreuve", exam_value(exam)))
                (ui::select(visit, &Field { name: "place", label: &t.get("planner-slot"), value: form.get("place"), required: true, ..Field::default() }, &choices))
                (ui::field(visit, &Field { name: "motif", label: &t.get("planner-reason"), value: reason(form), required: true, max: 500, ..Field::default() }))
                div class="actions" { (ui::button(&t.get(button))) }
            }))
        }
        @if !possible.remarks.is_empty() { (reasons(visit, &possible.remarks)) }
        @if !possible.impossible.is_empty() {
            details open[choices.is_empty()] {
                summary { (t.get("planner-impossible")) }
                (impossible(visit, &possible.impossible))
            }
        }
    })
}

fn impossible(visit: &Visit, all: &[ImpossibleSlot]) -> Markup {
    let t = visit.t;
    let row = |s: &ImpossibleSlot| {
        let hours =
            html! { (day_name(visit, &s.day)) ", " (clock(visit, s.begins_at)) " – " (clock(visit, s.ends_at)) };
        vec![hours, html! { (s.panel) }, reasons(visit, &s.why)]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let columns = ["planner-time", "planner-panel-short", "planner-why-not"].map(|key| Column::new(t.get(key)));
    ui::table(&t.get("planner-impossible"), &columns, &rows, "")
}

/// Typed here, or in the dialog after a drag.
fn reason(form: &Form) -> &str {
    if form.get("motif").is_empty() { form.get("motif-glisse") } else { form.get("motif") }
}

fn label(visit: &Visit, s: &PossibleSlot) -> String {
    let t = visit.t;
    let room = if s.room.is_empty() { String::new() } else { format!(", {}", s.room) };
    let first = format!("{}, {} – {}{room}", day_name(visit, &s.day), clock(visit, s.begins_at), s.panel);
    if s.other_begins_at.is_none() {
        return first;
    }
    let other = format!("{} – {}", clock(visit, s.other_begins_at), s.other_panel);
    t.with("planner-with-other", [("slot", first.into()), ("other", other.into())])
}

fn remote(visit: &Visit, id: &str, form: &Form, convocation: &Convocation) -> Markup {
    let t = visit.t;
    let typed = form.get("geste") == "distance";
    let now = if convocation.remote { "oui" } else { "non" };
    let sides = [Choice::new("oui", t.get("planner-at-distance")), Choice::new("non", t.get("planner-on-site"))];
    ui::form(
        visit,
        &format!("/oraux/candidats/{id}"),
        html! {
            (ui::hidden("geste", "distance"))
            (ui::radios(visit, &Field { name: "distance", label: &t.get("planner-where"), value: if typed { form.get("distance") } else { now }, required: true, ..Field::default() }, &sides))
            (ui::field(visit, &Field { name: "lien", label: &t.get("planner-link"), hint: &t.get("planner-link-hint"), value: if typed { form.get("lien") } else { &convocation.link }, kind: Kind::Url, max: 500, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("planner-remote-button"))) }
        },
    )
}

/// `POST /oraux/candidats/{id}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let mut scheduling = visit.scheduling();
    let path = format!("/oraux/candidats/{id}");
    let done = match form.get("geste") {
        "deplacer" => {
            let asked = order(id.to_string(), exam_of(form.get("epreuve")), form.get("place"), reason(&form));
            scheduling.move_slot(asked).await.map(|_| visit.done(&path, "slot-moved"))
        }
        "distance" => {
            let remote = form.get("distance") == "oui";
            let link = if remote { form.get("lien").to_owned() } else { String::new() };
            let school = visit.school().to_owned();
            let asked = SetRemoteRequest { school, dossier_id: id.to_string(), remote, link };
            scheduling.set_remote(asked).await.map(|_| visit.done(&path, "remote-set"))
        }
        _ => return Err(Fault::BadRequest),
    };
    let query = Form::of([("epreuve", form.get("epreuve"))]);
    answer(&visit, done, |alert| show(&visit, id, &query, &form, alert)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_slot_comes_back_whole() {
        let at: Timestamp = "2026-05-18T07:00:00Z".parse().unwrap();
        let slot = PossibleSlot {
            begins_at: Some(at.into()),
            panel: "Jury A & B".into(),
            room: "Salle 1".into(),
            other_begins_at: Some(at.into()),
            other_panel: "Anglais".into(),
            ..PossibleSlot::default()
        };
        let order = order("id".into(), Exam::English, &value(&slot), "Pourquoi");
        assert_eq!((order.begins_at, order.other_begins_at), (Some(at.into()), Some(at.into())));
        assert_eq!(
            (order.panel.as_str(), order.room.as_str(), order.other_room.as_str()),
            ("Jury A & B", "Salle 1", "")
        );
        assert_eq!((order.exam(), order.reason.as_str()), (Exam::English, "Pourquoi"));
    }
}
