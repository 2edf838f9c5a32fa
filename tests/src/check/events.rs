//! The streams: every event once and in order, nothing before its instant, nothing personal.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Fact as _,
    intake::{DossierClosed, PreferencesReleased},
    integration::{SituationChanged, State},
};
use jiff::Timestamp;
use notice::keys;

use super::{Invariant, Seen, seen::Message};
use crate::play::{Stage, Story};

pub fn check(stage: &Stage<'_>, story: &Story, seen: &Seen) -> Vec<Invariant> {
    vec![once(seen), embargo(stage, seen), orders(stage, seen), impersonal(stage, seen), agree(story, seen)]
}

fn once(seen: &Seen) -> Invariant {
    let mut once = Invariant::new("every event is in its stream once, its aggregate's versions growing");
    for stream in [&seen.facts, &seen.published] {
        let mut ids = BTreeSet::new();
        let mut versions: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for message in stream {
            once.hold(!message.id.is_empty() && ids.insert(&message.id), || {
                format!("{} {} twice", message.subject, message.id)
            });
            let before = versions.insert((&message.subject, &message.aggregate), message.version);
            once.hold(before.is_none_or(|b| b < message.version), || {
                format!("{} {}: {} after {before:?}", message.subject, message.aggregate, message.version)
            });
        }
    }
    once
}

/// R19, from what a subscriber of the public stream would have read.
fn embargo(stage: &Stage<'_>, seen: &Seen) -> Invariant {
    let mut kept = Invariant::new("nothing is told before its instant");
    let at = |key: &str| stage.session().instant(key).unwrap_or(Timestamp::MAX);
    let (admissibility, admission) = (at(keys::ADMISSIBILITY_RESULTS), at(keys::ADMISSION_RESULTS));
    let public = |message: &Message| !message.subject.starts_with("facts.v1.embargo.");
    for message in seen.facts.iter().chain(&seen.published).filter(|m| public(m)) {
        let not_before = match message.name() {
            "admissibility_published" | "convocation_published" => admissibility,
            "situation_changed" | "seat_proposed" | "seat_held" | "seat_released" | "period_closed" | "admitted"
            | "lapsed" => admission,
            _ => continue,
        };
        kept.hold(message.time >= not_before, || {
            format!("{} of {} at {}", message.name(), message.aggregate, message.time)
        });
    }
    for (message, situation) in seen.facts_of::<SituationChanged>() {
        if situation.state() == State::Proposed {
            let opens = at(&keys::period_opens(situation.period));
            kept.hold(message.time >= opens, || {
                format!("proposal of {} at {}, the period opens at {opens}", situation.dossier_id, message.time)
            });
        }
    }
    kept
}

/// R14: no order of schools in any event before the admission commission.
fn orders(stage: &Stage<'_>, seen: &Seen) -> Invariant {
    let mut hidden = Invariant::new("no order of schools in an event before the admission commission");
    let neutral: Vec<&str> = stage.session().schools.iter().map(|s| s.id.as_str()).collect();
    for (message, closed) in seen.facts_of::<DossierClosed>() {
        let positions: Vec<Option<usize>> =
            closed.schools.iter().map(|s| neutral.iter().position(|n| n == s)).collect();
        hidden.hold(positions.is_sorted(), || format!("{}: schools {:?}", message.aggregate, closed.schools));
    }
    let commission = stage.session().instant(keys::ADMISSION_COMMISSION).unwrap_or(Timestamp::MAX);
    for message in seen.facts.iter().filter(|m| m.subject == PreferencesReleased::subject()) {
        hidden.hold(message.time >= commission, || format!("order of {} at {}", message.aggregate, message.time));
    }
    hidden
}

fn impersonal(stage: &Stage<'_>, seen: &Seen) -> Invariant {
    let mut impersonal = Invariant::new("no personal data in an event");
    let needles: Vec<String> =
        stage.cast.iter().flat_map(|c| [c.family.to_lowercase(), format!("{}@", c.label)]).collect();
    let needles: BTreeSet<String> = needles.into_iter().collect();
    for message in seen.facts.iter().chain(&seen.published) {
        let data = message.data.to_lowercase();
        let found = needles.iter().find(|n| data.contains(n.as_str()));
        impersonal.hold(found.is_none(), || format!("{} of {}", message.subject, message.aggregate));
    }
    impersonal
}

/// What subscribers heard is what the services answer.
fn agree(story: &Story, seen: &Seen) -> Invariant {
    let mut agree = Invariant::new("subscribers heard what the services answer");
    let heard = |name: &str| -> BTreeSet<&str> {
        seen.published.iter().filter(|m| m.name() == name).map(|m| m.aggregate.as_str()).collect()
    };
    let received = heard("dossier_received");
    for id in story.closed.keys() {
        agree.hold(received.contains(id.as_str()), || format!("{id}: its school was not told"));
    }
    agree.hold(received.len() == story.closed.len(), || {
        format!("{} dossiers told, {} closed", received.len(), story.closed.len())
    });
    let (admitted, lapsed) = (heard("admitted"), heard("lapsed"));
    let situations = seen.situations();
    for entry in &seen.finals {
        let told = if entry.state() == State::Admitted { &admitted } else { &lapsed };
        agree.hold(told.contains(entry.dossier_id.as_str()), || {
            format!("{}: {:?} not told", entry.dossier_id, entry.state())
        });
        let state = situations.get(&entry.dossier_id).map(SituationChanged::state);
        agree.hold(state == Some(entry.state()), || format!("{}: the last fact says {state:?}", entry.dossier_id));
    }
    agree.hold(admitted.len() + lapsed.len() == seen.finals.len(), || {
        format!("{} told, {} final", admitted.len() + lapsed.len(), seen.finals.len())
    });
    agree
}
