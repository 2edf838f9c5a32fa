//! Which interview goes with which English test: a maximum matching of two rows of slots.

use std::collections::VecDeque;

use crate::domain::Span;

/// Pairs slots so that each pair leaves a candidate `rest` minutes between the two, `wanted` pairs at most and as many
/// as there can be. Slots are taken in their order, so that a small number of candidates fills the beginning of a day.
///
/// A greedy start, the nearest English test for each interview, places nearly everyone; augmenting paths then place
/// the rest. What a failed search has visited can never be reached again, and leaves the graph: all failures together
/// look at each edge once.
#[must_use]
pub fn pair(interviews: &[Span], english: &[Span], rest: u32, wanted: usize) -> Vec<(usize, usize)> {
    let fits = |i: usize, e: usize| interviews[i].apart(english[e], rest);
    let mut of_interview: Vec<Option<usize>> = vec![None; interviews.len()];
    let mut of_english: Vec<Option<usize>> = vec![None; english.len()];
    let mut unreachable = vec![false; english.len()];
    let mut pairs = 0;
    for i in 0..interviews.len() {
        if pairs == wanted {
            break;
        }
        let near = (0..english.len())
            .filter(|e| of_english[*e].is_none() && fits(i, *e))
            .min_by_key(|e| english[*e].from.duration_since(interviews[i].from).abs());
        if let Some(e) = near {
            of_interview[i] = Some(e);
            of_english[e] = Some(i);
            pairs += 1;
        } else if augment(i, &fits, &mut of_interview, &mut of_english, &mut unreachable) {
            pairs += 1;
        }
    }
    of_interview.iter().enumerate().filter_map(|(i, e)| e.map(|e| (i, e))).collect()
}

/// Finds an augmenting path from the free interview `start`, breadth first, and flips it.
fn augment(
    start: usize,
    fits: &impl Fn(usize, usize) -> bool,
    of_interview: &mut [Option<usize>],
    of_english: &mut [Option<usize>],
    unreachable: &mut [bool],
) -> bool {
    // From which interview each English test was reached.
    let mut reached: Vec<Option<usize>> = vec![None; of_english.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(i) = queue.pop_front() {
        for e in 0..of_english.len() {
            if unreachable[e] || reached[e].is_some() || !fits(i, e) {
                continue;
            }
            reached[e] = Some(i);
            match of_english[e] {
                Some(holder) => queue.push_back(holder),
                None => {
                    flip(e, &reached, of_interview, of_english);
                    return true;
                }
            }
        }
    }
    for (e, from) in reached.iter().enumerate() {
        unreachable[e] |= from.is_some();
    }
    false
}

fn flip(end: usize, reached: &[Option<usize>], of_interview: &mut [Option<usize>], of_english: &mut [Option<usize>]) {
    let mut english = Some(end);
    while let Some(e) = english {
        let Some(i) = reached[e] else { return };
        english = of_interview[i].replace(e);
        of_english[e] = Some(i);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::span::later;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn span(from: u32, minutes: u32) -> Span {
        Span::starting(later(Timestamp::UNIX_EPOCH, from), minutes)
    }

    /// Tries every English test for every interview, or none.
    fn naive(interviews: &[Span], english: &[Span], rest: u32, taken: &mut Vec<usize>) -> usize {
        let Some((first, others)) = interviews.split_first() else { return 0 };
        let mut best = naive(others, english, rest, taken);
        for e in 0..english.len() {
            if !taken.contains(&e) && first.apart(english[e], rest) {
                taken.push(e);
                best = best.max(1 + naive(others, english, rest, taken));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn as_many_pairs_as_there_can_be(
            interviews in proptest::collection::vec(0_u32..12, 0..6),
            english in proptest::collection::vec(0_u32..12, 0..6),
            wanted in 0_usize..7,
        ) {
            let interviews: Vec<_> = interviews.into_iter().map(|s| span(s * 5, 25)).collect();
            let english: Vec<_> = english.into_iter().map(|s| span(s * 5, 15)).collect();
            let pairs = pair(&interviews, &english, 10, wanted);
            prop_assert_eq!(pairs.len(), wanted.min(naive(&interviews, &english, 10, &mut Vec::new())));
            for (n, (i, e)) in pairs.iter().enumerate() {
                prop_assert!(interviews[*i].apart(english[*e], 10));
                prop_assert!(pairs[..n].iter().all(|(j, f)| j != i && f != e));
            }
        }
    }
}
