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
mod tests {
    use uuid::Uuid;

    use super::*;

    const USUAL: Closing = Closing { last: false, spare: false };
    const SILENT: Seen = Seen { logged_in: true, answer: None };
    const ABSENT: Seen = Seen { logged_in: false, answer: None };

    fn answered(answer: Answer) -> Seen {
        Seen { logged_in: true, answer: Some(answer) }
    }

    /// Chose a, b and c in that order and is on all three tables.
    fn candidature(standing: Standing) -> Candidature {
        let choice =
            |school: &str| Choice { school: school.into(), rank: Some(1), given_up: false, supernumerary: false };
        let choices = vec![choice("a"), choice("b"), choice("c")];
        Candidature { dossier: DossierId(Uuid::nil()), choices, standing }
    }

    fn open(candidature: &Candidature) -> Vec<&str> {
        candidature.open().map(|choice| choice.school.0.as_str()).collect()
    }

    /// R30's table, as what is left when the period has closed.
    #[test]
    fn each_answer_takes_its_effect_at_the_close() {
        let proposed = |answer| candidature(Standing::Proposed("b".into())).close_period(answered(answer), USUAL);
        let after = proposed(Answer::OuiDefinitif);
        assert_eq!((after.standing.clone(), open(&after)), (Standing::Accepted("b".into()), vec!["b"]));
        let after = proposed(Answer::OuiMais);
        assert_eq!((after.standing.clone(), open(&after)), (Standing::Holding("b".into()), vec!["a", "b"]));
        let after = proposed(Answer::NonMais);
        assert_eq!((after.standing.clone(), open(&after)), (Standing::Waiting, vec!["a"]));
        let after = candidature(Standing::Waiting).close_period(answered(Answer::Attente), USUAL);
        assert_eq!((after.standing.clone(), open(&after)), (Standing::Waiting, vec!["a", "b", "c"]));
    }

    #[test]
    fn absence_and_silence_eliminate_and_nothing_else_does() {
        let close = |standing, seen| candidature(standing).close_period(seen, USUAL).standing;
        let proposed = || Standing::Proposed("b".into());
        let holding = || Standing::Holding("b".into());
        let accepted = || Standing::Accepted("b".into());
        let no_login = Standing::Eliminated(Reason::NoLogin);
        assert_eq!(close(proposed(), ABSENT), no_login);
        assert_eq!(close(holding(), ABSENT), no_login);
        assert_eq!(close(Standing::Waiting, ABSENT), no_login);
        assert_eq!(close(proposed(), SILENT), Standing::Eliminated(Reason::NoAnswer));
        assert_eq!(close(holding(), SILENT), holding());
        assert_eq!(close(Standing::Waiting, SILENT), Standing::Waiting);
        assert_eq!(close(accepted(), ABSENT), accepted());
        assert_eq!(close(Standing::NotRetained, ABSENT), Standing::NotRetained);
        assert_eq!(close(Standing::Resigned, ABSENT), Standing::Resigned);
    }

    #[test]
    fn after_an_outage_a_person_may_spare_everyone() {
        let spare = Closing { last: false, spare: true };
        let proposed = candidature(Standing::Proposed("b".into()));
        assert_eq!(proposed.clone().close_period(ABSENT, spare).standing, Standing::Holding("b".into()));
        assert_eq!(candidature(Standing::Waiting).close_period(ABSENT, spare).standing, Standing::Waiting);
        // Answers given before the outage stand.
        assert_eq!(proposed.close_period(answered(Answer::NonMais), spare).standing, Standing::Waiting);
    }

    #[test]
    fn oui_mais_is_a_seat_for_good_after_the_last_close() {
        let last = Closing { last: true, spare: false };
        let holding = candidature(Standing::Holding("b".into()));
        assert_eq!(holding.clone().close_period(SILENT, last).standing, Standing::Accepted("b".into()));
        assert_eq!(holding.close_period(answered(Answer::NonMais), last).standing, Standing::Waiting);
    }

    #[test]
    fn an_opening_proposes_releases_or_leaves_things_as_they_are() {
        let open = |standing, proposal: Option<&str>| {
            candidature(standing).open_period(proposal.map(SchoolId::from).as_ref()).standing
        };
        assert_eq!(open(Standing::Waiting, Some("a")), Standing::Proposed("a".into()));
        assert_eq!(open(Standing::Holding("b".into()), Some("b")), Standing::Holding("b".into()));
        assert_eq!(open(Standing::Holding("b".into()), Some("a")), Standing::Proposed("a".into()));
        assert_eq!(open(Standing::Accepted("b".into()), Some("b")), Standing::Accepted("b".into()));
        assert_eq!(open(Standing::Waiting, None), Standing::Waiting);
        assert_eq!(open(Standing::Resigned, None), Standing::Resigned);
    }

    #[test]
    fn on_no_table_is_non_retenu_until_a_table_says_otherwise() {
        let mut nowhere = candidature(Standing::Waiting);
        nowhere.choices.iter_mut().for_each(|choice| choice.rank = None);
        let mut nowhere = nowhere.open_period(None);
        assert_eq!(nowhere.standing, Standing::NotRetained);
        assert_eq!(nowhere.runner(), None);
        nowhere.choices[2].rank = Some(7);
        let runner = Runner { open: vec!["c".into()], held: None };
        assert_eq!(nowhere.runner(), Some(runner));
        assert_eq!(nowhere.open_period(Some(&"c".into())).standing, Standing::Proposed("c".into()));
    }

    #[test]
    fn a_supernumerary_seat_brings_back_the_eliminated_but_not_who_resigned() {
        let eliminated = candidature(Standing::Eliminated(Reason::NoAnswer)).grant(&"b".into());
        assert_eq!(eliminated.standing, Standing::Waiting);
        assert!(eliminated.choices[1].supernumerary);
        assert_eq!(candidature(Standing::Resigned).grant(&"b".into()).standing, Standing::Resigned);
        assert_eq!(candidature(Standing::Waiting).grant(&"z".into()), candidature(Standing::Waiting));
    }
}
