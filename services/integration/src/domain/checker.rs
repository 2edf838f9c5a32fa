//! Confirms a period's proposals before anyone sees them (R38), from the definitions and nothing else.
//!
//! Deliberately absent: any code of the allocation. This reads the same inputs, but by name, and asks of the finished
//! proposals what stability, capacity and R33 mean. It cannot repair anything; it can only object.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt,
};

use super::{
    computation::{FiliereInput, PeriodInput, PeriodOutput},
    ids::{DossierId, FiliereId, SchoolId},
};

/// Why proposals must not be published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A filière has inputs and no output, or the reverse.
    FiliereMissing,
    /// Somebody has two proposals.
    ProposedTwice,
    /// Somebody who is not in the running has a proposal.
    NotInTheRunning,
    /// The school is not open to them, or does not rank them and keeps no seat for them.
    NotOpen(SchoolId),
    /// More people than seats.
    OverCapacity {
        /// The school.
        school: SchoolId,
        /// Its seats.
        seats: u32,
        /// Taken from them.
        taken: u32,
    },
    /// A free seat of a school they like better, that would take them.
    SeatWasted(SchoolId),
    /// Somebody with a worse rank has a seat at a school they like better (justified envy).
    PassedOver {
        /// The school.
        school: SchoolId,
        /// Who was called instead.
        by: DossierId,
    },
    /// The seat held is gone, or exchanged for a worse one (R33).
    LostHeldSeat(SchoolId),
}

/// A fault, and whom it wrongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Objection {
    /// Where.
    pub filiere: FiliereId,
    /// Whom, where one person is concerned.
    pub dossier: Option<DossierId>,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Objection {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}: ", self.filiere)?;
        if let Some(dossier) = self.dossier {
            write!(to, "{dossier}: ")?;
        }
        match &self.fault {
            Fault::FiliereMissing => write!(to, "inputs and outputs name different filières"),
            Fault::ProposedTwice => write!(to, "has two proposals"),
            Fault::NotInTheRunning => write!(to, "is not in the running"),
            Fault::NotOpen(school) => write!(to, "{school} is not open to them"),
            Fault::OverCapacity { school, seats, taken } => write!(to, "{school} has {seats} seats and {taken} taken"),
            Fault::SeatWasted(school) => write!(to, "{school} has a free seat they would rather have"),
            Fault::PassedOver { school, by } => write!(to, "{school} called {by}, whose rank is worse"),
            Fault::LostHeldSeat(school) => write!(to, "no longer holds {school} or better"),
        }
    }
}

/// Every objection to `output` as what `input` leads to; none if it may be published.
#[must_use]
pub fn check(input: &PeriodInput, output: &PeriodOutput) -> Vec<Objection> {
    let mut objections = Vec::new();
    let filieres: BTreeSet<&FiliereId> = input.filieres.keys().chain(output.filieres.keys()).collect();
    for filiere in filieres {
        let mut object = |dossier, fault| objections.push(Objection { filiere: filiere.clone(), dossier, fault });
        match (input.filieres.get(filiere), output.filieres.get(filiere)) {
            (Some(input), Some(output)) => check_filiere(input, &output.proposals, &mut object),
            _ => object(None, Fault::FiliereMissing),
        }
    }
    objections.sort();
    objections
}

