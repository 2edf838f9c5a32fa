//! What a system of the school records on a dossier (R14), as its staff do.

use contracts::intake as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::dossiers::{Correction, Note, OfDossier, Piece};
use crate::api::{
    Call, Trouble,
    input::params,
    operation::Operations,
    scope::Scope,
    types::{At, Id, Text},
};

pub fn operations() -> Operations {
    let write = Some(Scope::DossiersWrite);
    Operations::default()
        .post("checkPiece", "/dossiers/{dossier_id}/pieces/{piece_id}/verdict", write, check)
        .post("requestCorrection", "/dossiers/{dossier_id}/pieces/{piece_id}/corrections", write, correct)
        .post("recordVerdict", "/dossiers/{dossier_id}/verdict", write, verdict)
        .post("addNote", "/dossiers/{dossier_id}/notes", write, note)
}

/// Of which piece.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfPiece {
    /// Id of the dossier.
    #[param(inline)]
    pub dossier_id: Id,
    /// Id of the piece, as the dossier names it.
    #[param(inline)]
    pub piece_id: Id,
}
params!(OfPiece);

/// A piece, looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Checked {
    readable: bool,
}

async fn check(call: Call, of: OfPiece, body: Checked, _: String) -> Result<Piece, Trouble> {
    let verdict = if body.readable { wire::PieceVerdict::Ok } else { wire::PieceVerdict::Unreadable };
    let asked = wire::CheckPieceRequest {
        school: call.school(),
        dossier_id: of.dossier_id.to_string(),
        piece_id: of.piece_id.to_string(),
        verdict: verdict.into(),
    };
    Ok(call.intake().check_piece(asked).await?.into_inner().into())
}

/// A piece to be deposited again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Until when, itself out; after the receipt of this request.
    until: At,
    /// Shown to the candidate.
    reason: Text<500>,
}

async fn correct(call: Call, of: OfPiece, body: Asked, _: String) -> Result<Correction, Trouble> {
    let asked = wire::RequestCorrectionRequest {
        school: call.school(),
        dossier_id: of.dossier_id.to_string(),
        piece_id: of.piece_id.to_string(),
        until: Some(body.until.0.into()),
        reason: body.reason.0,
    };
    Ok(call.intake().request_correction(asked).await?.into_inner().into())
}

/// What a school may find.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Finding {
    Complete,
    CorrectionRequested,
    Incomplete,
}

/// The school's verdict.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Found {
    verdict: Finding,
    /// Kept beside it.
    note: Option<Text<1000>>,
}

/// When it was recorded.
#[derive(Debug, Serialize, ToSchema)]
struct Recorded {
    at: Option<At>,
    /// The same verdict stood already; nothing changed.
    already_applied: bool,
}

async fn verdict(call: Call, of: OfDossier, body: Found, _: String) -> Result<Recorded, Trouble> {
    let verdict = match body.verdict {
        Finding::Complete => wire::Verdict::Complete,
        Finding::CorrectionRequested => wire::Verdict::CorrectionRequested,
        Finding::Incomplete => wire::Verdict::Incomplete,
    };
    let asked = wire::RecordVerdictRequest {
        school: call.school(),
        dossier_id: of.dossier_id.to_string(),
        verdict: verdict.into(),
        note: body.note.map(|note| note.0).unwrap_or_default(),
    };
    let done = call.intake().record_verdict(asked).await?.into_inner();
    Ok(Recorded { at: At::of(done.at), already_applied: done.already_applied })
}

/// A note of the school's own, for its staff alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    text: Text<2000>,
}

async fn note(call: Call, of: OfDossier, body: Written, key: String) -> Result<Note, Trouble> {
    let asked = wire::AddNoteRequest {
        school: call.school(),
        dossier_id: of.dossier_id.to_string(),
        text: body.text.0,
        // Whatever becomes of this answer, the same key adds one note.
        request_id: call.made(&key).to_string(),
    };
    let done = call.intake().add_note(asked).await?.into_inner();
    Ok(done.note.ok_or_else(|| Trouble::internal("a note without itself"))?.into())
}
