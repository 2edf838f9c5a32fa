//! An upload session: bytes arrive in order, and where it stands is all there is to resume it.

use jiff::SignedDuration;

use super::text::Faults;

/// Largest message of bytes.
pub const MOST_PER_CHUNK: usize = 1 << 20;

/// A session that became no piece for this long takes no more bytes: whoever comes back begins another.
pub const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// From then until its bytes go: no request that found it open is still under way.
pub const SWEPT_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Why bytes were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkRefused {
    /// Not the next byte wanted.
    #[error("bytes from {given} where {wanted} is the next wanted")]
    Offset {
        /// Offset in the message.
        given: u64,
        /// Where to go on.
        wanted: u64,
    },
    /// More bytes than were declared.
    #[error("{reached} bytes where {declared} were declared")]
    PastEnd {
        /// How far the message would reach.
        reached: u64,
        /// Size declared at the beginning.
        declared: u64,
    },
    /// One message carries too much.
    #[error("{given} bytes in one message; up to {MOST_PER_CHUNK} are accepted")]
    ChunkTooLarge {
        /// Bytes in the message.
        given: usize,
    },
}

/// How far a session has come, of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Next byte wanted.
    pub offset: u64,
    /// Size declared at the beginning.
    pub size: u64,
}

impl Progress {
    /// Takes one message of bytes.
    ///
    /// # Errors
    /// When it is not the next one, or goes past the declared size: nothing of it is taken.
    pub fn take(self, given: u64, length: usize) -> Result<Self, ChunkRefused> {
        if length > MOST_PER_CHUNK {
            return Err(ChunkRefused::ChunkTooLarge { given: length });
        }
        if given != self.offset {
            return Err(ChunkRefused::Offset { given, wanted: self.offset });
        }
        let reached = self.offset.saturating_add(length as u64);
        if reached > self.size {
            return Err(ChunkRefused::PastEnd { reached, declared: self.size });
        }
        Ok(Self { offset: reached, ..self })
    }

    /// Every byte has arrived.
    #[must_use]
    pub fn complete(self) -> bool {
        self.offset == self.size
    }
}

/// A file's name as the candidate knows it: shown, never used as a path or trusted.
///
/// # Errors
/// When it is empty, longer than 200 characters, or carries control characters or separators of paths.
pub fn check_name(name: &str) -> Result<String, Faults> {
    let mut f = Faults::default();
    let checked = f.line("name", name, 1, 200);
    if checked.contains(['/', '\\']) {
        f.add("name", "a name, not a path");
    }
    f.or(checked)
}

#[cfg(test)]
mod tests {
    use super::{ChunkRefused, MOST_PER_CHUNK, Progress, check_name};
    use proptest::prelude::*;

    #[test]
    fn bytes_are_taken_in_order_and_never_past_the_end() {
        let start = Progress { offset: 0, size: 10 };
        let half = start.take(0, 5);
        assert_eq!(half, Ok(Progress { offset: 5, size: 10 }));
        assert_eq!(start.take(5, 5), Err(ChunkRefused::Offset { given: 5, wanted: 0 }));
        assert_eq!(start.take(0, 11), Err(ChunkRefused::PastEnd { reached: 11, declared: 10 }));
        assert!(start.take(0, 10).is_ok_and(Progress::complete));
        assert!(!half.is_ok_and(Progress::complete));
        assert!(Progress { offset: 0, size: u64::MAX }.take(0, MOST_PER_CHUNK + 1).is_err());
        assert!(Progress { offset: u64::MAX - 1, size: u64::MAX }.take(u64::MAX - 1, 5).is_ok());
    }

    #[test]
    fn names_are_not_paths() {
        assert!(check_name("relevé S1.pdf").is_ok());
        for bad in ["", "../x.pdf", "C:\\x.pdf", "a\u{0}b.pdf", &"x".repeat(201)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        /// Whatever is sent, in whatever order and however often: the bytes taken are a prefix, each taken once.
        #[test]
        fn what_was_taken_is_a_prefix(size in 0u64..200, messages in prop::collection::vec((0u64..220, 0usize..60), 0..60)) {
            let mut progress = Progress { offset: 0, size };
            for (offset, length) in messages {
                let before = progress;
                match progress.take(offset, length) {
                    Ok(after) => {
                        prop_assert_eq!(offset, before.offset);
                        prop_assert_eq!(after.offset, before.offset + length as u64);
                        prop_assert!(after.offset <= size);
                        progress = after;
                    }
                    Err(_) => prop_assert!(offset != before.offset || before.offset + length as u64 > size),
                }
            }
        }
    }
}
