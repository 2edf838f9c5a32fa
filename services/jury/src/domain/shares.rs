//! Shares of reading: who of the jury reads which dossiers before the commission. A share is a duty and no privilege:
//! every member may read everything.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::digest;

/// A dossier as its readers are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    /// The dossier.
    pub dossier: Uuid,
    /// How many readers it is to have; 0 for one that only counts in the shares.
    pub wanted: usize,
    /// Who reads it already: they are kept, whoever else comes or goes.
    pub readers: BTreeSet<String>,
    /// Who declared a conflict of interest with it.
    pub conflicts: BTreeSet<String>,
}

/// What is new in the shares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigned {
    /// Dossiers with a new reader each, by dossier and reader.
    pub new: Vec<(Uuid, String)>,
    /// Dossiers that have fewer readers than wanted: nobody is left who could. By dossier.
    pub short: Vec<Uuid>,
}

impl ToRead {
    fn may_go_to(&self, reader: &str) -> bool {
        !self.readers.contains(reader) && !self.conflicts.contains(reader)
    }
}

/// Gives every dossier the readers it lacks, whoever has fewest first, and levels what was given: afterwards no new
/// dossier could go to someone with two fewer. Between equals a digest decides, so that the same two do not read
/// everything together. The outcome depends on what is given and not on its order.
#[must_use]
pub fn assign(dossiers: &[ToRead], readers: &BTreeSet<String>) -> Assigned {
    let mut load: BTreeMap<&str, usize> = readers.iter().map(|reader| (reader.as_str(), 0)).collect();
    for reader in dossiers.iter().flat_map(|dossier| &dossier.readers) {
        if let Some(load) = load.get_mut(reader.as_str()) {
            *load += 1;
        }
    }
    let mut all: Vec<&ToRead> = dossiers.iter().collect();
    all.sort_by_key(|dossier| dossier.dossier);
    let mut short = Vec::new();
    let mut given: Vec<(&ToRead, BTreeSet<&str>)> = Vec::new();
    for dossier in all {
        let mut new = BTreeSet::new();
        while dossier.readers.len() + new.len() < dossier.wanted {
            let Some(reader) = lightest(dossier, &new, &load) else {
                short.push(dossier.dossier);
                break;
            };
            new.insert(reader);
            *load.entry(reader).or_default() += 1;
        }
        given.push((dossier, new));
    }
    level(&mut given, &mut load);
    let new = given.iter().flat_map(|(to_read, new)| new.iter().map(|reader| (to_read.dossier, (*reader).to_owned())));
    Assigned { new: new.collect(), short }
}

/// Who has fewest of those who may read it and do not yet.
fn lightest<'a>(dossier: &ToRead, new: &BTreeSet<&str>, load: &BTreeMap<&'a str, usize>) -> Option<&'a str> {
    let able = load.iter().filter(|(reader, _)| dossier.may_go_to(reader) && !new.contains(*reader));
    let id = dossier.dossier.to_string();
    able.min_by_key(|(reader, load)| (**load, digest::of([id.as_str(), reader]))).map(|(reader, _)| *reader)
}

