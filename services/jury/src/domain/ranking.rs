//! Strict rankings per school and filière (R27).

use std::collections::HashMap;

use thiserror::Error;
use uuid::Uuid;

use super::{
    candidature::{Candidature, Standing},
    marks::OralRules,
};

/// A school and a filière: what has seats and a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The school.
    pub school: String,
    /// The filière.
    pub filiere: String,
}

impl std::fmt::Display for Cell {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}/{}", self.school, self.filiere)
    }
}

/// A valid table of one cell, best first: only [`Table::validated`] and [`merit_tables`] make a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    cell: Cell,
    ranking: Vec<Uuid>,
}

/// What is wrong with one line of a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RankingFault {
    /// Ranked before.
    #[error("{dossier} is ranked already, at position {first}")]
    Duplicate {
        /// The dossier.
        dossier: Uuid,
        /// Its earlier position, from 1.
        first: usize,
    },
    /// Not a candidature.
    #[error("{dossier} is no candidature")]
    NoCandidature {
        /// The id given.
        dossier: Uuid,
    },
    /// Candidate of another filière.
    #[error("{dossier} is a candidature of filière {filiere}")]
    OtherFiliere {
        /// The dossier.
        dossier: Uuid,
        /// Its filière.
        filiere: String,
    },
    /// The jury annulled it.
    #[error("{dossier} is annulled")]
    Annulled {
        /// The dossier.
        dossier: Uuid,
    },
    /// Not signed as admissible.
    #[error("{dossier} is not admissible")]
    NotAdmissible {
        /// The dossier.
        dossier: Uuid,
    },
    /// Did not choose the school.
    #[error("{dossier} does not apply to {school}")]
    NotApplied {
        /// The dossier.
        dossier: Uuid,
        /// The school.
        school: String,
    },
    /// Not recevable there.
    #[error("{dossier} is not recevable at {school}")]
    NotRecevable {
        /// The dossier.
        dossier: Uuid,
        /// The school.
        school: String,
    },
    /// An exam eliminates.
    #[error("{dossier} is eliminated by its result in {exam}")]
    Eliminated {
        /// The dossier.
        dossier: Uuid,
        /// The exam.
        exam: String,
    },
    /// An exam has no result yet.
    #[error("{dossier} has no result in {exam}")]
    ResultMissing {
        /// The dossier.
        dossier: Uuid,
        /// The exam.
        exam: String,
    },
}

/// Candidatures by dossier.
pub type Candidatures = HashMap<Uuid, Candidature>;

impl Table {
    /// The table, if every line of it may stand there; else every fault with the 0-based line it is in.
    ///
    /// # Errors
    /// All faults.
    pub fn validated(
        cell: Cell,
        ranking: Vec<Uuid>,
        candidatures: &Candidatures,
        rules: &OralRules,
    ) -> Result<Self, Vec<(usize, RankingFault)>> {
        let mut faults = in_filiere(&cell.filiere, &ranking, candidatures, rules);
        for (line, dossier) in ranking.iter().enumerate() {
            if let Some(candidature) = candidatures.get(dossier) {
                faults.extend(at_school(candidature, &cell.school).err().map(|f| (line, f)));
            }
        }
        faults.sort_by_key(|(line, _)| *line);
        if faults.is_empty() { Ok(Self { cell, ranking }) } else { Err(faults) }
    }

    /// A table that two people signed: who departed since stands on it still.
    #[must_use]
    pub const fn as_signed(cell: Cell, ranking: Vec<Uuid>) -> Self {
        Self { cell, ranking }
    }

    /// Its cell.
    #[must_use]
    pub const fn cell(&self) -> &Cell {
        &self.cell
    }

    /// Dossiers, best first.
    #[must_use]
    pub fn ranking(&self) -> &[Uuid] {
        &self.ranking
    }
}

