//! Marks of the orals (R26), as integer hundredths: no float ever decides who is eliminated.

use std::fmt;

use thiserror::Error;

/// A mark in hundredths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(u32);

/// What the session says of the orals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OralRules {
    /// Ids of the exams, each of which every admissible candidate sits.
    pub exams: Vec<String>,
    /// The highest mark.
    pub highest: Mark,
    /// A mark of this or less eliminates.
    pub eliminating: Mark,
}

/// Why a text is no mark.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MarkInvalid {
    /// Not digits, an optional point and one or two digits.
    #[error("{text:?} is not a mark: digits, and at most two decimals after a point")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Above the scale.
    #[error("{given} is above the highest mark, {highest}")]
    AboveScale {
        /// What was given.
        given: Mark,
        /// The highest.
        highest: Mark,
    },
}

/// What came of one exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OralResult {
    /// Sat.
    Marked(Mark),
    /// Did not come: its own outcome.
    Absent,
}

impl Mark {
    /// A mark of that many hundredths.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// Reads "12", "12.5" or "12.50".
    ///
    /// # Errors
    /// Any other text, or a mark above the scale.
    pub fn parse(text: &str, highest: Self) -> Result<Self, MarkInvalid> {
        let malformed = || MarkInvalid::Malformed { text: text.chars().take(32).collect() };
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(malformed()),
            None => (text, ""),
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
            return Err(malformed());
        }
        let whole: u32 = whole.parse().map_err(|_| malformed())?;
        let hundredths: u32 = format!("{decimals:0<2}").parse().map_err(|_| malformed())?;
        let given = Self(whole * 100 + hundredths);
        if given > highest { Err(MarkInvalid::AboveScale { given, highest }) } else { Ok(given) }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl OralResult {
    /// R26: a mark at or under the threshold eliminates, and so does an absence.
    #[must_use]
    pub fn eliminates(self, rules: &OralRules) -> bool {
        match self {
            Self::Marked(mark) => mark <= rules.eliminating,
            Self::Absent => true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::{Mark, MarkInvalid, OralResult, OralRules};

    const TWENTY: Mark = Mark::from_hundredths(2000);

    fn rules() -> OralRules {
        OralRules {
            exams: vec!["interview".into(), "english".into()],
            highest: TWENTY,
            eliminating: Mark::from_hundredths(400),
        }
    }

    #[test]
    fn four_eliminates_and_four_point_zero_one_does_not() {
        for (text, eliminates) in [("4.00", true), ("4", true), ("4.01", false), ("0", true), ("20.00", false)] {
            let result = OralResult::Marked(Mark::parse(text, TWENTY).unwrap());
            assert_eq!(result.eliminates(&rules()), eliminates, "{text}");
        }
        assert!(OralResult::Absent.eliminates(&rules()));
    }

    #[test]
    fn what_is_no_mark_is_refused() {
        for text in ["", ".", "4.", ".5", "4,5", "-1", "+1", "4.001", "1e1", " 4", "٤", "00004", "abc"] {
            assert!(matches!(Mark::parse(text, TWENTY), Err(MarkInvalid::Malformed { .. })), "{text:?}");
        }
        let above = Mark::parse("20.01", TWENTY).unwrap_err();
        assert_eq!(above, MarkInvalid::AboveScale { given: Mark::from_hundredths(2001), highest: TWENTY });
    }

    proptest! {
        #[test]
        fn every_mark_of_the_scale_prints_and_reads_back(hundredths in 0_u32..=2000) {
            let mark = Mark::from_hundredths(hundredths);
            prop_assert_eq!(Mark::parse(&mark.to_string(), TWENTY), Ok(mark));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,12}") {
            if let Ok(mark) = Mark::parse(&text, TWENTY) {
                prop_assert!(mark <= TWENTY);
            }
        }
    }
}
