//! Stretches of time.

use jiff::{SignedDuration, Timestamp};

/// A stretch of time, half-open: `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Span {
    /// `[from, to)`.
    #[must_use]
    pub const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to }
    }

    /// The `minutes` that begin at `from`.
    #[must_use]
    pub fn starting(from: Timestamp, minutes: u32) -> Self {
        Self { from, to: later(from, minutes) }
    }

    /// Nothing lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// An instant lies inside both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// Every instant of `other` lies inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// They do not overlap, and at least `minutes` lie between them.
    #[must_use]
    pub fn apart(self, other: Self, minutes: u32) -> bool {
        later(self.to, minutes) <= other.from || later(other.to, minutes) <= self.from
    }

    /// How many exams of `minutes` fit, back to back.
    #[must_use]
    pub fn fits(self, minutes: u32) -> usize {
        if self.is_empty() || minutes == 0 {
            return 0;
        }
        let seconds = self.to.duration_since(self.from).as_secs();
        usize::try_from(seconds / (i64::from(minutes) * 60)).unwrap_or(0)
    }

    /// What is left of `self` once every one of `taken` is cut out, in order.
    #[must_use]
    pub fn without(self, taken: &[Self]) -> Vec<Self> {
        let mut taken: Vec<_> = taken.iter().copied().filter(|t| !t.is_empty() && t.overlaps(self)).collect();
        taken.sort_unstable();
        let mut left = Vec::new();
        let mut from = self.from;
        for cut in taken {
            if from < cut.from {
                left.push(Self::new(from, cut.from));
            }
            from = from.max(cut.to);
        }
        if from < self.to {
            left.push(Self::new(from, self.to));
        }
        left
    }
}

/// The instant `minutes` after `at`; the end of time stays where it is.
#[must_use]
pub fn later(at: Timestamp, minutes: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Span, later};
    use jiff::Timestamp;

    fn span(from: u32, to: u32) -> Span {
        Span::new(later(Timestamp::UNIX_EPOCH, from), later(Timestamp::UNIX_EPOCH, to))
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        assert!(!span(0, 25).overlaps(span(25, 40)));
        assert!(span(0, 25).overlaps(span(24, 40)));
    }

    #[test]
    fn rest_is_counted_on_either_side() {
        assert!(span(0, 15).apart(span(25, 50), 10));
        assert!(span(25, 50).apart(span(0, 15), 10));
        assert!(!span(0, 15).apart(span(24, 49), 10));
        assert!(!span(0, 25).apart(span(0, 15), 0));
    }

    #[test]
    fn cutting_leaves_the_rest_in_order() {
        assert_eq!(
            span(0, 100).without(&[span(60, 70), span(10, 20), span(15, 30)]),
            [span(0, 10), span(30, 60), span(70, 100)]
        );
        assert_eq!(span(0, 100).without(&[span(0, 100)]), []);
        assert_eq!(span(0, 100).without(&[span(100, 120)]), [span(0, 100)]);
    }

    #[test]
    fn a_span_fits_whole_exams_only() {
        assert_eq!(span(0, 49).fits(25), 1);
        assert_eq!(span(0, 50).fits(25), 2);
        assert_eq!(span(50, 0).fits(25), 0);
    }
}
