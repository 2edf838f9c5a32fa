//! Sign-off of the tables, their correction and their publication (R18, R19, R27).

use std::collections::BTreeMap;

use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use super::{
    digest,
    marks::OralRules,
    people::Two,
    ranking::{Candidatures, Cell, RankingFault, Table, rankable},
};

/// Where the admission stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Tables are drafts.
    Unsigned,
    /// Two people signed.
    Signed(Signature),
}

/// A sign-off of all tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// From 1, one more with each correction.
    pub number: u64,
    /// See [`digest::of_tables`].
    pub digest: String,
    /// When a second person confirmed the publication, if one has.
    pub released_at: Option<Timestamp>,
}

/// Why the admission does not move like that.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AdmissionRefused {
    /// Signed tables change by correction only.
    #[error("the tables are signed under number {signature}; only a correction by two people changes them")]
    AlreadySigned {
        /// Its number.
        signature: u64,
    },
    /// Nothing is signed.
    #[error("the tables are not signed")]
    NotSigned,
    /// Confirmed before.
    #[error("the publication was confirmed at {at}")]
    AlreadyReleased {
        /// When.
        at: Timestamp,
    },
    /// The correction changes no table.
    #[error("the corrected table is the signed one")]
    NothingToCorrect,
}

/// What keeps the tables from being signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Incomplete {
    /// Someone could be ranked there, and nobody submitted a table.
    #[error("{cell} has no table and {rankable} candidates who could be on it")]
    NoTable {
        /// The cell.
        cell: Cell,
        /// How many.
        rankable: usize,
    },
    /// An admissible candidate without a result: a mark or an absence.
    #[error("{dossier} has no result in {exam}")]
    NoResult {
        /// The dossier.
        dossier: Uuid,
        /// The exam.
        exam: String,
    },
    /// A draft that was valid is so no longer.
    #[error("{cell}, position {position}: {fault}")]
    Fault {
        /// The cell.
        cell: Cell,
        /// From 1.
        position: usize,
        /// What is wrong.
        fault: RankingFault,
    },
}

/// Every cell's table, in the order of `cells`: the draft, or an empty one where nobody could be ranked.
///
/// # Errors
/// Everything that is missing or wrong, at once.
pub fn complete(
    cells: &[Cell],
    mut drafts: BTreeMap<Cell, Vec<Uuid>>,
    candidatures: &Candidatures,
    rules: &OralRules,
) -> Result<Vec<Table>, Vec<Incomplete>> {
    let mut missing = Vec::new();
    let mut people: Vec<_> = candidatures.values().filter(|c| c.admissible()).collect();
    people.sort_by_key(|c| c.dossier);
    for candidature in people {
        let exams = candidature.missing_results(rules).into_iter();
        missing.extend(exams.map(|exam| Incomplete::NoResult { dossier: candidature.dossier, exam: exam.into() }));
    }
    let mut tables = Vec::with_capacity(cells.len());
    for cell in cells {
        let ranking = match drafts.remove(cell) {
            Some(ranking) => ranking,
            None => {
                let rankable = candidatures.values().filter(|c| rankable(c, cell, rules)).count();
                if rankable > 0 {
                    missing.push(Incomplete::NoTable { cell: cell.clone(), rankable });
                }
                Vec::new()
            }
        };
        match Table::validated(cell.clone(), ranking, candidatures, rules) {
            Ok(table) => tables.push(table),
            Err(faults) => missing.extend(faults.into_iter().map(|(line, fault)| Incomplete::Fault {
                cell: cell.clone(),
                position: line + 1,
                fault,
            })),
        }
    }
    if missing.is_empty() { Ok(tables) } else { Err(missing) }
}

impl Admission {
    /// The signature, if there is one.
    #[must_use]
    pub const fn signature(&self) -> Option<&Signature> {
        match self {
            Self::Unsigned => None,
            Self::Signed(signature) => Some(signature),
        }
    }

    /// Tables and marks may still change.
    ///
    /// # Errors
    /// They are signed.
    pub const fn still_open(&self) -> Result<(), AdmissionRefused> {
        match self {
            Self::Unsigned => Ok(()),
            Self::Signed(signature) => Err(AdmissionRefused::AlreadySigned { signature: signature.number }),
        }
    }

    /// Signed at all.
    ///
    /// # Errors
    /// Not yet.
    pub fn signed(&self) -> Result<&Signature, AdmissionRefused> {
        self.signature().ok_or(AdmissionRefused::NotSigned)
    }

    /// Two people sign all tables.
    ///
    /// # Errors
    /// They are signed.
    pub fn sign(self, _by: &Two, tables: &[Table]) -> Result<Self, AdmissionRefused> {
        self.still_open()?;
        Ok(Self::Signed(Signature { number: 1, digest: digest::of_tables(tables), released_at: None }))
    }

