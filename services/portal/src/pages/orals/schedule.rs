//! The schedule of the school: who sits when, who is not placed and why, and planning.

use axum::response::IntoResponse as _;
use contracts::scheduling::{
    Convocation, Exam, ListScheduleReply, PanelDay, PlanReply, PlanRequest, ScheduledCandidate, SetRemoteRequest, Slot,
};
use maud::{Markup, html};

use super::{answer, clock, day_name, embargo, grid, reasons, schedule_of};
use crate::{
    exports::{self, Export},
    lists::List,
    pages::names::Names,
    ui::{self, Choice, Column, Field, Kind, Tone},
    web::{Fault, Form, Page, Visit},
};

const PATH: &str = "/oraux";

/// `GET /oraux`
pub async fn page(visit: Visit) -> Page {
    Ok(show(&visit, &visit.held, html! {}, None).await?.into_response())
}

async fn show(visit: &Visit, form: &Form, alert: Markup, plan: Option<PlanReply>) -> Result<Markup, Fault> {
    let t = visit.t;
    let (schedule, names) = named(visit).await?;
    let placed = schedule.candidates.iter().filter(|c| c.convocation.is_some()).count();
    let mut days: Vec<&str> = schedule.grid.iter().map(|p| p.day.as_str()).collect();
    days.dedup();
    let body = html! {
        (alert)
        (embargo(visit, &schedule))
        (ui::facts(&[
            (t.get("planner-school"), html! { (visit.school_name(visit.school())) }),
            (t.get("planner-candidates"), html! { (schedule.candidates.len()) }),
            (t.get("planner-placed"), html! { (placed) }),
        ]))
        @if let Some(plan) = &plan { (report(visit, plan, &names)) }
        (ui::form(visit, PATH, html! {
            (ui::hidden("geste", "planifier"))
            p { (t.get("planner-plan-text")) }
            div class="actions" { (ui::button(&t.get("planner-plan-button"))) a href="/oraux/jurys" { (t.get("nav-panels")) } a href="/oraux/jours" { (t.get("nav-days")) } }
        }))
        (if_any(visit, &unplaced(visit, &schedule, &names), "/oraux/non-places"))
        (if_any(visit, &constraints(visit, &schedule, &names), "/oraux/contraintes"))
        @if !days.is_empty() { h2 { (t.get("planner-grid")) } }
        @for day in days {
            @let panels: Vec<&PanelDay> = schedule.grid.iter().filter(|p| p.day == day).collect();
            (grid::day(visit, day, &panels, &names))
        }
        (mover(visit))
        h2 { (t.get("planner-list")) }
        (list(visit, &schedule, &names))
        (exports::links(visit, "/oraux/planning"))
        (ui::card(&t.get("planner-remote-all"), remote(visit, form)))
    };
    Ok(ui::page(visit, &t.get("nav-schedule"), &["js/grid.js"], body))
}

/// Where `js/grid.js` asks why a slot that was dragged moves; it posts the form of the candidate's own page.
fn mover(visit: &Visit) -> Markup {
    let t = visit.t;
    html! {
        dialog id="deplacement" aria-labelledby="deplacement-titre" data-base="/oraux/candidats/" {
            h2 id="deplacement-titre" { (t.get("planner-move-title")) }
            p data-what {}
            (ui::form(visit, PATH, html! {
                (ui::hidden("geste", "deplacer"))
                (ui::hidden("epreuve", ""))
                (ui::hidden("place", ""))
                (ui::field(visit, &Field { name: "motif-glisse", label: &t.get("planner-reason"), required: true, max: 500, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("planner-move-button"))) button type="button" class="second" data-close { (t.get("cancel")) } }
            }))
        }
    }
}

