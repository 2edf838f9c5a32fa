//! Who has not taken the calendar as their own, and when that is an alarm.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// A confirmed move, as far as acknowledging it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The calendar's version that it made.
    pub version: u64,
    /// When it was confirmed, UTC.
    pub confirmed_at: Timestamp,
    /// The earliest instant from which something moved, UTC: a service that does not know acts on it.
    pub old_instant: Timestamp,
}

/// Services of `expected` whose last acknowledged version is older than `version`.
#[must_use]
pub fn missing<'a>(expected: &'a [String], acknowledged: &BTreeMap<String, u64>, version: u64) -> Vec<&'a str> {
    let behind = |service: &&String| acknowledged.get(*service).is_none_or(|v| *v < version);
    expected.iter().filter(behind).map(String::as_str).collect()
}

/// A missing acknowledgement of this move is an alarm at `now`: it has been missing for `patience`, or the instant from
/// which something moved is that near.
#[must_use]
pub fn overdue(moved: &Moved, now: Timestamp, patience: SignedDuration) -> bool {
    let waited = now.duration_since(moved.confirmed_at) >= patience;
    let near = now < moved.old_instant && moved.old_instant.duration_since(now) <= patience;
    waited || near
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn whoever_is_behind_or_never_spoke_is_missing() {
        let expected = ["a", "b", "c"].map(String::from);
        let heard = BTreeMap::from([("a".to_owned(), 4), ("b".to_owned(), 3), ("x".to_owned(), 1)]);
        assert_eq!(missing(&expected, &heard, 4), ["b", "c"]);
        assert_eq!(missing(&expected, &heard, 3), ["c"]);
    }

    #[test]
    fn the_alarm_comes_before_the_old_instant() {
        let at = |s: i64| Timestamp::from_second(1_000_000 + s).unwrap();
        let patience = SignedDuration::from_secs(5);
        let moved = |old| Moved { version: 2, confirmed_at: at(0), old_instant: at(old) };
        assert!(!overdue(&moved(3600), at(4), patience));
        assert!(overdue(&moved(3600), at(5), patience), "long before it, once patience ends");
        assert!(!overdue(&moved(8), at(2), patience));
        assert!(overdue(&moved(8), at(3), patience), "confirmed on the last moment: at once when it is near");
        assert!(!overdue(&moved(-3600), at(4), patience), "a window that is reopened has no instant to be near to");
        assert!(overdue(&moved(-3600), at(5), patience));
    }
}
