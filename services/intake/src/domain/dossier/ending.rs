//! What ends a dossier from outside, for everyone or for one: the end of the window, its reopening, an annulment.

use jiff::Timestamp;

use super::{Annulled, Dossier, State};

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