/// What a plan came to, day by day.
fn report(visit: &Visit, plan: &PlanReply, names: &Names) -> Markup {
    let t = visit.t;
    let all = plan.placed == plan.candidates;
    let text = t.with(
        "planner-planned",
        [("placed", plan.placed.into()), ("all", plan.candidates.into()), ("kept", plan.kept.into())],
    );
    let rows: Vec<_> = plan
        .days
        .iter()
        .map(|d| {
            vec![
                html! { (day_name(visit, &d.day)) },
                html! { (d.free_interviews) },
                html! { (d.free_english) },
                html! { (d.interview_minutes_short) },
                html! { (d.english_minutes_short) },
                reasons(visit, &d.remarks),
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("planner-day")),
        Column::number(t.get("planner-free-interviews")),
        Column::number(t.get("planner-free-english")),
        Column::number(t.get("planner-short-interviews")),
        Column::number(t.get("planner-short-english")),
        Column::new(t.get("planner-remarks")),
    ];
    html! {
        (ui::alert(if all { Tone::Good } else { Tone::Warn }, &text, html! {
            @if !plan.unplaced_dossier_ids.is_empty() {
                p { (t.get("planner-not-placed")) }
                ul { @for id in &plan.unplaced_dossier_ids { li { (names.link(id, "/oraux/candidats")) } } }
            }
        }))
        (ui::table(&t.get("planner-capacity"), &columns, &rows, ""))
    }
}

fn unplaced(visit: &Visit, schedule: &ListScheduleReply, names: &Names) -> List {
    let t = visit.t;
    let rows = schedule
        .candidates
        .iter()
        .filter(|c| c.convocation.is_none())
        .map(|c| vec![names.link(&c.dossier_id, "/oraux/candidats"), reasons(visit, &c.missing)])
        .collect();
    List {
        name: format!("non-places-{}", visit.school()),
        caption: t.get("planner-not-placed"),
        empty: String::new(),
        columns: vec![Column::new(t.get("planner-candidate")), Column::new(t.get("planner-why"))],
        rows,
    }
}

/// A list that is no news while it is empty.
fn if_any(visit: &Visit, list: &List, path: &str) -> Markup {
    html! { @if !list.rows.is_empty() { (list.shown(visit, path)) } }
}

/// `GET /oraux/non-places.csv`, `.xlsx`
pub async fn unplaced_export(visit: Visit) -> Page {
    let (schedule, names) = named(&visit).await?;
    unplaced(&visit, &schedule, &names).file(&visit).await
}

/// `GET /oraux/contraintes.csv`, `.xlsx`
pub async fn constraints_export(visit: Visit) -> Page {
    let (schedule, names) = named(&visit).await?;
    constraints(&visit, &schedule, &names).file(&visit).await
}

async fn named(visit: &Visit) -> Result<(ListScheduleReply, Names), Fault> {
    let schedule = schedule_of(visit).await?;
    let names = Names::of(visit, schedule.candidates.iter().map(|c| c.dossier_id.as_str())).await?;
    Ok((schedule, names))
}

/// What candidates said their slot collides with (R25).
fn constraints(visit: &Visit, schedule: &ListScheduleReply, names: &Names) -> List {
    let t = visit.t;
    let rows = schedule
        .candidates
        .iter()
        .flat_map(|c| c.constraints.iter().map(move |said| (c, said)))
        .map(|(c, said)| {
            vec![names.link(&c.dossier_id, "/oraux/candidats"), html! { (said.reason) }, visit.time(said.stated_at)]
        })
        .collect();
    let columns = ["planner-candidate", "planner-constraint", "planner-stated"].map(|k| Column::new(t.get(k)));
    List {
        name: format!("contraintes-{}", visit.school()),
        caption: t.get("planner-constraints"),
        empty: String::new(),
        columns: columns.into(),
        rows,
    }
}

/// Who is placed, in the order of their day and interview.
fn placed(schedule: &ListScheduleReply) -> Vec<(&ScheduledCandidate, &Convocation)> {
    let mut placed: Vec<_> = schedule.candidates.iter().filter_map(|c| Some((c, c.convocation.as_ref()?))).collect();
    placed.sort_by_key(|(_, v)| (v.day.clone(), super::instant(v.interview.as_ref().and_then(|s| s.begins_at))));
    placed
}

/// `GET /oraux/planning.csv`, `.xlsx`
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let (schedule, names) = named(&visit).await?;
    let rows = placed(&schedule).into_iter().map(|(c, v)| {
        let slot = |slot: Option<&Slot>| exports::instant(&visit, slot.and_then(|s| s.begins_at));
        let room = |slot: Option<&Slot>| slot.map(|s| s.room.clone()).unwrap_or_default();
        vec![
            names.get(&c.dossier_id).map_or(0, |name| name.number).into(),
            names.name(&c.dossier_id).into(),
            slot(v.interview.as_ref()),
            c.interview_panel.as_str().into(),
            room(v.interview.as_ref()).into(),
            slot(v.english.as_ref()),
            c.english_panel.as_str().into(),
            room(v.english.as_ref()).into(),
            v.link.as_str().into(),
        ]
    });
    let (interview, english) = (super::exam_name(&visit, Exam::Interview), super::exam_name(&visit, Exam::English));
    let (panel, room) = (t.get("planner-panel"), t.get("planner-room"));
    let columns = vec![
        t.get("planner-number"),
        t.get("planner-candidate"),
        interview.to_owned(),
        panel.clone(),
        room.clone(),
        english.to_owned(),
        panel,
        room,
        t.get("planner-link"),
    ];
    exports::answer(&visit, Export { name: "planning".into(), columns, rows: rows.collect() }).await
}

