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

/// The session that tests read.
#[cfg(test)]
pub(crate) const SAMPLE_SESSION: &str = include_str!("../../../../infra/sessions/2026.toml");
