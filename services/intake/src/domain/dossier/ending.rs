//! What ends a dossier: the end of the window and its reopening, for everyone; an annulment; its own candidate.

use jiff::Timestamp;

use super::{AbandonRefused, Annulled, Dossier, State};
use crate::domain::form::{Identity, Studies};

impl Dossier {
    /// The window was reopened for everyone until `until` (R5). Says whether that opened the dossier again.
    #[must_use]
    pub fn window_reopened(mut self, until: Timestamp) -> (Self, bool) {
        let reopened = matches!(self.state, State::NotClosed { at } if at < until);
        if reopened {
            self.state = State::Open;
        }
        (self, reopened)
    }

    /// The deposit window ends. Says whether that ended the dossier (R13).
    #[must_use]
    pub fn window_ended(mut self, at: Timestamp) -> (Self, bool) {
        let ended = self.state == State::Open;
        if ended {
            self.state = State::NotClosed { at };
        }
        (self, ended)
    }

    /// The candidate gives it up: nothing is left of it but that it was there. Says whether that is news.
    ///
    /// # Errors
    /// See [`AbandonRefused`].
    pub fn abandon(self, at: Timestamp) -> Result<(Self, bool), AbandonRefused> {
        match self.state {
            State::Open => {}
            State::Abandoned { .. } => return Ok((self, false)),
            State::Closed(_) | State::NotClosed { .. } => return Err(AbandonRefused { state: self.state_name() }),
        }
        let empty = Self {
            id: self.id,
            number: self.number,
            opened_at: self.opened_at,
            state: State::Abandoned { at },
            identity: Identity::nobody(),
            studies: Studies::default(),
            title: None,
            other_route_declared: false,
            order: Vec::new(),
            fee: None,
            pieces: Vec::new(),
            fiche: None,
            annulled: None,
        };
        Ok((empty, true))
    }

    /// Whether anything can still come of it.
    ///
    /// # Errors
    /// The jury annulled it.
    pub fn in_the_running(&self) -> Result<(), Annulled> {
        self.annulled.map_or(Ok(()), |at| Err(Annulled { at }))
    }

    /// The jury annuls the candidature (R15). Says whether that is news: an annulment is for good, and only of a
    /// candidature.
    #[must_use]
    pub fn annul(mut self, at: Timestamp) -> (Self, bool) {
        let annulled = matches!(self.state, State::Closed(_)) && self.annulled.is_none();
        if annulled {
            self.annulled = Some(at);
        }
        (self, annulled)
    }
}
