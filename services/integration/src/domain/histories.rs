//! Properties over random histories: answers, silence, absences, resignations, annulments, seats added, transfers,
//! corrected tables, reinstatements. In each period of each history the computation agrees with a naive second one,
//! the checker has nothing to object, nobody loses or worsens a held seat (R33), and no cell is over its seats.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::{
    RngExt, SeedableRng,
    seq::{IndexedRandom, SliceRandom},
};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::{
    answers::Phase,
    candidature::{Candidature, Choice, Closing, Seen, Standing},
    checker::check,
    computation::{FiliereInput, FiliereOutput, PeriodInput, PeriodOutput, compute},
    ids::{DossierId, SchoolId},
    naive,
};

/// One filière's world, from which the seed takes everything.
struct World {
    random: ChaCha8Rng,
    seats: BTreeMap<SchoolId, u32>,
    tables: BTreeMap<SchoolId, Vec<DossierId>>,
    supernumerary: BTreeSet<(DossierId, SchoolId)>,
    candidatures: BTreeMap<DossierId, Candidature>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let schools: Vec<SchoolId> = (0..random.random_range(1..=4)).map(|n| SchoolId(format!("s{n}"))).collect();
        let mut candidatures = BTreeMap::new();
        for number in 0..random.random_range(1..=12u128) {
            let dossier = DossierId(Uuid::from_u128(number));
            let mut chosen = schools.clone();
            chosen.shuffle(&mut random);
            chosen.truncate(random.random_range(1..=schools.len()));
            let choices = (chosen.into_iter())
                .map(|school| Choice { school, rank: None, given_up: false, supernumerary: false })
                .collect();
            candidatures.insert(dossier, Candidature { dossier, choices, standing: Standing::Waiting });
        }
        let seats = schools.iter().map(|school| (school.clone(), random.random_range(0..4))).collect();
        let mut world = Self { random, seats, tables: BTreeMap::new(), supernumerary: BTreeSet::new(), candidatures };
        for school in &schools {
            world.sign_table(school);
        }
        world
    }

    /// A fresh table of some of those who chose the school, in a fresh order.
    fn sign_table(&mut self, school: &SchoolId) {
        let chose = |candidature: &&Candidature| candidature.choices.iter().any(|choice| choice.school == *school);
        let mut table: Vec<DossierId> = self.candidatures.values().filter(chose).map(|c| c.dossier).collect();
        table.retain(|_| self.random.random_bool(0.8));
        table.shuffle(&mut self.random);
        self.tables.insert(school.clone(), table);
    }

    fn publish_ranks(&mut self) {
        for candidature in self.candidatures.values_mut() {
            for choice in &mut candidature.choices {
                let line = self.tables[&choice.school].iter().position(|dossier| *dossier == candidature.dossier);
                choice.rank = line.map(|line| u32::try_from(line + 1).unwrap());
            }
        }
    }

    fn input(&self) -> FiliereInput {
        FiliereInput {
            seats: self.seats.clone(),
            tables: self.tables.clone(),
            supernumerary: self.supernumerary.clone(),
            runners: self.candidatures.iter().filter_map(|(dossier, c)| Some((*dossier, c.runner()?))).collect(),
        }
    }

    fn change(&mut self, dossier: DossierId, change: impl FnOnce(Candidature) -> Candidature) {
        if let Some(candidature) = self.candidatures.remove(&dossier) {
            self.candidatures.insert(dossier, change(candidature));
        }
    }

    fn dossiers(&self) -> Vec<DossierId> {
        self.candidatures.keys().copied().collect()
    }

    /// Everyone answers, or does not, and the period closes.
    fn play_period(&mut self, output: &FiliereOutput, last: bool) {
        let proposals: BTreeMap<_, _> = output.proposals.iter().map(|(dossier, school)| (*dossier, school)).collect();
        for dossier in self.dossiers() {
            self.change(dossier, |candidature| candidature.open_period(proposals.get(&dossier).copied()));
            let candidature = &self.candidatures[&dossier];
            let allowed = candidature.allowed(Phase::Open { last });
            let answer = allowed.choose(&mut self.random).filter(|_| self.random.random_bool(0.8));
            let answer = answer.map(|allowed| allowed.answer);
            if let Some(answer) = answer {
                assert!(candidature.answer(Phase::Open { last }, answer, true).is_ok());
            }
            let seen = Seen { logged_in: self.random.random_bool(0.85), answer };
            let resigns = answer == Some(super::answers::Answer::Non);
            self.change(dossier, |candidature| {
                if resigns {
                    candidature.resign()
                } else {
                    candidature.close_period(seen, Closing { last, spare: false })
                }
            });
        }
    }

    /// What may happen between a close and the next computation without anyone having been wronged.
    fn depart_and_add_seats(&mut self) {
        for dossier in self.dossiers() {
            match self.random.random_range(0..20) {
                0 => self.change(dossier, Candidature::resign),
                1 => self.change(dossier, Candidature::annul),
                _ => {}
            }
        }
        for seats in self.seats.values_mut() {
            *seats += u32::from(self.random.random_bool(0.2));
        }
    }

    /// Corrections, late rankings, reinstatements, and seats moved away.
    fn correct(&mut self) {
        let schools: Vec<SchoolId> = self.seats.keys().cloned().collect();
        for school in &schools {
            if self.random.random_bool(0.4) {
                self.sign_table(school);
            }
            if self.random.random_bool(0.2) {
                self.seats.insert(school.clone(), self.random.random_range(0..4));
            }
        }
        for dossier in self.dossiers() {
            let chosen =
                self.candidatures[&dossier].choices.choose(&mut self.random).map(|choice| choice.school.clone());
            if let Some(school) = chosen.filter(|_| self.random.random_bool(0.08)) {
                self.change(dossier, |candidature| candidature.grant(&school));
                let granted = |choice: &&Choice| choice.supernumerary && choice.school == school;
                if self.candidatures[&dossier].choices.iter().find(granted).is_some() {
                    self.supernumerary.insert((dossier, school));
                }
            }
        }
    }
}

