//! How long the allocation takes, from 10^3 to 10^6 candidates with ten wishes each: `cargo bench -p integration --bench allocation`.
//!
//! Deliberately without a benchmarking crate: the question is how time grows with size, and one run of each size answers
//! it. A million candidates have 20,000 programmes; smaller steps have programmes in proportion, at least 50. Seats cover
//! 85 % of the candidates, some programmes are much in demand, and every programme ranks all its applicants, so that
//! there is something to push out. The naive column is the textbook: repeated rounds, each programme sorting all it has
//! heard so far by looking up ranks in a hash map.

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, Instant},
};

use integration::domain::{
    allocation::{Matching, allocate},
    market::{Lists, Market},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 2026;
const WISHES: usize = 10;
/// The naive baseline would take minutes beyond this.
const NAIVE_UP_TO: usize = 100_000;

struct Instance {
    capacities: Vec<u32>,
    wishes: Lists,
    tables: Lists,
}

fn instance(candidates: usize) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let programmes = (candidates / 50).max(50);
    let mut wishes = Lists::with_capacity(candidates, candidates * WISHES);
    let mut applicants: Vec<Vec<u32>> = vec![Vec::new(); programmes];
    for candidate in (0u32..).take(candidates) {
        let mut row = Vec::with_capacity(WISHES);
        while row.len() < WISHES {
            // The square of a uniform number: demand falls from the first programme to the last.
            let draw = random.random::<f64>();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "0 to programmes - 1"
            )]
            let programme = (draw * draw * programmes as f64) as u32;
            if !row.contains(&programme) {
                row.push(programme);
            }
        }
        row.iter().for_each(|programme| applicants[*programme as usize].push(candidate));
        wishes.push(row);
    }
    let mut tables = Lists::with_capacity(programmes, candidates * WISHES);
    for mut applicants in applicants {
        applicants.shuffle(&mut random);
        tables.push(applicants);
    }
    let seats = u32::try_from(candidates * 85 / 100 / programmes).unwrap_or(1).max(1);
    Instance { capacities: vec![seats; programmes], wishes, tables }
}

fn naive(instance: &Instance) -> Vec<Option<u32>> {
    let ranks: Vec<HashMap<u32, usize>> = (0..instance.tables.rows())
        .map(|programme| instance.tables.row(programme).iter().enumerate().map(|(rank, &c)| (c, rank)).collect())
        .collect();
    let mut next = vec![0; instance.wishes.rows()];
    let mut kept: Vec<Vec<u32>> = vec![Vec::new(); instance.capacities.len()];
    let mut proposers: Vec<u32> = (0..).take(instance.wishes.rows()).collect();
    while !proposers.is_empty() {
        for candidate in std::mem::take(&mut proposers) {
            let wishes = instance.wishes.row(candidate as usize);
            if let Some(&programme) = wishes.get(next[candidate as usize]) {
                next[candidate as usize] += 1;
                kept[programme as usize].push(candidate);
            }
        }
        for (programme, kept) in kept.iter_mut().enumerate() {
            kept.sort_by_key(|candidate| ranks[programme].get(candidate).copied().unwrap_or(usize::MAX));
            let seats = (instance.capacities[programme] as usize).min(kept.len());
            proposers.extend(kept.drain(seats..));
        }
    }
    let mut matched = vec![None; instance.wishes.rows()];
    for (programme, kept) in (0..).zip(&kept) {
        kept.iter().for_each(|candidate| matched[*candidate as usize] = Some(programme));
    }
    matched
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = black_box(work());
    (done, start.elapsed())
}

fn main() {
    println!("seed {SEED}, {WISHES} wishes each, one core");
    println!(
        "candidates  programmes     wishes     matched      build   allocate      total  growth      naive    ratio"
    );
    let mut previous: Option<Duration> = None;
    for candidates in [1_000, 10_000, 100_000, 1_000_000] {
        let instance = instance(candidates);
        let tables = instance.tables.clone();
        let (market, build) = timed(|| Market::new(instance.capacities.clone(), &instance.wishes, tables));
        let market = match market {
            Ok(market) => market,
            Err(malformed) => {
                eprintln!("the generated market is malformed: {malformed}");
                std::process::exit(1);
            }
        };
        let (matching, allocation) = timed(|| allocate(&market));
        let total = build + allocation;
        let growth =
            previous.map_or("-".into(), |previous| format!("x{:.1}", total.as_secs_f64() / previous.as_secs_f64()));
        let (naive, ratio) = if candidates <= NAIVE_UP_TO {
            let (expected, time) = timed(|| naive(&instance));
            assert_same(&matching, &expected);
            (milliseconds(time), format!("x{:.1}", time.as_secs_f64() / total.as_secs_f64()))
        } else {
            ("-".into(), "-".into())
        };
        println!(
            "{candidates:>10}  {:>10}  {:>9}  {:>10}  {:>9}  {:>9}  {:>9}  {growth:>6}  {naive:>9}  {ratio:>7}",
            market.programmes(),
            instance.wishes.items(),
            matching.size(),
            milliseconds(build),
            milliseconds(allocation),
            milliseconds(total),
        );
        previous = Some(total);
    }
}

fn assert_same(matching: &Matching, expected: &[Option<u32>]) {
    for (candidate, expected) in expected.iter().enumerate() {
        assert_eq!(
            matching.programme_of(candidate),
            *expected,
            "the naive baseline disagrees on candidate {candidate}"
        );
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
