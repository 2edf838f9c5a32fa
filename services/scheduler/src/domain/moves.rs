//! Moving a transition later, with what depends on it (R5). Nothing is ever moved earlier, nor out of order.
//!
//! What depends on what:
//! - an instant that is derived from another one moves with it (`fees_listed` from the admissibility commission), never
//!   earlier, and stays once it has fired;
//! - two transitions of one event that share their instant move together (the admission results and the first period);
//! - everything else keeps its place: a move that would pass the next transition is refused and says how far it may go.
//!
//! A close that has fired may be moved too: its window is open again for everyone, until the new instant.

use jiff::{SpanFieldwise, Timestamp};
use notice::{Session, keys};

use super::calendar::{Calendar, Entry, State};

/// What depends on what, from the session file.
#[derive(Debug, Clone)]
pub struct Links {
    /// `key` lies `before` the local time of `of`.
    derived: Vec<(String, String, SpanFieldwise)>,
    /// These share an instant as long as they do.
    together: Vec<(String, String)>,
}

impl Links {
    /// Those of a session.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let listed = session.fee.listed_before;
        Self {
            derived: vec![(keys::FEES_LISTED.into(), keys::ADMISSIBILITY_COMMISSION.into(), listed)],
            together: vec![(keys::ADMISSION_RESULTS.into(), keys::period_opens(1))],
        }
    }
}

/// One transition that a move changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Which.
    pub key: String,
    /// From this instant, UTC.
    pub from: Timestamp,
    /// To this later one.
    pub to: Timestamp,
    /// It had fired: its window opens again.
    pub reopens: bool,
}

/// How far a move has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveState {
    /// One person has prepared it.
    Prepared,
    /// Another has confirmed it, and it was carried out.
    Confirmed {
        /// Who.
        by: String,
        /// When, UTC.
        at: Timestamp,
        /// The calendar's version that it made.
        version: u64,
    },
}

/// A move of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move<Id> {
    /// Its id.
    pub id: Id,
    /// The transition.
    pub key: String,
    /// Where to, UTC.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who prepared it.
    pub prepared_by: String,
    /// When, UTC.
    pub prepared_at: Timestamp,
    /// Everything that it moves.
    pub shifts: Vec<Shift>,
    /// How far it has come.
    pub state: MoveState,
}

