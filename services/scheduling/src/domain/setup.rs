//! What a school sets up for its orals: panels, rooms, days, who is absent (R24).

use std::collections::BTreeSet;

use jiff::civil::Date;
use thiserror::Error;

use super::Span;

/// One of the two exams of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exam {
    /// The interview with a jury panel.
    Interview,
    /// The English test with an examiner.
    English,
}

impl Exam {
    /// The other exam.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Interview => Self::English,
            Self::English => Self::Interview,
        }
    }
}

/// How long the exams last, from the session file; minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Length of the interview.
    pub interview: u32,
    /// Length of the English test.
    pub english: u32,
    /// Least time between the two for a candidate.
    pub rest: u32,
    /// Least number of members of an interview panel.
    pub panel_members: usize,
}

impl Rules {
    /// Length of `exam`, minutes.
    #[must_use]
    pub const fn minutes(&self, exam: Exam) -> u32 {
        match exam {
            Exam::Interview => self.interview,
            Exam::English => self.english,
        }
    }
}

/// Those who hold one exam together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Its name within the school.
    pub name: String,
    /// What it holds.
    pub exam: Exam,
    /// Who sits in it.
    pub examiners: BTreeSet<String>,
}

/// Why a panel cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PanelRefused {
    /// It has no name.
    #[error("a panel needs a name")]
    NoName,
    /// An examiner without identifier.
    #[error("an examiner needs an identifier")]
    NoExaminer,
    /// The same person twice.
    #[error("{examiner} is named twice")]
    Twice {
        /// Who.
        examiner: String,
    },
    /// An interview panel has `least` members or more (R24).
    #[error("an interview panel has {least} members or more, {given} given (R24)")]
    TooFew {
        /// How many were given.
        given: usize,
        /// How many it takes.
        least: usize,
    },
    /// The English test is held by one examiner (Annexe 3).
    #[error("the English test is held by one examiner, {given} given (Annexe 3)")]
    NotOne {
        /// How many were given.
        given: usize,
    },
}

impl Panel {
    /// A panel of `examiners`.
    ///
    /// # Errors
    /// [`PanelRefused`] when it has no name, or not the members its exam takes.
    pub fn new(rules: &Rules, name: &str, exam: Exam, examiners: &[String]) -> Result<Self, PanelRefused> {
        let name = name.trim();
        if name.is_empty() {
            return Err(PanelRefused::NoName);
        }
        let mut members = BTreeSet::new();
        for examiner in examiners {
            let examiner = examiner.trim();
            if examiner.is_empty() {
                return Err(PanelRefused::NoExaminer);
            }
            if !members.insert(examiner.to_owned()) {
                return Err(PanelRefused::Twice { examiner: examiner.to_owned() });
            }
        }
        match exam {
            Exam::Interview if members.len() < rules.panel_members => {
                Err(PanelRefused::TooFew { given: members.len(), least: rules.panel_members })
            }
            Exam::English if members.len() != 1 => Err(PanelRefused::NotOne { given: members.len() }),
            _ => Ok(Self { name: name.to_owned(), exam, examiners: members }),
        }
    }

    /// Someone sits in both.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        !self.examiners.is_disjoint(&other.examiners)
    }
}

/// The hours of one day of orals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The date at the school.
    pub date: Date,
    /// From the first exam to the end of the last.
    pub hours: Span,
    /// Lunch.
    pub lunch: Span,
    /// Other breaks, in order.
    pub breaks: Vec<Span>,
}

/// Why the hours of a day cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HoursRefused {
    /// It ends before it begins.
    #[error("{what} ends before it begins")]
    Backwards {
        /// "the day", "lunch" or "a break".
        what: &'static str,
    },
    /// A break outside the day.
    #[error("{what} lies outside the day's hours")]
    Outside {
        /// "lunch" or "a break".
        what: &'static str,
    },
    /// Two breaks at once.
    #[error("two breaks overlap, or one overlaps lunch")]
    Overlapping,
}