/// Hands new dossiers on to whoever has two fewer, until there is none. Each step brings two shares closer, so it ends.
fn level<'a>(given: &mut [(&ToRead, BTreeSet<&'a str>)], load: &mut BTreeMap<&'a str, usize>) {
    let mut moved = true;
    while moved {
        moved = false;
        for (dossier, new) in given.iter_mut() {
            let of = |reader: &str| load.get(reader).copied().unwrap_or_default();
            let Some(heaviest) = new.iter().copied().max_by_key(|reader| (of(reader), *reader)) else { continue };
            let Some(lightest) = lightest(dossier, new, load).filter(|reader| of(reader) + 1 < of(heaviest)) else {
                continue;
            };
            new.remove(heaviest);
            new.insert(lightest);
            *load.entry(heaviest).or_default() -= 1;
            *load.entry(lightest).or_default() += 1;
            moved = true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::sample::id;

    fn names(numbers: impl IntoIterator<Item = u8>) -> BTreeSet<String> {
        numbers.into_iter().map(|n| format!("reader-{n}")).collect()
    }

    fn to_read() -> impl Strategy<Value = Vec<ToRead>> {
        let some = |many| proptest::collection::btree_set(0_u8..7, 0..many);
        let one = (0_usize..4, some(3), some(4)).prop_map(|(wanted, readers, conflicts)| {
            let conflicts = names(conflicts);
            // Whoever declares a conflict leaves the dossier.
            let readers = names(readers).difference(&conflicts).cloned().collect();
            ToRead { dossier: Uuid::nil(), wanted, readers, conflicts }
        });
        proptest::collection::vec(one, 0..25).prop_map(|mut all| {
            all.iter_mut().zip(1..).for_each(|(one, n)| one.dossier = id(n));
            all
        })
    }

    fn with(dossiers: &[ToRead], assigned: &Assigned) -> Vec<ToRead> {
        let mut after = dossiers.to_vec();
        for (dossier, reader) in &assigned.new {
            let one = after.iter_mut().find(|one| one.dossier == *dossier).unwrap();
            assert!(one.readers.insert(reader.clone()), "{reader} twice on {dossier}");
        }
        after
    }

    fn load(dossiers: &[ToRead], reader: &str) -> usize {
        dossiers.iter().filter(|one| one.readers.contains(reader)).count()
    }

    proptest! {
        #[test]
        fn everyone_given_a_dossier_may_read_it_and_no_dossier_goes_short_without_need(
            dossiers in to_read(), reading in proptest::collection::btree_set(0_u8..7, 0..7),
        ) {
            let readers = names(reading);
            let assigned = assign(&dossiers, &readers);
            let after = with(&dossiers, &assigned);
            for (before, after) in dossiers.iter().zip(&after) {
                prop_assert!(before.readers.is_subset(&after.readers), "whoever read it still does");
                let new: Vec<_> = after.readers.difference(&before.readers).collect();
                prop_assert!(new.iter().all(|reader| readers.contains(*reader) && !before.conflicts.contains(*reader)));
                let able = readers.iter().filter(|reader| before.may_go_to(reader)).count();
                prop_assert_eq!(new.len(), able.min(before.wanted.saturating_sub(before.readers.len())));
                prop_assert_eq!(assigned.short.contains(&before.dossier), after.readers.len() < after.wanted);
            }
            prop_assert_eq!(assign(&after, &readers), Assigned { new: Vec::new(), short: assigned.short.clone() });
            let backwards: Vec<_> = dossiers.iter().rev().cloned().collect();
            prop_assert_eq!(assign(&backwards, &readers), assigned);
        }

        #[test]
        fn no_new_dossier_could_go_to_someone_with_two_fewer(
            dossiers in to_read(), reading in proptest::collection::btree_set(0_u8..7, 0..7),
        ) {
            let readers = names(reading);
            let assigned = assign(&dossiers, &readers);
            let after = with(&dossiers, &assigned);
            for (dossier, reader) in &assigned.new {
                let to_read = after.iter().find(|one| one.dossier == *dossier).unwrap();
                for other in readers.iter().filter(|other| to_read.may_go_to(other)) {
                    prop_assert!(load(&after, other) + 1 >= load(&after, reader), "{} could go to {}", dossier, other);
                }
            }
        }

        #[test]
        fn shares_from_nothing_are_equal_to_within_one(many in 0_u128..60, readers in 1_u8..9, wanted in 1_usize..4) {
            let fresh = |n| ToRead { dossier: id(n), wanted, readers: BTreeSet::new(), conflicts: BTreeSet::new() };
            let dossiers: Vec<_> = (0..many).map(fresh).collect();
            let readers = names(0..readers);
            let after = with(&dossiers, &assign(&dossiers, &readers));
            let loads: Vec<_> = readers.iter().map(|reader| load(&after, reader)).collect();
            prop_assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= 1, "{:?}", loads);
        }
    }

    #[test]
    fn readers_are_mixed() {
        let fresh = |n| ToRead { dossier: id(n), wanted: 2, readers: BTreeSet::new(), conflicts: BTreeSet::new() };
        let dossiers: Vec<_> = (0..40).map(fresh).collect();
        let after = with(&dossiers, &assign(&dossiers, &names(0..4)));
        let pairs: BTreeSet<_> = after.iter().map(|one| &one.readers).collect();
        assert!(pairs.len() > 3, "{pairs:?}");
    }
}
