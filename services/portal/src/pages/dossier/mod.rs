//! The candidate's dossier until its clôture (R7–R13), and what is added to it afterwards (R10, R14).
//!
//! Every step is a page of its own that keeps what it is given at once; which step lacks something is intake's answer,
//! never a guess of ours. After clôture, or after the window, all of it reads the same and takes nothing.

mod country;
mod fee;
mod fiche;
mod frame;
mod identity;
mod order;
mod pieces;
mod review;
pub(super) mod send;
mod slot;
mod start;
mod studies;
mod title;

use std::collections::BTreeMap;

use axum::{
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use contracts::{
    intake::{self as api, Dossier, DossierState},
    roles,
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use maud::Markup;
use platform::refusal::Refusal;
use tonic::{Code, Status};

pub(super) use review::receipt_pdf;

use crate::web::{Audience, Fault, Page, Routes, Visit};

/// Where the dossier begins.
const START: &str = "/candidat/dossier";
/// Whose pages these are.
const CANDIDATE: Audience = Audience::Roles(&[roles::CANDIDATE]);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .on(CANDIDATE, START, "GET POST", get(start::page).post(start::open))
        .on(CANDIDATE, "/candidat/dossier/abandonner", "GET POST", get(start::abandon_page).post(start::abandon))
        .on(CANDIDATE, "/candidat/dossier/identite", "GET POST", get(identity::page).post(identity::post))
        .on(CANDIDATE, "/candidat/dossier/etudes", "GET POST", get(studies::page).post(studies::post))
        .on(CANDIDATE, "/candidat/dossier/titre", "GET POST", get(title::page).post(title::post))
        .on(CANDIDATE, "/candidat/dossier/ordre", "GET POST", get(order::page).post(order::post))
        .on(CANDIDATE, "/candidat/dossier/pieces", "GET POST", get(pieces::page).post(pieces::post))
        .on(CANDIDATE, pieces::REMOVE, "GET POST", get(pieces::remove_page).post(pieces::remove))
        .on(CANDIDATE, "/candidat/dossier/piece/{id}", "GET", get(pieces::content))
        .on(CANDIDATE, "/candidat/dossier/envoi", "POST", post(send::start))
        .on(
            CANDIDATE,
            "/candidat/dossier/envoi/{id}",
            "GET PUT POST",
            get(send::stands).put(send::chunk).post(send::finish),
        )
        .on(CANDIDATE, "/candidat/dossier/fiche", "GET POST", get(fiche::page).post(fiche::post))
        .on(CANDIDATE, "/candidat/dossier/frais", "GET POST", get(fee::page).post(fee::post))
        .on(CANDIDATE, "/candidat/dossier/verification", "GET", get(review::page))
        .on(CANDIDATE, "/candidat/dossier/cloture", "GET POST", get(review::confirm).post(review::close))
        .on(CANDIDATE, "/candidat/dossier/recu.pdf", "GET", get(review::receipt))
}

/// The dossier of whoever is looking.
struct Mine {
    dossier: Dossier,
    /// When deposits close, as far as is known here.
    closes: Timestamp,
}

impl Mine {
    /// As intake has it; nothing before it was opened.
    async fn load(visit: &Visit) -> Result<Option<Self>, Fault> {
        let id = visit.dossier()?.to_string();
        let dossier = match visit.intake().get_dossier(api::GetDossierRequest { dossier_id: id }).await {
            Ok(reply) => reply.into_inner(),
            Err(status) if status.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(status.into()),
        };
        Ok(Some(Self { dossier, closes: closes(visit).await? }))
    }

    /// Form, order and pieces can still be changed (R12). What is sent is judged by intake all the same.
    fn editable(&self, now: Timestamp) -> bool {
        self.dossier.state() == DossierState::Open && now < self.closes
    }
}

/// When deposits close: as moved (R5), or as printed while nothing was heard.
async fn closes(visit: &Visit) -> Result<Timestamp, Fault> {
    let mut conn = visit.app.db.read().await?;
    let known = platform::calendar::instant_of(&mut conn, notice::keys::DEPOSITS_CLOSE).await?;
    Ok(known.unwrap_or(visit.app.session.milestones.deposits_close.at))
}

/// To where a dossier is opened: there is none yet.
fn to_start() -> Page {
    Ok(Redirect::to(START).into_response())
}

/// The form saves itself (see `admis.js`): the answer is a status alone.
fn autosaved(headers: &HeaderMap) -> bool {
    headers.contains_key("x-autosave")
}

/// What a form that saves itself is answered.
fn saved() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// What was wrong: an alert for the top of the page, and a sentence for each field.
struct Refused {
    alert: Markup,
    fields: BTreeMap<String, String>,
}

impl Refused {
    /// `name_of` tells which field of the form a field of the request is.
    fn new(visit: &Visit, status: &Status, name_of: impl Fn(&str) -> String) -> Result<Self, Fault> {
        let alert = visit.refused(status)?;
        let told = Refusal::from_status(status).map(|refusal| refusal.fields).unwrap_or_default();
        let fields = told
            .into_iter()
            .map(|(path, _)| {
                let last = path.rsplit('.').next().unwrap_or_default();
                let sentence = visit.t.find(&format!("wrong-{last}"), &fluent_bundle::FluentArgs::new());
                (name_of(&path), sentence.unwrap_or_else(|| visit.t.get("wrong-other")))
            })
            .collect();
        Ok(Self { alert, fields })
    }

    /// The sentence for a field; empty when nothing is wrong with it.
    fn on(this: Option<&Self>, field: &str) -> String {
        this.and_then(|r| r.fields.get(field).cloned()).unwrap_or_default()
    }

    /// The alert, or nothing.
    fn top(this: Option<&Self>) -> Markup {
        this.map_or_else(|| maud::html! {}, |r| r.alert.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::{Lang, Tr};

    /// Every reason of intake, eligibility and the windows that these pages can be refused with.
    const REASONS: &[&str] = &[
        "FORM_INVALID",
        "WINDOW_CLOSED",
        "WINDOW_NOT_YET_OPEN",
        "DOSSIER_UNKNOWN",
        "DOSSIER_EXISTS",
        "RECRUITED_LOCALLY",
        "PUBLIC_UNKNOWN",
        "DOSSIER_NOT_EDITABLE",
        "NOT_YOURS",
        "ROLE_NOT_ALLOWED",
        "TITLE_REFUSED",
        "TITLE_MISSING",
        "ORDER_INVALID",
        "ORDER_FINAL",
        "SCHOOL_CLOSED_BY_TABLE",
        "WRONG_STATE",
        "PIECE_UNKNOWN",
        "FILE_TOO_LARGE",
        "FILE_NAME_INVALID",
        "FILE_TYPE_REFUSED",
        "TOO_MANY_PIECES",
        "TOO_MANY_UPLOADS",
        "CORRECTION_NOT_OPEN",
        "CORRECTION_UNKNOWN",
        "CORRECTION_MISSING",
        "CANDIDATURE_ANNULLED",
        "UPLOAD_UNKNOWN",
        "UPLOAD_COMMITTED",
        "UPLOAD_MISSING",
        "UPLOAD_INCOMPLETE",
        "OFFSET_MISMATCH",
        "CHUNK_TOO_LARGE",
        "DIGEST_MISMATCH",
        "DIGEST_MALFORMED",
        "ID_MALFORMED",
        "FICHE_DEPOSITED",
        "REFEREE_MISSING",
        "NO_FICHE_ASKED",
        "TOO_MANY_INVITATIONS",
        "ORDER_MISSING",
        "ATTESTATION_MISSING",
        "CLAIM_MISSING",
        "DOSSIER_INCOMPLETE",
        "NOT_A_CANDIDATURE",
        "LINK_UNKNOWN",
        "LINK_USED",
        "LINK_REVOKED",
        "FICHE_MISSING",
        "UNKNOWN_DIPLOMA",
        "MENTION_REQUIRED",
        "MENTION_REFUSED",
        "EQUIVALENCE_REQUIRED",
        "UNKNOWN_EQUIVALENCE",
        "EQUIVALENCE_NOT_NEEDED",
        "TITLE_TOO_LONG",
    ];

    #[test]
    fn every_refusal_is_said_in_a_sentence_and_in_both_languages() {
        let args = fluent_bundle::FluentArgs::from_iter(
            ["closed_at", "opens_at", "number", "contact", "table", "row", "because"].map(|name| (name, "x")),
        );
        for lang in Lang::ALL {
            for reason in REASONS {
                let sentence = Tr(lang).find(&format!("refusal-{reason}"), &args).unwrap_or_default();
                assert!(sentence.ends_with(['.', ')']), "{reason} in {}: {sentence:?}", lang.tag());
                assert!(!sentence.contains('{'), "{reason}: {sentence}");
            }
        }
    }
}
