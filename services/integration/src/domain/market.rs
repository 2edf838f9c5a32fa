//! One filière as the allocation sees it: candidates and programmes are indices, lists lie end to end.
//!
//! A wish carries the position its candidate has on that programme's table, found once for all wishes by one
//! transposition. So the allocation never searches, hashes or compares names, and building the market is linear too.

use thiserror::Error;

/// Position of a candidate whom the programme's table does not name: below every other.
pub(super) const UNRANKED: u32 = u32::MAX;

/// Rows of indices, end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// No rows, with room for some.
    #[must_use]
    pub fn with_capacity(rows: usize, items: usize) -> Self {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        Self { starts, items: Vec::with_capacity(items) }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = u32>) {
        self.items.extend(row);
        // A market of more than 2^32 wishes is refused when it is built; until then the last start saturates.
        self.starts.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of items in all rows.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// A row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u32] {
        &self.items[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    pub(super) fn item(&self, index: usize) -> u32 {
        self.items[index]
    }
}

impl<Row: IntoIterator<Item = u32>> FromIterator<Row> for Lists {
    fn from_iter<Rows: IntoIterator<Item = Row>>(rows: Rows) -> Self {
        let rows = rows.into_iter();
        let mut lists = Self::with_capacity(rows.size_hint().0, 0);
        rows.for_each(|row| lists.push(row));
        lists
    }
}

/// Why lists are not a market. Indices are zero-based.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// As many tables as capacities are needed.
    #[error("{tables} tables for {capacities} capacities")]
    Lengths {
        /// Number of tables.
        tables: usize,
        /// Number of capacities.
        capacities: usize,
    },
    /// More wishes or table rows than 2^32 - 2.
    #[error("more wishes or table rows than this allocation counts to")]
    TooLarge,
    /// A wish or a row names nobody.
    #[error("index {index} names nothing")]
    Unknown {
        /// The index.
        index: u32,
    },
    /// A candidate asks for a programme twice.
    #[error("candidate {candidate} asks for programme {programme} twice")]
    DuplicateWish {
        /// The candidate.
        candidate: u32,
        /// The programme.
        programme: u32,
    },
    /// A table names a candidate twice.
    #[error("programme {programme} ranks candidate {candidate} twice")]
    DuplicateRow {
        /// The candidate.
        candidate: u32,
        /// The programme.
        programme: u32,
    },
    /// A table names somebody who did not ask for the programme.
    #[error("programme {programme} ranks a candidate who did not ask for it")]
    NotAsked {
        /// The programme.
        programme: u32,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) programme: u32,
    /// Zero-based position on the programme's table, or [`UNRANKED`].
    pub(super) position: u32,
}

/// Capacities, wishes and tables of one filière, checked.
#[derive(Debug, Clone)]
pub struct Market {
    pub(super) capacities: Vec<u32>,
    pub(super) wish_starts: Vec<u32>,
    pub(super) wishes: Vec<Wish>,
    pub(super) tables: Lists,
}

impl Market {
    /// A market of `wishes` (a row per candidate, best first) and `tables` (a row per programme, best first).
    ///
    /// Linear in the number of wishes and table rows.
    ///
    /// # Errors
    /// The first fault found: see [`Malformed`].
    pub fn new(capacities: Vec<u32>, wishes: &Lists, tables: Lists) -> Result<Self, Malformed> {
        if capacities.len() != tables.rows() {
            return Err(Malformed::Lengths { tables: tables.rows(), capacities: capacities.len() });
        }
        if wishes.items() >= UNRANKED as usize || tables.items() >= UNRANKED as usize {
            return Err(Malformed::TooLarge);
        }
        let asked = Applicants::of(wishes, capacities.len())?;
        let mut market = Self {
            capacities,
            wish_starts: wishes.starts().to_vec(),
            wishes: wishes.items.iter().map(|&programme| Wish { programme, position: UNRANKED }).collect(),
            tables,
        };
        market.find_positions(&asked)?;
        Ok(market)
    }

    /// Number of candidates.
    #[must_use]
    pub fn candidates(&self) -> usize {
        self.wish_starts.len() - 1
    }

    /// Number of programmes.
    #[must_use]
    pub fn programmes(&self) -> usize {
        self.capacities.len()
    }

