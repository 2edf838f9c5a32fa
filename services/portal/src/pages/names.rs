//! Names for lists that bear ids alone: asked of intake for whoever is looking, and never kept.

use std::collections::BTreeMap;

use contracts::{
    intake::{Name, NamesOfRequest},
    machinery::Reason,
};
use maud::{Markup, html};

use crate::web::{Fault, Visit};

/// Most ids that intake answers at once.
const AT_ONCE: usize = 500;

/// Names by dossier id. Who may not be named here is shown by the dossier's id.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, Name>);

impl Names {
    /// Asks for them.
    ///
    /// # Errors
    /// Intake does not answer.
    pub async fn of<'a>(visit: &Visit, ids: impl IntoIterator<Item = &'a str>) -> Result<Self, Fault> {
        let mut ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = BTreeMap::new();
        for some in ids.chunks(AT_ONCE) {
            let reply = visit.intake().names_of(NamesOfRequest { dossier_ids: some.to_vec() }).await?.into_inner();
            found.extend(reply.names.into_iter().map(|name| (name.dossier_id.clone(), name)));
        }
        Ok(Self(found))
    }

    /// Of whom reasons speak.
    ///
    /// # Errors
    /// Intake does not answer.
    pub async fn in_reasons(visit: &Visit, reasons: &[&Reason]) -> Result<Self, Fault> {
        let mut who = Vec::new();
        for reason in reasons {
            who.extend(["dossier", "by"].into_iter().filter_map(|key| reason.values.get(key)).map(String::as_str));
        }
        Self::of(visit, who).await
    }

    /// From names at hand.
    #[must_use]
    pub fn from(names: impl IntoIterator<Item = Name>) -> Self {
        Self(names.into_iter().map(|name| (name.dossier_id.clone(), name)).collect())
    }

    /// The one of a dossier.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Name> {
        self.0.get(id)
    }

    /// The dossier's number; empty if it is not known.
    #[must_use]
    pub fn number(&self, id: &str) -> String {
        self.get(id).map(|name| name.number.to_string()).unwrap_or_default()
    }

    /// Family name and first names.
    #[must_use]
    pub fn name(&self, id: &str) -> String {
        self.get(id).map_or_else(|| id.to_owned(), |n| format!("{} {}", n.family_name, n.first_names))
    }

    /// Number and name, as people speak of a candidate.
    #[must_use]
    pub fn full(&self, id: &str) -> String {
        self.get(id).map_or_else(|| id.to_owned(), |n| format!("{} – {} {}", n.number, n.family_name, n.first_names))
    }

    /// The name as a link.
    #[must_use]
    pub fn link(&self, id: &str, base: &str) -> Markup {
        html! { a href={ (base) "/" (id) } { (self.full(id)) } }
    }

    /// A service's reason, with names for the dossiers in it.
    #[must_use]
    pub fn reason(&self, visit: &Visit, reason: &Reason) -> String {
        visit.reason(reason, |id| self.full(id))
    }

    /// The dossier of a number.
    #[must_use]
    pub fn by_number(&self, number: u64) -> Option<&str> {
        self.0.values().find(|name| name.number == number).map(|name| name.dossier_id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_be_named_is_shown_by_id() {
        let id = "5b1d0a5e-0000-4000-8000-000000000001";
        let name = Name {
            dossier_id: id.into(),
            number: 12,
            family_name: "Durand".into(),
            first_names: "Zoé".into(),
            ..Name::default()
        };
        let names = Names::from([name]);
        assert_eq!(names.full(id), "12 – Durand Zoé");
        assert_eq!(names.by_number(12), Some(id));
        assert_eq!((names.full("other").as_str(), names.number("other").as_str()), ("other", ""));
    }
}
