//! Places every admissible candidate of a school, or names what is missing (R24, R25).
//!
//! Candidates are interchangeable: none has a claim to a particular slot, so that placing them is a question of how
//! many pairs of slots a day holds. Days are independent and filled in order. Per day: the panels that sit, each with
//! slots back to back in its free time; a maximum matching of interview slots with English slots that leaves the rest
//! between them; for the few slots of a very short day an exact search. Slots that stand and still can are kept.

mod lines;
mod matching;
mod missing;
mod search;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use uuid::Uuid;

use super::{Convocation, Day, Exam, Panel, Setup, Sitting, Span, broken};
use lines::Line;
pub use missing::Missing;

/// How many combinations of panels are tried for a whole day.
const COMBINATIONS: usize = 256;

/// A candidate to convene.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whose dossier.
    pub dossier: Uuid,
    /// At a distance, whatever the school's orals are.
    pub remote: bool,
    /// What stands.
    pub convocation: Option<Convocation>,
}

impl Candidate {
    /// Who has these slots.
    #[must_use]
    pub fn of(convocation: &Convocation) -> Self {
        Self { dossier: convocation.dossier(), remote: convocation.remote, convocation: Some(convocation.clone()) }
    }
}

/// What planning came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Candidates whose slots stood and stand.
    pub kept: Vec<Uuid>,
    /// New slots, by dossier.
    pub placed: Vec<Convocation>,
    /// Candidates left over, by dossier. Slots of theirs that stood are impossible now.
    pub unplaced: Vec<Uuid>,
    /// The school's days, in order.
    pub days: Vec<DayReport>,
}

/// What one day still holds, and what it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayReport {
    /// The date at the school.
    pub date: Date,
    /// Interviews that would still fit.
    pub free_interviews: usize,
    /// English tests that would still fit.
    pub free_english: usize,
    /// Minutes of interview missing to place everyone left over on this day.
    pub interview_minutes_short: usize,
    /// Minutes of English test missing to place everyone left over on this day.
    pub english_minutes_short: usize,
    /// Why the day gives less than it could.
    pub remarks: Vec<Missing>,
}

impl Plan {
    /// What is missing; nothing when everyone is placed.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        if self.unplaced.is_empty() {
            return Vec::new();
        }
        let mut all = vec![Missing::Places { n: self.unplaced.len() }];
        for day in &self.days {
            let short = [(day.interview_minutes_short, Exam::Interview), (day.english_minutes_short, Exam::English)];
            let (date, before) = (day.date, all.len());
            let lacks = short.into_iter().filter(|(minutes, _)| *minutes > 0);
            all.extend(lacks.map(|(minutes, exam)| Missing::Minutes { day: date, exam, minutes }));
            if all.len() == before {
                all.push(Missing::Rest { day: date });
            }
        }
        // What the whole school lacks is remarked on every day.
        for remark in self.days.iter().flat_map(|day| &day.remarks) {
            if !all.contains(remark) {
                all.push(remark.clone());
            }
        }
        all
    }
}

/// Two slots of one candidate, each with the line that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    interview: (Span, usize),
    english: (Span, usize),
}

/// Plans the orals of a school on its `dates` (Tableau 2's). The same arguments give the same plan, in whatever order
/// the candidates come; planning again what was planned changes nothing.
#[must_use]
pub fn plan(setup: &Setup, dates: &[Date], candidates: &[Candidate]) -> Plan {
    let mut candidates: Vec<_> = candidates.iter().collect();
    candidates.sort_by_key(|c| c.dossier);
    let mut standing: Vec<Convocation> = Vec::new();
    let mut waiting = Vec::new();
    for candidate in candidates {
        match &candidate.convocation {
            Some(stands) if broken(setup, stands, &standing).is_empty() => standing.push(stands.clone()),
            _ => waiting.push(candidate),
        }
    }
    let kept: Vec<_> = standing.iter().map(Convocation::dossier).collect();

    let mut waiting = waiting.into_iter().peekable();
    let days: Vec<_> = setup.days.iter().filter(|d| dates.contains(&d.date)).collect();
    for day in &days {
        if waiting.peek().is_none() {
            break;
        }
        let new = fill(setup, day, &standing, waiting.len());
        let seated: Vec<_> = new.into_iter().zip(&mut waiting).map(|(slot, c)| slot.convene(c)).collect();
        standing.extend(seated);
    }
    let unplaced: Vec<_> = waiting.map(|c| c.dossier).collect();
    let reports = dates.iter().map(|date| {
        let day = days.iter().find(|d| d.date == *date);
        report(setup, *date, day.copied(), &standing, unplaced.len())
    });
    let days = reports.collect();
    let kept_ids: BTreeSet<_> = kept.iter().copied().collect();
    let mut placed: Vec<_> = standing.into_iter().filter(|c| !kept_ids.contains(&c.dossier())).collect();
    placed.sort_by_key(Convocation::dossier);
    Plan { kept, placed, unplaced, days }
}

