//! The closed dossiers that the school verifies (R14). The order of schools is nowhere in them, nor is the fiche: what a
//! person wrote in confidence is for the people who read the dossier (R11).

use contracts::intake as wire;
use notice::Depositor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::{
    Call, Trouble,
    cursor::{Cursor, Limit, Page},
    input::{None_, params},
    operation::Operations,
    scope::Scope,
    types::{At, Id, words},
};

pub fn operations() -> Operations {
    let read = Some(Scope::DossiersRead);
    Operations::default().list("listDossiers", "/dossiers", read, list).get(
        "getDossier",
        "/dossiers/{dossier_id}",
        read,
        one,
    )
}

words! {
    /// What the school that verifies found last.
    Verdict of wire::Verdict { Complete, CorrectionRequested, Incomplete, }
    /// What was found of one piece.
    PieceVerdict of wire::PieceVerdict { Ok, Unreadable, }
    /// How the fee was declared.
    FeeClaim of wire::FeeClaim { Transfer, Exemption, }
}

/// A dossier of a list.
#[derive(Debug, Serialize, ToSchema)]
struct Listed {
    dossier_id: String,
    number: u64,
    family_name: String,
    first_names: String,
    filiere: String,
    closed_at: Option<At>,
    /// Null until there is one.
    verdict: Option<Verdict>,
    /// Corrections asked for and not answered.
    open_corrections: u32,
    /// Another account bears the same name and birth date (R7).
    looks_alike: bool,
}

/// Which dossiers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    #[param(inline, required = false)]
    cursor: Option<Cursor>,
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// Only this filière, by its id in the session.
    #[param(max_length = 50)]
    filiere: Option<String>,
    /// Only those not verified yet.
    #[serde(default)]
    #[param(required = false)]
    unverified: bool,
    /// Only those with a correction that can still be answered.
    #[serde(default)]
    #[param(required = false)]
    open_corrections: bool,
}
params!(Which);

async fn list(call: Call, _: None_, which: Which) -> Result<Page<Listed>, Trouble> {
    let filiere = which.filiere.unwrap_or_default();
    super::known_filiere(&call, &filiere, true)?;
    let asked = wire::ListDossiersToVerifyRequest {
        school: call.school(),
        page_size: which.limit.0,
        page_token: which.cursor.map(|c| c.place(&call)).transpose()?.unwrap_or_default(),
        include_verified: !which.unverified,
        filiere,
        open_corrections_only: which.open_corrections,
        ..wire::ListDossiersToVerifyRequest::default()
    };
    let listed = call.intake().list_dossiers_to_verify(asked).await?.into_inner();
    let items = listed.dossiers.into_iter().map(|d| Listed {
        verdict: Verdict::of(d.verdict()),
        closed_at: At::of(d.closed_at),
        dossier_id: d.dossier_id,
        number: d.number,
        family_name: d.family_name,
        first_names: d.first_names,
        filiere: d.filiere,
        open_corrections: d.open_corrections,
        looks_alike: d.looks_alike,
    });
    Ok(Page::of(&call, items.collect(), &listed.next_page_token))
}

/// Of which dossier.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OfDossier {
    /// Id of the dossier, which is its candidate's.
    #[param(inline)]
    pub dossier_id: Id,
}
params!(OfDossier);

/// A closed dossier.
#[derive(Debug, Serialize, ToSchema)]
struct Dossier {
    dossier_id: String,
    number: u64,
    filiere: String,
    closed_at: Option<At>,
    /// When the jury annulled the candidature (R15).
    annulled_at: Option<At>,
    identity: Option<Identity>,
    title: Option<Title>,
    years: Vec<StudyYear>,
    /// Applies to the same formation by another route this year (R15).
    other_route_declared: bool,
    fee_claim: Option<FeeClaim>,
    /// With an exemption: the attestation's piece.
    attestation_piece_id: Option<String>,
    pieces: Vec<Piece>,
    corrections: Vec<Correction>,
    verdict: Option<Verdict>,
    verdict_at: Option<At>,
    verdict_note: String,
    notes: Vec<Note>,
}

/// Who the candidate is.
#[derive(Debug, Serialize, ToSchema)]
struct Identity {
    family_name: String,
    first_names: String,
    /// `YYYY-MM-DD`.
    birth_date: String,
    birth_place: String,
    /// ISO 3166-1 alpha-2.
    nationality: String,
    email: String,
    phone: String,
    postal_address: String,
}

/// What the candidate holds or prepares (R8).
#[derive(Debug, Serialize, ToSchema)]
struct Title {
    diploma: String,
    mention: String,
    equivalent_to: String,
}

