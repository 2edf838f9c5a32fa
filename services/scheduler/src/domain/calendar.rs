//! The calendar and how it fires.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Whether a transition has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not yet.
    Pending,
    /// Yes, as of its due instant.
    Fired,
}

/// One transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// When it is due, UTC. Once it has fired, the instant that dates everything it changes.
    pub due_at: Timestamp,
    /// The instant of the session file, UTC.
    pub printed_at: Timestamp,
    /// Whether it has happened.
    pub state: State,
    /// Version of the calendar in which this entry last changed.
    pub version: u64,
}

/// The calendar of one session: its transitions in the procedure's order, which is also that of their instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Id of the session.
    pub session: String,
    /// Zone in which people read the instants.
    pub zone: TimeZone,
    /// Grows by one with each change.
    pub version: u64,
    pub(super) entries: Vec<Entry>,
}

/// A transition has fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Which.
    pub key: String,
    /// Its due instant, which dates it.
    pub due_at: Timestamp,
}

impl Calendar {
    /// A calendar of which nothing has happened: version 1.
    #[must_use]
    pub fn seeded(session: String, zone: TimeZone, transitions: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        let entry = |(key, at)| Entry { key, due_at: at, printed_at: at, state: State::Pending, version: 1 };
        Self { session, zone, version: 1, entries: transitions.into_iter().map(entry).collect() }
    }

    /// A calendar as stored, entries in the procedure's order.
    #[must_use]
    pub fn restored(session: String, zone: TimeZone, version: u64, entries: Vec<Entry>) -> Self {
        Self { session, zone, version, entries }
    }

    /// Every transition, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The transition of that name.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// An instant as people read it here.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// The first transition that has not happened. Later ones wait for it even if they share its instant.
    #[must_use]
    pub fn next(&self) -> Option<&Entry> {
        self.entries.iter().find(|e| e.state == State::Pending)
    }

    /// Fires the next transition if it is due at `now`, dated by its due instant; otherwise gives the calendar back.
    ///
    /// # Errors
    /// Nothing is due: the calendar as it was.
    pub fn fire_next(mut self, now: Timestamp) -> Result<(Self, Fired), Self> {
        let Some(entry) = self.entries.iter_mut().find(|e| e.state == State::Pending).filter(|e| e.due_at <= now)
        else {
            return Err(self);
        };
        self.version += 1;
        entry.state = State::Fired;
        entry.version = self.version;
        let fired = Fired { key: entry.key.clone(), due_at: entry.due_at };
        Ok((self, fired))
    }
}
