//! Names that sections declare and others use.

use std::collections::BTreeSet;

use super::reader::{At, Report, all};

/// Ids of one kind that the file has declared so far.
pub(super) struct Declared {
    what: &'static str,
    ids: Vec<String>,
}

impl Declared {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, ids: Vec::new() }
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Declares an id: lower or upper case letters, digits, `-` and `_`, once.
    pub(super) fn declare(&mut self, report: &Report<'_>, id: Option<At<String>>) -> Option<String> {
        let id = id?;
        if !id.value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            id.problem(report, format!("`{}` is not an id: letters, digits, `-` and `_` only", id.value));
            return None;
        }
        if self.ids.contains(&id.value) {
            id.problem(report, format!("the {} `{}` is declared twice", self.what, id.value));
            return None;
        }
        self.ids.push(id.value.clone());
        Some(id.value)
    }

    /// The id, if it was declared.
    pub(super) fn known(&self, report: &Report<'_>, id: At<String>) -> Option<String> {
        if self.ids.contains(&id.value) {
            return Some(id.value);
        }
        let known = if self.ids.is_empty() { "none".to_owned() } else { self.ids.join(", ") };
        id.problem(report, format!("no {} `{}` is declared (declared: {known})", self.what, id.value));
        None
    }

    /// The ids, if all were declared and none is repeated.
    pub(super) fn known_once(&self, report: &Report<'_>, ids: Vec<At<String>>) -> Option<Vec<String>> {
        let mut seen = BTreeSet::new();
        all(ids.into_iter().map(|id| {
            if !seen.insert(id.value.clone()) {
                id.problem(report, format!("the {} `{}` stands here twice", self.what, id.value));
                return None;
            }
            self.known(report, id)
        }))
    }
}
