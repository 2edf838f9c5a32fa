//! Who sits in which stretch of a day, and in which room.
//!
//! A panel keeps its room through a stretch (from one break to the next), and an examiner of two panels sits in one of
//! them per stretch. Where nobody is shared and there are rooms for all, which is how schools work, everyone sits and
//! there is nothing to choose; otherwise the planner tries the combinations.

use std::collections::BTreeMap;

use crate::domain::{Day, Exam, Panel, Setup, Sitting, Span};

/// How many combinations of panels are tried for one stretch.
const COMBINATIONS: usize = 64;

/// A panel in a room for one stretch.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// Its room; none at a distance.
    pub room: Option<String>,
    /// When it has no exam yet.
    pub free: Vec<Span>,
}

impl Line<'_> {
    /// How many exams it can still hold.
    #[must_use]
    pub fn fits(&self, setup: &Setup) -> usize {
        let minutes = setup.rules.minutes(self.panel.exam);
        self.free.iter().map(|f| f.fits(minutes)).sum()
    }
}

/// Every combination of panels that can sit in each stretch of `day`, stretch by stretch, the fullest first.
#[must_use]
pub fn choices<'a>(setup: &'a Setup, day: &Day, standing: &[&Sitting]) -> Vec<Vec<Vec<&'a Panel>>> {
    let limit = if setup.remote { usize::MAX } else { setup.rooms.len() };
    day.stretches()
        .into_iter()
        .map(|stretch| {
            let mut able: Vec<_> =
                setup.panels.iter().filter(|p| !free(setup, p, stretch, standing).is_empty()).collect();
            able.sort_by(|a, b| (a.exam, &a.name).cmp(&(b.exam, &b.name)));
            let mut sets = Vec::new();
            independent(&able, &mut Vec::new(), &mut sets);
            let mut within: Vec<Vec<&Panel>> = Vec::new();
            for set in sets {
                for set in within_rooms(&set, limit) {
                    if !within.contains(&set) && within.len() < COMBINATIONS {
                        within.push(set);
                    }
                }
            }
            within
        })
        .collect()
}

/// The maximal sets of panels that share no examiner.
fn independent<'a>(rest: &[&'a Panel], chosen: &mut Vec<&'a Panel>, sets: &mut Vec<Vec<&'a Panel>>) {
    if sets.len() >= COMBINATIONS {
        return;
    }
    let Some((first, others)) = rest.split_first() else {
        sets.push(chosen.clone());
        return;
    };
    let clashes = chosen.iter().any(|c| c.shares_with(first));
    if !clashes {
        chosen.push(first);
        independent(others, chosen, sets);
        chosen.pop();
    }
    // Leaving out a panel that shares nobody never helps.
    if clashes || others.iter().any(|o| o.shares_with(first)) {
        independent(others, chosen, sets);
    }
}

/// A set as it is if there are rooms for all; otherwise, for each way to split the rooms between the two exams, the
/// first panels of each.
fn within_rooms<'a>(set: &[&'a Panel], rooms: usize) -> Vec<Vec<&'a Panel>> {
    if set.len() <= rooms {
        return vec![set.to_vec()];
    }
    let (interview, english): (Vec<_>, Vec<_>) = set.iter().copied().partition(|p| p.exam == Exam::Interview);
    (0..=interview.len().min(rooms))
        .rev()
        .map(|n| interview.iter().take(n).chain(english.iter().take(rooms - n)).copied().collect())
        .collect()
}

/// When `panel` has nothing to do in `stretch`: nobody of it is absent or holds an exam.
fn free(setup: &Setup, panel: &Panel, stretch: Span, standing: &[&Sitting]) -> Vec<Span> {
    let mut taken = setup.absences_of(panel);
    let theirs = standing
        .iter()
        .filter(|s| s.panel == panel.name || setup.panel(&s.panel).is_some_and(|p| p.shares_with(panel)));
    taken.extend(theirs.map(|s| s.during));
    let minutes = setup.rules.minutes(panel.exam);
    stretch.without(&taken).into_iter().filter(|f| f.fits(minutes) > 0).collect()
}

/// Seats the chosen panels of every stretch in rooms: the room where a panel sits already, else the one it had in the
/// stretch before, else the room with the least in it.
#[must_use]
pub fn seat<'a>(setup: &'a Setup, day: &Day, standing: &[&Sitting], chosen: &[&Vec<&'a Panel>]) -> Vec<Line<'a>> {
    let mut usual: BTreeMap<&str, String> = BTreeMap::new();
    for sitting in standing.iter().filter(|s| day.hours.contains(s.during)) {
        if let Some(room) = &sitting.room {
            usual.entry(&sitting.panel).or_insert_with(|| room.clone());
        }
    }
    let mut lines = Vec::new();
    for (stretch, panels) in day.stretches().into_iter().zip(chosen) {
        let mut left: Vec<&String> = setup.rooms.iter().collect();
        let (settled, new): (Vec<&'a Panel>, Vec<&'a Panel>) =
            panels.iter().copied().partition(|p| usual.contains_key(p.name.as_str()));
        for panel in settled.into_iter().chain(new) {
            let room = if setup.remote { None } else { room_for(panel, stretch, &usual, &mut left, standing) };
            if !setup.remote && room.is_none() {
                continue;
            }
            let mut free = free(setup, panel, stretch, standing);
            if let Some(room) = &room {
                usual.insert(&panel.name, room.clone());
                let taken = occupied(room, panel, standing);
                free = free.iter().flat_map(|f| f.without(&taken)).collect();
            }
            lines.push(Line { panel, room, free });
        }
    }
    lines.sort_by(|a, b| (a.panel.exam, &a.panel.name).cmp(&(b.panel.exam, &b.panel.name)));
    lines
}

fn room_for(
    panel: &Panel,
    stretch: Span,
    usual: &BTreeMap<&str, String>,
    left: &mut Vec<&String>,
    standing: &[&Sitting],
) -> Option<String> {
    let wanted = usual.get(panel.name.as_str());
    let at = left.iter().position(|room| Some(*room) == wanted).or_else(|| {
        let in_it = |room: &str| occupied(room, panel, standing).iter().filter(|s| s.overlaps(stretch)).count();
        // Rooms that other panels usually have come last, so that those keep theirs.
        (0..left.len()).min_by_key(|n| (in_it(left[*n]), usual.values().any(|u| u == left[*n]), *n))
    })?;
    Some(left.remove(at).clone())
}

/// When another panel has the room.
fn occupied(room: &str, panel: &Panel, standing: &[&Sitting]) -> Vec<Span> {
    let there = standing.iter().filter(|s| s.panel != panel.name && s.room.as_deref() == Some(room));
    there.map(|s| s.during).collect()
}