fn check_filiere(
    input: &FiliereInput,
    proposals: &[(DossierId, SchoolId)],
    object: &mut impl FnMut(Option<DossierId>, Fault),
) {
    let ranks = Ranks::of(input);
    let mut school_of: BTreeMap<DossierId, &SchoolId> = BTreeMap::new();
    // Who sits on the ordinary seats of each school; a supernumerary seat is nobody else's concern.
    let mut seated: BTreeMap<&SchoolId, Vec<DossierId>> = BTreeMap::new();
    for (dossier, school) in proposals {
        match school_of.entry(*dossier) {
            Entry::Occupied(_) => object(Some(*dossier), Fault::ProposedTwice),
            Entry::Vacant(free) => _ = free.insert(school),
        }
        let Some(runner) = input.runners.get(dossier) else {
            object(Some(*dossier), Fault::NotInTheRunning);
            continue;
        };
        if !runner.open.contains(school) || ranks.rank(*dossier, school).is_none() {
            object(Some(*dossier), Fault::NotOpen(school.clone()));
        }
        if !ranks.has_own_seat(*dossier, school) {
            seated.entry(school).or_default().push(*dossier);
        }
    }

    for (school, seated) in &seated {
        let (seats, taken) = (ranks.seats(school), u32::try_from(seated.len()).unwrap_or(u32::MAX));
        if taken > seats {
            object(None, Fault::OverCapacity { school: (*school).clone(), seats, taken });
        }
    }

    // Whom each school would part with first.
    let last: BTreeMap<&SchoolId, DossierId> = (seated.iter())
        .filter_map(|(school, seated)| {
            let last = seated.iter().max_by_key(|dossier| ranks.rank(**dossier, school))?;
            Some((*school, *last))
        })
        .collect();
    for (dossier, runner) in &input.runners {
        let got = school_of.get(dossier).copied();
        for better in runner.open.iter().take_while(|school| Some(*school) != got) {
            let Some(rank) = ranks.rank(*dossier, better) else { continue };
            let taken = seated.get(better).map_or(0, Vec::len);
            if ranks.has_own_seat(*dossier, better) || taken < ranks.seats(better) as usize {
                object(Some(*dossier), Fault::SeatWasted(better.clone()));
            } else if let Some(by) = last.get(better).filter(|last| ranks.rank(**last, better) > Some(rank)) {
                object(Some(*dossier), Fault::PassedOver { school: better.clone(), by: *by });
            }
        }
        if let Some(held) = &runner.held {
            let place = |school: &SchoolId| runner.open.iter().position(|open| open == school);
            let kept = match (got.and_then(place), place(held)) {
                (Some(got), Some(held)) => got <= held,
                _ => got == Some(held),
            };
            if !kept {
                object(Some(*dossier), Fault::LostHeldSeat(held.clone()));
            }
        }
    }
}

/// Where a school puts a candidate: first those who hold a seat there (R33), then the signed table. Smaller is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Holds(usize),
    OnTable(usize),
}

struct Ranks<'a> {
    input: &'a FiliereInput,
    lines: BTreeMap<&'a SchoolId, BTreeMap<DossierId, usize>>,
    holders: BTreeMap<&'a SchoolId, u32>,
}

impl<'a> Ranks<'a> {
    fn of(input: &'a FiliereInput) -> Self {
        let lines = input.tables.iter().map(|(school, table)| {
            (school, table.iter().enumerate().map(|(line, dossier)| (*dossier, line)).collect())
        });
        let mut ranks = Self { input, lines: lines.collect(), holders: BTreeMap::new() };
        for (dossier, runner) in &input.runners {
            if let Some(held) = &runner.held
                && !ranks.has_own_seat(*dossier, held)
            {
                *ranks.holders.entry(held).or_default() += 1;
            }
        }
        ranks
    }

    fn has_own_seat(&self, dossier: DossierId, school: &SchoolId) -> bool {
        self.input.supernumerary.contains(&(dossier, school.clone()))
    }

    fn rank(&self, dossier: DossierId, school: &SchoolId) -> Option<Rank> {
        let line = self.lines.get(school).and_then(|lines| lines.get(&dossier)).copied();
        let holds = self.input.runners.get(&dossier).is_some_and(|runner| runner.held.as_ref() == Some(school));
        if holds || self.has_own_seat(dossier, school) {
            return Some(Rank::Holds(line.unwrap_or(usize::MAX)));
        }
        line.map(Rank::OnTable)
    }