/// One common merit list for all cells of a filière: each table is the list restricted to who applied there and is
/// recevable there, in the same order.
///
/// # Errors
/// All faults, with the 0-based line; someone who fits none of the cells is one.
pub fn merit_tables(
    filiere: &str,
    schools: &[String],
    list: &[Uuid],
    candidatures: &Candidatures,
    rules: &OralRules,
) -> Result<Vec<Table>, Vec<(usize, RankingFault)>> {
    let mut faults = in_filiere(filiere, list, candidatures, rules);
    for (line, dossier) in list.iter().enumerate() {
        if let Some(candidature) = candidatures.get(dossier) {
            let mut refusals: Vec<_> = schools.iter().map(|s| at_school(candidature, s)).collect();
            if refusals.iter().all(Result::is_err) {
                // The most telling one: chosen, but not recevable.
                refusals.sort_by_key(|r| !matches!(r, Err(RankingFault::NotRecevable { .. })));
                faults.extend(refusals.into_iter().next().and_then(Result::err).map(|f| (line, f)));
            }
        }
    }
    if !faults.is_empty() {
        faults.sort_by_key(|(line, _)| *line);
        return Err(faults);
    }
    Ok(schools
        .iter()
        .map(|school| Table {
            cell: Cell { school: school.clone(), filiere: filiere.into() },
            ranking: list
                .iter()
                .filter(|d| candidatures.get(d).is_some_and(|c| at_school(c, school).is_ok()))
                .copied()
                .collect(),
        })
        .collect())
}

/// True if that candidature could stand on the cell's table today.
#[must_use]
pub fn rankable(candidature: &Candidature, cell: &Cell, rules: &OralRules) -> bool {
    candidature.filiere == cell.filiere
        && person(candidature, rules).is_empty()
        && at_school(candidature, &cell.school).is_ok()
}

fn in_filiere(
    filiere: &str,
    ranking: &[Uuid],
    candidatures: &Candidatures,
    rules: &OralRules,
) -> Vec<(usize, RankingFault)> {
    let mut faults = Vec::new();
    let mut seen = HashMap::with_capacity(ranking.len());
    for (line, &dossier) in ranking.iter().enumerate() {
        if let Some(first) = seen.insert(dossier, line) {
            seen.insert(dossier, first);
            faults.push((line, RankingFault::Duplicate { dossier, first: first + 1 }));
            continue;
        }
        let Some(candidature) = candidatures.get(&dossier) else {
            faults.push((line, RankingFault::NoCandidature { dossier }));
            continue;
        };
        if candidature.filiere != filiere {
            faults.push((line, RankingFault::OtherFiliere { dossier, filiere: candidature.filiere.clone() }));
        }
        faults.extend(person(candidature, rules).into_iter().map(|f| (line, f)));
    }
    faults
}

/// Faults that hold at every school.
fn person(candidature: &Candidature, rules: &OralRules) -> Vec<RankingFault> {
    let dossier = candidature.dossier;
    if candidature.annulled {
        return vec![RankingFault::Annulled { dossier }];
    }
    if !candidature.admissible() {
        return vec![RankingFault::NotAdmissible { dossier }];
    }
    if let Some(exam) = candidature.eliminated_by(rules) {
        return vec![RankingFault::Eliminated { dossier, exam: exam.into() }];
    }
    let missing = candidature.missing_results(rules).into_iter();
    missing.map(|exam| RankingFault::ResultMissing { dossier, exam: exam.into() }).collect()
}

