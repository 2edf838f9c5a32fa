//! When a result may be seen (R19).

use jiff::Timestamp;

/// True once the instant has come and a second person's confirmation is stored, both at or before `at`. An instant that
/// is not known has not come.
#[must_use]
pub fn visible(due: Option<Timestamp>, confirmed: Option<Timestamp>, at: Timestamp) -> bool {
    matches!((due, confirmed), (Some(due), Some(confirmed)) if due <= at && confirmed <= at)
}

/// The instant from which everyone sees it: the printed one, or the confirmation if that came later.
#[must_use]
pub fn publish_at(due: Timestamp, confirmed: Timestamp) -> Timestamp {
    due.max(confirmed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::{publish_at, visible};

    fn instant() -> impl Strategy<Value = Timestamp> {
        (0_i64..200_000).prop_map(|ms| Timestamp::from_millisecond(1_775_000_000_000 + ms).unwrap())
    }

    proptest! {
        #[test]
        fn never_a_millisecond_early_and_always_from_the_instant_on(due in instant(), confirmed in instant()) {
            let at = publish_at(due, confirmed);
            prop_assert!(visible(Some(due), Some(confirmed), at));
            prop_assert!(!visible(Some(due), Some(confirmed), at - SignedDuration::from_millis(1)));
            prop_assert!(!visible(Some(due), Some(confirmed), due - SignedDuration::from_millis(1)));
        }

        #[test]
        fn neither_the_clock_nor_a_person_alone_publishes(due in instant(), at in instant()) {
            prop_assert!(!visible(Some(due), None, at));
            prop_assert!(!visible(None, Some(due), at));
        }

        #[test]
        fn what_is_visible_stays_visible(due in instant(), confirmed in instant(), at in instant(), later in instant()) {
            let (at, later) = (at.min(later), at.max(later));
            prop_assert!(!visible(Some(due), Some(confirmed), at) || visible(Some(due), Some(confirmed), later));
        }
    }
}
