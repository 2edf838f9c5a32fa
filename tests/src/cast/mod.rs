//! Who takes part: candidates drawn from a seed.
//!
//! What a candidate is and will do is decided here, before anything runs, from the seed and the session file alone, so
//! that the same seed plays the same session whatever the machine does. Every diploma and row of the tables comes first,
//! then a random mix; the behaviours that a session must survive are dealt out in turn rather than left to luck.

mod names;
mod temper;

use jiff::civil::Date;
use notice::{DiplomaKind, Session, UnlistedMention};
use rand::{RngExt as _, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha12Rng;
use uuid::Uuid;

pub use temper::{Move, Temper};

/// What the candidate states (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Id of the diploma.
    pub diploma: String,
    /// Row of its table, if listed.
    pub mention: String,
    /// Row claimed as equivalent, otherwise.
    pub equivalent_to: String,
}

/// How the dossier ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Closed in good time.
    Early,
    /// Closed at the last millisecond of the window.
    LastMillisecond,
    /// Complete, but asks for the clôture when the window has ended.
    OnTheInstant,
    /// Never completed.
    Incomplete,
}

/// How the fee is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Money {
    /// A transfer with the platform's reference.
    OwnReference,
    /// A transfer with the notice's reference: the name.
    NoticeReference,
    /// Arrives after the deposits closed, before the list of unsettled fees.
    Late,
    /// Declared, never sent.
    Never,
    /// Less than the fee.
    Short,
    /// More than the fee.
    Over,
    /// Sent twice.
    Double,
    /// Sent, then taken back by the bank.
    Returned,
    /// Sent to another of the schools.
    OtherSchool,
    /// Without anything to know it by: a person finds it.
    Anonymous,
    /// Cheque taken by the school.
    Counter,
    /// Scholarship, accepted.
    Exempt,
    /// Scholarship refused; pays then.
    ExemptionRefused,
}

/// What follows of the title after the admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Deposits everything due in time; the school accepts.
    InTime,
    /// Deposits all but one piece.
    OneMissing,
    /// Deposits nothing.
    Nothing,
    /// Tries after the deadline.
    TooLate,
}

/// An exam's outcome: hundredths of a mark, or absent.
pub type Outcome = Option<u32>;

/// One candidate.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// `c-0001`, the campaign's own name for them, the same for the same seed.
    pub label: String,
    /// Their id, and their dossier's.
    pub id: Uuid,
    /// Family name.
    pub family: String,
    /// First name.
    pub first: String,
    /// Birth date.
    pub birth: Date,
    /// What they state.
    pub title: Title,
    /// The filière that follows.
    pub filiere: String,
    /// Draws the order of schools.
    pub order_seed: u64,
    /// At most so many schools.
    pub wishes: usize,
    /// How the dossier ends.
    pub finish: Finish,
    /// How the fee is met.
    pub money: Money,
    /// Deposits the fiche through a referee, else the establishment's own fiche.
    pub by_referee: bool,
    /// Declares another route (R15).
    pub other_route: bool,
    /// What the jury thinks, higher is better; no two are equal.
    pub merit: u32,
    /// What the jury decides at the admissibility commission.
    pub admissible: bool,
    /// Interview.
    pub interview: Outcome,
    /// English.
    pub english: Outcome,
    /// Moves at each period.
    pub temper: Temper,
    /// Answers through a relative (R36).
    pub by_mandate: bool,
    /// What follows of the title.
    pub proof: Proof,
    /// Visit of the deposit window at which they work on the dossier, 0-based.
    pub visit: usize,
}

/// Number of visits over which the deposits spread.
pub const VISITS: usize = 5;

/// Every title the session can take: each row of each diploma, and one of each kind of unlisted and foreign title.
#[must_use]
pub fn titles(session: &Session) -> Vec<(Title, String)> {
    let mut titles = Vec::new();
    for diploma in &session.diplomas {
        let listed = |id: &str| session.diploma(id).map(|d| rows(session, &d.kind)).unwrap_or_default();
        match &diploma.kind {
            DiplomaKind::Listed { unlisted, .. } => {
                let rows = rows(session, &diploma.kind);
                for row in &rows {
                    titles.push((title(&diploma.id, row, ""), diploma.filiere.clone()));
                }
                if let (UnlistedMention::Equivalence, Some(row)) = (unlisted, rows.first()) {
                    titles.push((title(&diploma.id, &in_own_words(row), row), diploma.filiere.clone()));
                }
            }
            DiplomaKind::Unlisted { equivalent_to } | DiplomaKind::Foreign { equivalent_to } => {
                if let Some(row) = listed(equivalent_to).get(1) {
                    titles.push((title(&diploma.id, &in_own_words(row), row), diploma.filiere.clone()));
                }
            }
        }
    }
    titles
}

/// A mention that no table lists, near to one that does (R8).
fn in_own_words(row: &str) -> String {
    format!("{row}, autre parcours")
}

fn title(diploma: &str, mention: &str, equivalent_to: &str) -> Title {
    Title { diploma: diploma.into(), mention: mention.into(), equivalent_to: equivalent_to.into() }
}

fn rows(session: &Session, kind: &DiplomaKind) -> Vec<String> {
    match kind {
        DiplomaKind::Listed { mentions, .. } => session
            .tables
            .iter()
            .filter(|t| t.number == *mentions)
            .flat_map(|table| {
                let open_somewhere =
                    |row: &&notice::Row| session.schools.iter().any(|s| table.open(&row.label, &s.id) == Some(true));
                table.rows.iter().filter(open_somewhere).map(|row| row.label.clone())
            })
            .collect(),
        DiplomaKind::Unlisted { .. } | DiplomaKind::Foreign { .. } => Vec::new(),
    }
}