fn list(visit: &Visit, schedule: &ListScheduleReply, names: &Names) -> Markup {
    let t = visit.t;
    let rows: Vec<_> = placed(schedule)
        .iter()
        .map(|(c, v)| {
            let (interview, english) = (v.interview.clone().unwrap_or_default(), v.english.clone().unwrap_or_default());
            vec![
                names.link(&c.dossier_id, "/oraux/candidats"),
                html! { (day_name(visit, &v.day)) },
                html! { (clock(visit, interview.begins_at)) " · " (c.interview_panel) },
                html! { (clock(visit, english.begins_at)) " · " (c.english_panel) },
                html! { @if v.remote { (ui::badge(Tone::Info, &t.get("planner-remote"))) } },
            ]
        })
        .collect();
    let columns = [
        Column::new(t.get("planner-candidate")),
        Column::new(t.get("planner-day")),
        Column::new(super::exam_name(visit, Exam::Interview)),
        Column::new(super::exam_name(visit, Exam::English)),
        Column::new(t.get("planner-where")),
    ];
    ui::table(&t.get("planner-list"), &columns, &rows, &t.get("planner-nobody"))
}

/// Everyone of the school at a distance, or not any more.
fn remote(visit: &Visit, form: &Form) -> Markup {
    let t = visit.t;
    let sides = [Choice::new("oui", t.get("planner-at-distance")), Choice::new("non", t.get("planner-on-site"))];
    html! {
        p { (t.get("planner-remote-text")) }
        (ui::form(visit, PATH, html! {
            (ui::hidden("geste", "distance"))
            (ui::radios(visit, &Field { name: "distance", label: &t.get("planner-where"), value: form.get("distance"), required: true, ..Field::default() }, &sides))
            (ui::field(visit, &Field { name: "lien", label: &t.get("planner-link"), hint: &t.get("planner-link-hint"), value: form.get("lien"), kind: Kind::Url, max: 500, ..Field::default() }))
            div class="actions" { (ui::button(&t.get("planner-remote-button"))) }
        }))
    }
}

/// `POST /oraux`
pub async fn post(visit: Visit, form: Form) -> Page {
    let mut scheduling = visit.scheduling();
    let school = visit.school().to_owned();
    match form.get("geste") {
        "planifier" => match scheduling.plan(PlanRequest { school }).await {
            Ok(plan) => Ok(show(&visit, &form, html! {}, Some(plan.into_inner())).await?.into_response()),
            Err(status) => answer(&visit, Err(status), |alert| show(&visit, &form, alert, None)).await,
        },
        "distance" => {
            let remote = form.get("distance") == "oui";
            let link = if remote { form.get("lien").to_owned() } else { String::new() };
            let asked = SetRemoteRequest { school, dossier_id: String::new(), remote, link };
            let done = scheduling.set_remote(asked).await.map(|_| visit.done(PATH, "remote-set"));
            answer(&visit, done, |alert| show(&visit, &form, alert, None)).await
        }
        _ => Err(Fault::BadRequest),
    }
}
