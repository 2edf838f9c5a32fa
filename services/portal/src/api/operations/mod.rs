//! Every operation, by what it is about. Each asks one service and shapes its answer; none decides anything.

mod admissions;
mod books;
mod dossiers;
mod fees;
mod names;
mod orals;
mod pieces;
mod session;
mod verification;

use std::sync::LazyLock;

use super::{
    Call, Trouble,
    operation::{Operation, Operations},
};

/// Whether the session has this filière. `or_none`: an empty one is fine.
fn known_filiere(call: &Call, id: &str, or_none: bool) -> Result<(), Trouble> {
    let session = &call.app.session;
    if session.filiere(id).is_some() || (or_none && id.is_empty()) {
        return Ok(());
    }
    let allowed = session.filieres.iter().map(|f| f.id.as_str());
    Err(Trouble::of("FILIERE_UNKNOWN").given(id).allowed(allowed))
}

/// The table: what is not in it does not exist.
#[must_use]
pub fn table() -> &'static [Operation] {
    static TABLE: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        Operations::default()
            .with(session::operations())
            .with(dossiers::operations())
            .with(pieces::operations())
            .with(verification::operations())
            .with(fees::operations())
            .with(books::operations())
            .with(orals::operations())
            .with(admissions::operations())
            .done()
    });
    &TABLE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        api::{Verb, scope::Scope},
        i18n::{Lang, Tr},
    };

    #[test]
    fn every_operation_has_a_name_of_its_own_words_and_a_scope_that_fits_it() {
        let mut ids = BTreeSet::new();
        for one in table() {
            assert!(ids.insert(one.id), "{} stands twice", one.id);
            for lang in Lang::ALL {
                assert!(!Tr(lang).get(&one.key()).starts_with('['), "{}", one.key());
            }
            let writes = one.scope.is_some_and(|s| s.word().ends_with(":write"));
            assert_eq!(writes, one.verb == Verb::Post, "{}", one.id);
            for part in one.path.split('/').filter_map(|p| p.strip_prefix('{')) {
                let name = part.trim_end_matches('}');
                assert!(one.parameters.iter().any(|p| p.name == name), "{}: {name} is not described", one.id);
            }
        }
    }

    #[test]
    fn no_scope_opens_nothing() {
        for scope in Scope::ALL {
            assert!(table().iter().any(|one| one.scope == Some(scope)), "{}", scope.word());
            for lang in Lang::ALL {
                assert!(!Tr(lang).get(&scope.key()).starts_with('['), "{}", scope.key());
            }
        }
    }
}
