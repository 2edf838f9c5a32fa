//! When a reminder is due (R13, R35): a function of the calendar and the present instant.

use jiff::{SignedDuration, Timestamp};

/// What closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The deposits (R13).
    Deposits,
    /// An integration period, by its number (R35).
    Period(u32),
}

/// A span in which something must be done, `[opens, closes)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// What closes.
    pub subject: Subject,
    /// When it opened.
    pub opens: Timestamp,
    /// When it closes.
    pub closes: Timestamp,
}

/// A moment at which people are reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Of what.
    pub subject: Subject,
    /// Its close, as the calendar has it.
    pub closes: Timestamp,
    /// When.
    pub due: Timestamp,
    /// It is the opening itself, not a time before the close.
    pub opening: bool,
}

/// The moment of `window` that counts at `now`: the last of those that have come, so that after a night without service
/// people get one mail and not three, and none once the window has closed. `before` are times before the close; those
/// that reach back to the opening or behind it are none. A period's opening is a moment of its own.
#[must_use]
pub fn current(window: Window, before: &[SignedDuration], now: Timestamp) -> Option<Moment> {
    if now >= window.closes {
        return None;
    }
    let opening = matches!(window.subject, Subject::Period(_)).then_some(window.opens);
    let before = before.iter().filter_map(|span| window.closes.checked_sub(*span).ok());
    let due = before.filter(|due| *due > window.opens).chain(opening).filter(|due| *due <= now).max()?;
    let Window { subject, opens, closes } = window;
    Some(Moment { subject, closes, due, opening: due == opens })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-{text}Z").parse().unwrap()
    }

    const BEFORE: [SignedDuration; 3] =
        [SignedDuration::from_hours(72), SignedDuration::from_hours(24), SignedDuration::from_hours(6)];

    fn due(window: Window, now: &str) -> Option<Timestamp> {
        current(window, &BEFORE, at(now)).map(|moment| moment.due)
    }

    #[test]
    fn the_last_moment_that_has_come_counts_until_the_close() {
        let window = Window { subject: Subject::Deposits, opens: at("01-26T13:00:00"), closes: at("03-20T22:00:00") };
        assert_eq!(due(window, "03-17T21:59:59.999"), None);
        assert_eq!(due(window, "03-17T22:00:00"), Some(at("03-17T22:00:00")));
        assert_eq!(due(window, "03-19T21:59:59.999"), Some(at("03-17T22:00:00")));
        assert_eq!(due(window, "03-19T22:00:00"), Some(at("03-19T22:00:00")));
        assert_eq!(due(window, "03-20T21:59:59.999"), Some(at("03-20T16:00:00")), "late, while it still makes sense");
        assert_eq!(due(window, "03-20T22:00:00"), None, "the close itself is out");
    }

    #[test]
    fn a_period_begins_with_its_opening_and_a_short_one_leaves_out_what_lies_before_it() {
        let window = Window { subject: Subject::Period(1), opens: at("05-28T12:00:00"), closes: at("05-29T12:00:00") };
        assert_eq!(due(window, "05-28T11:59:59.999"), None);
        let opening = current(window, &BEFORE, at("05-28T12:00:00")).unwrap();
        assert!(opening.opening && opening.due == window.opens, "24 h before the close is the opening, not a second");
        assert_eq!(due(window, "05-29T06:00:00"), Some(at("05-29T06:00:00")));
        assert!(!current(window, &BEFORE, at("05-29T06:00:00")).unwrap().opening);
    }

    #[test]
    fn a_close_that_was_moved_later_reminds_anew() {
        let window = Window { subject: Subject::Deposits, opens: at("01-26T13:00:00"), closes: at("03-21T22:00:00") };
        let moment = current(window, &BEFORE, at("03-20T21:00:00")).unwrap();
        assert_eq!((moment.closes, moment.due), (window.closes, at("03-18T22:00:00")));
    }
}
