#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    account::{self, Claim, Entry, standing},
    ledger::{Books, Pocket},
};

const FEE: Cents = Cents::new(7600);

fn bank_line(cents: i64, reversal: bool) -> BankLine {
    BankLine {
        location: String::new(),
        booked_on: jiff::civil::date(2026, 3, 1),
        cents: Cents::new(cents),
        reversal,
        counterparty: String::new(),
        remittance: String::new(),
        bank_reference: "R".into(),
        end_to_end: String::new(),
    }
}

fn declared() -> Standing {
    standing(FEE, &[Entry::Claimed { claim: Claim::Transfer, school: "a".into() }])
}

#[test]
fn identical_lines_of_a_file_differ_by_their_ordinal() {
    let lines = [bank_line(7600, false), bank_line(7600, false), bank_line(1, false)];
    let ordinals: Vec<u32> = keys(&lines).iter().map(|k| k.ordinal).collect();
    assert_eq!(ordinals, [0, 1, 0]);
    assert_eq!(keys(&lines), keys(&lines));
}

#[test]
fn the_two_formats_of_one_payment_are_recognised() {
    let camt = BankLine { remittance: "Frais ADM-000001-2".into(), ..bank_line(7600, false) };
    let cfonb =
        BankLine { remittance: "VIR MARTIN FRAIS ADM 000001 2".into(), bank_reference: "7".into(), ..camt.clone() };
    assert!(same_in_other_format(&camt, &cfonb) && same_in_other_format(&cfonb, &camt));
    let other_day = BankLine { booked_on: jiff::civil::date(2026, 3, 2), ..cfonb.clone() };
    let other_text = BankLine { remittance: "ADM-000002-4".into(), ..cfonb.clone() };
    let no_text = BankLine { remittance: String::new(), ..cfonb.clone() };
    for different in [other_day, other_text, no_text, BankLine { cents: Cents::new(7601), ..cfonb.clone() }] {
        assert!(!same_in_other_format(&camt, &different), "{different:?}");
    }
    let (one, two) = (BankLine { end_to_end: "E1".into(), ..camt }, BankLine { end_to_end: "E2".into(), ..cfonb });
    assert!(!same_in_other_format(&one, &two), "the payer's reference decides where both tell it");
}

#[test]
fn a_line_is_placed_once() {
    let (line, _) = Line::import("a".into(), &bank_line(7600, false));
    let (line, _) = line.place(1, &declared()).unwrap();
    let refused = line.clone().place(2, &declared()).unwrap_err();
    assert_eq!(refused, LineRefused::State { is: "on an account", allowed: "waiting or unknown" });
    assert!(line.clone().mark_unknown().is_err());
    assert!(line.clone().send_back(Cents::ZERO).is_err());
    let (line, _) = line.unplace().unwrap();
    assert!(line.clone().unplace().is_err());
    let (line, _) = line.mark_unknown().unwrap();
    let (line, movements) = line.place(2, &declared()).unwrap();
    assert_eq!(movements.len(), 2, "out of the unknown ones first");
    assert_eq!(line.state, State::Placed { dossier: 2, placed_as: PlacedAs::Received });
}

#[test]
fn a_debit_that_waits_is_a_return_only_when_one_is_pending() {
    let (line, _) = Line::<u8>::import("a".into(), &bank_line(-7600, false));
    let refused = line.clone().send_back(Cents::new(7599)).unwrap_err();
    assert_eq!(refused, LineRefused::NothingToSend { pending: Cents::new(7599), debit: FEE });
    assert!(line.send_back(FEE).is_ok());
}

#[test]
fn outcomes_tell_what_a_payment_did() {
    let claim = Entry::Claimed { claim: Claim::Transfer, school: "a".into() };
    let received = |school: &str, cents| {
        Entry::Moved(Movement {
            school: school.into(),
            kind: Kind::Placed(PlacedAs::Received),
            cents: Cents::new(cents),
        })
    };
    let table = [
        ("a", 7600, vec![], Outcome::Settles),
        ("a", 7000, vec![], Outcome::Short),
        ("a", 600, vec![received("a", 7000)], Outcome::Settles),
        ("a", 8000, vec![], Outcome::Over),
        ("a", 7600, vec![received("a", 7600)], Outcome::Double),
        ("b", 7600, vec![], Outcome::OtherSchool),
    ];
    for (school, cents, earlier, expected) in table {
        let mut history = vec![claim.clone()];
        history.extend(earlier);
        let before = standing(FEE, &history);
        history.push(received(school, cents));
        let after = standing(FEE, &history);
        assert_eq!(outcome(school, PlacedAs::Received, &before, &after), expected, "{school} {cents}");
    }
}

