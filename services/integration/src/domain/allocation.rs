//! The candidate-optimal stable matching (R29): deferred acceptance, candidates proposing, to the fixpoint.
//!
//! A programme keeps one number, its *cut-off*: the first position of its table that it refuses for good. While it has
//! free seats it takes everyone above the cut-off; once full, each newcomer pushes out the worst it holds, and the
//! cut-off moves up to that position. It never moves down, so finding the worst held is a walk up the table that is
//! made at most once per table in the whole run: no heap is needed, and the time is linear in the wishes and the rows
//! of the tables. The matching is unique whatever the order of proposals (Gale and Shapley, 1962; McVitie and Wilson,
//! 1971), so the order of the input cannot show in it.

use super::market::{Market, UNRANKED, Wish};

/// Who gets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    programmes: Vec<Option<u32>>,
    last_called: Vec<u32>,
}

impl Matching {
    /// The programme of a candidate, if any.
    #[must_use]
    pub fn programme_of(&self, candidate: usize) -> Option<u32> {
        self.programmes[candidate]
    }

    /// The 1-based position last called on a programme's table, 0 if none.
    #[must_use]
    pub fn last_called(&self, programme: usize) -> u32 {
        self.last_called[programme]
    }

    /// Number of candidates who get a programme.
    #[must_use]
    pub fn size(&self) -> usize {
        self.programmes.iter().flatten().count()
    }
}

/// The matching that every candidate likes best among the stable ones.
#[must_use]
pub fn allocate(market: &Market) -> Matching {
    let mut programmes: Vec<Programme> = Programme::all(market);
    let mut held = Positions::none(market.tables.items());
    let mut wishes = Wishes::all(market);

    // By rounds rather than one candidate's consequences after another: neighbours in a round do not wait for each
    // other's memory.
    let mut proposers: Vec<u32> = (0..).take(market.candidates()).collect();
    let mut pushed_out = Vec::new();
    while !proposers.is_empty() {
        for &proposer in &proposers {
            while let Some(Wish { programme, position }) = wishes[proposer as usize].take_next(market) {
                let programme = &mut programmes[programme as usize];
                if position >= programme.cut_off {
                    continue;
                }
                held.insert(programme.table + position as usize);
                if programme.free_seats > 0 {
                    programme.free_seats -= 1;
                } else {
                    let worst = programme.raise_cut_off(&held);
                    held.remove(worst);
                    pushed_out.push(market.tables.item(worst));
                }
                break;
            }
        }
        proposers.clear();
        std::mem::swap(&mut proposers, &mut pushed_out);
    }
    read_matching(market, &programmes, &held, &wishes)
}

/// The wishes a candidate has not yet proposed to. Both ends side by side: this is where the time of a large market goes.
struct Wishes {
    next: u32,
    end: u32,
}

impl Wishes {
    fn all(market: &Market) -> Vec<Self> {
        market.wish_starts.windows(2).map(|wishes| Self { next: wishes[0], end: wishes[1] }).collect()
    }

    fn take_next(&mut self, market: &Market) -> Option<Wish> {
        (self.next < self.end).then(|| {
            self.next += 1;
            market.wishes[self.next as usize - 1]
        })
    }
}

struct Programme {
    /// Where its table begins.
    table: usize,
    free_seats: u32,
    /// Positions from here on are refused for good. It only ever moves up the table.
    cut_off: u32,
}

impl Programme {
    fn all(market: &Market) -> Vec<Self> {
        let starts = market.tables.starts();
        (market.capacities.iter().zip(starts.windows(2)))
            .map(|(&seats, table)| Self {
                table: table[0] as usize,
                free_seats: seats,
                cut_off: if seats == 0 { 0 } else { table[1] - table[0] },
            })
            .collect()
    }

    /// Moves the cut-off up to the worst position held, and says where that lies in the tables.
    ///
    /// Only called on a full programme that has just taken one more, so there is one.
    fn raise_cut_off(&mut self, held: &Positions) -> usize {
        loop {
            self.cut_off -= 1;
            let worst = self.table + self.cut_off as usize;
            if held.contains(worst) {
                return worst;
            }
        }
    }
}