fn at_school(candidature: &Candidature, school: &str) -> Result<(), RankingFault> {
    let dossier = candidature.dossier;
    let Ok(application) = candidature.application(school) else {
        return Err(RankingFault::NotApplied { dossier, school: school.into() });
    };
    match application.standing() {
        Standing::Recevable => Ok(()),
        Standing::NotRecevable | Standing::Undetermined => {
            Err(RankingFault::NotRecevable { dossier, school: school.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        OralResult,
        sample::{self, admitted, id, rules},
    };

    fn cell() -> Cell {
        Cell { school: "north".into(), filiere: "F".into() }
    }

    fn faults(ranking: Vec<Uuid>, candidatures: &Candidatures) -> Vec<(usize, RankingFault)> {
        Table::validated(cell(), ranking, candidatures, &rules()).unwrap_err()
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let mut all: Candidatures = (0..8).map(|n| (id(n), admitted(n))).collect();
        let change = |all: &mut Candidatures, n: u128, f: &dyn Fn(&mut Candidature)| f(all.get_mut(&id(n)).unwrap());
        change(&mut all, 1, &|c| c.filiere = "G".into());
        change(&mut all, 2, &|c| c.annulled = true);
        change(&mut all, 3, &|c| c.decision = crate::domain::Decision::Undecided);
        change(&mut all, 4, &|c| {
            c.results.insert("english".into(), OralResult::Absent);
        });
        change(&mut all, 5, &|c| {
            c.results.clear();
        });
        change(&mut all, 6, &|c| c.schools.retain(|a| a.school != "north"));
        change(&mut all, 7, &|c| {
            c.schools[0].determination =
                Some(crate::domain::Determination { recevable: false, reason: "incoherent".into() });
        });
        let found = faults([0, 0, 1, 2, 3, 4, 5, 6, 7, 99].map(id).to_vec(), &all);
        assert_eq!(
            found,
            vec![
                (1, RankingFault::Duplicate { dossier: id(0), first: 1 }),
                (2, RankingFault::OtherFiliere { dossier: id(1), filiere: "G".into() }),
                (3, RankingFault::Annulled { dossier: id(2) }),
                (4, RankingFault::NotAdmissible { dossier: id(3) }),
                (5, RankingFault::Eliminated { dossier: id(4), exam: "english".into() }),
                (6, RankingFault::ResultMissing { dossier: id(5), exam: "interview".into() }),
                (6, RankingFault::ResultMissing { dossier: id(5), exam: "english".into() }),
                (7, RankingFault::NotApplied { dossier: id(6), school: "north".into() }),
                (8, RankingFault::NotRecevable { dossier: id(7), school: "north".into() }),
                (9, RankingFault::NoCandidature { dossier: id(99) }),
            ]
        );
    }

    #[test]
    fn an_empty_table_is_a_table() {
        assert!(Table::validated(cell(), Vec::new(), &HashMap::new(), &rules()).unwrap().ranking().is_empty());
    }

    #[test]
    fn a_merit_list_gives_each_school_its_own_people() {
        let mut all: Candidatures = (0..3).map(|n| (id(n), admitted(n))).collect();
        all.get_mut(&id(1)).unwrap().schools.retain(|a| a.school == "south");
        let schools = ["north".to_owned(), "south".to_owned()];
        let tables = merit_tables("F", &schools, &[id(2), id(1), id(0)], &all, &rules()).unwrap();
        assert_eq!(tables[0].ranking(), [id(2), id(0)]);
        assert_eq!(tables[1].ranking(), [id(2), id(1), id(0)]);
    }

    proptest! {
        /// What the validation lets through never breaks R27, whatever the candidates are.
        #[test]
        fn a_valid_table_holds_only_who_may_be_on_it(
            people in proptest::collection::vec(sample::candidature(), 0..12),
            order in proptest::collection::vec(0_u128..14, 0..12),
        ) {
            let all: Candidatures = people.into_iter().enumerate().map(|(n, mut c)| {
                c.dossier = id(n as u128);
                (c.dossier, c)
            }).collect();
            let ranking: Vec<Uuid> = order.into_iter().map(id).collect();
            match Table::validated(cell(), ranking.clone(), &all, &rules()) {
                Ok(table) => {
                    let distinct: HashSet<_> = table.ranking().iter().collect();
                    prop_assert_eq!(distinct.len(), table.ranking().len());
                    for dossier in table.ranking() {
                        let c = &all[dossier];
                        prop_assert!(c.admissible() && c.eliminated_by(&rules()).is_none());
                        prop_assert!(c.recevable_schools().contains(&"north".to_owned()));
                        prop_assert_eq!(&c.filiere, "F");
                    }
                }
                Err(faults) => prop_assert!(faults.iter().all(|(line, _)| *line < ranking.len()) && !faults.is_empty()),
            }
        }
    }
}