/// The computation of this period, after everything that must be true of it.
fn computed(input: FiliereInput, period: u32) -> Result<FiliereOutput, TestCaseError> {
    let whole = PeriodInput { period, signature: 1, filieres: [("f".into(), input)].into() };
    let output = compute(&whole).map_err(|unusable| TestCaseError::fail(unusable.to_string()))?;
    prop_assert_eq!(check(&whole, &output), [], "the checker objects");
    let (input, filiere) = (&whole.filieres[&"f".into()], &output.filieres[&"f".into()]);
    prop_assert_eq!(&filiere.proposals, &naive::proposals(input), "the naive implementation disagrees");
    for (school, cell) in &filiere.cells {
        prop_assert!(cell.taken <= cell.seats, "{} has {} seats and {} taken", school, cell.seats, cell.taken);
    }
    for (dossier, runner) in &input.runners {
        let Some(held) = &runner.held else { continue };
        let got = filiere.proposals.iter().find(|(proposed, _)| proposed == dossier).map(|(_, school)| school);
        let place = |school: &SchoolId| runner.open.iter().position(|open| open == school);
        let kept = got.and_then(place).is_some_and(|got| Some(got) <= place(held));
        prop_assert!(kept, "{dossier} held {held} and got {got:?}");
    }
    let again = compute(&whole).map_err(|unusable| TestCaseError::fail(unusable.to_string()))?;
    prop_assert_eq!(&again, &output);
    Ok(only(output))
}

fn only(output: PeriodOutput) -> FiliereOutput {
    output.filieres.into_values().next().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    /// R33 with everything that may happen.
    #[test]
    fn no_history_takes_or_worsens_a_held_seat(seed in any::<u64>(), periods in 1..=5u32) {
        let mut world = World::new(seed);
        for period in 1..=periods {
            world.publish_ranks();
            let output = computed(world.input(), period)?;
            world.play_period(&output, period == periods);
            world.depart_and_add_seats();
            world.correct();
        }
    }

    /// R33 follows from R29 under departures, answers and added seats: there, the priority of holders changes nothing.
    #[test]
    fn without_corrections_holders_need_no_priority(seed in any::<u64>(), periods in 1..=5u32) {
        let mut world = World::new(seed);
        for period in 1..=periods {
            world.publish_ranks();
            let output = computed(world.input(), period)?;
            let mut nobody_holds = world.input();
            nobody_holds.runners.values_mut().for_each(|runner| runner.held = None);
            prop_assert_eq!(&computed(nobody_holds, period)?, &output);
            world.play_period(&output, period == periods);
            world.depart_and_add_seats();
        }
    }
}