/// Draws `count` candidates.
#[must_use]
pub fn draw(session: &Session, seed: u64, count: usize) -> Vec<Candidate> {
    let titles = titles(session);
    let mut merits: Vec<u32> = (1..=u32::try_from(count).unwrap_or(u32::MAX)).collect();
    rand::seq::SliceRandom::shuffle(merits.as_mut_slice(), &mut ChaCha12Rng::seed_from_u64(seed));
    let mut cast: Vec<Candidate> = Vec::with_capacity(count);
    for (i, merit) in merits.into_iter().enumerate() {
        // A generator of their own: adding a draw for one candidate changes no other.
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(i as u64 + 1);
        let (title, filiere) = match titles.get(i) {
            Some(first) => first.clone(),
            None => titles.choose(&mut rng).cloned().unwrap_or_else(|| (title("", "", ""), String::new())),
        };
        let mut candidate = one(session, &mut rng, i, merit, title, filiere);
        // Homonyms: every fortieth bears the name of the one before, and every eightieth the birth date too (R7).
        if i % 40 == 39
            && let Some(before) = cast.last()
        {
            candidate.family.clone_from(&before.family);
            candidate.first.clone_from(&before.first);
            if i % 80 == 79 {
                candidate.birth = before.birth;
            }
        }
        cast.push(candidate);
    }
    cast
}

fn one(session: &Session, rng: &mut ChaCha12Rng, i: usize, merit: u32, title: Title, filiere: String) -> Candidate {
    let (family, first) = names::draw(rng, i);
    let finish = match i % 20 {
        7 => Finish::LastMillisecond,
        13 => Finish::OnTheInstant,
        17 => Finish::Incomplete,
        _ => Finish::Early,
    };
    // Dealt out with a period that shares no factor with the one above, so that they meet in every combination.
    let money = match i % 23 {
        1 | 9 | 16 => Money::NoticeReference,
        2 => Money::Late,
        3 => Money::Never,
        4 => Money::Short,
        5 => Money::Over,
        6 => Money::Double,
        7 => Money::Returned,
        8 => Money::OtherSchool,
        10 => Money::Anonymous,
        11 => Money::Counter,
        12 | 18 => Money::Exempt,
        14 => Money::ExemptionRefused,
        _ => Money::OwnReference,
    };
    let highest = session.orals.highest_hundredths;
    let eliminating = session.orals.eliminating_hundredths;
    let mut mark = |special: usize| match special {
        0 => Some(eliminating),
        1 => Some(eliminating + 1),
        2 => None,
        _ => Some(rng.random_range(eliminating + 1..=highest)),
    };
    let interview = mark(i % 37);
    let english = mark((i + 17) % 41);
    Candidate {
        label: format!("c-{:04}", i + 1),
        id: Uuid::from_u128(rng.random()),
        family,
        first,
        birth: Date::constant(
            2000 + i16::try_from(i % 6).unwrap_or(0),
            1 + i8::try_from(i % 12).unwrap_or(0),
            1 + i8::try_from(i % 28).unwrap_or(0),
        ),
        title,
        filiere,
        order_seed: rng.random(),
        wishes: rng.random_range(1..=session.schools.len()),
        finish,
        money,
        by_referee: rng.random_bool(0.5),
        other_route: i % 61 == 5,
        merit,
        admissible: rng.random_bool(0.72),
        interview,
        english,
        temper: Temper::deal(i),
        by_mandate: i % 9 == 4,
        proof: match i % 11 {
            3 => Proof::OneMissing,
            6 => Proof::Nothing,
            8 => Proof::TooLate,
            _ => Proof::InTime,
        },
        visit: rng.random_range(0..VISITS),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    fn session() -> Session {
        Session::load(&crate::session_2026()).unwrap()
    }

    #[test]
    fn the_same_seed_draws_the_same_cast_and_a_longer_one_begins_alike() {
        let (a, b, other) = (draw(&session(), 7, 60), draw(&session(), 7, 60), draw(&session(), 8, 60));
        let ids = |cast: &[Candidate]| cast.iter().map(|c| (c.id, c.family.clone(), c.order_seed)).collect::<Vec<_>>();
        assert_eq!(ids(&a), ids(&b));
        assert_ne!(ids(&a), ids(&other));
    }

    #[test]
    fn every_title_of_the_tables_and_every_behaviour_takes_part() {
        let session = session();
        let cast = draw(&session, 1, 400);
        for (title, _) in titles(&session) {
            assert!(cast.iter().any(|c| c.title == title), "{title:?}");
        }
        let kinds: BTreeSet<String> = cast.iter().map(|c| format!("{:?}", c.money)).collect();
        assert_eq!(kinds.len(), 13, "{kinds:?}");
        for finish in [Finish::Early, Finish::LastMillisecond, Finish::OnTheInstant, Finish::Incomplete] {
            assert!(cast.iter().any(|c| c.finish == finish), "{finish:?}");
        }
        let edge = session.orals.eliminating_hundredths;
        assert!(cast.iter().any(|c| c.interview == Some(edge)) && cast.iter().any(|c| c.english == Some(edge + 1)));
    }

    #[test]
    fn no_two_candidates_have_the_same_merit() {
        let cast = draw(&session(), 3, 400);
        assert_eq!(cast.iter().map(|c| c.merit).collect::<BTreeSet<_>>().len(), 400);
    }
}
