//! One period's computation, over dossiers and schools (R29, R32, R33).
//!
//! What goes in is everything the proposals depend on, and nothing else: stored, it gives the same proposals byte for
//! byte at any later time (R38). Two things are said to the allocation in its own terms rather than taught to it:
//! who holds a seat comes before everybody else at that school, and a supernumerary seat is a programme of its own
//! with one seat and one name on its table, standing where the school stands in that person's order.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{
    allocation::allocate,
    ids::{DossierId, FiliereId, SchoolId},
    market::{Lists, Malformed, Market},
};

/// A candidate in the running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Schools still open to them, best first. OUI DÉFINITIF is a list of one (R29).
    pub open: Vec<SchoolId>,
    /// The school among them where they hold a seat.
    pub held: Option<SchoolId>,
}

/// What one filière's proposals depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FiliereInput {
    /// Seats by school, supernumerary ones not counted (R28).
    pub seats: BTreeMap<SchoolId, u32>,
    /// Signed tables by school, best first (R27). Who left the running stays on them.
    pub tables: BTreeMap<SchoolId, Vec<DossierId>>,
    /// Seats that a jury act keeps for one person at one school (R33).
    pub supernumerary: BTreeSet<(DossierId, SchoolId)>,
    /// Everyone in the running.
    pub runners: BTreeMap<DossierId, Runner>,
}

/// What a whole period's proposals depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodInput {
    /// The period, 1-based.
    pub period: u32,
    /// The sign-off whose tables these are.
    pub signature: u64,
    /// By filière.
    pub filieres: BTreeMap<FiliereId, FiliereInput>,
}

/// One school's result in one filière.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Seats, supernumerary ones of people in the running included.
    pub seats: u32,
    /// Seats held or proposed.
    pub taken: u32,
    /// 1-based position on the signed table last called, 0 if none.
    pub last_called: u32,
}

/// Proposals and held seats of one filière: a list, so that a checker can see a candidate named twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FiliereOutput {
    /// Sorted by dossier. A school that is the held one stays held; another is a proposal.
    pub proposals: Vec<(DossierId, SchoolId)>,
    /// By school, every school with seats or a table.
    pub cells: BTreeMap<SchoolId, Cell>,
}

/// What a whole period brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodOutput {
    /// The period, 1-based.
    pub period: u32,
    /// By filière.
    pub filieres: BTreeMap<FiliereId, FiliereOutput>,
}

/// The inputs contradict each other; nothing can be computed from them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unusable {
    /// A candidate's open schools or a table name the same twice, or more than can be counted.
    #[error("filière {filiere}: {fault}")]
    Malformed {
        /// Where.
        filiere: FiliereId,
        /// What.
        fault: Malformed,
    },
}

impl FiliereInput {
    /// Seats held at each school, those kept for one person not counted.
    fn held(&self) -> BTreeMap<&SchoolId, u32> {
        let mut held = BTreeMap::new();
        for (dossier, runner) in &self.runners {
            if let Some(school) = runner.held.as_ref().filter(|school| !self.keeps_supernumerary(*dossier, school)) {
                *held.entry(school).or_default() += 1;
            }
        }
        held
    }

    fn keeps_supernumerary(&self, dossier: DossierId, school: &SchoolId) -> bool {
        self.supernumerary.contains(&(dossier, school.clone()))
    }

    fn schools(&self) -> BTreeSet<&SchoolId> {
        let open = self.runners.values().flat_map(|runner| &runner.open);
        self.seats.keys().chain(self.tables.keys()).chain(open).collect()
    }
}

/// Computes a whole period.
///
/// # Errors
/// [`Unusable`]: the inputs contradict each other.
pub fn compute(input: &PeriodInput) -> Result<PeriodOutput, Unusable> {
    let filieres = input.filieres.iter().map(|(filiere, input)| {
        let output = compute_filiere(input).map_err(|fault| Unusable::Malformed { filiere: filiere.clone(), fault })?;
        Ok((filiere.clone(), output))
    });
    Ok(PeriodOutput { period: input.period, filieres: filieres.collect::<Result<_, _>>()? })
}

