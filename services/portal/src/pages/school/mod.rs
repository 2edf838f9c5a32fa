//! A school's admissions staff: verification, fees, orals, periods, integration.

mod brought;
mod dossier;
mod integration;
mod look_alikes;
mod orals;
mod other_routes;
mod periods;
mod queue;

use axum::{extract::DefaultBodyLimit, routing::get};
use contracts::roles;
use serde::Deserialize;

use crate::{
    pages::{fees, piece},
    web::{Audience, Routes},
};

const STAFF: Audience = Audience::Roles(&[roles::STAFF]);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    let other_routes =
        get(other_routes::page).post(other_routes::import).layer(DefaultBodyLimit::max(other_routes::LARGEST_UPLOAD));
    Routes::default()
        .on(STAFF, "/ecole", "GET POST", get(queue::page).post(queue::search))
        .on(STAFF, "/ecole/verification.csv", "GET", get(queue::export))
        .on(STAFF, "/ecole/verification.xlsx", "GET", get(queue::export))
        .on(STAFF, "/ecole/homonymes", "GET", get(look_alikes::page))
        .on(STAFF, "/ecole/homonymes.csv", "GET", get(look_alikes::export))
        .on(STAFF, "/ecole/homonymes.xlsx", "GET", get(look_alikes::export))
        .on(STAFF, "/ecole/autres-voies", "GET POST", other_routes)
        .on(STAFF, "/ecole/autres-voies.csv", "GET", get(other_routes::export))
        .on(STAFF, "/ecole/autres-voies.xlsx", "GET", get(other_routes::export))
        .on(STAFF, "/ecole/frais", "GET POST", get(fees::page).post(fees::search))
        .on(STAFF, "/ecole/frais/liste.csv", "GET", get(fees::export))
        .on(STAFF, "/ecole/frais/liste.xlsx", "GET", get(fees::export))
        .on(STAFF, "/ecole/frais/impayes", "GET", get(fees::unsettled))
        .on(STAFF, "/ecole/frais/liste-impayes.csv", "GET", get(fees::unsettled_export))
        .on(STAFF, "/ecole/frais/liste-impayes.xlsx", "GET", get(fees::unsettled_export))
        .on(STAFF, "/ecole/oraux", "GET", get(orals::page))
        .on(STAFF, "/ecole/oraux.csv", "GET", get(orals::export))
        .on(STAFF, "/ecole/oraux.xlsx", "GET", get(orals::export))
        .on(STAFF, "/ecole/periodes", "GET", get(periods::page))
        .on(STAFF, "/ecole/periodes/{n}", "GET", get(periods::one))
        .on(STAFF, "/ecole/periodes/{n}/places.csv", "GET", get(brought::cells_export))
        .on(STAFF, "/ecole/periodes/{n}/places.xlsx", "GET", get(brought::cells_export))
        .on(STAFF, "/ecole/periodes/{n}/sorties.csv", "GET", get(brought::left_export))
        .on(STAFF, "/ecole/periodes/{n}/sorties.xlsx", "GET", get(brought::left_export))
        .on(STAFF, "/ecole/periodes/{n}/absents.csv", "GET", get(periods::absent_export))
        .on(STAFF, "/ecole/periodes/{n}/absents.xlsx", "GET", get(periods::absent_export))
        .on(STAFF, "/ecole/periodes/{n}/propositions.csv", "GET", get(periods::proposals_export))
        .on(STAFF, "/ecole/periodes/{n}/propositions.xlsx", "GET", get(periods::proposals_export))
        .on(STAFF, "/ecole/classements/{filiere}", "GET", get(periods::ranking))
        .on(STAFF, "/ecole/classements/{filiere}/liste.csv", "GET", get(periods::ranking_export))
        .on(STAFF, "/ecole/classements/{filiere}/liste.xlsx", "GET", get(periods::ranking_export))
        .on(STAFF, "/ecole/integration", "GET", get(integration::page))
        .on(STAFF, "/ecole/integration.csv", "GET", get(integration::export))
        .on(STAFF, "/ecole/integration.xlsx", "GET", get(integration::export))
        .on(STAFF, "/ecole/integration/{id}", "GET POST", get(integration::one).post(integration::post))
        .on(STAFF, "/ecole/dossiers/{id}", "GET POST", get(dossier::page).post(dossier::post))
        .on(STAFF, "/ecole/dossiers/{id}/pieces/{piece}", "GET", get(piece::inline))
}

/// An opaque page of a list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct At {
    /// Token of the page; empty for the first.
    #[serde(default)]
    pub page: String,
}
