//! Every page, by the person whose it is, and the table of who may see which.

pub mod account;
pub mod candidature;
pub mod demo;
mod dossier;
pub mod errors;
pub mod fees;
pub mod finance;
mod jury;
pub mod labels;
pub mod names;
mod operator;
mod orals;
pub mod piece;
pub mod public;
mod referee;
pub mod school;
pub mod tokens;

use std::sync::LazyLock;

use axum::routing::get;

use crate::{
    ui::Section,
    web::{Audience, Routes, assets},
};

const fn at(href: &'static str, key: &'static str) -> Section {
    Section { href, key }
}

/// A candidate's navigation.
pub const CANDIDATE_SECTIONS: &[Section] = &[
    at("/candidat", "nav-my-situation"),
    at("/candidat/dossier", "nav-my-dossier"),
    at("/candidat/resultats", "nav-my-results"),
    at("/candidat/proposition", "nav-my-proposal"),
    at("/candidat/mandats", "nav-my-mandates"),
];
/// A relative's navigation (R36).
pub const MANDATE_SECTIONS: &[Section] = &[
    at("/candidat", "nav-situation"),
    at("/candidat/proposition", "nav-proposal"),
    at("/candidat/historique", "nav-history"),
];
/// Navigation of a school's admissions staff.
pub const STAFF_SECTIONS: &[Section] = &[
    at("/ecole", "nav-to-verify"),
    at("/ecole/frais", "nav-fees"),
    at("/ecole/oraux", "nav-orals"),
    at("/ecole/periodes", "nav-periods"),
    at("/ecole/integration", "nav-integration"),
    at("/ecole/api", "nav-api"),
];
/// Navigation of a school's finance clerks.
pub const FINANCE_SECTIONS: &[Section] = &[
    at("/finance", "nav-balance"),
    at("/finance/releves", "nav-statements"),
    at("/finance/rapprochement", "nav-unmatched"),
    at("/finance/comptes", "nav-fees"),
    at("/finance/journal", "nav-ledger"),
    at("/finance/api", "nav-api"),
];
/// Navigation of the jury's members.
pub const JURY_SECTIONS: &[Section] = &[
    at("/jury", "nav-jury"),
    at("/jury/dossiers", "nav-dossiers"),
    at("/jury/admissibilite", "nav-admissibility"),
    at("/jury/notes", "nav-marks"),
    at("/jury/classement", "nav-ranking"),
    at("/jury/places", "nav-seats"),
    at("/jury/simulation", "nav-what-if"),
    at("/jury/actes", "nav-acts"),
];
/// Navigation of its president: the same, and who reads.
pub const PRESIDENT_SECTIONS: &[Section] = &[
    at("/jury", "nav-jury"),
    at("/jury/dossiers", "nav-dossiers"),
    at("/jury/lecteurs", "nav-readers"),
    at("/jury/admissibilite", "nav-admissibility"),
    at("/jury/notes", "nav-marks"),
    at("/jury/classement", "nav-ranking"),
    at("/jury/places", "nav-seats"),
    at("/jury/simulation", "nav-what-if"),
    at("/jury/actes", "nav-acts"),
    at("/jury/periodes", "nav-periods"),
];
/// Navigation of a school's planner of the orals.
pub const PLANNER_SECTIONS: &[Section] = &[
    at("/oraux", "nav-schedule"),
    at("/oraux/jurys", "nav-panels"),
    at("/oraux/jours", "nav-days"),
    at("/oraux/absences", "nav-absences"),
];
/// An operator's navigation.
pub const OPERATOR_SECTIONS: &[Section] = &[
    at("/exploitation", "nav-health"),
    at("/exploitation/calendrier", "nav-milestones"),
    at("/exploitation/messages", "nav-set-aside"),
    at("/exploitation/courriels", "nav-mails"),
    at("/exploitation/abonnes", "nav-subscribers"),
    at("/exploitation/audit", "nav-audit"),
];

/// Every route with its audience. `demo`: with the demo's own.
#[must_use]
pub fn routes(demo: bool) -> Routes {
    let routes = Routes::default()
        .on(Audience::Anyone, "/assets/{digest}/{*name}", "GET", get(assets::get))
        .with(account::routes())
        .with(candidature::routes())
        .with(public::routes())
        .with(dossier::routes())
        .with(referee::routes())
        .with(school::routes())
        .with(tokens::routes())
        .with(finance::routes())
        .with(jury::routes())
        .with(operator::routes())
        .with(orals::routes());
    if demo { routes.with(demo::routes()) } else { routes }
}

/// Path of the nearest page that can be looked at: `path`, or the page above it where only forms are sent to its `route`.
#[must_use]
pub fn nearest<'a>(route: &str, path: &'a str) -> &'a str {
    static FORMS_ALONE: LazyLock<Vec<&str>> = LazyLock::new(|| routes(true).forms_alone());
    if !FORMS_ALONE.contains(&route) {
        return path;
    }
    path.rsplit_once('/').map_or("/", |(above, _)| if above.is_empty() { "/" } else { above })
}

/// The session that tests read.
#[cfg(test)]
pub(crate) const SAMPLE_SESSION: &str = include_str!("../../../../infra/sessions/2026.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_an_address_for_forms_alone_stands_a_page_for_the_same_people() {
        let routes = routes(true);
        let alone = routes.forms_alone();
        assert!(alone.len() > 3, "{alone:?}");
        for path in alone {
            let audience = routes.table().iter().find(|rule| rule.path == path).unwrap().audience;
            let page = routes.table().iter().find(|rule| rule.path == nearest(path, path));
            let page = page.unwrap_or_else(|| panic!("no page above {path}"));
            assert!(page.methods.contains("GET") && [audience, Audience::Anyone].contains(&page.audience), "{path}");
        }
        assert_eq!(nearest("/candidat/dossier/envoi", "/candidat/dossier/envoi"), "/candidat/dossier");
        assert_eq!(nearest("/recommandation/{lien}/fichier", "/recommandation/x/fichier"), "/recommandation/x");
        assert_eq!(
            (nearest("/deconnexion", "/deconnexion"), nearest("/calendrier", "/calendrier")),
            ("/", "/calendrier")
        );
    }
}
