//! When an admission sous réserve becomes definitive, or lapses (R34).
//!
//! A deposit counts by its own instant, `[…, deadline)`, however late it is looked at: what was deposited in time and
//! is not yet reviewed at the deadline stays pending.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

/// A title piece, as the session file names it, e.g. the diploma.
pub type PieceId = String;

/// What a school made of a deposited piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// Accepted.
    Accepted,
    /// Refused, with a reason.
    Refused(String),
}

/// The latest deposit of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// This very deposit.
    pub id: Uuid,
    /// When the platform received it.
    pub at: Timestamp,
    /// The school's review of this very deposit.
    pub review: Option<Review>,
}

/// A required piece, seen at some instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PieceState {
    /// Not deposited in time, so far.
    Missing,
    /// Deposited in time, not reviewed.
    Deposited(Timestamp),
    /// Accepted.
    Accepted(Timestamp),
    /// Refused, with the reason; another can be deposited until the deadline.
    Refused(Timestamp, String),
}

/// Title pieces of one candidate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitleFile {
    /// Pieces that the notice requires of this filière, in its order.
    pub required: Vec<PieceId>,
    /// Latest deposits that were in time.
    pub deposits: BTreeMap<PieceId, Deposit>,
}

/// What becomes of an admission sous réserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is accepted.
    Definitive,
    /// Somebody still has something to do: the candidate before the deadline, the school at any time.
    Pending,
    /// The deadline passed and these pieces are not there, or were refused.
    Lapses(Vec<PieceId>),
}

impl TitleFile {
    /// A file of the deposits that came before the deadline.
    pub fn new(
        required: Vec<PieceId>,
        deposits: impl IntoIterator<Item = (PieceId, Deposit)>,
        deadline: Timestamp,
    ) -> Self {
        let deposits = deposits.into_iter().filter(|(_, deposit)| deposit.at < deadline).collect();
        Self { required, deposits }
    }

    /// Each required piece and its state, in the notice's order.
    pub fn pieces(&self) -> impl Iterator<Item = (&PieceId, PieceState)> {
        self.required.iter().map(|piece| {
            let state = match self.deposits.get(piece) {
                None => PieceState::Missing,
                Some(Deposit { at, review: None, .. }) => PieceState::Deposited(*at),
                Some(Deposit { at, review: Some(Review::Accepted), .. }) => PieceState::Accepted(*at),
                Some(Deposit { at, review: Some(Review::Refused(why)), .. }) => PieceState::Refused(*at, why.clone()),
            };
            (piece, state)
        })
    }

    /// What becomes of an admission sous réserve, before or after the deadline.
    #[must_use]
    pub fn outcome(&self, deadline_passed: bool) -> Outcome {
        let mut missing = Vec::new();
        let mut definitive = true;
        for (piece, state) in self.pieces() {
            match state {
                PieceState::Accepted(_) => {}
                PieceState::Deposited(_) => definitive = false,
                PieceState::Missing | PieceState::Refused(..) => missing.push(piece.clone()),
            }
        }
        match (missing.is_empty(), definitive) {
            (true, true) => Outcome::Definitive,
            (false, _) if deadline_passed => Outcome::Lapses(missing),
            _ => Outcome::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: i64 = 1_000_000;

    fn file(deposits: &[(&str, i64, Option<Review>)]) -> TitleFile {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let deposits = deposits.iter().map(|(piece, ms, review)| {
            ((*piece).to_owned(), Deposit { id: Uuid::nil(), at: at(*ms), review: review.clone() })
        });
        TitleFile::new(vec!["diploma".into(), "s2".into()], deposits, at(DEADLINE))
    }

    #[test]
    fn everything_accepted_is_definitive_at_any_time() {
        let all = file(&[("diploma", 1, Some(Review::Accepted)), ("s2", 2, Some(Review::Accepted))]);
        assert_eq!(all.outcome(false), Outcome::Definitive);
        assert_eq!(all.outcome(true), Outcome::Definitive);
    }

    #[test]
    fn one_millisecond_decides_a_deposit() {
        let diploma = ("diploma", 1, Some(Review::Accepted));
        assert_eq!(file(&[diploma.clone(), ("s2", DEADLINE - 1, None)]).outcome(true), Outcome::Pending);
        assert_eq!(file(&[diploma, ("s2", DEADLINE, None)]).outcome(true), Outcome::Lapses(vec!["s2".into()]));
    }

    #[test]
    fn what_is_missing_or_refused_lapses_at_the_deadline_and_not_before() {
        let refused = file(&[("diploma", 1, Some(Review::Refused("illegible".into())))]);
        assert_eq!(refused.outcome(false), Outcome::Pending);
        assert_eq!(refused.outcome(true), Outcome::Lapses(vec!["diploma".into(), "s2".into()]));
    }

    #[test]
    fn nothing_required_is_definitive() {
        assert_eq!(TitleFile::default().outcome(false), Outcome::Definitive);
    }
}
