//! R28 to R34: seats, proposals, answers, eliminations, definitive admissions.

use std::collections::{BTreeMap, BTreeSet};

use contracts::integration::{Answer, EliminationReason, PeriodResultsReply, State};
use notice::Due;

use super::{Invariant, Seen, replay};
use crate::play::{Stage, Story};

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Vec<Invariant> {
    let expected = replay::replay(stage, story);
    let mut seats = Invariant::new("seats never exceeded");
    let mut stable = Invariant::new("every period is the stable matching of its tables, orders and answers");
    let mut one = Invariant::new("at most one proposal per candidate");
    let mut eliminated = Invariant::new("silence and absence eliminate, and nothing else does");
    let mut answers = Invariant::new("an acknowledged answer stands, the last one of each period");
    for (n, period) in seen.periods.iter().enumerate() {
        let capacity = story.seats.get(n).or(story.seats.last()).cloned().unwrap_or_default();
        for ((school, filiere), seats_there) in &capacity {
            let taken = period.proposals.iter().filter(|p| p.school == *school && p.filiere == *filiere).count();
            seats.hold(taken <= *seats_there as usize, || {
                format!("period {}: {taken} of {seats_there} seats at {school}/{filiere}", n + 1)
            });
        }
        let placed: BTreeMap<String, String> =
            period.proposals.iter().map(|p| (p.dossier_id.clone(), p.school.clone())).collect();
        one.hold(placed.len() == period.proposals.len(), || {
            format!("period {}: {} proposals for {} candidates", n + 1, period.proposals.len(), placed.len())
        });
        let Some(expected) = expected.get(n) else { continue };
        let everyone: BTreeSet<&String> = placed.keys().chain(expected.placed.keys()).collect();
        for id in everyone {
            let (got, want) = (placed.get(id), expected.placed.get(id));
            stable.hold(got == want, || format!("period {}: {id} has {got:?}, the matching gives {want:?}", n + 1));
        }
        let got: BTreeMap<String, EliminationReason> =
            period.eliminated.iter().map(|e| (e.dossier_id.clone(), e.reason())).collect();
        let everyone: BTreeSet<&String> = got.keys().chain(expected.eliminated.keys()).collect();
        for id in everyone {
            eliminated.hold(got.get(id) == expected.eliminated.get(id), || {
                format!("period {}: {id} {:?}, expected {:?}", n + 1, got.get(id), expected.eliminated.get(id))
            });
        }
        if let Some(told) = story.periods.get(n) {
            let standing: BTreeMap<&str, Answer> =
                period.answers.iter().map(|a| (a.dossier_id.as_str(), a.answer())).collect();
            let resigned: BTreeSet<&str> = period.resigned.iter().map(|r| r.dossier_id.as_str()).collect();
            for (id, answer) in &told.answers {
                let stands = standing.get(id.as_str()) == Some(&answer.answer)
                    || (told.resigned.contains(id) && resigned.contains(id.as_str()));
                answers.hold(stands, || {
                    format!(
                        "period {}: {id} answered {:?}, {:?} stands",
                        n + 1,
                        answer.answer,
                        standing.get(id.as_str())
                    )
                });
            }
        }
    }
    vec![
        seats,
        stable,
        one,
        eliminated,
        answers,
        never_worse(stage, story, seen),
        recomputed(seen),
        definitive(stage, story, seen),
    ]
}

/// R33, from the services' own answers: whoever held a seat and stayed has it still, or a better one.
fn never_worse(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Invariant {
    let mut held = Invariant::new("no computation loses or worsens a held seat");
    for pair in seen.periods.windows(2) {
        let [before, after] = pair else { continue };
        let out: BTreeSet<&str> = before
            .eliminated
            .iter()
            .map(|e| e.dossier_id.as_str())
            .chain(before.resigned.iter().map(|r| r.dossier_id.as_str()))
            .collect();
        let refused: BTreeSet<&str> =
            before.answers.iter().filter(|a| a.answer() == Answer::NonMais).map(|a| a.dossier_id.as_str()).collect();
        for seat in &before.proposals {
            let id = seat.dossier_id.as_str();
            if out.contains(id) || refused.contains(id) || story.annulled.contains(id) {
                continue;
            }
            let place = |period: &PeriodResultsReply| {
                let school = period.proposals.iter().find(|p| p.dossier_id == id).map(|p| p.school.clone())?;
                story.orders.get(id)?.iter().position(|s| *s == school)
            };
            let (old, new) = (place(before), place(after));
            held.hold(new.is_some() && new <= old, || {
                format!("after period {}: {id} went from {old:?} to {new:?}", before.period)
            });
        }
    }
    if stage.session().periods.len() < 2 {
        held.hold(true, String::new);
    }
    held
}

/// R38.
fn recomputed(seen: &Seen) -> Invariant {
    let mut same = Invariant::new("every period computes again to the same bytes");
    for (n, again) in seen.recomputed.iter().enumerate() {
        same.hold(again.identical && again.objections.is_empty(), || {
            format!("period {}: {} against {}", n + 1, again.recomputed_outputs_digest, again.stored_outputs_digest)
        });
    }
    same
}

/// R34.
fn definitive(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Invariant {
    let mut definitive = Invariant::new("definitive with seat and titles in time, lapsed without");
    let last = replay::replay(stage, story);
    let told = story.periods.last();
    let mut expected: BTreeSet<&String> =
        last.last().map(|e| e.placed.keys().filter(|id| !e.eliminated.contains_key(*id)).collect()).unwrap_or_default();
    expected.retain(|id| {
        told.is_none_or(|t| !t.resigned.contains(*id) && t.answers.get(*id).is_none_or(|a| a.answer != Answer::NonMais))
    });
    definitive.hold(expected.len() == seen.finals.len(), || {
        format!("{} seats kept, {} on the final list", expected.len(), seen.finals.len())
    });
    let by_id = stage.by_id();
    for entry in &seen.finals {
        let Some(who) = by_id.get(&entry.dossier_id) else { continue };
        let wanted: BTreeSet<String> =
            stage.session().pieces_for(&who.filiere).filter(|p| p.due == Due::Titles).map(|p| p.id.clone()).collect();
        let proofs = story.proofs.get(&entry.dossier_id).cloned().unwrap_or_default();
        let state = if wanted.is_subset(&proofs) { State::Admitted } else { State::Lapsed };
        definitive.hold(entry.state() == state && expected.contains(&entry.dossier_id), || {
            format!("{}: {:?}, expected {state:?}", who.label, entry.state())
        });
        let missing: BTreeSet<String> = entry.missing.iter().cloned().collect();
        definitive.hold(missing == wanted.difference(&proofs).cloned().collect(), || {
            format!("{}: missing {missing:?}", who.label)
        });
    }
    definitive
}
