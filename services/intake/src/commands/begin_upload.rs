//! Begins an upload session: everything that can be refused before a byte is sent is refused here.

use jiff::{SignedDuration, Timestamp};
use platform::{auth::Caller, db::Tx, refusal::Refusal};
use uuid::Uuid;

use super::{correction, locked};
use crate::{
    app::{App, DEPOSITS, TITLES, own},
    domain::{
        dossier::{PieceRefused, Purpose},
        upload::{Progress, check_name},
    },
    store::{
        uploads::{self, For, Session},
        verification,
    },
};

/// Sessions of one dossier that have not become pieces, begun in the last day.
const MOST_PENDING: u64 = 100;

/// What a candidate wants to send.
#[derive(Debug, Clone)]
pub struct BeginUpload<'a> {
    /// Kind of the piece to be; empty for a correction.
    pub kind: &'a str,
    /// Whole size, bytes.
    pub size: u64,
    /// Name of the file.
    pub name: &'a str,
    /// What for.
    pub purpose: Purpose,
    /// Which correction it answers.
    pub correction: Option<Uuid>,
}

/// Begins a candidate's session.
///
/// # Errors
/// Not the candidate's own, outside the window, or what could not become a piece.
pub async fn begin_upload(app: &App, caller: &Caller, id: Uuid, begin: BeginUpload<'_>) -> Result<Session, Refusal> {
    own(caller, id)?;
    let at = caller.received_at;
    let name = check_name(begin.name).map_err(|faults| {
        faults.list().iter().fold(Refusal::invalid("FILE_NAME_INVALID"), |r, f| r.field(f.field.clone(), f.why.clone()))
    })?;
    let mut tx = app.db.begin("begin_upload").await?;
    match begin.purpose {
        Purpose::Piece => app.windows.guard(&mut tx, DEPOSITS, at).await?,
        Purpose::Late => app.windows.guard(&mut tx, TITLES, at).await?,
        // A correction has an end of its own.
        Purpose::Correction => {}
    }
    let stored = locked(&mut tx, id).await?;
    let (kind, purpose) = match (begin.purpose, begin.correction) {
        (Purpose::Correction, Some(wanted)) => {
            let asked = correction(verification::corrections(tx.conn(), id).await?, wanted)?;
            asked.check(at)?;
            if !begin.kind.is_empty() && begin.kind != asked.kind {
                return Err(Refusal::invalid("PIECE_UNKNOWN")
                    .field("piece", "not the kind that was asked for")
                    .allowed([asked.kind]));
            }
            (asked.kind, For::Correction(wanted))
        }
        (Purpose::Correction, None) => {
            return Err(Refusal::invalid("CORRECTION_MISSING").field("correction_id", "which correction this answers"));
        }
        (purpose, _) => (begin.kind.to_owned(), For::Candidate(purpose)),
    };
    stored.dossier.admit(&kind, begin.size, begin.purpose, &app.catalogue).map_err(|refused| {
        let unknown = matches!(refused, PieceRefused::Kind(_));
        let refusal = Refusal::from(refused);
        match begin.purpose {
            Purpose::Late if unknown => refusal.allowed(app.catalogue.late_kinds()),
            _ if unknown => refusal.allowed(app.catalogue.candidate_kinds()),
            _ => refusal,
        }
    })?;
    let session = begun(&mut tx, id, kind, purpose, (name, begin.size), at).await?;
    tx.commit().await?;
    Ok(session)
}

/// Begins a session for the fiche, through the link (R11).
///
/// # Errors
/// A link that is unknown, used or revoked; outside the window; a dossier that is not open; a file too large.
pub async fn begin_fiche_upload(
    app: &App,
    at: Timestamp,
    link: &str,
    (name, size): (&str, u64),
) -> Result<Session, Refusal> {
    let invitation = super::mail::behind(app, link).await?;
    invitation.state.open()?;
    let kind = app.catalogue.fiche().ok_or_else(|| Refusal::internal("an invitation in a session without a fiche"))?;
    if size == 0 || size > kind.max_bytes {
        return Err(PieceRefused::Size { size, most: kind.max_bytes }.into());
    }
    let name = check_name(name)?;
    let mut tx = app.db.begin("begin_fiche_upload").await?;
    app.windows.guard(&mut tx, DEPOSITS, at).await?;
    let stored = locked(&mut tx, invitation.dossier).await?;
    stored.dossier.editable()?;
    let kind = kind.id.clone();
    let session = begun(&mut tx, invitation.dossier, kind, For::Fiche(invitation.id), (name, size), at).await?;
    tx.commit().await?;
    Ok(session)
}

async fn begun(
    tx: &mut Tx,
    dossier: Uuid,
    kind: String,
    purpose: For,
    (name, size): (String, u64),
    at: Timestamp,
) -> Result<Session, Refusal> {
    let since = at.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(at);
    if uploads::pending(tx.conn(), dossier, since).await? >= MOST_PENDING {
        return Err(Refusal::exhausted(
            "TOO_MANY_UPLOADS",
            "uploads",
            "too many uploads were begun and not finished today",
        ));
    }
    let progress = Progress { offset: 0, size };
    let session = Session { id: Uuid::new_v4(), dossier, kind, purpose, name, progress, committed: false };
    uploads::insert(tx, &session, at).await?;
    Ok(session)
}