/// Why a transition cannot be moved so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// No transition has that name.
    #[error("no transition `{key}`")]
    Unknown {
        /// What was asked.
        key: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Nothing is ever moved earlier (R5).
    #[error("`{key}` is due at {due_at}: it can only be moved later, not to {to}")]
    Earlier {
        /// The transition.
        key: String,
        /// Where it stands.
        due_at: Timestamp,
        /// What was asked.
        to: Timestamp,
    },
    /// A move into the past would take effect before anyone could know of it.
    #[error("{to} has passed: it is {now}")]
    NotInTheFuture {
        /// What was asked.
        to: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// It has happened, and is not the close of a window.
    #[error("`{key}` has happened, as of {fired_at}; only the close of a window can be moved after that")]
    AlreadyFired {
        /// The transition.
        key: String,
        /// When.
        fired_at: Timestamp,
    },
    /// It would pass the transition that follows it.
    #[error("`{key}` at {to} would pass `{next}`, due at {next_at}")]
    OutOfOrder {
        /// The transition that would pass.
        key: String,
        /// Where to.
        to: Timestamp,
        /// The one it would pass.
        next: String,
        /// When that is due.
        next_at: Timestamp,
    },
}

/// Why a prepared move was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmRefused {
    /// Two people are needed.
    #[error("{who} prepared this move: another person confirms it")]
    SamePerson {
        /// Who asked.
        who: String,
    },
    /// It would no longer do what was prepared.
    #[error("the calendar has changed since this move was prepared: prepare it again")]
    CalendarChanged,
    /// The rules no longer allow it.
    #[error(transparent)]
    Move(#[from] MoveRefused),
}

/// The close of a window: what may be moved although it has happened.
fn closes_a_window(key: &str) -> bool {
    key == keys::DEPOSITS_CLOSE || key == keys::TITLES_DUE || keys::closed_period(key).is_some()
}

/// Sharing the instant of the transition before it would leave the window between them empty.
fn needs_room_before(key: &str) -> bool {
    key == keys::DEPOSITS_CLOSE || keys::closed_period(key).is_some()
}

impl Calendar {
    /// Everything that moving `key` to `to` moves, if that is allowed at `now`.
    ///
    /// # Errors
    /// Why it is not.
    pub fn plan(&self, links: &Links, key: &str, to: Timestamp, now: Timestamp) -> Result<Vec<Shift>, MoveRefused> {
        let entry = self.entry(key).ok_or_else(|| MoveRefused::Unknown {
            key: key.to_owned(),
            known: self.entries.iter().map(|e| e.key.clone()).collect(),
        })?;
        if to <= entry.due_at {
            return Err(MoveRefused::Earlier { key: key.to_owned(), due_at: entry.due_at, to });
        }
        if to <= now {
            return Err(MoveRefused::NotInTheFuture { to, now });
        }
        if entry.state == State::Fired && !closes_a_window(key) {
            return Err(MoveRefused::AlreadyFired { key: key.to_owned(), fired_at: entry.due_at });
        }
        let mut shifts = vec![shift(entry, to)];
        for other in self.together(links, entry) {
            shifts.push(shift(other, to));
        }
        for (derived, to) in self.derived(links, key, to) {
            shifts.push(shift(derived, to));
        }
        self.in_order(&shifts)?;
        Ok(shifts)
    }

    fn together<'a>(&'a self, links: &'a Links, entry: &'a Entry) -> impl Iterator<Item = &'a Entry> {
        links.together.iter().filter_map(move |(a, b)| {
            let other = if *a == entry.key {
                b
            } else if *b == entry.key {
                a
            } else {
                return None;
            };
            self.entry(other).filter(|o| o.due_at == entry.due_at && o.state == State::Pending)
        })
    }

    fn derived<'a>(
        &'a self,
        links: &'a Links,
        key: &'a str,
        to: Timestamp,
    ) -> impl Iterator<Item = (&'a Entry, Timestamp)> {
        links.derived.iter().filter(move |(_, of, _)| of == key).filter_map(move |(derived, _, before)| {
            let entry = self.entry(derived).filter(|e| e.state == State::Pending)?;
            let local = self.local(to).checked_sub(before.0).ok()?;
            let at = self.zone.to_timestamp(local).ok()?;
            // It may have been moved by itself, further than this.
            (at > entry.due_at).then_some((entry, at))
        })
    }

    /// The whole calendar with `shifts` keeps the procedure's order.
    fn in_order(&self, shifts: &[Shift]) -> Result<(), MoveRefused> {
        let due = |e: &Entry| shifts.iter().find(|s| s.key == e.key).map_or(e.due_at, |s| s.to);
        for pair in self.entries.windows(2) {
            let [before, after] = pair else { continue };
            let (a, b) = (due(before), due(after));
            if a < b || (a == b && !needs_room_before(&after.key)) {
                continue;
            }
            return Err(MoveRefused::OutOfOrder {
                key: before.key.clone(),
                to: a,
                next: after.key.clone(),
                next_at: b,
            });
        }
        Ok(())
    }

    fn shifted(mut self, shifts: &[Shift]) -> Self {
        self.version += 1;
        for shift in shifts {
            if let Some(entry) = self.entries.iter_mut().find(|e| e.key == shift.key) {
                entry.due_at = shift.to;
                entry.state = State::Pending;
                entry.version = self.version;
            }
        }
        self
    }
}

fn shift(entry: &Entry, to: Timestamp) -> Shift {
    Shift { key: entry.key.clone(), from: entry.due_at, to, reopens: entry.state == State::Fired }
}

impl<Id> Move<Id> {
    /// Prepares a move, by one person.
    ///
    /// # Errors
    /// See [`Calendar::plan`].
    #[expect(clippy::too_many_arguments, reason = "each is one thing a person said, or when")]
    pub fn prepare(
        id: Id,
        calendar: &Calendar,
        links: &Links,
        key: String,
        to: Timestamp,
        reason: String,
        by: String,
        at: Timestamp,
    ) -> Result<Self, MoveRefused> {
        let shifts = calendar.plan(links, &key, to, at)?;
        Ok(Self { id, key, to, reason, prepared_by: by, prepared_at: at, shifts, state: MoveState::Prepared })
    }

    /// Carries a prepared move out, by another person. A close that fired while they talked is reopened; anything else
    /// that changed since has to be prepared again. A confirmed move stays as it is.
    ///
    /// # Errors
    /// Why not.
    pub fn confirm(
        self,
        calendar: Calendar,
        links: &Links,
        by: String,
        at: Timestamp,
    ) -> Result<(Self, Calendar), ConfirmRefused> {
        if matches!(self.state, MoveState::Confirmed { .. }) {
            return Ok((self, calendar));
        }
        if by == self.prepared_by {
            return Err(ConfirmRefused::SamePerson { who: by });
        }
        let shifts = calendar.plan(links, &self.key, self.to, at)?;
        let same = |(a, b): (&Shift, &Shift)| (&a.key, a.from, a.to) == (&b.key, b.from, b.to);
        if shifts.len() != self.shifts.len() || !shifts.iter().zip(&self.shifts).all(same) {
            return Err(ConfirmRefused::CalendarChanged);
        }
        let calendar = calendar.shifted(&shifts);
        let state = MoveState::Confirmed { by, at, version: calendar.version };
        Ok((Self { shifts, state, ..self }, calendar))
    }
}