    /// Two people correct a signed table: all tables are signed again under the next number. A confirmed publication
    /// stands: two people confirmed the correction as well.
    ///
    /// # Errors
    /// Not signed, or the tables are what was signed.
    pub fn correct(self, _by: &Two, tables: &[Table]) -> Result<Self, AdmissionRefused> {
        let Self::Signed(before) = self else { return Err(AdmissionRefused::NotSigned) };
        let digest = digest::of_tables(tables);
        if digest == before.digest {
            return Err(AdmissionRefused::NothingToCorrect);
        }
        Ok(Self::Signed(Signature { number: before.number + 1, digest, released_at: before.released_at }))
    }

    /// Two people confirm that the results go out at their instant.
    ///
    /// # Errors
    /// Not signed, or confirmed before.
    pub fn release(self, _by: &Two, at: Timestamp) -> Result<Self, AdmissionRefused> {
        match self {
            Self::Unsigned => Err(AdmissionRefused::NotSigned),
            Self::Signed(Signature { released_at: Some(at), .. }) => Err(AdmissionRefused::AlreadyReleased { at }),
            Self::Signed(signature) => Ok(Self::Signed(Signature { released_at: Some(at), ..signature })),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::Timestamp;

    use super::*;
    use crate::domain::sample::{admitted, id, rules, two};

    fn cells() -> Vec<Cell> {
        ["north", "south"].map(|s| Cell { school: s.into(), filiere: "F".into() }).to_vec()
    }

    #[test]
    fn a_cell_needs_its_table_only_if_someone_could_be_on_it() {
        let mut all: Candidatures = [(id(1), admitted(1))].into();
        let missing = complete(&cells(), BTreeMap::new(), &all, &rules()).unwrap_err();
        assert_eq!(missing.len(), 2);
        assert_eq!(missing[0], Incomplete::NoTable { cell: cells()[0].clone(), rankable: 1 });
        all.get_mut(&id(1)).unwrap().schools.retain(|a| a.school == "south");
        let drafts = BTreeMap::from([(cells()[1].clone(), vec![id(1)])]);
        let tables = complete(&cells(), drafts, &all, &rules()).unwrap();
        assert_eq!((tables[0].ranking().len(), tables[1].ranking()), (0, &[id(1)][..]));
    }

    #[test]
    fn whoever_has_no_result_and_whatever_became_invalid_is_named() {
        let mut all: Candidatures = [(id(1), admitted(1)), (id(2), admitted(2))].into();
        all.get_mut(&id(1)).unwrap().results.remove("english");
        all.get_mut(&id(2)).unwrap().annulled = true;
        let drafts = cells().into_iter().map(|c| (c, vec![id(2)])).collect();
        let missing = complete(&cells(), drafts, &all, &rules()).unwrap_err();
        assert_eq!(missing[0], Incomplete::NoResult { dossier: id(1), exam: "english".into() });
        let fault = RankingFault::Annulled { dossier: id(2) };
        assert_eq!(missing[1], Incomplete::Fault { cell: cells()[0].clone(), position: 1, fault });
        assert_eq!(missing.len(), 3);
    }

    #[test]
    fn signed_tables_move_by_correction_only() {
        let all: Candidatures = [(id(1), admitted(1)), (id(2), admitted(2))].into();
        let table = |ranking: Vec<Uuid>| Table::validated(cells()[0].clone(), ranking, &all, &rules()).unwrap();
        let (one, other) = (vec![table(vec![id(1), id(2)])], vec![table(vec![id(2), id(1)])]);
        let at = Timestamp::UNIX_EPOCH;

        assert_eq!(Admission::Unsigned.release(&two(), at), Err(AdmissionRefused::NotSigned));
        assert_eq!(Admission::Unsigned.correct(&two(), &one), Err(AdmissionRefused::NotSigned));
        let signed = Admission::Unsigned.sign(&two(), &one).unwrap();
        assert_eq!(signed.clone().sign(&two(), &other), Err(AdmissionRefused::AlreadySigned { signature: 1 }));
        assert_eq!(signed.clone().correct(&two(), &one), Err(AdmissionRefused::NothingToCorrect));
        let released = signed.release(&two(), at).unwrap();
        let corrected = released.correct(&two(), &other).unwrap();
        let signature = corrected.signature().unwrap();
        assert_eq!((signature.number, signature.released_at), (2, Some(at)));
        assert_eq!(corrected.release(&two(), at), Err(AdmissionRefused::AlreadyReleased { at }));
    }
}
