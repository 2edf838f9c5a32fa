//! How long somebody stays signed in.

use jiff::{SignedDuration, Timestamp};

/// Whose session it is, which decides how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A candidate.
    Candidate,
    /// A relative with a mandate (R36).
    Mandate,
    /// Staff, finance, jury, planners, operators.
    Staff,
}

impl Kind {
    /// After so long without a request it ends.
    const fn idle(self) -> SignedDuration {
        match self {
            Self::Candidate | Self::Mandate => SignedDuration::from_hours(24),
            Self::Staff => SignedDuration::from_hours(2),
        }
    }

    /// After so long it ends in any case.
    const fn whole(self) -> SignedDuration {
        match self {
            Self::Candidate | Self::Mandate => SignedDuration::from_hours(7 * 24),
            Self::Staff => SignedDuration::from_hours(12),
        }
    }
}

/// Nobody is made to sign in again in the last hours before something closes on them.
const BEFORE_A_CLOSE: SignedDuration = SignedDuration::from_hours(3);

/// When a session ends. `closes`: the next instant at which something closes on this person, if there is one: a
/// candidate's session that would end in the three hours before it lasts until it instead.
#[must_use]
pub fn ends(kind: Kind, created: Timestamp, seen: Timestamp, closes: Option<Timestamp>) -> Timestamp {
    let usual = (seen + kind.idle()).min(created + kind.whole());
    match closes {
        Some(close) if kind != Kind::Staff && usual < close && close.duration_since(usual) < BEFORE_A_CLOSE => close,
        _ => usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn idle_and_whole_lives() {
        let made = at("2026-03-01T08:00:00Z");
        assert_eq!(ends(Kind::Candidate, made, made, None), at("2026-03-02T08:00:00Z"));
        assert_eq!(ends(Kind::Candidate, made, at("2026-03-08T07:00:00Z"), None), at("2026-03-08T08:00:00Z"));
        assert_eq!(ends(Kind::Staff, made, made, None), at("2026-03-01T10:00:00Z"));
        assert_eq!(ends(Kind::Staff, made, at("2026-03-01T19:30:00Z"), None), at("2026-03-01T20:00:00Z"));
    }

    #[test]
    fn nobody_signs_in_again_at_22_55() {
        let close = at("2026-03-20T22:00:00Z");
        let made = at("2026-03-13T21:55:00Z");
        assert_eq!(ends(Kind::Candidate, made, at("2026-03-20T21:54:00Z"), Some(close)), close);
        // One that ends long before is no surprise at the last minute.
        let early = at("2026-03-19T18:00:00Z");
        assert_eq!(ends(Kind::Candidate, early, early, Some(at("2026-03-20T22:00:00Z"))), at("2026-03-20T18:00:00Z"));
        assert_eq!(ends(Kind::Staff, made, made, Some(close)), at("2026-03-13T23:55:00Z"));
    }
}
