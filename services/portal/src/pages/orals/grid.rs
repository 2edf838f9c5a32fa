//! A day as a table: rows are times, columns panels. A slot spans the rows until its end.

use std::collections::BTreeSet;

use contracts::scheduling::{GridSlot, PanelDay};
use jiff::Timestamp;
use maud::{Markup, html};

use super::{day_name, exam_name, exam_value, instant};
use crate::{pages::names::Names, web::Visit};

/// What stands in one place of the grid.
#[derive(Debug, Clone, PartialEq)]
enum Place<'a> {
    /// An exam begins here and takes so many rows.
    Exam(&'a GridSlot, usize),
    /// Lunch, a break, an absence.
    Closed(usize),
    /// Nothing yet.
    Free,
    /// Covered from above.
    Covered,
}

/// Every instant at which something begins or ends on that day.
fn times(panels: &[&PanelDay]) -> Vec<Timestamp> {
    let mut all = BTreeSet::new();
    for p in panels {
        all.extend(instant(p.opens_at));
        all.extend(instant(p.closes_at));
        all.extend(p.slots.iter().flat_map(|s| [instant(s.begins_at), instant(s.ends_at)]).flatten());
        all.extend(p.closed.iter().flat_map(|s| [instant(s.begins_at), instant(s.ends_at)]).flatten());
    }
    all.into_iter().collect()
}

/// What stands at each row of one panel; the last time closes the day and has no row.
fn places<'a>(panel: &'a PanelDay, times: &[Timestamp]) -> Vec<Place<'a>> {
    let rows = times.len().saturating_sub(1);
    let span = |from: Timestamp, to: Option<Timestamp>| {
        times.iter().take(rows).filter(|at| **at >= from && to.is_some_and(|to| **at < to)).count().max(1)
    };
    let mut places = vec![Place::Free; rows];
    let mut put = |from: Option<contracts::Timestamp>,
                   to: Option<contracts::Timestamp>,
                   place: fn(usize, Option<&'a GridSlot>) -> Place<'a>,
                   slot| {
        let Some(from) = instant(from) else { return };
        let Some(row) = times.iter().take(rows).position(|at| *at == from) else { return };
        let rows_taken = span(from, instant(to)).min(rows - row);
        places[row..row + rows_taken].fill(Place::Covered);
        places[row] = place(rows_taken, slot);
    };
    for s in &panel.closed {
        put(s.begins_at, s.ends_at, |n, _| Place::Closed(n), None);
    }
    for s in &panel.slots {
        put(s.begins_at, s.ends_at, |n, slot| slot.map_or(Place::Closed(n), |slot| Place::Exam(slot, n)), Some(s));
    }
    places
}

/// The day's table.
pub fn day(visit: &Visit, day: &str, panels: &[&PanelDay], names: &Names) -> Markup {
    let t = visit.t;
    let times = times(panels);
    let columns: Vec<_> = panels.iter().map(|p| (*p, places(p, &times))).collect();
    let caption = day_name(visit, day);
    html! {
        div class="scroll" tabindex="0" role="region" aria-label=(caption) {
            table class="schedule" data-day=(day) {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (t.get("planner-time")) }
                    @for (p, _) in &columns { th scope="col" { (p.panel) br; (exam_name(visit, p.exam())) } }
                } }
                tbody {
                    @for (row, at) in times.iter().enumerate().take(times.len().saturating_sub(1)) { tr {
                        th scope="row" { time datetime=(at) { (t.time(*at, &visit.app.session.zone)) } }
                        @for (p, places) in &columns { (cell(visit, p, &places[row], *at, names)) }
                    } }
                }
            }
        }
    }
}

fn cell(visit: &Visit, panel: &PanelDay, place: &Place<'_>, at: Timestamp, names: &Names) -> Markup {
    let t = visit.t;
    let rowspan = |n: usize| (n > 1).then_some(n);
    match place {
        Place::Covered => html! {},
        Place::Closed(n) => html! { td class="closed" rowspan=[rowspan(*n)] { (t.get("planner-closed")) } },
        Place::Free => {
            html! { td class="free" data-at=(at) data-panel=(panel.panel) data-exam=(exam_value(panel.exam())) { span class="visually-hidden" { (t.get("planner-free")) } } }
        }
        Place::Exam(slot, n) => {
            let end = instant(slot.ends_at).map(|end| t.time(end, &visit.app.session.zone)).unwrap_or_default();
            let exam = exam_value(panel.exam());
            html! { td class="taken" rowspan=[rowspan(*n)] data-dossier=(slot.dossier_id) data-exam=(exam) {
                a href={ "/oraux/candidats/" (slot.dossier_id) "?epreuve=" (exam) } { (names.full(&slot.dossier_id)) }
                br; (t.with("planner-until", [("at", end.into())]))
                @if !slot.room.is_empty() { " · " (slot.room) }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::scheduling::GridSpan;

    use super::*;

    fn at(minutes: i64) -> Option<contracts::Timestamp> {
        Some(Timestamp::from_second(minutes * 60).unwrap().into())
    }

    #[test]
    fn a_slot_spans_its_rows_and_what_is_not_covered_is_free() {
        let slot = |from, to| GridSlot { begins_at: at(from), ends_at: at(to), ..GridSlot::default() };
        let one = PanelDay {
            opens_at: at(0),
            closes_at: at(60),
            slots: vec![slot(0, 25), slot(25, 50)],
            ..PanelDay::default()
        };
        let other = PanelDay {
            opens_at: at(0),
            closes_at: at(60),
            slots: vec![slot(10, 25)],
            closed: vec![GridSpan { begins_at: at(25), ends_at: at(40) }],
            ..PanelDay::default()
        };
        let times = times(&[&one, &other]);
        assert_eq!(times.len(), 6, "0 10 25 40 50 60");
        let (first, second) = (places(&one, &times), places(&other, &times));
        assert_eq!(
            first,
            [Place::Exam(&one.slots[0], 2), Place::Covered, Place::Exam(&one.slots[1], 2), Place::Covered, Place::Free]
        );
        assert_eq!(second, [Place::Free, Place::Exam(&other.slots[0], 1), Place::Closed(1), Place::Free, Place::Free]);
    }
}