/// A school year.
#[derive(Debug, Serialize, ToSchema)]
struct StudyYear {
    year: String,
    institution: String,
    formation: String,
    result: String,
}

/// A piece, without its content.
#[derive(Debug, Serialize, ToSchema)]
pub struct Piece {
    pub piece_id: String,
    /// Id in the session.
    pub piece: String,
    pub bytes: u64,
    /// Hexadecimal; also the content's `ETag`.
    pub sha256: String,
    pub media_type: String,
    pub deposited_at: Option<At>,
    pub verdict: Option<PieceVerdict>,
    pub checked_at: Option<At>,
    /// For a correction: the piece it corrects, which stays.
    pub corrects: Option<String>,
}

impl From<wire::Piece> for Piece {
    fn from(p: wire::Piece) -> Self {
        Self {
            verdict: PieceVerdict::of(p.verdict()),
            deposited_at: At::of(p.deposited_at),
            checked_at: At::of(p.checked_at),
            corrects: Some(p.corrects).filter(|id| !id.is_empty()),
            piece_id: p.piece_id,
            piece: p.piece,
            bytes: p.size,
            sha256: p.sha256,
            media_type: p.media_type,
        }
    }
}

/// A piece asked for again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    pub correction_id: String,
    pub piece_id: String,
    pub until: Option<At>,
    pub reason: String,
    pub requested_at: Option<At>,
    /// What answered it, once deposited.
    pub deposited_piece_id: Option<String>,
}

impl From<wire::Correction> for Correction {
    fn from(c: wire::Correction) -> Self {
        Self {
            until: At::of(c.until),
            requested_at: At::of(c.requested_at),
            deposited_piece_id: Some(c.deposited_piece_id).filter(|id| !id.is_empty()),
            correction_id: c.correction_id,
            piece_id: c.piece_id,
            reason: c.reason,
        }
    }
}

/// A note of the school's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    pub note_id: String,
    /// Subject of whoever wrote it; `system/…` for a token.
    pub author: String,
    pub at: Option<At>,
    pub text: String,
}

impl From<wire::Note> for Note {
    fn from(n: wire::Note) -> Self {
        Self { at: At::of(n.at), note_id: n.note_id, author: n.author, text: n.text }
    }
}

async fn one(call: Call, of: OfDossier, _: None_) -> Result<Dossier, Trouble> {
    let asked = wire::GetDossierForSchoolRequest { school: call.school(), dossier_id: of.dossier_id.to_string() };
    let mut dossier = call.intake().get_dossier_for_school(asked).await?.into_inner();
    dossier.pieces.retain(|p| for_systems(&call, &p.piece));
    Ok(dossier.into())
}

/// Whether a kind of piece is told to systems: what the person in charge of studies deposited is not (R11).
pub fn for_systems(call: &Call, piece: &str) -> bool {
    call.app.session.piece(piece).is_some_and(|kind| kind.by == Depositor::Candidate)
}

impl From<wire::SchoolDossier> for Dossier {
    fn from(d: wire::SchoolDossier) -> Self {
        Self {
            verdict: Verdict::of(d.verdict()),
            fee_claim: FeeClaim::of(d.fee_claim()),
            closed_at: At::of(d.receipt.as_ref().and_then(|r| r.closed_at)),
            annulled_at: At::of(d.annulled_at),
            verdict_at: At::of(d.verdict_at),
            identity: d.identity.map(|i| Identity {
                family_name: i.family_name,
                first_names: i.first_names,
                birth_date: i.birth_date,
                birth_place: i.birth_place,
                nationality: i.nationality,
                email: i.email,
                phone: i.phone,
                postal_address: i.postal_address,
            }),
            title: d.title.map(|t| Title { diploma: t.diploma, mention: t.mention, equivalent_to: t.equivalent_to }),
            years: d.studies.unwrap_or_default().years.into_iter().map(StudyYear::from).collect(),
            attestation_piece_id: Some(d.attestation_piece_id).filter(|id| !id.is_empty()),
            pieces: d.pieces.into_iter().map(Piece::from).collect(),
            corrections: d.corrections.into_iter().map(Correction::from).collect(),
            notes: d.notes.into_iter().map(Note::from).collect(),
            dossier_id: d.dossier_id,
            number: d.number,
            filiere: d.filiere,
            other_route_declared: d.other_route_declared,
            verdict_note: d.verdict_note,
        }
    }
}

impl From<wire::StudyYear> for StudyYear {
    fn from(y: wire::StudyYear) -> Self {
        Self { year: y.year, institution: y.institution, formation: y.formation, result: y.result }
    }
}
