//! The schedule of the school's orals, once the results are out (R19, R24).

use std::collections::BTreeMap;

use axum::response::IntoResponse as _;
use contracts::scheduling::{Convocation, ListScheduleReply, ListScheduleRequest, ScheduledCandidate, Slot};
use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use platform::refusal::Refusal;

use crate::{
    exports::{self, Export},
    pages::names::Names,
    ui::{self, Column, Tone},
    web::{Fault, Page, Visit},
};

const PAGE: &str = "/ecole/oraux";

/// The schedule; nothing before the admissibility results.
async fn schedule(visit: &Visit) -> Result<Option<(ListScheduleReply, Names)>, Fault> {
    let asked = ListScheduleRequest { school: visit.school().to_owned() };
    match visit.scheduling().list_schedule(asked).await {
        Ok(listed) => {
            let listed = listed.into_inner();
            let names = Names::of(visit, listed.candidates.iter().map(|c| c.dossier_id.as_str())).await?;
            Ok(Some((listed, names)))
        }
        Err(status) if Refusal::from_status(&status).is_some_and(|r| r.reason == "NOT_PUBLISHED") => Ok(None),
        Err(status) => Err(status.into()),
    }
}

fn begins(slot: Option<&Slot>) -> Option<Timestamp> {
    slot.and_then(|s| s.begins_at).and_then(|at| Timestamp::try_from(at).ok())
}

/// Candidates of each day, by their first exam; those not placed stand under no day.
fn by_day(candidates: &[ScheduledCandidate]) -> BTreeMap<&str, Vec<&ScheduledCandidate>> {
    let mut days: BTreeMap<&str, Vec<&ScheduledCandidate>> = BTreeMap::new();
    for c in candidates {
        days.entry(c.convocation.as_ref().map_or("", |v| v.day.as_str())).or_default().push(c);
    }
    let first = |c: &ScheduledCandidate| {
        let v = c.convocation.as_ref();
        let exams = [begins(v.and_then(|v| v.interview.as_ref())), begins(v.and_then(|v| v.english.as_ref()))];
        exams.into_iter().flatten().min()
    };
    days.values_mut().for_each(|list| list.sort_by_key(|c| first(c)));
    days
}

/// `GET /ecole/oraux`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let body = match schedule(&visit).await? {
        None => ui::alert(Tone::Info, &t.get("orals-not-yet"), html! { p { (t.get("orals-not-yet-text")) } }),
        Some((listed, names)) => html! {
            (exports::links(&visit, PAGE))
            @for (day, candidates) in by_day(&listed.candidates) { (table(&visit, day, &candidates, &names)) }
            @if listed.candidates.is_empty() { p class="empty" { (t.get("orals-none")) } }
        },
    };
    Ok(ui::page(&visit, &t.get("nav-orals"), &[], body).into_response())
}

fn table(visit: &Visit, day: &str, candidates: &[&ScheduledCandidate], names: &Names) -> Markup {
    let t = visit.t;
    let caption = match day.parse::<Date>() {
        Ok(date) => t.date(date),
        Err(_) => t.get("orals-not-placed"),
    };
    let columns =
        ["queue-candidate", "orals-interview", "orals-english", "orals-where"].map(|key| Column::new(t.get(key)));
    let rows: Vec<_> = candidates
        .iter()
        .map(|c| {
            let none = Convocation::default();
            let v = c.convocation.as_ref().unwrap_or(&none);
            vec![
                html! { a href={ "/ecole/dossiers/" (c.dossier_id) } { (names.full(&c.dossier_id)) } },
                slot(visit, v.interview.as_ref(), &c.interview_panel),
                slot(visit, v.english.as_ref(), &c.english_panel),
                html! { @if v.remote { (t.get("orals-remote")) } @else { (v.address) } },
            ]
        })
        .collect();
    ui::table(&caption, &columns, &rows, "")
}

fn slot(visit: &Visit, slot: Option<&Slot>, panel: &str) -> Markup {
    let time = begins(slot).map(|at| visit.t.time(at, &visit.app.session.zone)).unwrap_or_default();
    let room = slot.map(|s| s.room.as_str()).unwrap_or_default();
    html! { (time) @if !panel.is_empty() { " – " (panel) } @if !room.is_empty() { " – " (room) } }
}

/// The same as a file.
pub async fn export(visit: Visit) -> Page {
    let t = visit.t;
    let (listed, names) = schedule(&visit).await?.ok_or(Fault::NotFound)?;
    let days = by_day(&listed.candidates);
    let rows = days.iter().flat_map(|(day, list)| list.iter().map(move |c| (*day, *c))).map(|(day, c)| {
        let n = names.get(&c.dossier_id).cloned().unwrap_or_default();
        let none = Convocation::default();
        let v = c.convocation.as_ref().unwrap_or(&none);
        let at = |slot: &Option<Slot>| exports::instant(&visit, slot.as_ref().and_then(|s| s.begins_at));
        let room = |slot: &Option<Slot>| slot.as_ref().map(|s| s.room.clone()).unwrap_or_default().into();
        let remote = if v.remote { t.get("yes") } else { String::new() };
        vec![
            day.into(),
            n.number.into(),
            n.family_name.into(),
            n.first_names.into(),
            visit.filiere_name(&n.filiere).into(),
            at(&v.interview),
            c.interview_panel.as_str().into(),
            room(&v.interview),
            at(&v.english),
            c.english_panel.as_str().into(),
            room(&v.english),
            remote.into(),
        ]
    });
    let columns = [
        "orals-day",
        "queue-number",
        "queue-name",
        "queue-first-names",
        "queue-filiere",
        "orals-interview",
        "orals-interview-panel",
        "orals-interview-room",
        "orals-english",
        "orals-english-panel",
        "orals-english-room",
        "orals-remote",
    ];
    let name = format!("oraux-{}", visit.school());
    exports::answer(&visit, Export { name, columns: columns.map(|key| t.get(key)).into(), rows: rows.collect() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: &str, day: &str, interview: i64, english: i64) -> ScheduledCandidate {
        let slot =
            |seconds| Slot { begins_at: Timestamp::from_second(seconds).ok().map(Into::into), ..Slot::default() };
        let convocation = Convocation {
            day: day.into(),
            interview: Some(slot(interview)),
            english: Some(slot(english)),
            ..Convocation::default()
        };
        ScheduledCandidate { dossier_id: id.into(), convocation: Some(convocation), ..ScheduledCandidate::default() }
    }

    #[test]
    fn days_in_order_and_each_by_the_first_exam() {
        let unplaced = ScheduledCandidate { dossier_id: "u".into(), ..ScheduledCandidate::default() };
        let all = [
            candidate("a", "2026-05-19", 10, 90),
            candidate("b", "2026-05-18", 50, 60),
            candidate("c", "2026-05-18", 70, 40),
            unplaced,
        ];
        let days = by_day(&all);
        let ids = |day: &str| days[day].iter().map(|c| c.dossier_id.as_str()).collect::<Vec<_>>();
        assert_eq!(days.keys().copied().collect::<Vec<_>>(), ["", "2026-05-18", "2026-05-19"]);
        assert_eq!((ids(""), ids("2026-05-18"), ids("2026-05-19")), (vec!["u"], vec!["c", "b"], vec!["a"]));
    }
}
