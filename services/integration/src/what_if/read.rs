//! The question of a what-if, checked whole: every fault is found before any is told.

use std::collections::{BTreeMap, BTreeSet};

use super::json::Json;

const SECTIONS: [&str; 3] = ["capacities", "preferences", "rankings"];

/// One filière by index; names in order of their bytes.
#[derive(Debug, Default)]
pub(super) struct Question<'a> {
    pub(super) schools: Vec<&'a str>,
    pub(super) candidates: Vec<&'a str>,
    /// By school.
    pub(super) capacities: Vec<u32>,
    /// By candidate, best first.
    pub(super) wishes: Vec<Vec<u32>>,
    /// By school, best first.
    pub(super) tables: Vec<Vec<u32>>,
}

/// Lists of names by name, in the order they were given.
type Named<'a, T> = Vec<(&'a str, T)>;

fn named(entries: &[(String, Json)]) -> Named<'_, &Json> {
    entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

impl<'a> Question<'a> {
    /// Reads and checks a whole document.
    pub(super) fn read(document: &'a Json) -> Result<Self, Vec<String>> {
        let mut faults = Faults::default();
        let question = faults.question(document);
        if faults.0.is_empty() { Ok(question) } else { Err(faults.0) }
    }
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: String) {
        self.0.push(fault);
    }

    fn question<'a>(&mut self, document: &'a Json) -> Question<'a> {
        let Json::Object(entries) = document else {
            self.add(format!("the document is {document}, not an object"));
            return Question::default();
        };
        self.repeated("the document", document);
        let sections = named(entries);
        for (key, _) in &sections {
            if !SECTIONS.contains(key) {
                self.add(format!("unknown key {key:?}; known are {}", SECTIONS.join(", ")));
            }
        }
        let [capacities, preferences, rankings] = SECTIONS.map(|name| self.section(name, &sections));
        let capacities = self.capacities(capacities);
        let preferences = self.lists("preferences", preferences);
        let rankings = self.lists("rankings", rankings);
        self.compare(capacities, &preferences, &rankings)
    }

    /// Names every key given twice, wherever it is: at `place` and inside of it.
    fn repeated(&mut self, place: &str, value: &Json) {
        match value {
            Json::Object(entries) => {
                let mut seen = BTreeSet::new();
                for (key, _) in entries {
                    if !seen.insert(key) {
                        self.add(format!("{place} has the key {key:?} twice"));
                    }
                }
                for (key, inner) in entries {
                    let inside = if place == "the document" { key.clone() } else { format!("{place}.{key}") };
                    self.repeated(&inside, inner);
                }
            }
            Json::List(items) => items.iter().for_each(|item| self.repeated(place, item)),
            Json::Word(_) | Json::Natural(_) | Json::Number(_) | Json::Text(_) => {}
        }
    }

    /// Entries of a section; one given twice is read twice, so that nothing hides behind the repetition.
    fn section<'a>(&mut self, name: &str, sections: &Named<'a, &'a Json>) -> Named<'a, &'a Json> {
        let mut found = sections.iter().filter(|(key, _)| *key == name).peekable();
        if found.peek().is_none() {
            self.add(format!("{name} is missing"));
        }
        let mut entries = Vec::new();
        for (_, section) in found {
            match section {
                Json::Object(inner) => entries.extend(named(inner)),
                other => self.add(format!("{name} is {other}, not an object")),
            }
        }
        entries
    }

    fn capacities<'a>(&mut self, section: Named<'a, &'a Json>) -> BTreeMap<&'a str, u32> {
        let read = section.into_iter().map(|(school, seats)| {
            let seats = match seats {
                // More seats than there can be candidates are as good as that many.
                Json::Natural(seats) => u32::try_from(*seats).unwrap_or(u32::MAX),
                other => {
                    self.add(format!("capacities: school {school:?} has {other} for a number of seats"));
                    0
                }
            };
            (school, seats)
        });
        read.collect()
    }

    fn lists<'a>(&mut self, place: &str, section: Named<'a, &'a Json>) -> Named<'a, Vec<&'a str>> {
        section.into_iter().map(|(owner, list)| (owner, self.list(place, owner, list))).collect()
    }

    fn list<'a>(&mut self, place: &str, owner: &str, list: &'a Json) -> Vec<&'a str> {
        let Json::List(items) = list else {
            self.add(format!("{place}: {owner:?} has {list}, not an array"));
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let mut names = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Json::Text(name) if seen.insert(name) => names.push(name.as_str()),
                Json::Text(name) => self.add(format!("{place}: {owner:?} names {name:?} twice")),
                other => self.add(format!("{place}: {owner:?} names {other}, not a string")),
            }
        }
        names
    }

    /// Every name of one section against the others.
    fn compare<'a>(
        &mut self,
        capacities: BTreeMap<&'a str, u32>,
        preferences: &Named<'a, Vec<&'a str>>,
        rankings: &Named<'a, Vec<&'a str>>,
    ) -> Question<'a> {
        let schools: Vec<&str> = capacities.keys().copied().collect();
        // Of a candidate given twice, which is refused already, the first counts.
        let by_name: BTreeMap<&str, &Vec<&str>> =
            preferences.iter().rev().map(|(name, wishes)| (*name, wishes)).collect();
        let candidates: Vec<&str> = by_name.keys().copied().collect();
        let index = |names: &[&str], name: &str| names.binary_search(&name).ok().and_then(|i| u32::try_from(i).ok());

        for (candidate, wishes) in preferences {
            for school in wishes.iter().filter(|school| !capacities.contains_key(*school)) {
                self.add(format!("preferences: {candidate:?} names the school {school:?}, which has no capacity"));
            }
        }
        let wishes: Vec<Vec<u32>> = by_name
            .values()
            .map(|wishes| wishes.iter().filter_map(|school| index(&schools, school)).collect())
            .collect();
        let mut tables = vec![Vec::new(); schools.len()];
        for (school, ranked) in rankings {
            let Some(place) = index(&schools, school) else {
                self.add(format!("rankings: the school {school:?} has no capacity"));
                continue;
            };
            for name in ranked {
                match index(&candidates, name) {
                    Some(candidate) if wishes[candidate as usize].contains(&place) => {
                        tables[place as usize].push(candidate);
                    }
                    Some(_) => self.add(format!("rankings: {school:?} ranks {name:?}, who did not ask for it")),
                    None => self.add(format!("rankings: {school:?} ranks {name:?}, who has no preferences")),
                }
            }
        }
        Question { wishes, capacities: capacities.into_values().collect(), schools, candidates, tables }
    }
}