/// Two free slots of one day.
struct FreePair {
    interview: FreeSlot,
    english: FreeSlot,
}
struct FreeSlot {
    during: Span,
    panel: String,
    room: Option<String>,
}

impl FreePair {
    fn convene(self, candidate: &Candidate) -> Convocation {
        let sitting = |exam, slot: FreeSlot| Sitting {
            dossier: candidate.dossier,
            exam,
            during: slot.during,
            panel: slot.panel,
            room: slot.room,
        };
        Convocation {
            interview: sitting(Exam::Interview, self.interview),
            english: sitting(Exam::English, self.english),
            remote: candidate.remote,
        }
    }
}

/// As many pairs of free slots as the day holds, `wanted` at most, in the order of their interviews.
fn fill(setup: &Setup, day: &Day, standing: &[Convocation], wanted: usize) -> Vec<FreePair> {
    let sittings: Vec<_> = standing.iter().flat_map(Convocation::sittings).collect();
    let choices = lines::choices(setup, day, &sittings);
    let mut best: (Vec<Pair>, Vec<Line<'_>>) = (Vec::new(), Vec::new());
    try_combinations(&choices, |chosen| {
        let lines = lines::seat(setup, day, &sittings, chosen);
        let pairs = pairs(setup, &lines, wanted);
        let count = pairs.len();
        if count > best.0.len() {
            best = (pairs, lines);
        }
        (count, count == wanted)
    });
    let (mut pairs, lines) = best;
    pairs.sort_unstable();
    let slot = |(during, line): (Span, usize)| FreeSlot {
        during,
        panel: lines[line].panel.name.clone(),
        room: lines[line].room.clone(),
    };
    pairs.into_iter().map(|p| FreePair { interview: slot(p.interview), english: slot(p.english) }).collect()
}

/// Calls `attempt` with one choice per stretch: all combinations when they are few, else one stretch after the other.
/// `attempt` says how good the combination is, and whether none can be better.
fn try_combinations<'a>(choices: &[Vec<Vec<&'a Panel>>], mut attempt: impl FnMut(&[&Vec<&'a Panel>]) -> (usize, bool)) {
    let pick = |at: &[usize]| at.iter().zip(choices).filter_map(|(n, c)| c.get(*n)).collect::<Vec<_>>();
    let mut at = vec![0; choices.len()];
    let all = choices.iter().try_fold(1_usize, |n, c| n.checked_mul(c.len().max(1)));
    if all.is_some_and(|n| n <= COMBINATIONS) {
        loop {
            if attempt(&pick(&at)).1 {
                return;
            }
            let Some(next) = (0..at.len()).rev().find(|n| at[*n] + 1 < choices[*n].len()) else { return };
            at[next] += 1;
            at[next + 1..].fill(0);
        }
    }
    let (mut best, done) = attempt(&pick(&at));
    if done {
        return;
    }
    for stretch in 0..choices.len() {
        let mut chosen = at[stretch];
        for n in 0..choices[stretch].len() {
            at[stretch] = n;
            let (count, done) = attempt(&pick(&at));
            if done {
                return;
            }
            if count > best {
                (best, chosen) = (count, n);
            }
        }
        at[stretch] = chosen;
    }
}

/// As many pairs as the lines hold, `wanted` at most.
fn pairs(setup: &Setup, lines: &[Line<'_>], wanted: usize) -> Vec<Pair> {
    let rules = &setup.rules;
    let count = |exam| lines.iter().filter(|l| l.panel.exam == exam).map(|l| l.fits(setup)).sum::<usize>();
    // No plan can hold more than the scarcer exam.
    let bound = wanted.min(count(Exam::Interview)).min(count(Exam::English));
    let mut best: Vec<Pair> = Vec::new();
    for (interview_end, english_end) in [(false, false), (false, true), (true, false), (true, true)] {
        let interviews = slots(setup, lines, Exam::Interview, interview_end);
        let english = slots(setup, lines, Exam::English, english_end);
        let spans = |slots: &[(Span, usize)]| slots.iter().map(|s| s.0).collect::<Vec<_>>();
        let pairs = matching::pair(&spans(&interviews), &spans(&english), rules.rest, bound);
        if pairs.len() > best.len() {
            best = pairs.into_iter().map(|(i, e)| Pair { interview: interviews[i], english: english[e] }).collect();
        }
        if best.len() == bound {
            return best;
        }
    }
    if bound <= search::FEW {
        let free = |exam| -> Vec<Vec<Span>> {
            let of = |l: &Line<'_>| if l.panel.exam == exam { l.free.clone() } else { Vec::new() };
            lines.iter().map(of).collect()
        };
        let exact = search::search(rules, &free(Exam::Interview), &free(Exam::English), bound);
        if exact.len() > best.len() {
            return exact;
        }
    }
    best
}

/// Slots of `exam` back to back in the free time of every line, from its beginning or from its end.
fn slots(setup: &Setup, lines: &[Line<'_>], exam: Exam, from_the_end: bool) -> Vec<(Span, usize)> {
    let minutes = setup.rules.minutes(exam);
    let mut slots = Vec::new();
    for (line, free) in lines.iter().enumerate().filter(|(_, l)| l.panel.exam == exam).map(|(n, l)| (n, &l.free)) {
        for span in free {
            let many = u32::try_from(span.fits(minutes)).unwrap_or(u32::MAX);
            let length = u32::try_from(span.to.duration_since(span.from).as_mins()).unwrap_or(u32::MAX);
            let offset = if from_the_end { length.saturating_sub(many.saturating_mul(minutes)) } else { 0 };
            let start = |n: u32| super::span::later(span.from, offset.saturating_add(n.saturating_mul(minutes)));
            slots.extend((0..many).map(|n| (Span::starting(start(n), minutes), line)));
        }
    }
    slots.sort_unstable();
    slots
}

fn report(setup: &Setup, date: Date, day: Option<&Day>, standing: &[Convocation], left: usize) -> DayReport {
    let sittings: Vec<_> = standing.iter().flat_map(Convocation::sittings).collect();
    let (mut free, mut remarks) = ((0, 0), Vec::new());
    if let Some(day) = day {
        let choices = lines::choices(setup, day, &sittings);
        try_combinations(&choices, |chosen| {
            let lines = lines::seat(setup, day, &sittings, chosen);
            let count = |exam| lines.iter().filter(|l| l.panel.exam == exam).map(|l| l.fits(setup)).sum::<usize>();
            let (i, e) = (count(Exam::Interview), count(Exam::English));
            if (i.min(e), i + e) > (free.0.min(free.1), free.0 + free.1) {
                free = (i, e);
            }
            (i.min(e), false)
        });
    } else {
        remarks.push(Missing::Hours { day: date });
    }
    if left > 0 {
        remarks.extend(Missing::panels(setup));
        if !setup.remote && setup.rooms.len() < setup.panels.len() {
            remarks.push(Missing::Rooms { rooms: setup.rooms.len(), panels: setup.panels.len() });
        }
    }
    let short = |free: usize, exam| left.saturating_sub(free) * setup.rules.minutes(exam) as usize;
    DayReport {
        date,
        free_interviews: free.0,
        free_english: free.1,
        interview_minutes_short: short(free.0, Exam::Interview),
        english_minutes_short: short(free.1, Exam::English),
        remarks,
    }
}