/// Computes one filière.
///
/// # Errors
/// [`Malformed`]: a list names the same twice.
pub fn compute_filiere(input: &FiliereInput) -> Result<FiliereOutput, Malformed> {
    let programmes = Programmes::of(input);
    let wishes = (input.runners.iter())
        .map(|(dossier, runner)| runner.open.iter().filter_map(|school| programmes.index(*dossier, school)))
        .collect::<Lists>();
    let market = Market::new(programmes.capacities.clone(), &wishes, programmes.tables.iter().cloned().collect())?;
    let matching = allocate(&market);

    let mut output = FiliereOutput::default();
    for (school, seats) in programmes.schools.iter().chain(&programmes.private_schools).zip(&programmes.capacities) {
        let cell = output.cells.entry((*school).clone()).or_default();
        cell.seats = cell.seats.saturating_add(*seats);
    }
    for (index, dossier) in input.runners.keys().enumerate() {
        let Some(programme) = matching.programme_of(index) else { continue };
        let school = programmes.school(programme);
        let cell = output.cells.entry(school.clone()).or_default();
        cell.taken += 1;
        if (programme as usize) < programmes.schools.len() {
            let position = programmes.position(*dossier, school).map_or(0, |position| position + 1);
            cell.last_called = cell.last_called.max(position);
        }
        output.proposals.push((*dossier, school.clone()));
    }
    Ok(output)
}

/// The programmes of one filière: a school each, and after them one per supernumerary seat.
struct Programmes<'a> {
    schools: Vec<&'a SchoolId>,
    /// Programme of a person's own seat at a school.
    private: BTreeMap<(DossierId, SchoolId), u32>,
    private_schools: Vec<&'a SchoolId>,
    capacities: Vec<u32>,
    tables: Vec<Vec<u32>>,
    positions: BTreeMap<(&'a SchoolId, DossierId), u32>,
}

impl<'a> Programmes<'a> {
    fn of(input: &'a FiliereInput) -> Self {
        let schools: Vec<&SchoolId> = input.schools().into_iter().collect();
        let held = input.held();
        let mut positions = BTreeMap::new();
        for (school, table) in &input.tables {
            positions.extend((0..).zip(table).map(|(position, dossier)| ((school, *dossier), position)));
        }
        let mut all = Self {
            capacities: (schools.iter())
                // Never fewer than are held there already (R28).
                .map(|school| input.seats.get(school).copied().unwrap_or(0).max(held.get(school).copied().unwrap_or(0)))
                .collect(),
            tables: vec![Vec::new(); schools.len()],
            schools,
            private: BTreeMap::new(),
            private_schools: Vec::new(),
            positions,
        };
        // Who may be called where: holders first, then by position; whoever is on no table comes in by a held seat only.
        let mut callable: Vec<BTreeSet<(bool, u32, u32)>> = vec![BTreeSet::new(); all.schools.len()];
        for (candidate, (dossier, runner)) in (0..).zip(&input.runners) {
            for school in &runner.open {
                let Ok(index) = all.schools.binary_search(&school) else { continue };
                if input.keeps_supernumerary(*dossier, school) {
                    all.add_private(*dossier, all.schools[index], candidate);
                    continue;
                }
                let holds = runner.held.as_ref() == Some(school);
                match all.position(*dossier, school) {
                    Some(position) => callable[index].insert((!holds, position, candidate)),
                    None if holds => callable[index].insert((false, u32::MAX, candidate)),
                    None => false,
                };
            }
        }
        for (table, callable) in all.tables.iter_mut().zip(callable) {
            table.extend(callable.into_iter().map(|(_, _, candidate)| candidate));
        }
        all
    }

    fn add_private(&mut self, dossier: DossierId, school: &'a SchoolId, candidate: u32) {
        let programme = u32::try_from(self.capacities.len()).unwrap_or(u32::MAX);
        self.private.insert((dossier, school.clone()), programme);
        self.private_schools.push(school);
        self.capacities.push(1);
        // Private tables follow the schools' own.
        self.tables.push(vec![candidate]);
    }

