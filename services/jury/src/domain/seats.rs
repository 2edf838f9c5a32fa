//! Seats of a school, moved between its filières (R28).

use thiserror::Error;

/// One cell of a school, as the jury knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellSeats {
    /// The filière.
    pub filiere: String,
    /// Seats after every transfer so far.
    pub seats: u32,
    /// Held or proposed after the last computation heard of; none before the first.
    pub taken: Option<u32>,
}

impl CellSeats {
    /// What the last computation left empty and nobody has moved since.
    #[must_use]
    pub const fn empty(&self) -> u32 {
        match self.taken {
            Some(taken) => self.seats.saturating_sub(taken),
            None => 0,
        }
    }
}

/// What moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// From that filière.
    pub from: String,
    /// To that one.
    pub to: String,
    /// So many seats.
    pub count: u32,
}

/// Why seats do not move.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransferRefused {
    /// The filière has no seats of its own at this school.
    #[error("filière {filiere} does not exist at this school; those that do: {}", .existing.join(", "))]
    UnknownCell {
        /// What was named.
        filiere: String,
        /// What exists.
        existing: Vec<String>,
    },
    /// From and to are one.
    #[error("seats cannot move from {filiere} to itself")]
    SameFiliere {
        /// The filière.
        filiere: String,
    },
    /// Zero seats.
    #[error("at least one seat has to move")]
    NoSeats,
    /// No computation has been heard of.
    #[error("no period was computed yet: there are no seats left empty by a computation")]
    NotComputed,
    /// Fewer are empty.
    #[error("{filiere} has {empty} empty seats of {seats} ({taken} held or proposed); {asked} cannot be moved")]
    NotEmpty {
        /// The filière.
        filiere: String,
        /// Its seats.
        seats: u32,
        /// Held or proposed.
        taken: u32,
        /// Empty.
        empty: u32,
        /// Asked for.
        asked: u32,
    },
    /// The last period has opened.
    #[error("no period opens any more")]
    NoOpeningLeft,
}

/// The seats of one school after a transfer, which counts from the opening of `next_period` on.
///
/// # Errors
/// R28 does not allow it.
pub fn transfer(
    mut school: Vec<CellSeats>,
    asked: &Transfer,
    next_period: Option<u32>,
) -> Result<(Vec<CellSeats>, u32), TransferRefused> {
    let find = |filiere: &str| {
        school.iter().position(|c| c.filiere == filiere).ok_or_else(|| TransferRefused::UnknownCell {
            filiere: filiere.chars().take(64).collect(),
            existing: school.iter().map(|c| c.filiere.clone()).collect(),
        })
    };
    let (from, to) = (find(&asked.from)?, find(&asked.to)?);
    if from == to {
        return Err(TransferRefused::SameFiliere { filiere: asked.from.clone() });
    }
    if asked.count == 0 {
        return Err(TransferRefused::NoSeats);
    }
    let source = &school[from];
    let Some(taken) = source.taken else { return Err(TransferRefused::NotComputed) };
    let period = next_period.ok_or(TransferRefused::NoOpeningLeft)?;
    if asked.count > source.empty() {
        return Err(TransferRefused::NotEmpty {
            filiere: asked.from.clone(),
            seats: source.seats,
            taken,
            empty: source.empty(),
            asked: asked.count,
        });
    }
    school[from].seats -= asked.count;
    school[to].seats += asked.count;
    Ok((school, period))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(filiere: &str, seats: u32, taken: Option<u32>) -> CellSeats {
        CellSeats { filiere: filiere.into(), seats, taken }
    }

    fn asked(from: &str, to: &str, count: u32) -> Transfer {
        Transfer { from: from.into(), to: to.into(), count }
    }

    #[test]
    fn only_existing_filieres_and_only_after_a_computation() {
        let school = vec![cell("A", 5, None), cell("B", 5, None)];
        assert_eq!(transfer(school.clone(), &asked("A", "B", 1), Some(1)), Err(TransferRefused::NotComputed));
        let unknown = TransferRefused::UnknownCell { filiere: "C".into(), existing: vec!["A".into(), "B".into()] };
        assert_eq!(transfer(school.clone(), &asked("A", "C", 1), Some(1)), Err(unknown));
        let same = TransferRefused::SameFiliere { filiere: "A".into() };
        assert_eq!(transfer(school, &asked("A", "A", 1), Some(1)), Err(same));
        let computed = vec![cell("A", 5, Some(5)), cell("B", 5, Some(0))];
        assert_eq!(transfer(computed.clone(), &asked("B", "A", 1), None), Err(TransferRefused::NoOpeningLeft));
        let full = TransferRefused::NotEmpty { filiere: "A".into(), seats: 5, taken: 5, empty: 0, asked: 1 };
        assert_eq!(transfer(computed, &asked("A", "B", 1), Some(2)), Err(full));
    }

    proptest! {
        /// Whatever is asked, in whatever order: no cell falls below what is taken, and the school's total stays.
        #[test]
        fn capacity_never_falls_below_held_and_pending(
            cells in proptest::collection::vec((0_u32..20, 0_u32..20), 2..5),
            moves in proptest::collection::vec((0_usize..5, 0_usize..5, 0_u32..12), 0..20),
        ) {
            let mut school: Vec<CellSeats> = cells.iter().enumerate()
                .map(|(i, (seats, taken))| cell(&i.to_string(), *seats, Some(*taken.min(seats)))).collect();
            let total: u32 = school.iter().map(|c| c.seats).sum();
            for (from, to, count) in moves {
                if let Ok((after, _)) = transfer(school.clone(), &asked(&from.to_string(), &to.to_string(), count), Some(2)) {
                    school = after;
                }
                prop_assert!(school.iter().all(|c| c.taken.is_some_and(|taken| taken <= c.seats)));
                prop_assert_eq!(school.iter().map(|c| c.seats).sum::<u32>(), total);
            }
        }
    }
}