    /// Writes into every wish the position its candidate has on the programme's table.
    fn find_positions(&mut self, asked: &Applicants) -> Result<(), Malformed> {
        // For the table at hand: who is on it, told by the table's number, and where.
        let mut on_table = vec![UNRANKED; self.candidates()];
        let mut position_of = vec![0; self.candidates()];
        for (programme, applicants) in (0..).zip(asked.starts.windows(2)) {
            let table = self.tables.row(programme as usize);
            for (position, &candidate) in (0..).zip(table) {
                let mark = on_table.get_mut(candidate as usize).ok_or(Malformed::Unknown { index: candidate })?;
                if std::mem::replace(mark, programme) == programme {
                    return Err(Malformed::DuplicateRow { candidate, programme });
                }
                position_of[candidate as usize] = position;
            }
            let mut ranked = 0;
            let mut previous = None;
            for &(candidate, wish) in &asked.entries[applicants[0] as usize..applicants[1] as usize] {
                if previous.replace(candidate) == Some(candidate) {
                    return Err(Malformed::DuplicateWish { candidate, programme });
                }
                if on_table[candidate as usize] == programme {
                    self.wishes[wish as usize].position = position_of[candidate as usize];
                    ranked += 1;
                }
            }
            if ranked != table.len() {
                return Err(Malformed::NotAsked { programme });
            }
        }
        Ok(())
    }
}

/// The wishes by programme instead of by candidate: a counting sort, which keeps candidates in order.
struct Applicants {
    starts: Vec<u32>,
    /// Candidate and index of the wish.
    entries: Vec<(u32, u32)>,
}

impl Applicants {
    fn of(wishes: &Lists, programmes: usize) -> Result<Self, Malformed> {
        let mut starts = vec![0u32; programmes + 1];
        for &programme in &wishes.items {
            *starts.get_mut(programme as usize + 1).ok_or(Malformed::Unknown { index: programme })? += 1;
        }
        for programme in 0..programmes {
            starts[programme + 1] += starts[programme];
        }
        let mut free = starts.clone();
        let mut entries = vec![(0, 0); wishes.items()];
        let mut wish = 0;
        for candidate in 0..wishes.rows() {
            for &programme in wishes.row(candidate) {
                let slot = &mut free[programme as usize];
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "fewer candidates than wishes plus empty rows; checked below 2^32"
                )]
                let entry = (candidate as u32, wish);
                entries[*slot as usize] = entry;
                *slot += 1;
                wish += 1;
            }
        }
        Ok(Self { starts, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(rows: &[&[u32]]) -> Lists {
        rows.iter().map(|row| row.iter().copied()).collect()
    }

    #[test]
    fn a_wish_knows_its_position_on_the_table() {
        let market = Market::new(vec![1, 1], &lists(&[&[1, 0], &[0]]), lists(&[&[1, 0], &[]])).unwrap();
        let positions: Vec<_> = market.wishes.iter().map(|wish| wish.position).collect();
        assert_eq!(positions, [UNRANKED, 1, 0]);
    }

    #[test]
    fn what_is_not_a_market_is_refused() {
        let refused = |capacities: Vec<u32>, wishes: &[&[u32]], tables: &[&[u32]]| {
            Market::new(capacities, &lists(wishes), lists(tables)).err()
        };
        assert_eq!(refused(vec![1], &[&[0]], &[]), Some(Malformed::Lengths { tables: 0, capacities: 1 }));
        assert_eq!(refused(vec![1], &[&[1]], &[&[]]), Some(Malformed::Unknown { index: 1 }));
        assert_eq!(refused(vec![1], &[&[0]], &[&[3]]), Some(Malformed::Unknown { index: 3 }));
        assert_eq!(refused(vec![1], &[&[0, 0]], &[&[]]), Some(Malformed::DuplicateWish { candidate: 0, programme: 0 }));
        assert_eq!(refused(vec![1], &[&[0]], &[&[0, 0]]), Some(Malformed::DuplicateRow { candidate: 0, programme: 0 }));
        assert_eq!(refused(vec![1, 1], &[&[0]], &[&[0], &[0]]), Some(Malformed::NotAsked { programme: 1 }));
    }
}
