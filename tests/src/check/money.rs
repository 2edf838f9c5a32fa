//! R20 to R23: no money appears or vanishes, and every fee stands where its payments put it.

use std::collections::BTreeMap;

use contracts::payments::{FeeStatus, Pocket};

use super::{Invariant, Seen};
use crate::{
    cast::{Candidate, Money},
    play::{Stage, Story},
};

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Vec<Invariant> {
    vec![conserved(story, seen), statuses(stage, seen)]
}

fn conserved(story: &Story, seen: &Seen) -> Invariant {
    let mut conserved = Invariant::new("no money appears or vanishes");
    for (school, (balance, ledger)) in &seen.books {
        let lines = story.lines.get(school).map(Vec::as_slice).unwrap_or_default();
        let sent: i64 = lines.iter().map(|l| l.cents).sum();
        let counter = story.counter.get(school).copied().unwrap_or(0);
        conserved.hold(balance.bank_cents == sent, || {
            format!("{school}: the bank sent {sent}, the books have {}", balance.bank_cents)
        });
        conserved.hold(balance.lines as usize == lines.len(), || {
            format!("{school}: {} lines sent, {} booked", lines.len(), balance.lines)
        });
        conserved.hold(balance.other_means_cents == counter, || {
            format!("{school}: {counter} at the counter, {} booked", balance.other_means_cents)
        });
        // The pockets, added up again from the entries alone.
        let mut pockets: BTreeMap<Pocket, i64> = BTreeMap::new();
        for entry in ledger {
            *pockets.entry(entry.from()).or_default() -= entry.cents;
            *pockets.entry(entry.to()).or_default() += entry.cents;
        }
        let pocket = |p: Pocket| pockets.get(&p).copied().unwrap_or(0);
        conserved.hold(-pocket(Pocket::Bank) == sent && -pocket(Pocket::Counter) == counter, || {
            format!("{school}: the ledger's outside is {pockets:?}")
        });
        let inside = balance.accounts_cents
            + balance.other_school_cents
            + balance.queue_cents
            + balance.unknown_cents
            + balance.refunds_cents;
        conserved.hold(balance.adds_up && inside == sent + counter, || format!("{school}: {balance:?}"));
        conserved.hold(pocket(Pocket::Account) == balance.accounts_cents + balance.other_school_cents, || {
            format!("{school}: accounts {pockets:?} against {balance:?}")
        });
    }
    conserved
}

fn statuses(stage: &Stage<'_>, seen: &Seen) -> Invariant {
    let mut stands = Invariant::new("every fee stands where its payments put it");
    for who in stage.cast {
        let Some(fee) = seen.fees.get(&who.id.to_string()) else { continue };
        let homonym = || {
            stage
                .cast
                .iter()
                .any(|other| other.id != who.id && (&other.family, &other.first) == (&who.family, &who.first))
        };
        let expected: &[FeeStatus] = match who.money {
            Money::OwnReference | Money::Late | Money::Anonymous | Money::Counter | Money::ExemptionRefused => {
                &[FeeStatus::Settled]
            }
            // With a homonym about, a name alone decides nothing: the line waits for a person (R23).
            Money::NoticeReference if homonym() => &[FeeStatus::Declared],
            Money::NoticeReference => &[FeeStatus::Settled],
            Money::Short => &[FeeStatus::Short],
            Money::Over | Money::Double => &[FeeStatus::Over],
            Money::Never | Money::Returned | Money::OtherSchool => &[FeeStatus::Declared, FeeStatus::Due],
            Money::Exempt => &[FeeStatus::Exempt],
        };
        stands.hold(expected.contains(&fee.status()), || {
            format!("{} ({:?}): {:?}, {}", who.label, who.money, fee.status(), name(who))
        });
        if who.money == Money::OtherSchool {
            let found: i64 = fee.held_elsewhere.iter().map(|h| h.cents).sum();
            stands.hold(found == stage.session().fee.cents, || {
                format!("{}: {found} cents found at another school", who.label)
            });
        }
    }
    stands
}

/// A label for a message: never a name, which has no place in a log either.
fn name(who: &Candidate) -> String {
    format!("title {:?}", who.title.diploma)
}
