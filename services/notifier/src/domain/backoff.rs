//! When a mail that did not leave is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

const FIRST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(4);
/// How long a mail is tried: what mail servers themselves usually take before they return one.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(4 * 24);

/// When try number `tries + 1` may begin, after `tries` (from 1) have failed, the last at `now`: a minute, doubled each
/// time up to four hours, spread by `jitter` (0 to 1) over the upper half of that. `None` gives the mail up, after four
/// days from `since`.
#[must_use]
pub fn next_try(tries: u32, since: Timestamp, now: Timestamp, jitter: f64) -> Option<Timestamp> {
    let doubled = FIRST.checked_mul(1 << tries.saturating_sub(1).min(16)).unwrap_or(LONGEST).min(LONGEST);
    let spread = doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    let next = now.checked_add(spread).ok()?;
    (next.duration_since(since) <= PATIENCE).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_from_a_minute_to_four_hours_spreads_and_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let after = |tries, jitter| next_try(tries, now, now, jitter).map(|at| at.duration_since(now).as_secs());
        assert_eq!((after(1, 0.0), after(1, 1.0)), (Some(30), Some(60)));
        assert_eq!((after(2, 1.0), after(3, 1.0)), (Some(120), Some(240)));
        assert_eq!((after(9, 1.0), after(100, 1.0), after(u32::MAX, 1.0)), (Some(14_400), Some(14_400), Some(14_400)));
        let since = now - PATIENCE;
        assert_eq!(next_try(1, since, now, 0.0), None, "given up after four days");
        assert!(next_try(1, since + SignedDuration::from_mins(2), now, 1.0).is_some());
    }
}
