//! A merit list from scores: ties are broken before sign-off (R27).

use std::{cmp::Reverse, collections::BTreeMap};

use uuid::Uuid;

/// A score in ten-thousandths; integer, so that equal is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u64);

/// One line of a merit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// The dossier.
    pub dossier: Uuid,
    /// Its score; the higher the better.
    pub score: Score,
    /// Place inside a group of equal scores, from 1; 0 if none was given.
    pub tie_break: u32,
}

/// Equal scores that nothing orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieGroup {
    /// The score.
    pub score: Score,
    /// Who has it, in the order given.
    pub dossiers: Vec<Uuid>,
}

impl Score {
    /// Reads digits with at most four decimals after a point; none if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return None,
            None => (text, ""),
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let fraction: u64 = format!("{decimals:0<4}").parse().ok()?;
        Some(Self(whole * 10_000 + fraction))
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

/// Best first, if equal scores all carry distinct tie breaks.
///
/// # Errors
/// Every group of equal scores that is not strictly ordered.
pub fn strict_order(list: &[Scored]) -> Result<Vec<Uuid>, Vec<TieGroup>> {
    let (order, ties) = order(list);
    if ties.is_empty() { Ok(order.iter().map(|line| line.dossier).collect()) } else { Err(ties) }
}

/// Best first, and every group of equal scores that is not strictly ordered; such a group stands in the order given.
#[must_use]
pub fn order(list: &[Scored]) -> (Vec<Scored>, Vec<TieGroup>) {
    let mut groups: BTreeMap<Reverse<Score>, Vec<&Scored>> = BTreeMap::new();
    for line in list {
        groups.entry(Reverse(line.score)).or_default().push(line);
    }
    let mut order = Vec::with_capacity(list.len());
    let mut ties = Vec::new();
    for (Reverse(score), mut group) in groups {
        let mut broken = group.clone();
        broken.sort_by_key(|l| l.tie_break);
        let strict =
            broken.iter().all(|l| l.tie_break > 0) && broken.windows(2).all(|w| w[0].tie_break != w[1].tie_break);
        if strict {
            group = broken;
        } else if group.len() > 1 {
            ties.push(TieGroup { score, dossiers: group.iter().map(|l| l.dossier).collect() });
        }
        order.extend(group.into_iter().copied());
    }
    (order, ties)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::sample::id;

    fn scored(n: u128, score: &str, tie_break: u32) -> Scored {
        Scored { dossier: id(n), score: Score::parse(score).unwrap(), tie_break }
    }

    #[test]
    fn equal_scores_are_refused_until_broken() {
        let ties = strict_order(&[scored(1, "12.5", 0), scored(2, "14", 0), scored(3, "12.50", 0)]).unwrap_err();
        assert_eq!(ties, vec![TieGroup { score: Score::parse("12.5").unwrap(), dossiers: vec![id(1), id(3)] }]);
        let half = strict_order(&[scored(1, "12.5", 1), scored(3, "12.5", 0)]);
        assert_eq!(half.unwrap_err().len(), 1);
        let same = strict_order(&[scored(1, "12.5", 2), scored(3, "12.5", 2)]);
        assert_eq!(same.unwrap_err().len(), 1);
        let order = strict_order(&[scored(1, "12.5", 2), scored(2, "14", 0), scored(3, "12.5", 1)]).unwrap();
        assert_eq!(order, [id(2), id(3), id(1)]);
    }

    #[test]
    fn what_is_no_score_is_refused() {
        for text in ["", "1.", ".1", "1,5", "-1", "1.00001", "NaN", "1e3", "1234567890"] {
            assert_eq!(Score::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_order_never_goes_up_and_loses_nobody(scores in proptest::collection::vec((0_u32..6, 0_u32..4), 0..10)) {
            let list: Vec<Scored> = scores.iter().zip(0_u128..)
                .map(|((score, tie), n)| scored(n, &score.to_string(), *tie)).collect();
            if let Ok(order) = strict_order(&list) {
                prop_assert_eq!(order.len(), list.len());
                let of = |d: &Uuid| list.iter().find(|l| l.dossier == *d).map(|l| (Reverse(l.score), l.tie_break)).unwrap();
                prop_assert!(order.windows(2).all(|w| of(&w[0]) < of(&w[1])));
            }
        }
    }
}
