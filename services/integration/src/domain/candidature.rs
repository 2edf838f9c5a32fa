//! One candidate's way through the periods: proposals, seats, departures (R29 to R34).
//!
//! Answers take effect here, at a period's close; what a candidate may answer is in [`super::answers`].

use std::collections::BTreeSet;

use super::{
    answers::Answer,
    computation::Runner,
    ids::{DossierId, SchoolId},
};

/// A school the candidate chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The school.
    pub school: SchoolId,
    /// 1-based rank on its signed table, as published at the last opening; none if not on it.
    pub rank: Option<u32>,
    /// An answer gave it up (R30).
    pub given_up: bool,
    /// The jury keeps a supernumerary seat here for them (R33).
    pub supernumerary: bool,
}

/// Where a candidate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// On no table: non retenu, not in the running (R27).
    NotRetained,
    /// In the running, with neither a proposal nor a seat.
    Waiting,
    /// A proposal of this period.
    Proposed(SchoolId),
    /// A seat held by OUI MAIS.
    Holding(SchoolId),
    /// A seat for good, sous réserve of the title (R34).
    Accepted(SchoolId),
    /// Definitively admitted.
    Admitted(SchoolId),
    /// The title was not there by its deadline.
    Lapsed(SchoolId),
    /// NON: out for good.
    Resigned,
    /// Out at a close (R31).
    Eliminated(Reason),
    /// The jury annulled the candidature (R15).
    Annulled,
}

/// Why a candidate was eliminated (R31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No authenticated request during the period.
    NoLogin,
    /// A new proposal left without an answer.
    NoAnswer,
}

impl Standing {
    /// The school of the proposal or seat.
    #[must_use]
    pub fn seat(&self) -> Option<&SchoolId> {
        match self {
            Self::Proposed(school) | Self::Holding(school) | Self::Accepted(school) | Self::Admitted(school) => {
                Some(school)
            }
            Self::Lapsed(_)
            | Self::NotRetained
            | Self::Waiting
            | Self::Resigned
            | Self::Eliminated(_)
            | Self::Annulled => None,
        }
    }

    /// Still in the running, or with a seat for good (R29).
    #[must_use]
    pub fn in_the_running(&self) -> bool {
        matches!(self, Self::Waiting) || self.seat().is_some()
    }

    /// Left, and not coming back by a change of the tables.
    #[must_use]
    pub fn is_out(&self) -> bool {
        matches!(self, Self::Resigned | Self::Eliminated(_) | Self::Annulled | Self::Lapsed(_))
    }
}

/// What the close of a period finds of one candidate (R31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// An authenticated request of theirs, or of a mandate, was received during the period.
    pub logged_in: bool,
    /// Their last answer of the period.
    pub answer: Option<Answer>,
}

/// The circumstances of a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// No period follows: OUI MAIS counts as a seat for good (R34).
    pub last: bool,
    /// A person decided to eliminate nobody, after an outage: silence keeps what was held or proposed.
    pub spare: bool,
}

/// A candidate in the integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidature {
    /// Whose.
    pub dossier: DossierId,
    /// In the candidate's order, best first.
    pub choices: Vec<Choice>,
    /// Where they stand.
    pub standing: Standing,
}

impl Candidature {
    /// Schools still open, best first: on the table or with a seat kept for them, and not given up.
    pub fn open(&self) -> impl Iterator<Item = &Choice> {
        let seat = self.standing.seat();
        self.choices.iter().filter(move |choice| {
            let reachable = choice.rank.is_some() || choice.supernumerary || Some(&choice.school) == seat;
            reachable && !choice.given_up
        })
    }

    /// Schools that are better than the proposal or seat and possible (R30); without one, all still open.
    pub fn better(&self) -> impl Iterator<Item = &SchoolId> {
        let seat = self.standing.seat();
        self.open().map(|choice| &choice.school).take_while(move |school| Some(*school) != seat)
    }

    /// 1-based rank on the table of a school, as last published.
    #[must_use]
    pub fn rank_at(&self, school: &SchoolId) -> Option<u32> {
        self.choices.iter().find(|choice| choice.school == *school).and_then(|choice| choice.rank)
    }

    /// What the next computation needs of them; none if they are out or nothing is open.
    #[must_use]
    pub fn runner(&self) -> Option<Runner> {
        if self.standing.is_out() {
            return None;
        }
        let open: Vec<_> = self.open().map(|choice| choice.school.clone()).collect();
        (!open.is_empty()).then(|| Runner { open, held: self.standing.seat().cloned() })
    }

