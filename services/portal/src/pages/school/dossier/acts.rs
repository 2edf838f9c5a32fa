//! What staff do with a dossier, each as one posted form.

use contracts::{intake as api, payments};
use maud::{Markup, html};
use tonic::Status;
use uuid::Uuid;

use crate::{
    domain::typed,
    ui::{self, Tone},
    web::{Fault, Form, Visit},
};

pub(super) const PIECE: &str = "piece";
pub(super) const CORRECTION: &str = "correction";
pub(super) const VERDICT: &str = "avis";
pub(super) const NOTE: &str = "note";
pub(super) const EXEMPTION: &str = "exoneration";

/// How it went.
pub(super) enum Done {
    /// Done; the key of what the next page says.
    Done(&'static str),
    /// Refused: said on top of the form.
    Refused(Markup),
}

pub(super) async fn act(visit: &Visit, id: Uuid, form: &Form) -> Result<Done, Fault> {
    let (school, dossier_id) = (visit.school().to_owned(), id.to_string());
    let (answered, key): (Result<(), Status>, _) = match form.get("geste") {
        PIECE => {
            let verdict = match form.get("avis-piece") {
                "lisible" => api::PieceVerdict::Ok,
                "illisible" => api::PieceVerdict::Unreadable,
                _ => return Err(Fault::BadRequest),
            };
            let piece_id = form.get("piece").to_owned();
            let asked = api::CheckPieceRequest { school, dossier_id, piece_id, verdict: verdict.into() };
            (visit.intake().check_piece(asked).await.map(drop), "piece-checked")
        }
        CORRECTION => {
            let Some(until) = typed::instant(form.get("jusqu-a"), &visit.app.session.zone) else {
                return Ok(refused(visit, &visit.t.get("correction-until-unclear")));
            };
            let asked = api::RequestCorrectionRequest {
                school,
                dossier_id,
                piece_id: form.get("piece").to_owned(),
                until: Some(until.into()),
                reason: form.get("motif").to_owned(),
            };
            (visit.intake().request_correction(asked).await.map(drop), "correction-requested")
        }
        VERDICT => {
            let verdict = match form.get("avis-dossier") {
                "complet" => api::Verdict::Complete,
                "correction" => api::Verdict::CorrectionRequested,
                "incomplet" => api::Verdict::Incomplete,
                _ => return Ok(refused(visit, &visit.t.get("verdict-choose"))),
            };
            let note = form.get("remarque").to_owned();
            let asked = api::RecordVerdictRequest { school, dossier_id, verdict: verdict.into(), note };
            (visit.intake().record_verdict(asked).await.map(drop), "verdict-recorded")
        }
        NOTE => {
            let (text, request_id) = (form.get("texte").to_owned(), form.get("demande").to_owned());
            let asked = api::AddNoteRequest { school, dossier_id, text, request_id };
            (visit.intake().add_note(asked).await.map(drop), "note-added")
        }
        EXEMPTION => {
            let accept = match form.get("decision") {
                "accorder" => true,
                "refuser" => false,
                _ => return Ok(refused(visit, &visit.t.get("exemption-choose"))),
            };
            let reason = form.get("motif-exoneration").to_owned();
            let asked = payments::DecideExemptionRequest { dossier_id, accept, reason };
            (visit.payments().decide_exemption(asked).await.map(drop), "exemption-decided")
        }
        _ => return Err(Fault::BadRequest),
    };
    Ok(match answered {
        Ok(()) => Done::Done(key),
        Err(status) => Done::Refused(visit.refused(&status)?),
    })
}

fn refused(visit: &Visit, why: &str) -> Done {
    Done::Refused(ui::alert(Tone::Bad, &visit.t.get("refused-title"), html! { p { (why) } }))
}