    /// Never fewer than are held (R28).
    fn seats(&self, school: &SchoolId) -> u32 {
        let set = self.input.seats.get(school).copied().unwrap_or(0);
        set.max(self.holders.get(school).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::computation::{FiliereOutput, Runner};

    fn d(number: u128) -> DossierId {
        DossierId(Uuid::from_u128(number))
    }

    /// Two schools of one seat; a ranks 1 before 2, b ranks 2 before 1; both want a first, and 2 holds b.
    fn input() -> PeriodInput {
        let runner = |held: Option<&str>| Runner { open: vec!["a".into(), "b".into()], held: held.map(SchoolId::from) };
        let filiere = FiliereInput {
            seats: [("a".into(), 1), ("b".into(), 1)].into(),
            tables: [("a".into(), vec![d(1), d(2)]), ("b".into(), vec![d(2), d(1)])].into(),
            supernumerary: BTreeSet::new(),
            runners: [(d(1), runner(None)), (d(2), runner(Some("b")))].into(),
        };
        PeriodInput { period: 2, signature: 1, filieres: [("f".into(), filiere)].into() }
    }

    fn faults(input: &PeriodInput, proposals: &[(u128, &str)]) -> Vec<(Option<DossierId>, Fault)> {
        let proposals = proposals.iter().map(|(dossier, school)| (d(*dossier), SchoolId::from(*school))).collect();
        let output = FiliereOutput { proposals, cells: BTreeMap::new() };
        let output = PeriodOutput { period: 2, filieres: [("f".into(), output)].into() };
        check(input, &output).into_iter().map(|objection| (objection.dossier, objection.fault)).collect()
    }

    #[test]
    fn agrees_with_what_follows_from_the_inputs() {
        assert_eq!(faults(&input(), &[(1, "a"), (2, "b")]), []);
    }

    #[test]
    fn names_each_fault() {
        let input = input();
        let passed_over = Fault::PassedOver { school: "a".into(), by: d(2) };
        assert_eq!(faults(&input, &[(1, "b"), (2, "a")]), [(Some(d(1)), passed_over)]);
        let wasted = (Some(d(1)), Fault::SeatWasted("a".into()));
        assert_eq!(faults(&input, &[(2, "b")]), [wasted.clone(), (Some(d(2)), Fault::SeatWasted("a".into()))]);
        let over = Fault::OverCapacity { school: "a".into(), seats: 1, taken: 2 };
        assert_eq!(faults(&input, &[(1, "a"), (2, "a")]), [(None, over)]);
        let lost = faults(&input, &[(1, "a")]);
        assert!(lost.contains(&(Some(d(2)), Fault::LostHeldSeat("b".into()))), "{lost:?}");
        let twice = faults(&input, &[(1, "a"), (1, "b"), (2, "b")]);
        assert!(twice.contains(&(Some(d(1)), Fault::ProposedTwice)), "{twice:?}");
        assert!(faults(&input, &[(1, "a"), (2, "b"), (3, "a")]).contains(&(Some(d(3)), Fault::NotInTheRunning)));
        assert!(faults(&input, &[(1, "c"), (2, "b")]).contains(&(Some(d(1)), Fault::NotOpen("c".into()))));
    }

    #[test]
    fn a_filiere_left_out_is_a_fault() {
        let none = PeriodOutput { period: 2, filieres: BTreeMap::new() };
        let objections = check(&input(), &none);
        assert_eq!(objections, [Objection { filiere: "f".into(), dossier: None, fault: Fault::FiliereMissing }]);
        assert_eq!(objections[0].to_string(), "f: inputs and outputs name different filières");
    }

    /// A corrected table would give b to 1; the holder stays, and nobody may object to that.
    #[test]
    fn a_holder_s_priority_is_no_envy() {
        let mut input = input();
        let filiere = input.filieres.get_mut(&"f".into()).unwrap();
        filiere.seats.insert("a".into(), 0);
        filiere.tables.insert("b".into(), vec![d(1), d(2)]);
        assert_eq!(faults(&input, &[(2, "b")]), []);
        assert!(faults(&input, &[(1, "b")]).contains(&(Some(d(2)), Fault::LostHeldSeat("b".into()))));
    }

    #[test]
    fn a_supernumerary_seat_is_owed() {
        let mut input = input();
        input.filieres.get_mut(&"f".into()).unwrap().supernumerary.insert((d(2), "a".into()));
        assert_eq!(faults(&input, &[(1, "a"), (2, "a")]), []);
        assert_eq!(faults(&input, &[(1, "a"), (2, "b")]), [(Some(d(2)), Fault::SeatWasted("a".into()))]);
    }
}