/// A candidate holds a seat exactly if their last proposal was kept: nobody proposes beyond a seat they hold.
fn read_matching(market: &Market, programmes: &[Programme], held: &Positions, wishes: &[Wishes]) -> Matching {
    let mut last_called = vec![0; market.programmes()];
    let matched = (0..market.candidates())
        .map(|candidate| {
            let next = wishes[candidate].next;
            let last = (next > market.wish_starts[candidate]).then(|| next as usize - 1)?;
            let Wish { programme, position } = market.wishes[last];
            let kept = position != UNRANKED && held.contains(programmes[programme as usize].table + position as usize);
            kept.then(|| {
                let called = &mut last_called[programme as usize];
                *called = (*called).max(position + 1);
                programme
            })
        })
        .collect();
    Matching { programmes: matched, last_called }
}

/// A set of places in the tables: one bit each, so that millions stay in the cache.
struct Positions(Vec<u64>);

impl Positions {
    fn none(of: usize) -> Self {
        Self(vec![0; of.div_ceil(64)])
    }

    fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn remove(&mut self, place: usize) {
        self.0[place / 64] &= !(1 << (place % 64));
    }

    fn contains(&self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{market::Lists, naive};

    fn allocate_lists(capacities: &[u32], wishes: &[Vec<u32>], tables: &[Vec<u32>]) -> Matching {
        let market = Market::new(
            capacities.to_vec(),
            &wishes.iter().map(|row| row.iter().copied()).collect(),
            tables.iter().map(|row| row.iter().copied()).collect::<Lists>(),
        );
        allocate(&market.unwrap())
    }

    #[test]
    fn whoever_is_pushed_out_gets_their_next_wish() {
        // Both want 0 first; 0 prefers candidate 1, so candidate 0 falls to 1.
        let matching = allocate_lists(&[1, 1], &[vec![0, 1], vec![0, 1]], &[vec![1, 0], vec![0, 1]]);
        assert_eq!((matching.programme_of(0), matching.programme_of(1)), (Some(1), Some(0)));
        assert_eq!((matching.last_called(0), matching.last_called(1)), (1, 1));
    }

    #[test]
    fn among_stable_matchings_the_candidates_best_is_found() {
        // Two stable matchings; programmes would like the other one.
        let matching = allocate_lists(&[1, 1], &[vec![0, 1], vec![1, 0]], &[vec![1, 0], vec![0, 1]]);
        assert_eq!((matching.programme_of(0), matching.programme_of(1)), (Some(0), Some(1)));
        assert_eq!((matching.last_called(0), matching.last_called(1)), (2, 2));
    }

    #[test]
    fn no_seats_and_no_ranks_are_legal() {
        let matching = allocate_lists(&[0, 3], &[vec![0], vec![1], vec![]], &[vec![0], vec![]]);
        assert_eq!(matching.size(), 0);
        assert_eq!((matching.last_called(0), matching.last_called(1)), (0, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// The same matching as the textbook's rounds, whatever the order candidates and programmes are numbered in.
        #[test]
        fn agrees_with_the_naive_rounds_in_any_order(instance in naive::instances(9, 5), seed in any::<u64>()) {
            let expected = naive::rounds(&instance);
            let found = allocate_lists(&instance.capacities, &instance.wishes, &instance.tables);
            for (candidate, expected) in expected.iter().enumerate() {
                prop_assert_eq!(found.programme_of(candidate), *expected);
            }
            let (shuffled, candidates, programmes) = instance.renumbered(seed);
            let again = allocate_lists(&shuffled.capacities, &shuffled.wishes, &shuffled.tables);
            for (old, new) in candidates.iter().enumerate() {
                let before = found.programme_of(old).map(|programme| programmes[programme as usize]);
                prop_assert_eq!(again.programme_of(*new as usize), before);
            }
            for (old, new) in programmes.iter().enumerate() {
                prop_assert_eq!(again.last_called(*new as usize), found.last_called(old));
            }
        }
    }
}
