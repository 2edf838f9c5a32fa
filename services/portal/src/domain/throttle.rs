//! How often somebody may try a door.

use jiff::{SignedDuration, Timestamp};

/// A door that is tried from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Passwords of one account.
    Account,
    /// Passwords, codes and requests from one network address.
    Address,
    /// Second factors of one account.
    Code,
    /// Mail asked for to one address.
    Mail,
    /// Requests of one token of another system. The limit is the configuration's; this one is its default.
    System,
}

impl Door {
    /// So many tries in so long.
    #[must_use]
    pub const fn limit(self) -> (i32, SignedDuration) {
        match self {
            Self::Account => (10, SignedDuration::from_mins(15)),
            // A university's whole hall may share one address on the last evening.
            Self::Address => (300, SignedDuration::from_mins(15)),
            Self::Code => (6, SignedDuration::from_mins(15)),
            Self::Mail => (4, SignedDuration::from_hours(1)),
            Self::System => (600, SignedDuration::from_mins(1)),
        }
    }

    /// Word under which its tries are counted.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Code => "code",
            Self::Mail => "mail",
            Self::System => "system",
        }
    }

    /// Beginning of the window that `now` falls into.
    #[must_use]
    pub fn window(self, now: Timestamp) -> Timestamp {
        let length = self.limit().1.as_secs();
        Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(length)).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_one_another() {
        let now: Timestamp = "2026-03-20T21:59:59.999Z".parse().unwrap();
        assert_eq!(Door::Account.window(now).to_string(), "2026-03-20T21:45:00Z");
        assert_eq!(Door::Account.window(now + SignedDuration::from_millis(1)).to_string(), "2026-03-20T22:00:00Z");
    }
}
