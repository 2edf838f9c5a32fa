//! Where an exam of a candidate could go under every rule (R24, R25): what a planner chooses from instead of guessing.
//!
//! Beginnings are offered back to back in the free time of each panel, from its beginning and from its end, and as near to
//! the candidate's other exam as the rest allows: what lies between is no better for anyone.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{Candidate, Convocation, Day, Exam, Panel, Setup, Sitting, Span};

/// A place where the exam could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Possible {
    /// The day at the school.
    pub day: Date,
    /// The exam there.
    pub sitting: Sitting,
    /// Where the other exam has to go with it; none if it stays.
    pub other: Option<Sitting>,
}

/// Every place for `exam` of `candidate` among `others` (whose own is skipped), by time and panel, on one day or on all.
/// On another day than now, and for who has no slot yet, the other exam goes with it, to the first place it can have there.
#[must_use]
pub fn possible<'a>(
    setup: &Setup,
    candidate: &Candidate,
    exam: Exam,
    only: Option<Date>,
    others: impl IntoIterator<Item = &'a Convocation>,
) -> Vec<Possible> {
    let taken = taken(candidate, others);
    let search = Search { setup, taken: &taken, candidate };
    let mut all = Vec::new();
    for day in setup.days.iter().filter(|day| only.is_none_or(|only| only == day.date)) {
        let date = day.date;
        if let Some((now, other)) = search.stands_on(day, exam) {
            let elsewhere = |sitting: &Sitting| (sitting.during, &sitting.panel) != (now.during, &now.panel);
            let places = search.places(day, exam, Some(other.during)).into_iter().filter(elsewhere);
            all.extend(places.map(|sitting| Possible { day: date, sitting, other: None }));
            continue;
        }
        let partners = search.places(day, exam.other(), None);
        let together = |sitting: Sitting| {
            let other = partners.iter().find(|partner| search.go_together(&sitting, partner)).cloned()?;
            Some(Possible { day: date, sitting, other: Some(other) })
        };
        all.extend(search.places(day, exam, None).into_iter().filter_map(together));
    }
    all.sort_by(|a, b| by_time(&a.sitting, &b.sitting));
    all
}

/// What others hold.
pub(super) fn taken<'a>(candidate: &Candidate, others: impl IntoIterator<Item = &'a Convocation>) -> Vec<&'a Sitting> {
    let others = others.into_iter().filter(|other| other.dossier() != candidate.dossier);
    others.flat_map(Convocation::sittings).collect()
}

fn by_time(a: &Sitting, b: &Sitting) -> std::cmp::Ordering {
    (a.during, &a.panel).cmp(&(b.during, &b.panel))
}

pub(super) struct Search<'a> {
    pub(super) setup: &'a Setup,
    pub(super) taken: &'a [&'a Sitting],
    pub(super) candidate: &'a Candidate,
}

impl<'a> Search<'a> {
    /// The exam and the other one, if the other one stands on that day and can stay.
    pub(super) fn stands_on(&self, day: &Day, exam: Exam) -> Option<(&'a Sitting, &'a Sitting)> {
        let now = self.candidate.convocation.as_ref()?;
        let other = now.sitting(exam.other());
        (self.setup.day_of(other.during)?.date == day.date).then(|| (now.sitting(exam), other))
    }

    /// One candidate can have both.
    pub(super) fn go_together(&self, one: &Sitting, other: &Sitting) -> bool {
        one.during.apart(other.during, self.setup.rules.rest)
    }

    /// Free places for an exam on a day, by time and panel; apart from `other` if that stands.
    pub(super) fn places(&self, day: &Day, exam: Exam, other: Option<Span>) -> Vec<Sitting> {
        let mut places = Vec::new();
        for panel in self.setup.panels.iter().filter(|panel| panel.exam == exam) {
            for during in self.spans(day, panel, other) {
                if let Some(room) = self.room(day, panel, during) {
                    let (dossier, panel) = (self.candidate.dossier, panel.name.clone());
                    places.push(Sitting { dossier, exam, during, panel, room });
                }
            }
        }
        places.sort_by(by_time);
        places
    }

    fn spans(&self, day: &Day, panel: &Panel, other: Option<Span>) -> BTreeSet<Span> {
        let (minutes, rest) = (self.setup.rules.minutes(panel.exam), i64::from(self.setup.rules.rest));
        let length = i64::from(minutes);
        let mut spans = BTreeSet::new();
        for free in self.free(day, panel) {
            let many = i64::try_from(free.fits(minutes)).unwrap_or(i64::MAX);
            let back_to_back =
                (0..many).flat_map(|n| [shifted(free.from, n * length), shifted(free.to, -(n + 1) * length)]);
            let near = |other: Span| [shifted(other.to, rest), shifted(other.from, -rest - length)];
            let all = back_to_back.chain(other.into_iter().flat_map(near)).map(|from| Span::starting(from, minutes));
            let apart = |span: &Span| other.is_none_or(|other| other.apart(*span, self.setup.rules.rest));
            spans.extend(all.filter(|span| free.contains(*span)).filter(apart));
        }
        spans
    }

    /// When the panel has nobody: no break, no absence, no exam of its own or of one of its members.
    fn free(&self, day: &Day, panel: &Panel) -> Vec<Span> {
        let mut busy = self.setup.absences_of(panel);
        let shares = |name: &str| self.setup.panel(name).is_some_and(|other| other.shares_with(panel));
        let theirs = self.taken.iter().filter(|sitting| sitting.panel == panel.name || shares(&sitting.panel));
        busy.extend(theirs.map(|sitting| sitting.during));
        day.stretches().into_iter().flat_map(|stretch| stretch.without(&busy)).collect()
    }

    /// A room for it: where the panel sits nearest in time that day, else the candidate's, else any. At a distance what
    /// is kept of a room stays, or nothing; none where there is none to be had.
    #[expect(clippy::option_option, reason = "no room to be had is not the same as none needed")]
    pub(super) fn room(&self, day: &Day, panel: &Panel, during: Span) -> Option<Option<String>> {
        let now = self.candidate.convocation.as_ref().and_then(|now| now.sitting(panel.exam).room.as_ref());
        if self.setup.remote || self.candidate.remote {
            return now.is_none_or(|room| self.is_free(room, during)).then(|| now.cloned());
        }
        let here = self.taken.iter().filter(|taken| taken.panel == panel.name && day.hours.contains(taken.during));
        let nearest = here.min_by_key(|taken| taken.during.from.duration_since(during.from).abs());
        let own = nearest.and_then(|taken| taken.room.as_ref());
        let mut rooms = own.into_iter().chain(now).chain(&self.setup.rooms);
        rooms.find(|room| self.setup.rooms.contains(room) && self.is_free(room, during)).map(|room| Some(room.clone()))
    }

    fn is_free(&self, room: &str, during: Span) -> bool {
        let mut in_it = self.taken.iter().filter(|taken| taken.room.as_deref() == Some(room));
        !in_it.any(|taken| taken.during.overlaps(during))
    }
}

/// The instant so many minutes after `at`, or before it; the ends of time stay where they are.
fn shifted(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(at)
}

#[cfg(test)]
mod tests;
