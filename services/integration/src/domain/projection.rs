//! What an opening would bring, school by school: the computation's own result, read as a jury reads it before deciding on
//! seats and tables.

use std::collections::BTreeMap;

use super::{
    computation::{Cell, FiliereInput, compute_filiere},
    ids::{DossierId, SchoolId},
    market::Malformed,
};

/// One school, as it would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct School {
    /// Seats, seats taken, last rank called.
    pub cell: Cell,
    /// Who would have a seat there, by rank.
    pub proposals: Vec<Proposal>,
}

/// Someone who would have a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Who.
    pub dossier: DossierId,
    /// 1-based rank on the table; none for someone not on it.
    pub rank: Option<u32>,
    /// Not held already.
    pub new: bool,
    /// A seat kept for this person (R33).
    pub supernumerary: bool,
}

/// A seat that would give way to a better proposal (R32).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Whose.
    pub dossier: DossierId,
    /// The school left.
    pub left: SchoolId,
    /// The school proposed.
    pub proposed: SchoolId,
}

/// One filière, as it would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// Every school with seats or a table.
    pub schools: BTreeMap<SchoolId, School>,
    /// By dossier.
    pub released: Vec<Release>,
}

/// Computes it.
///
/// # Errors
/// [`Malformed`]: a list names the same twice.
pub fn project(input: &FiliereInput) -> Result<Projection, Malformed> {
    let output = compute_filiere(input)?;
    let mut projection = Projection::default();
    for (school, cell) in output.cells {
        projection.schools.insert(school, School { cell, proposals: Vec::new() });
    }
    let ranks: BTreeMap<(&SchoolId, DossierId), u32> = (input.tables.iter())
        .flat_map(|(school, table)| (1..).zip(table).map(move |(rank, dossier)| ((school, *dossier), rank)))
        .collect();
    for (dossier, school) in output.proposals {
        let held = input.runners.get(&dossier).and_then(|runner| runner.held.as_ref());
        if let Some(left) = held.filter(|held| **held != school) {
            projection.released.push(Release { dossier, left: left.clone(), proposed: school.clone() });
        }
        let proposal = Proposal {
            dossier,
            rank: ranks.get(&(&school, dossier)).copied(),
            new: held != Some(&school),
            supernumerary: input.supernumerary.contains(&(dossier, school.clone())),
        };
        projection.schools.entry(school).or_default().proposals.push(proposal);
    }
    for school in projection.schools.values_mut() {
        // Whoever is on no table comes last.
        school.proposals.sort_by_key(|one| (one.rank.is_none(), one.rank, one.dossier));
    }
    Ok(projection)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::computation::Runner, *};

    fn dossier(number: u128) -> DossierId {
        DossierId(Uuid::from_u128(number))
    }

    fn runner(open: &[&str], held: Option<&str>) -> Runner {
        Runner { open: open.iter().map(|school| SchoolId::from(*school)).collect(), held: held.map(SchoolId::from) }
    }

    /// One seat at a; two at b, where 2 holds one; 3 has a seat of their own at b.
    fn input() -> FiliereInput {
        let table = |numbers: &[u128]| numbers.iter().map(|number| dossier(*number)).collect::<Vec<_>>();
        FiliereInput {
            seats: [("a".into(), 1), ("b".into(), 2)].into(),
            tables: [("a".into(), table(&[9, 2, 1])), ("b".into(), table(&[1, 2]))].into(),
            supernumerary: [(dossier(3), "b".into())].into(),
            runners: [
                (dossier(1), runner(&["b"], None)),
                (dossier(2), runner(&["a", "b"], Some("b"))),
                (dossier(3), runner(&["b"], None)),
            ]
            .into(),
        }
    }

    #[test]
    fn a_better_proposal_releases_the_seat_that_was_held() {
        let projection = project(&input()).unwrap();
        let release = Release { dossier: dossier(2), left: "b".into(), proposed: "a".into() };
        assert_eq!(projection.released, [release]);
        let a = &projection.schools[&"a".into()];
        assert_eq!(a.cell, Cell { seats: 1, taken: 1, last_called: 2 });
        let two = Proposal { dossier: dossier(2), rank: Some(2), new: true, supernumerary: false };
        assert_eq!(a.proposals, [two]);
        let b = &projection.schools[&"b".into()];
        assert_eq!(b.cell, Cell { seats: 3, taken: 2, last_called: 1 });
        let own = Proposal { dossier: dossier(3), rank: None, new: true, supernumerary: true };
        assert_eq!(
            b.proposals,
            [Proposal { dossier: dossier(1), rank: Some(1), new: true, supernumerary: false }, own]
        );
    }

    #[test]
    fn a_seat_that_stays_held_is_neither_new_nor_released() {
        let mut input = input();
        input.seats.insert("a".into(), 0);
        let projection = project(&input).unwrap();
        assert_eq!(projection.released, []);
        let new: Vec<_> = projection.schools[&"b".into()].proposals.iter().map(|one| one.new).collect();
        assert_eq!(new, [true, false, true]);
    }
}
