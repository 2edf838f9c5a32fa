//! Whose could it be: what speaks for an account, in a line's text or in what a person types, and how strongly. Nothing is
//! decided here: that is for a person (R23).

use std::collections::{BTreeMap, BTreeSet};

use super::{account::Standing, money::Cents, reference::Reference};

/// What speaks for an account, the strongest first: none outweighs those before it, whatever comes after.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FoundBy {
    /// Its reference.
    Reference,
    /// Its reference but for one character, or two neighbours exchanged.
    ReferenceMistyped,
    /// The candidate's name.
    Name,
    /// Its dossier number.
    Number,
    /// The amount is what is still owed, or what is ordered back or could be taken back.
    Amount,
    /// The fee is owed to the school that asks.
    Payee,
}

/// Accounts and what speaks for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestions<D: Ord>(BTreeMap<D, BTreeSet<FoundBy>>);

impl<D: Ord> Default for Suggestions<D> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<D: Ord + Copy> Suggestions<D> {
    /// Something speaks for an account.
    pub fn add(&mut self, dossier: D, by: FoundBy) {
        self.0.entry(dossier).or_default().insert(by);
    }

    /// Every account for which something speaks.
    pub fn dossiers(&self) -> impl Iterator<Item = D> {
        self.0.keys().copied()
    }

    /// The likeliest first, at most `most`; between equals the smaller number.
    #[must_use]
    pub fn ranked(self, number: impl Fn(D) -> u64, most: usize) -> Vec<(D, BTreeSet<FoundBy>)> {
        let mut all: Vec<_> = self.0.into_iter().collect();
        // One bit each, the strongest reason the highest.
        let strength =
            |by: &BTreeSet<FoundBy>| ALL.iter().fold(0u32, |sum, one| (sum << 1) | u32::from(by.contains(one)));
        all.sort_by_key(|(dossier, by)| (std::cmp::Reverse(strength(by)), number(*dossier)));
        all.truncate(most);
        all
    }
}

const ALL: [FoundBy; 6] =
    [FoundBy::Reference, FoundBy::ReferenceMistyped, FoundBy::Name, FoundBy::Number, FoundBy::Amount, FoundBy::Payee];

/// What a standing itself says for a line of `cents` on the books of `school`, or for a search without an amount. To whom it is owed counts from clôture on:
/// before, it is only a first choice (R14).
#[must_use]
pub fn by_standing(standing: &Standing, school: &str, cents: Option<Cents>) -> Vec<FoundBy> {
    let back = standing.refunds_ordered.get(school).copied().unwrap_or_default();
    let amount = cents.is_some_and(|cents| {
        if cents > Cents::ZERO {
            standing.outstanding() == cents
        } else {
            [back, standing.held_by(school)].contains(&-cents)
        }
    });
    let payee = standing.closed && standing.payee.as_deref() == Some(school);
    [(amount, FoundBy::Amount), (payee, FoundBy::Payee)].into_iter().filter_map(|(so, by)| so.then_some(by)).collect()
}

/// Numbers in a text that a dossier could bear, each once, in the order of appearance. `noise` is the phrase that
/// everyone writes: a year in it names no dossier.
#[must_use]
pub fn numbers(text: &str, noise: &str) -> Vec<u64> {
    let runs = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() <= 6).filter_map(|r| r.parse().ok()).collect()
    };
    let noise = runs(noise);
    let mut found = Vec::new();
    for number in runs(text) {
        if Reference::of(number).is_ok() && !noise.contains(&number) && !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        account::{Claim, Entry, standing},
        ledger::{Kind, Movement, PlacedAs},
    };

    const FEE: Cents = Cents::new(7600);

    #[test]
    fn the_strongest_reason_decides_and_then_what_else_speaks_for_it() {
        let mut s = Suggestions::default();
        for by in [FoundBy::Number, FoundBy::Amount, FoundBy::Payee] {
            s.add(1u64, by);
        }
        s.add(2, FoundBy::Name);
        s.add(3, FoundBy::ReferenceMistyped);
        s.add(4, FoundBy::ReferenceMistyped);
        s.add(4, FoundBy::Name);
        s.add(5, FoundBy::Reference);
        s.add(6, FoundBy::Name);
        s.add(7, FoundBy::Name);
        s.add(7, FoundBy::Payee);
        let order = |s: Suggestions<u64>, most| s.ranked(|n| n, most).into_iter().map(|(n, _)| n).collect::<Vec<_>>();
        assert_eq!(order(s.clone(), 10), [5, 4, 3, 7, 2, 6, 1]);
        assert_eq!(order(s, 2), [5, 4]);
    }

    #[test]
    fn the_amount_speaks_for_who_owes_it_or_could_get_it_back() {
        let claimed = Entry::Claimed { claim: Claim::Transfer, school: "a".into() };
        let closed = Entry::Closed { school: "a".into(), claim: None };
        let moved = |kind, cents| Entry::Moved(Movement { school: "a".into(), kind, cents });
        let open = standing(FEE, std::slice::from_ref(&claimed));
        assert_eq!(by_standing(&open, "a", Some(FEE)), [FoundBy::Amount], "a first choice is nobody's business");
        let owing = standing(FEE, &[claimed.clone(), closed.clone()]);
        assert_eq!(by_standing(&owing, "a", Some(FEE)), [FoundBy::Amount, FoundBy::Payee]);
        assert_eq!(by_standing(&owing, "b", Some(FEE)), [FoundBy::Amount]);
        assert_eq!(by_standing(&owing, "a", Some(Cents::new(7599))), [FoundBy::Payee]);
        assert_eq!(by_standing(&owing, "a", Some(-FEE)), [FoundBy::Payee]);
        let paid = moved(Kind::Placed(PlacedAs::Received), FEE);
        let settled = standing(FEE, &[claimed.clone(), closed.clone(), paid.clone()]);
        assert_eq!(by_standing(&settled, "b", Some(-FEE)), []);
        assert_eq!(by_standing(&settled, "a", None), [FoundBy::Payee]);
        assert_eq!(by_standing(&settled, "a", Some(-FEE)), [FoundBy::Amount, FoundBy::Payee], "could be taken back");
        let ordered = standing(FEE, &[claimed, closed, paid, moved(Kind::Refunded, Cents::new(600))]);
        assert_eq!(by_standing(&ordered, "a", Some(Cents::new(-600))), [FoundBy::Amount, FoundBy::Payee]);
    }

    #[test]
    fn numbers_in_a_text_are_taken_but_for_what_everyone_writes() {
        let noise = "Nom_Prénom_admission sur titre 2026";
        assert_eq!(numbers("DOSSIER 000123, 2026/45, 1234567 et 123", noise), [123, 45]);
        assert_eq!(numbers("0 sur titre 2026", noise), [0u64; 0]);
        assert_eq!(numbers("2026", ""), [2026]);
    }
}
