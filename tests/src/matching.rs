//! A second, naive matching for the invariant check: it shares nothing with the service but the rules (R29).
//!
//! Quadratic on purpose: what matters here is that a reader sees at once that it is right.

use std::collections::BTreeMap;

/// One filière.
#[derive(Debug, Clone, Default)]
pub struct Market {
    /// Seats per school.
    pub seats: BTreeMap<String, usize>,
    /// Schools per candidate, best first.
    pub wishes: BTreeMap<String, Vec<String>>,
    /// Candidates per school, best first.
    pub tables: BTreeMap<String, Vec<String>>,
}

impl Market {
    /// The candidate-optimal stable matching: everyone asks for the best school that has not refused them, schools keep
    /// the best they were asked by, until nobody is refused any more.
    #[must_use]
    pub fn solve(&self) -> BTreeMap<String, String> {
        let mut next: BTreeMap<&String, usize> = self.wishes.keys().map(|c| (c, 0)).collect();
        loop {
            let mut asked: BTreeMap<&String, Vec<(usize, &String)>> = BTreeMap::new();
            for (candidate, wishes) in &self.wishes {
                if let Some(school) = next.get(candidate).and_then(|n| wishes.get(*n)) {
                    let rank = self.rank(school, candidate).unwrap_or(usize::MAX);
                    asked.entry(school).or_default().push((rank, candidate));
                }
            }
            let mut refused = Vec::new();
            for (school, candidates) in &mut asked {
                candidates.sort();
                let seats = self.seats.get(*school).copied().unwrap_or(0);
                refused.extend(
                    candidates
                        .iter()
                        .enumerate()
                        .filter(|(i, (rank, _))| *i >= seats || *rank == usize::MAX)
                        .map(|(_, (_, c))| *c),
                );
            }
            if refused.is_empty() {
                return asked
                    .into_iter()
                    .flat_map(|(school, candidates)| {
                        candidates.into_iter().map(move |(_, c)| (c.clone(), school.clone()))
                    })
                    .collect();
            }
            for candidate in refused {
                *next.entry(candidate).or_default() += 1;
            }
        }
    }

    /// 0-based rank of a candidate in a school's table.
    #[must_use]
    pub fn rank(&self, school: &str, candidate: &str) -> Option<usize> {
        self.tables.get(school)?.iter().position(|c| c == candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn candidates_get_the_best_school_that_wants_them() {
        let market = Market {
            seats: [("a".to_owned(), 1), ("b".to_owned(), 1)].into(),
            wishes: [
                ("x".to_owned(), list(&["a", "b"])),
                ("y".to_owned(), list(&["a", "b"])),
                ("z".to_owned(), list(&["b"])),
            ]
            .into(),
            tables: [("a".to_owned(), list(&["y", "x"])), ("b".to_owned(), list(&["x", "z", "y"]))].into(),
        };
        let expected = [("x".to_owned(), "b".to_owned()), ("y".to_owned(), "a".to_owned())].into();
        assert_eq!(market.solve(), expected);
    }

    #[test]
    fn who_is_on_no_table_gets_nothing() {
        let market = Market {
            seats: [("a".to_owned(), 3)].into(),
            wishes: [("x".to_owned(), list(&["a"]))].into(),
            tables: BTreeMap::new(),
        };
        assert_eq!(market.solve(), BTreeMap::new());
    }
}
