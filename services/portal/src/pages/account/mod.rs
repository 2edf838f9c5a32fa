//! Opening an account, signing in and out, and what belongs to the account itself.

mod data;
mod door;
mod factor;
mod mine;
mod provider;
mod register;
mod reset;

use axum::routing::{get, post};
use contracts::roles;
use http::StatusCode;
use maud::{Markup, html};

pub(super) use door::enter;

use crate::{
    accounts::Denied,
    domain::password::{self, Weak},
    oidc,
    ui::{self, Tone},
    web::{Audience, Fault, Routes, Visit},
};

/// Everyone who can be signed in.
const EVERYONE: &[&str] = &[
    roles::CANDIDATE,
    roles::MANDATE,
    roles::STAFF,
    roles::FINANCE,
    roles::JURY,
    roles::JURY_PRESIDENT,
    roles::PLANNER,
    roles::OPERATOR,
];

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(Audience::Anyone, "/compte/creer", "GET POST", get(register::page).post(register::post))
        .on(Audience::Anyone, "/compte/verifier/{token}", "GET POST", get(register::verify_page).post(register::verify))
        .on(Audience::Anyone, "/compte/mot-de-passe", "GET POST", get(reset::ask_page).post(reset::ask))
        .on(Audience::Anyone, "/compte/mot-de-passe/{token}", "GET POST", get(reset::page).post(reset::post))
        .on(Audience::Anyone, "/connexion", "GET POST", get(door::page).post(door::post))
        .on(Audience::Anyone, "/connexion/code", "GET POST", get(factor::ask_page).post(factor::ask))
        .on(Audience::Anyone, "/connexion/mandat", "GET POST", get(door::mandate_page).post(door::mandate))
        .on(Audience::Anyone, "/connexion/personnel", "GET POST", get(door::staff_page).post(door::staff))
        .on(Audience::Anyone, provider::BEGIN, "GET", get(provider::begin))
        .on(Audience::Anyone, oidc::RETURN, "GET", get(provider::back))
        .on(Audience::Anyone, provider::SIGNED_OUT, "GET", get(provider::signed_out))
        .on(Audience::Anyone, "/deconnexion", "POST", post(door::sign_out))
        .on(Audience::Roles(EVERYONE), "/espace", "GET POST", get(door::roles_page).post(door::wear))
        .on(Audience::Roles(&[roles::CANDIDATE]), "/compte", "GET", get(mine::page))
        .on(Audience::Roles(&[roles::CANDIDATE]), "/compte/mes-donnees.zip", "GET", get(data::copy))
        .on(
            Audience::Roles(&[roles::CANDIDATE]),
            "/compte/double-facteur",
            "GET POST",
            get(factor::page).post(factor::post),
        )
        .on(Audience::Roles(&[roles::CANDIDATE]), "/compte/fermer", "GET POST", get(mine::close_page).post(mine::close))
}

/// What a door says to somebody it does not let in, whose page is then a 422, a 429 or a 503.
fn denied(visit: &Visit, denied: Denied) -> Result<Markup, Fault> {
    let t = visit.t;
    visit.tell(match denied {
        Denied::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Denied::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    });
    let text = match denied {
        Denied::Fault(fault) => return Err(fault),
        Denied::Wrong => t.get("denied-wrong"),
        Denied::NotAnEmail => t.get("denied-not-an-email"),
        Denied::Weak(Weak::TooShort) => t.with("denied-too-short", [("n", password::SHORTEST.into())]),
        Denied::Weak(Weak::TooLong) => t.with("denied-too-long", [("n", password::LONGEST.into())]),
        Denied::Weak(Weak::Guessable) => t.get("denied-guessable"),
        Denied::Weak(Weak::Breached) => t.get("denied-breached"),
        Denied::TooMany(door) => t.with("denied-too-many", [("minutes", door.limit().1.as_mins().into())]),
        Denied::Busy => t.get("denied-busy"),
    };
    Ok(ui::alert(Tone::Bad, &t.get("denied-title"), html! { p { (text) } }))
}
