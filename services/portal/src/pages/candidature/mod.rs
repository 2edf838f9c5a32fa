//! What a candidate sees from their first page on, and a relative with a mandate (R36): where they stand, results, the
//! convocation, proposals and answers, why, what happened.

mod answers;
pub(super) mod asked;
pub(super) mod convocation;
pub(super) mod files;
mod first;
mod history;
mod ics;
pub(super) mod mandates;
mod proposal;
pub(super) mod receipt;
mod results;
mod title;
mod why;
mod words;

use axum::routing::get;
use contracts::roles;

use crate::web::{Audience, Routes};

const OWN: Audience = Audience::Roles(&[roles::CANDIDATE]);
const BOTH: Audience = Audience::Roles(&[roles::CANDIDATE, roles::MANDATE]);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(BOTH, "/candidat", "GET", get(first::page))
        .on(OWN, "/candidat/resultats", "GET", get(results::page))
        .on(OWN, "/candidat/convocation", "GET POST", get(convocation::page).post(convocation::constraint))
        .on(OWN, "/candidat/convocation.pdf", "GET", get(convocation::pdf))
        .on(OWN, "/candidat/convocation.ics", "GET", get(convocation::calendar))
        .on(BOTH, "/candidat/proposition", "GET", get(proposal::page))
        .on(BOTH, "/candidat/proposition/{reponse}", "GET POST", get(proposal::confirm_page).post(proposal::answer))
        .on(BOTH, "/candidat/proposition/recu/{version}", "GET", get(receipt::page))
        .on(OWN, "/candidat/proposition/recu/{version}/recu.pdf", "GET", get(receipt::pdf))
        .on(BOTH, "/candidat/historique", "GET", get(history::page))
        .on(BOTH, "/candidat/pourquoi", "GET", get(why::page))
        .on(OWN, "/candidat/titre", "GET", get(title::page))
        .on(OWN, "/candidat/mandats", "GET POST", get(mandates::page).post(mandates::post))
}