    /// The programme that a wish for `school` goes to.
    fn index(&self, dossier: DossierId, school: &SchoolId) -> Option<u32> {
        let own = self.private.get(&(dossier, school.clone())).copied();
        own.or_else(|| self.schools.binary_search(&school).ok().and_then(|index| u32::try_from(index).ok()))
    }

    fn school(&self, programme: u32) -> &'a SchoolId {
        let programme = programme as usize;
        self.schools.get(programme).copied().unwrap_or_else(|| self.private_schools[programme - self.schools.len()])
    }

    /// Zero-based position on the signed table.
    fn position(&self, dossier: DossierId, school: &SchoolId) -> Option<u32> {
        self.positions.get(&(school, dossier)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn dossier(number: u128) -> DossierId {
        DossierId(Uuid::from_u128(number))
    }

    fn input(seats: u32, table: &[u128], runners: &[(u128, Option<&str>)]) -> FiliereInput {
        let school = SchoolId::from("s");
        FiliereInput {
            seats: [(school.clone(), seats)].into(),
            tables: [(school.clone(), table.iter().map(|&number| dossier(number)).collect())].into(),
            supernumerary: BTreeSet::new(),
            runners: (runners.iter())
                .map(|(number, held)| {
                    (dossier(*number), Runner { open: vec![school.clone()], held: held.map(SchoolId::from) })
                })
                .collect(),
        }
    }

    fn called(input: &FiliereInput) -> Vec<u128> {
        compute_filiere(input).unwrap().proposals.iter().map(|(dossier, _)| dossier.0.as_u128()).collect()
    }

    #[test]
    fn whoever_left_the_running_is_passed_over_but_keeps_their_line() {
        let input = input(1, &[1, 2], &[(2, None)]);
        assert_eq!(called(&input), [2]);
        assert_eq!(compute_filiere(&input).unwrap().cells[&"s".into()], Cell { seats: 1, taken: 1, last_called: 2 });
    }

    /// R33: a correction put 1 before 2, who holds the only seat, and then took 2 off the table.
    #[test]
    fn a_holder_comes_before_everyone_even_off_the_table() {
        assert_eq!(called(&input(1, &[1, 2], &[(1, None), (2, Some("s"))])), [2]);
        let off_the_table = input(1, &[1], &[(1, None), (2, Some("s"))]);
        assert_eq!(called(&off_the_table), [2]);
        assert_eq!(compute_filiere(&off_the_table).unwrap().cells[&"s".into()].last_called, 0);
    }

    /// R28: seats never fall below those held.
    #[test]
    fn fewer_seats_than_are_held_take_nobody_s_seat() {
        let input = input(0, &[1, 2], &[(1, Some("s")), (2, None)]);
        assert_eq!(called(&input), [1]);
        assert_eq!(compute_filiere(&input).unwrap().cells[&"s".into()].seats, 1);
    }

    #[test]
    fn a_supernumerary_seat_is_one_person_s_and_nobody_else_s() {
        let mut input = input(1, &[1, 2, 3], &[(1, None), (2, None), (3, None)]);
        input.supernumerary.insert((dossier(3), "s".into()));
        assert_eq!(called(&input), [1, 3]);
        let cell = compute_filiere(&input).unwrap().cells[&"s".into()];
        assert_eq!(cell, Cell { seats: 2, taken: 2, last_called: 1 });
        // Gone with its owner: 2 does not get it.
        input.runners.remove(&dossier(3));
        assert_eq!(called(&input), [1]);
        assert_eq!(compute_filiere(&input).unwrap().cells[&"s".into()].seats, 1);
    }

    #[test]
    fn a_school_named_twice_is_no_input() {
        let mut input = input(1, &[1], &[(1, None)]);
        input.runners.values_mut().for_each(|runner| runner.open.push("s".into()));
        assert!(matches!(compute_filiere(&input), Err(Malformed::DuplicateWish { .. })));
    }
}
