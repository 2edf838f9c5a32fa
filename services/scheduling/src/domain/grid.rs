//! A school's days as a grid of days and panels: who sits when, and when nobody can.

use jiff::civil::Date;

use super::{Convocation, Exam, Setup, Sitting, Span};

/// One panel on one day. What neither `slots` nor `closed` covers is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelDay {
    /// The day at the school.
    pub day: Date,
    /// The panel.
    pub panel: String,
    /// What it holds.
    pub exam: Exam,
    /// The day's hours.
    pub hours: Span,
    /// Its exams, by time.
    pub slots: Vec<Sitting>,
    /// Lunch, breaks, absences of a member: by time, merged where they touch.
    pub closed: Vec<Span>,
}

/// Every panel on every day with hours, in order of day, exam and name.
#[must_use]
pub fn grid<'a>(setup: &Setup, convocations: impl IntoIterator<Item = &'a Convocation>) -> Vec<PanelDay> {
    let sittings: Vec<&Sitting> = convocations.into_iter().flat_map(Convocation::sittings).collect();
    let mut panels: Vec<_> = setup.panels.iter().collect();
    panels.sort_by_key(|panel| (panel.exam, &panel.name));
    let mut grid = Vec::with_capacity(setup.days.len() * panels.len());
    for day in &setup.days {
        for panel in &panels {
            let here = |sitting: &&&Sitting| sitting.panel == panel.name && day.hours.contains(sitting.during);
            let mut slots: Vec<Sitting> = sittings.iter().filter(here).map(|sitting| (*sitting).clone()).collect();
            slots.sort_by_key(|sitting| sitting.during);
            let mut closed = setup.absences_of(panel);
            closed.extend(day.breaks.iter().copied().chain([day.lunch]));
            // What is cut out of what the cuts leave is the cuts, merged.
            let closed = day.hours.without(&day.hours.without(&closed));
            grid.push(PanelDay {
                day: day.date,
                panel: panel.name.clone(),
                exam: panel.exam,
                hours: day.hours,
                slots,
                closed,
            });
        }
    }
    grid
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::{Timestamp, civil::date};
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Absence, Day, Panel, Rules, span::later};

    fn span(from: u32, to: u32) -> Span {
        Span::new(later(Timestamp::UNIX_EPOCH, from), later(Timestamp::UNIX_EPOCH, to))
    }

    #[test]
    fn each_panel_has_its_exams_and_its_closed_hours() {
        let panel =
            |name: &str, exam, examiner: &str| Panel { name: name.into(), exam, examiners: [examiner.into()].into() };
        let setup = Setup {
            rules: Rules { interview: 25, english: 15, rest: 10, panel_members: 1 },
            panels: vec![panel("E", Exam::English, "e"), panel("J", Exam::Interview, "j")],
            rooms: vec!["R".into()],
            days: vec![Day::new(date(1970, 1, 1), span(540, 1020), span(720, 780), vec![span(600, 615)]).unwrap()],
            absences: vec![Absence { examiner: "j".into(), during: span(780, 2000) }],
            remote: false,
        };
        let sitting = |exam, panel: &str, during| Sitting {
            dossier: Uuid::from_u128(7),
            exam,
            during,
            panel: panel.into(),
            room: Some("R".into()),
        };
        let convocation = Convocation {
            interview: sitting(Exam::Interview, "J", span(540, 565)),
            english: sitting(Exam::English, "E", span(575, 590)),
            remote: false,
        };
        let grid = grid(&setup, [&convocation]);
        let order: Vec<_> = grid.iter().map(|one| one.panel.as_str()).collect();
        assert_eq!(order, ["J", "E"]);
        assert_eq!(grid[0].slots, [convocation.interview]);
        assert_eq!(grid[0].closed, [span(600, 615), span(720, 1020)]);
        assert_eq!(
            (grid[1].slots.clone(), grid[1].closed.clone()),
            (vec![convocation.english], vec![span(600, 615), span(720, 780)])
        );
        assert_eq!(grid[0].hours, span(540, 1020));
    }
}
