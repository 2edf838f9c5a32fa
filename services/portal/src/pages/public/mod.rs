//! What anyone may read, with or without an account: the calendar, the titles, the procedure, the schools, and what the
//! platform does with people's data.

mod api;
pub mod calendar;
mod home;
mod notices;
mod procedure;
mod schools;
pub mod titles;
mod verify;

use axum::routing::get;

use crate::web::{Audience, Routes};

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(Audience::Anyone, "/", "GET", get(home::page))
        .on(Audience::Anyone, "/calendrier", "GET", get(calendar::page))
        .on(Audience::Anyone, "/titres", "GET", get(titles::page))
        .on(Audience::Anyone, "/procedure", "GET", get(procedure::page))
        .on(Audience::Anyone, "/ecoles", "GET", get(schools::page))
        .on(Audience::Anyone, "/accessibilite", "GET", get(notices::accessibility))
        .on(Audience::Anyone, "/confidentialite", "GET", get(notices::privacy))
        .on(Audience::Anyone, "/api", "GET", get(api::page))
        .on(Audience::Anyone, "/verifier", "GET", get(verify::page))
}