/// One thing that the world does to the books.
#[derive(Clone, Debug)]
enum Act {
    Import { school: usize, cents: i64, reversal: bool, dossier: Option<usize> },
    Match { line: usize, dossier: usize },
    Unmatch { line: usize },
    Unknown { line: usize },
    SendBack { line: usize },
    OtherMeans { dossier: usize, school: usize, cents: i64 },
    Refund { dossier: usize, school: usize, cents: i64 },
    Claim { dossier: usize, school: usize, exemption: bool },
    Close { dossier: usize, school: usize },
    NotClosed { dossier: usize },
    Decide { dossier: usize, accept: bool },
}

fn act() -> impl Strategy<Value = Act> {
    let cents = prop_oneof![Just(7600i64), Just(-7600), Just(7000), Just(15200), -20_000i64..20_000];
    let (dossier, school, line) = (0usize..4, 0usize..3, 0usize..64);
    prop_oneof![
        4 => (school.clone(), cents.clone(), any::<bool>(), proptest::option::of(dossier.clone()))
            .prop_map(|(school, cents, reversal, dossier)| Act::Import { school, cents, reversal, dossier }),
        2 => (line.clone(), dossier.clone()).prop_map(|(line, dossier)| Act::Match { line, dossier }),
        1 => line.clone().prop_map(|line| Act::Unmatch { line }),
        1 => line.clone().prop_map(|line| Act::Unknown { line }),
        1 => line.prop_map(|line| Act::SendBack { line }),
        1 => (dossier.clone(), school.clone(), cents.clone())
            .prop_map(|(dossier, school, cents)| Act::OtherMeans { dossier, school, cents }),
        2 => (dossier.clone(), school.clone(), cents)
            .prop_map(|(dossier, school, cents)| Act::Refund { dossier, school, cents }),
        1 => (dossier.clone(), school.clone(), any::<bool>())
            .prop_map(|(dossier, school, exemption)| Act::Claim { dossier, school, exemption }),
        1 => (dossier.clone(), school).prop_map(|(dossier, school)| Act::Close { dossier, school }),
        1 => dossier.clone().prop_map(|dossier| Act::NotClosed { dossier }),
        1 => (dossier, any::<bool>()).prop_map(|(dossier, accept)| Act::Decide { dossier, accept }),
    ]
}

/// The store of the service, in memory: it keeps what the domain hands it and decides nothing.
#[derive(Default)]
struct World {
    lines: Vec<Line<usize>>,
    histories: BTreeMap<usize, Vec<Entry>>,
    movements: Vec<Movement>,
}

const SCHOOLS: [&str; 3] = ["a", "b", "c"];

impl World {
    fn standing(&self, dossier: usize) -> Standing {
        standing(FEE, self.histories.get(&dossier).map_or(&[], Vec::as_slice))
    }
    fn enter(&mut self, dossier: Option<usize>, movements: Vec<Movement>) {
        for movement in movements {
            if let Some(dossier) = dossier.filter(|_| movement.kind.concerns_candidate()) {
                self.histories.entry(dossier).or_default().push(Entry::Moved(movement.clone()));
            }
            self.movements.push(movement);
        }
    }
    fn note(&mut self, dossier: usize, entry: Entry) {
        self.histories.entry(dossier).or_default().push(entry);
    }
    fn pick(&self, line: usize) -> Option<usize> {
        (!self.lines.is_empty()).then(|| line % self.lines.len())
    }

