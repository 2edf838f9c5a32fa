//! The orals as the notice describes them.

use jiff::civil::Date;

use crate::session::Label;

/// One exam of the orals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exam {
    /// What it is called.
    pub label: Label,
    /// Its length.
    pub minutes: u32,
    /// Where this is printed.
    pub source: String,
}

/// The days of one school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OralDays {
    /// Id of the school.
    pub school: String,
    /// Days, ascending.
    pub days: Vec<Date>,
    /// Where this is printed.
    pub source: String,
}

/// The orals (R24, R26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orals {
    /// Interview with a jury.
    pub interview: Exam,
    /// English test.
    pub english: Exam,
    /// Least members of a jury panel.
    pub panel_members: u32,
    /// Least minutes between a candidate's two exams.
    pub gap_minutes: u32,
    /// A mark of this or less eliminates, in hundredths (400 is 4.00).
    pub eliminating_hundredths: u32,
    /// The highest mark, in hundredths (2000 is 20.00).
    pub highest_hundredths: u32,
    /// Days per school (Tableau 2 in 2026).
    pub days: Vec<OralDays>,
    /// Where this is printed.
    pub source: String,
}
