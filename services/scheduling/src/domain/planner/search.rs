//! The exact answer for a handful of candidates.
//!
//! Slots laid back to back from one end of each stretch can miss a plan when a stretch holds only one or two exams:
//! 50 minutes take one candidate only if the English test waits for its end. For so few, every arrangement on a grid
//! can be tried, within a bound on the work.

use super::Pair;
use crate::domain::{Rules, Span, span::later};

/// Places at most this many candidates; beyond that the slots of a day never run out that way.
pub const FEW: usize = 6;
const STEPS: usize = 2_000_000;

/// The largest arrangement found, `target` pairs at most. `interviews` and `english` are the free times per line.
#[must_use]
pub fn search(rules: &Rules, interviews: &[Vec<Span>], english: &[Vec<Span>], target: usize) -> Vec<Pair> {
    let mut search = Search {
        rules,
        target,
        steps: STEPS,
        interview_starts: starts(interviews, rules.interview, rules),
        english_starts: starts(english, rules.english, rules),
        placed: Vec::new(),
        best: Vec::new(),
    };
    search.extend(0);
    search.best
}

struct Search<'a> {
    rules: &'a Rules,
    target: usize,
    steps: usize,
    interview_starts: Vec<(Span, usize)>,
    english_starts: Vec<(Span, usize)>,
    placed: Vec<Pair>,
    best: Vec<Pair>,
}

impl Search<'_> {
    /// Candidates are interchangeable: their interviews are placed in order.
    fn extend(&mut self, from: usize) {
        if self.placed.len() > self.best.len() {
            self.best.clone_from(&self.placed);
        }
        for i in from..self.interview_starts.len() {
            let interview = self.interview_starts[i];
            if self.taken(interview, |p| p.interview) {
                continue;
            }
            for e in 0..self.english_starts.len() {
                if self.steps == 0 || self.best.len() == self.target {
                    return;
                }
                self.steps -= 1;
                let english = self.english_starts[e];
                if !interview.0.apart(english.0, self.rules.rest) || self.taken(english, |p| p.english) {
                    continue;
                }
                self.placed.push(Pair { interview, english });
                self.extend(i + 1);
                self.placed.pop();
            }
        }
    }

    fn taken(&self, (span, line): (Span, usize), of: impl Fn(&Pair) -> (Span, usize)) -> bool {
        self.placed.iter().map(of).any(|(other, on)| on == line && other.overlaps(span))
    }
}

/// Where an exam of `minutes` can begin: steps of the lengths' common divisor from either end of each free time.
fn starts(lines: &[Vec<Span>], minutes: u32, rules: &Rules) -> Vec<(Span, usize)> {
    let step = common(common(rules.interview, rules.english), rules.rest).max(1);
    let mut starts = Vec::new();
    for (line, free) in lines.iter().enumerate() {
        for span in free.iter().filter(|f| f.fits(minutes) > 0) {
            let slack = u32::try_from(span.to.duration_since(span.from).as_mins()).unwrap_or(0) - minutes;
            for at in (0..=slack).step_by(step as usize) {
                for offset in [at, slack - at] {
                    starts.push((Span::starting(later(span.from, offset), minutes), line));
                }
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

const fn common(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common(b, a % b) }
}