impl Day {
    /// The hours of `date`.
    ///
    /// # Errors
    /// [`HoursRefused`] when something ends before it begins, lies outside the day or overlaps.
    pub fn new(date: Date, hours: Span, lunch: Span, mut breaks: Vec<Span>) -> Result<Self, HoursRefused> {
        if hours.is_empty() {
            return Err(HoursRefused::Backwards { what: "the day" });
        }
        breaks.sort_unstable();
        for (span, what) in [(lunch, "lunch")].into_iter().chain(breaks.iter().map(|b| (*b, "a break"))) {
            if span.is_empty() {
                return Err(HoursRefused::Backwards { what });
            }
            if !hours.contains(span) {
                return Err(HoursRefused::Outside { what });
            }
        }
        if breaks.iter().any(|b| b.overlaps(lunch)) || breaks.windows(2).any(|w| w[0].overlaps(w[1])) {
            return Err(HoursRefused::Overlapping);
        }
        Ok(Self { date, hours, lunch, breaks })
    }

    /// The stretches between breaks, in order: exams lie inside one of them.
    #[must_use]
    pub fn stretches(&self) -> Vec<Span> {
        let pauses: Vec<_> = self.breaks.iter().copied().chain([self.lunch]).collect();
        self.hours.without(&pauses)
    }
}

/// A time during which an examiner cannot sit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Who.
    pub examiner: String,
    /// When.
    pub during: Span,
}

/// Everything a school has set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Lengths and rest.
    pub rules: Rules,
    /// By name.
    pub panels: Vec<Panel>,
    /// By name.
    pub rooms: Vec<String>,
    /// In order.
    pub days: Vec<Day>,
    /// Who cannot sit, and when. What an examiner holds at another school counts too.
    pub absences: Vec<Absence>,
    /// All orals of the school are at a distance: no room is needed.
    pub remote: bool,
}

impl Setup {
    /// The panel of that name.
    #[must_use]
    pub fn panel(&self, name: &str) -> Option<&Panel> {
        self.panels.iter().find(|p| p.name == name)
    }

    /// The day whose hours hold all of `span`.
    #[must_use]
    pub fn day_of(&self, span: Span) -> Option<&Day> {
        self.days.iter().find(|d| d.hours.contains(span))
    }

    /// When someone of `panel` is absent.
    #[must_use]
    pub fn absences_of(&self, panel: &Panel) -> Vec<Span> {
        self.absences.iter().filter(|a| panel.examiners.contains(&a.examiner)).map(|a| a.during).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::span::later;
    use jiff::{Timestamp, civil::date};

    const RULES: Rules = Rules { interview: 25, english: 15, rest: 10, panel_members: 2 };

    fn span(from: u32, to: u32) -> Span {
        Span::new(later(Timestamp::UNIX_EPOCH, from), later(Timestamp::UNIX_EPOCH, to))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_panel_has_the_members_its_exam_takes() {
        let panel = |exam, members: &[&str]| Panel::new(&RULES, "A", exam, &names(members)).map(|p| p.examiners.len());
        assert_eq!(panel(Exam::Interview, &["a", "b", "c"]), Ok(3));
        assert_eq!(panel(Exam::Interview, &["a"]), Err(PanelRefused::TooFew { given: 1, least: 2 }));
        assert_eq!(panel(Exam::Interview, &["a", " a "]), Err(PanelRefused::Twice { examiner: "a".into() }));
        assert_eq!(panel(Exam::Interview, &["a", " "]), Err(PanelRefused::NoExaminer));
        assert_eq!(panel(Exam::English, &["a"]), Ok(1));
        assert_eq!(panel(Exam::English, &["a", "b"]), Err(PanelRefused::NotOne { given: 2 }));
        assert_eq!(Panel::new(&RULES, " ", Exam::English, &names(&["a"])), Err(PanelRefused::NoName));
    }

    #[test]
    fn a_day_keeps_its_breaks_inside_and_apart() {
        let day = |lunch, breaks: Vec<Span>| Day::new(date(2026, 5, 18), span(0, 600), lunch, breaks);
        let good = day(span(240, 300), vec![span(450, 465), span(120, 135)]).unwrap();
        assert_eq!(good.stretches(), [span(0, 120), span(135, 240), span(300, 450), span(465, 600)]);
        assert_eq!(day(span(300, 240), vec![]), Err(HoursRefused::Backwards { what: "lunch" }));
        assert_eq!(day(span(590, 610), vec![]), Err(HoursRefused::Outside { what: "lunch" }));
        assert_eq!(day(span(240, 300), vec![span(299, 310)]), Err(HoursRefused::Overlapping));
        assert_eq!(day(span(240, 300), vec![span(10, 30), span(20, 40)]), Err(HoursRefused::Overlapping));
        assert_eq!(
            Day::new(date(2026, 5, 18), span(600, 0), span(240, 300), vec![]),
            Err(HoursRefused::Backwards { what: "the day" })
        );
    }
}