    /// A period opens on its proposals (R29, R32). A seat that gave way to a better one is released by this.
    #[must_use]
    pub fn open_period(mut self, proposal: Option<&SchoolId>) -> Self {
        if self.standing.is_out() {
            return self;
        }
        self.standing = match (self.standing, proposal) {
            (kept, Some(school)) if kept.seat() == Some(school) => kept,
            (_, Some(school)) => Standing::Proposed(school.clone()),
            // A computation never takes a seat away (R33); only people without one come by here.
            (kept, None) if kept.seat().is_some() => kept,
            (_, None) => Standing::Waiting,
        };
        if self.standing == Standing::Waiting && self.open().next().is_none() {
            self.standing = Standing::NotRetained;
        }
        self
    }

    /// A period closes: the last answer takes effect, absence and silence eliminate (R30, R31).
    #[must_use]
    pub fn close_period(mut self, seen: Seen, closing: Closing) -> Self {
        // An answer is a request, so whoever answered was seen.
        let absent = !seen.logged_in && seen.answer.is_none() && !closing.spare;
        self.standing = match self.standing.clone() {
            Standing::Waiting | Standing::Proposed(_) | Standing::Holding(_) if absent => {
                Standing::Eliminated(Reason::NoLogin)
            }
            Standing::Proposed(school) => match seen.answer {
                Some(answer) => self.take_effect(answer, school),
                None if closing.spare => self.take_effect(Answer::OuiMais, school),
                None => Standing::Eliminated(Reason::NoAnswer),
            },
            Standing::Holding(school) => {
                let answer = seen.answer.unwrap_or(Answer::OuiMais);
                self.take_effect(answer, school)
            }
            other => other,
        };
        if closing.last
            && let Standing::Holding(school) = self.standing
        {
            self.standing = Standing::Accepted(school);
        }
        self
    }

    fn take_effect(&mut self, answer: Answer, school: SchoolId) -> Standing {
        for lost in self.given_up_by(answer) {
            if let Some(choice) = self.choices.iter_mut().find(|choice| choice.school == lost) {
                choice.given_up = true;
            }
        }
        match answer {
            Answer::OuiDefinitif => Standing::Accepted(school),
            Answer::OuiMais | Answer::Attente => Standing::Holding(school),
            Answer::NonMais => Standing::Waiting,
            Answer::Non => Standing::Resigned,
        }
    }

    /// Schools that an answer gives up, in the candidate's order (R30).
    #[must_use]
    pub fn given_up_by(&self, answer: Answer) -> BTreeSet<SchoolId> {
        let seat = self.standing.seat();
        let place = self.choices.iter().position(|choice| Some(&choice.school) == seat);
        let lost = |index: usize| match (answer, place) {
            (Answer::Non, _) => true,
            (Answer::OuiDefinitif, Some(place)) => index != place,
            (Answer::OuiMais, Some(place)) => index > place,
            (Answer::NonMais, Some(place)) => index >= place,
            (Answer::Attente, _) | (_, None) => false,
        };
        let open: BTreeSet<&SchoolId> = self.open().map(|choice| &choice.school).collect();
        (self.choices.iter().enumerate())
            .filter(|(index, choice)| lost(*index) && open.contains(&choice.school))
            .map(|(_, choice)| choice.school.clone())
            .collect()
    }

    /// NON, at once and for good.
    #[must_use]
    pub fn resign(mut self) -> Self {
        self.standing = Standing::Resigned;
        self
    }

    /// The jury annuls the candidature; nothing undoes that (R15).
    #[must_use]
    pub fn annul(mut self) -> Self {
        self.standing = Standing::Annulled;
        self
    }

    /// The jury keeps a seat for them (R33). It brings back whoever an error eliminated, never who resigned.
    ///
    /// A school they did not choose changes nothing.
    #[must_use]
    pub fn grant(mut self, school: &SchoolId) -> Self {
        let gone = matches!(self.standing, Standing::Resigned | Standing::Annulled);
        if let Some(choice) = self.choices.iter_mut().find(|choice| choice.school == *school)
            && !gone
        {
            choice.supernumerary = true;
            choice.given_up = false;
            if matches!(self.standing, Standing::Eliminated(_) | Standing::NotRetained) {
                self.standing = Standing::Waiting;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
