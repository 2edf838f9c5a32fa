//! The periods of the calendar, as this service last heard it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::DbError};
use sqlx::PgConnection;

/// Instants of the periods and of the title deadline. Whatever is not known yet has not come.
#[derive(Debug, Clone)]
pub struct Calendar {
    instants: BTreeMap<String, Timestamp>,
    periods: u32,
}

impl Calendar {
    /// Reads the instants, for a session of so many periods.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn load(conn: &mut PgConnection, periods: u32) -> Result<Self, DbError> {
        let of_periods = (1..=periods).flat_map(|number| [keys::period_opens(number), keys::period_closes(number)]);
        let keys: Vec<String> = of_periods.chain([keys::TITLES_DUE.to_owned()]).collect();
        Ok(Self { instants: calendar::instants(conn, &keys).await?, periods })
    }

    /// When a period opens.
    #[must_use]
    pub fn opens(&self, number: u32) -> Option<Timestamp> {
        self.instants.get(&keys::period_opens(number)).copied()
    }

    /// When a period closes, itself out (R2).
    #[must_use]
    pub fn closes(&self, number: u32) -> Option<Timestamp> {
        self.instants.get(&keys::period_closes(number)).copied()
    }

    /// The period that an instant lies in.
    #[must_use]
    pub fn period_at(&self, at: Timestamp) -> Option<u32> {
        (1..=self.periods).find(|number| {
            self.opens(*number).is_some_and(|opens| opens <= at)
                && self.closes(*number).is_some_and(|closes| at < closes)
        })
    }

    /// The next opening after an instant.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.next_period(at).map(|(_, opens)| opens)
    }

    /// The next period to open after an instant, and when.
    #[must_use]
    pub fn next_period(&self, at: Timestamp) -> Option<(u32, Timestamp)> {
        (1..=self.periods).filter_map(|number| Some((number, self.opens(number)?))).find(|(_, opens)| at < *opens)
    }

    /// The title deadline, itself out (R4).
    #[must_use]
    pub fn titles_due(&self) -> Option<Timestamp> {
        self.instants.get(keys::TITLES_DUE).copied()
    }

    /// The title deadline is known and has passed.
    #[must_use]
    pub fn titles_are_due(&self, at: Timestamp) -> bool {
        self.titles_due().is_some_and(|due| due <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn one_millisecond_decides_on_either_side() {
        let known = [("period_1_opens", 100), ("period_1_closes", 200), ("period_2_opens", 300)];
        let instants = known.map(|(key, ms)| (key.to_owned(), at(ms))).into();
        let calendar = Calendar { instants, periods: 3 };
        let found = [99, 100, 199, 200, 300, 9_999].map(|ms| calendar.period_at(at(ms)));
        // The second period's close is not known: it is not open.
        assert_eq!(found, [None, Some(1), Some(1), None, None, None]);
        assert_eq!(calendar.next_opening(at(100)), Some(at(300)));
        assert_eq!(calendar.next_opening(at(300)), None);
        assert!(!calendar.titles_are_due(at(9_999)));
    }
}