    fn play(&mut self, act: &Act) {
        match *act {
            Act::Import { school, cents, reversal, dossier } if cents != 0 => {
                let (line, movement) = Line::import(SCHOOLS[school].into(), &bank_line(cents, reversal));
                self.enter(None, vec![movement]);
                self.lines.push(line);
                if let Some(dossier) = dossier {
                    self.play(&Act::Match { line: self.lines.len() - 1, dossier });
                }
            }
            Act::Match { line, dossier } => {
                let Some(at) = self.pick(line) else { return };
                if let Ok((line, movements)) = self.lines[at].clone().place(dossier, &self.standing(dossier)) {
                    self.lines[at] = line;
                    self.enter(Some(dossier), movements);
                }
            }
            Act::Unmatch { line } => {
                let Some(at) = self.pick(line) else { return };
                let State::Placed { dossier, .. } = self.lines[at].state else { return };
                let (line, movement) = self.lines[at].clone().unplace().unwrap();
                self.lines[at] = line;
                self.enter(Some(dossier), vec![movement]);
            }
            Act::Unknown { line } => {
                let Some(at) = self.pick(line) else { return };
                if let Ok((line, movement)) = self.lines[at].clone().mark_unknown() {
                    self.lines[at] = line;
                    self.enter(None, vec![movement]);
                }
            }
            Act::SendBack { line } => {
                let Some(at) = self.pick(line) else { return };
                let school = self.lines[at].school.clone();
                let pending = self
                    .movements
                    .iter()
                    .filter(|m| m.school == school && m.kind == Kind::SentBack)
                    .map(|m| m.cents)
                    .sum();
                if let Ok((line, movements)) = self.lines[at].clone().send_back(pending) {
                    self.lines[at] = line;
                    self.enter(None, movements);
                }
            }
            Act::OtherMeans { dossier, school, cents } => {
                let movement = account::other_means(&self.standing(dossier), SCHOOLS[school], Cents::new(cents));
                self.enter(Some(dossier), movement.into_iter().collect());
            }
            Act::Refund { dossier, school, cents } => {
                let movement = account::refund(&self.standing(dossier), SCHOOLS[school], Cents::new(cents));
                self.enter(Some(dossier), movement.into_iter().collect());
            }
            Act::Claim { dossier, school, exemption } => {
                let claim = if exemption { Claim::Exemption } else { Claim::Transfer };
                self.note(dossier, Entry::Claimed { claim, school: SCHOOLS[school].into() });
            }
            Act::Close { dossier, school } if !self.standing(dossier).closed => {
                self.note(dossier, Entry::Closed { school: SCHOOLS[school].into(), claim: None });
            }
            Act::NotClosed { dossier } => self.note(dossier, Entry::NotACandidature),
            Act::Decide { dossier, accept } => {
                if let Ok(Some(entry)) = account::decide_exemption(&self.standing(dossier), accept, "reason") {
                    self.note(dossier, entry);
                }
            }
            Act::Import { .. } | Act::Close { .. } => {}
        }
    }

    /// Every cent that came in is in exactly one place, counted in two independent ways.
    fn check(&self, other_means: Cents) -> Result<(), TestCaseError> {
        let books: Books = self.movements.iter().collect();
        let mut all = Cents::ZERO;
        for school in SCHOOLS {
            let lines = self.lines.iter().filter(|l| l.school == school);
            let imported: Cents = lines.clone().map(|l| l.cents).sum();
            prop_assert_eq!(-books.held(school, Pocket::Bank), imported);

            // From the lines' states, not from the movements.
            let waiting: Cents = lines.clone().filter(|l| matches!(l.state, State::Queued(_))).map(|l| l.cents).sum();
            let unknown: Cents = lines.filter(|l| l.state == State::Unknown).map(|l| l.cents).sum();
            prop_assert_eq!(books.held(school, Pocket::Queue), waiting);
            prop_assert_eq!(books.held(school, Pocket::Unknown), unknown);

            // From the candidates' histories.
            let accounts: Cents = self.histories.keys().map(|d| self.standing(*d).held_by(school)).sum();
            prop_assert_eq!(books.held(school, Pocket::Account), accounts);

            let inside = [Pocket::Queue, Pocket::Unknown, Pocket::Account, Pocket::Refunds];
            let inside: Cents = inside.iter().map(|p| books.held(school, *p)).sum();
            prop_assert_eq!(inside, imported - books.held(school, Pocket::Counter));
            all = all + inside;
        }
        // accounts at their payee + at other schools + unmatched + refunds = the imported lines + other means.
        let lines: Cents = self.lines.iter().map(|l| l.cents).sum();
        prop_assert_eq!(all, lines + other_means);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn no_history_makes_money_appear_or_vanish(acts in proptest::collection::vec(act(), 0..60)) {
        let mut world = World::default();
        let mut other_means = Cents::ZERO;
        for act in &acts {
            let before = world.movements.len();
            world.play(act);
            if let Act::OtherMeans { cents, .. } = act && world.movements.len() > before {
                other_means = other_means + Cents::new(*cents);
            }
            world.check(other_means)?;
        }
        // A status says what the money says, whatever led to it.
        for dossier in world.histories.keys() {
            let s = world.standing(*dossier);
            match s.status {
                Status::Settled => prop_assert_eq!(s.received(), s.due),
                Status::Over => prop_assert!(s.received() > s.due),
                Status::Short => prop_assert!(s.received() < s.due && s.received() != Cents::ZERO),
                Status::Exempt | Status::NotOwed => prop_assert!(s.due == Cents::ZERO && s.received() == Cents::ZERO),
                Status::Refunded | Status::Due | Status::Declared | Status::ExemptionRefused => {
                    prop_assert_eq!(s.received(), Cents::ZERO);
                }
                Status::ExemptionRequested => prop_assert!(s.received() < s.due),
            }
        }
    }
}
