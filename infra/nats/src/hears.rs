//! What each service hears (`hears.toml`), checked against what there is to hear.

use std::collections::BTreeMap;

use contracts::{FACTS, calendar_acknowledged_subject};
use serde::Deserialize;

use crate::Refused;

/// The table, as it is committed.
pub const TABLE: &str = include_str!("../hears.toml");

/// What one service hears.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    hears: Vec<String>,
    #[serde(default)]
    embargo: Vec<String>,
}

/// Services, each with the subjects it hears, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hears(BTreeMap<String, Vec<String>>);

impl Hears {
    /// Reads a table.
    ///
    /// # Errors
    /// It is no such table; it names a fact that nobody tells; or one under embargo among those that are not, or the
    /// other way round.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let table: BTreeMap<String, Entry> = toml::from_str(text).map_err(|e| Refused::Hears(e.to_string()))?;
        let read = table.into_iter().map(|(service, entry)| {
            let plain = entry.hears.iter().map(|name| subject(name, false));
            let embargoed = entry.embargo.iter().map(|name| subject(name, true));
            let mut subjects: Vec<String> = plain
                .chain(embargoed)
                .collect::<Result<_, _>>()
                .map_err(|e| Refused::Hears(format!("{service}: {e}")))?;
            subjects.sort();
            subjects.dedup();
            Ok((service, subjects))
        });
        Ok(Self(read.collect::<Result<_, Refused>>()?))
    }

    /// The committed one.
    ///
    /// # Errors
    /// As [`Hears::read`].
    pub fn committed() -> Result<Self, Refused> {
        Self::read(TABLE)
    }

    /// Every service, by name.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What one of them hears.
    #[must_use]
    pub fn of(&self, service: &str) -> &[String] {
        self.0.get(service).map_or(&[], Vec::as_slice)
    }
}

fn subject(name: &str, embargoed: bool) -> Result<String, String> {
    if name == "*.calendar_acknowledged" && !embargoed {
        return Ok(calendar_acknowledged_subject("*"));
    }
    let fact = FACTS.iter().find(|fact| format!("{}.{}", fact.service, fact.name) == name);
    let fact = fact.ok_or_else(|| format!("nobody tells {name}"))?;
    match (fact.embargoed, embargoed) {
        (true, false) => Err(format!("{name} is under embargo: it stands among `embargo`, with the reason")),
        (false, true) => Err(format!("{name} is not under embargo: it stands among `hears`")),
        _ => Ok(fact.subject()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_read_where_it_belongs_or_refused() {
        let hears = Hears::read("[jury]\nhears = ['intake.dossier_closed']\nembargo = ['integration.period_computed']");
        let hears = hears.unwrap();
        let subjects = ["facts.v1.embargo.integration.period_computed", "facts.v1.intake.dossier_closed"];
        assert_eq!(hears.of("jury"), subjects);
        for (table, why) in [
            ("[jury]\nhears = ['integration.period_computed']", "under embargo"),
            ("[jury]\nhears = []\nembargo = ['intake.dossier_closed']", "not under embargo"),
            ("[jury]\nhears = ['intake.dossier_eaten']", "nobody tells intake.dossier_eaten"),
            ("[jury]\nears = []", "ears"),
        ] {
            let refused = Hears::read(table).unwrap_err().to_string();
            assert!(refused.contains(why), "{table}: {refused}");
        }
    }
}
