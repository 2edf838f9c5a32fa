//! The second, naive implementation, for tests: rounds in which everyone unmatched proposes and every programme sorts
//! all it has heard and keeps the best. And random instances of it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    computation::FiliereInput,
    ids::{DossierId, SchoolId},
};

/// Capacities, wishes and tables over indices.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) capacities: Vec<u32>,
    pub(crate) wishes: Vec<Vec<u32>>,
    pub(crate) tables: Vec<Vec<u32>>,
}

/// Deferred acceptance as the textbook tells it.
pub(crate) fn rounds(instance: &Instance) -> Vec<Option<u32>> {
    let mut refused: Vec<Vec<u32>> = vec![Vec::new(); instance.wishes.len()];
    loop {
        let wanted: Vec<Option<u32>> = (instance.wishes.iter().zip(&refused))
            .map(|(wishes, refused)| wishes.iter().copied().find(|programme| !refused.contains(programme)))
            .collect();
        let mut anyone_refused = false;
        for (programme, table) in (0..).zip(&instance.tables) {
            let mut proposers: Vec<usize> = (0..wanted.len()).filter(|&c| wanted[c] == Some(programme)).collect();
            let rank =
                |candidate: &usize| table.iter().position(|&row| row as usize == *candidate).unwrap_or(usize::MAX);
            proposers.sort_by_key(rank);
            for (place, candidate) in proposers.iter().enumerate() {
                if place >= instance.capacities[programme as usize] as usize || rank(candidate) == usize::MAX {
                    refused[*candidate].push(programme);
                    anyone_refused = true;
                }
            }
        }
        if !anyone_refused {
            return wanted;
        }
    }
}

impl Instance {
    /// The same instance with candidates and programmes numbered anew, and the new number of each old one.
    pub(crate) fn renumbered(&self, seed: u64) -> (Self, Vec<u32>, Vec<u32>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut permutation = |of: usize| {
            let mut new: Vec<u32> = (0..).take(of).collect();
            new.shuffle(&mut random);
            new
        };
        let (candidates, programmes) = (permutation(self.wishes.len()), permutation(self.capacities.len()));
        let mut other = self.clone();
        for (old, &new) in candidates.iter().enumerate() {
            other.wishes[new as usize] = self.wishes[old].iter().map(|&p| programmes[p as usize]).collect();
        }
        for (old, &new) in programmes.iter().enumerate() {
            other.capacities[new as usize] = self.capacities[old];
            other.tables[new as usize] = self.tables[old].iter().map(|&c| candidates[c as usize]).collect();
        }
        (other, candidates, programmes)
    }
}

/// Random instances with at most so many candidates and programmes.
pub(crate) fn instances(candidates: usize, programmes: usize) -> impl Strategy<Value = Instance> {
    (0..=candidates, 1..=programmes, any::<u64>()).prop_map(|(candidates, programmes, seed)| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut some = |of: usize, keep: f64| {
            let mut all: Vec<u32> = (0..).take(of).collect();
            all.shuffle(&mut random);
            all.retain(|_| random.random_bool(keep));
            all
        };
        let wishes: Vec<Vec<u32>> = (0..candidates).map(|_| some(programmes, 0.7)).collect();
        let tables = (0..)
            .take(programmes)
            .map(|programme| {
                let mut table = some(candidates, 0.9);
                table.retain(|&candidate| wishes[candidate as usize].contains(&programme));
                table
            })
            .collect();
        let capacities = (0..programmes).map(|_| random.random_range(0..4)).collect();
        Instance { capacities, wishes, tables }
    })
}

/// One filière by rounds: each school hears all proposals, takes those it keeps a seat for, then holders, then the
/// best of its table. Said as a rule of choice, where `computation` makes a programme of each supernumerary seat.
pub(crate) fn proposals(input: &FiliereInput) -> Vec<(DossierId, SchoolId)> {
    let mut refused: BTreeSet<(DossierId, SchoolId)> = BTreeSet::new();
    loop {
        let mut heard: BTreeMap<&SchoolId, Vec<DossierId>> = BTreeMap::new();
        let mut wanted = Vec::new();
        for (dossier, runner) in &input.runners {
            let next = runner.open.iter().find(|school| !refused.contains(&(*dossier, (*school).clone())));
            if let Some(school) = next {
                heard.entry(school).or_default().push(*dossier);
                wanted.push((*dossier, school.clone()));
            }
        }
        let before = refused.len();
        for (school, mut proposers) in heard {
            let holds = |dossier: &DossierId| input.runners[dossier].held.as_ref() == Some(school);
            let line = |dossier: &DossierId| {
                let table = input.tables.get(school);
                table.and_then(|table| table.iter().position(|row| row == dossier)).unwrap_or(usize::MAX)
            };
            proposers.retain(|dossier| !input.supernumerary.contains(&(*dossier, school.clone())));
            proposers.sort_by_key(|dossier| (!holds(dossier), line(dossier), *dossier));
            let held = input.runners.iter().filter(|(dossier, runner)| {
                runner.held.as_ref() == Some(school) && !input.supernumerary.contains(&(**dossier, school.clone()))
            });
            let seats = (input.seats.get(school).copied().unwrap_or(0) as usize).max(held.count());
            for (place, dossier) in proposers.iter().enumerate() {
                if place >= seats || (!holds(dossier) && line(dossier) == usize::MAX) {
                    refused.insert((*dossier, school.clone()));
                }
            }
        }
        if refused.len() == before {
            return wanted;
        }
    }
}
