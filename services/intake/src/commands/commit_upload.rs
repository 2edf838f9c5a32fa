//! Ends an upload session: the file becomes a piece, once and for good.

use super::{correction, locked};
use crate::{
    app::{App, DEPOSITS, TITLES},
    domain::dossier::{Piece, Purpose},
    files::Assembled,
    refusals::{unknown_piece, unknown_upload},
    store::{
        dossiers, pieces,
        uploads::{self, For, Session},
        verification,
    },
    wire,
};
use platform::{auth::Caller, outbox, refusal::Refusal};

/// Commits. Repeated, it answers with the same piece: the second value is true.
///
/// # Errors
/// Not the candidate's own, bytes missing, another digest, content that is not accepted, outside the window, or a state
/// that takes no such piece.
pub async fn commit_upload(
    app: &App,
    caller: &Caller,
    upload: &str,
    sha256: [u8; 32],
) -> Result<(Piece, bool), Refusal> {
    let session = super::authorised(app, caller, upload, "").await?;
    let purpose = match session.purpose {
        For::Candidate(purpose) => purpose,
        For::Correction(_) => Purpose::Correction,
        // `authorised` lets nobody through without the link.
        For::Fiche(_) => return Err(unknown_upload(session.id)),
    };
    if session.committed {
        return again(app, &session, sha256).await;
    }
    let (object, file) = kept(app, &session, sha256).await?;

    let at = caller.received_at;
    let mut tx = app.db.begin("commit_upload").await?;
    match purpose {
        Purpose::Piece => app.windows.guard(&mut tx, DEPOSITS, at).await?,
        Purpose::Late => app.windows.guard(&mut tx, TITLES, at).await?,
        Purpose::Correction => {}
    }
    let stored = locked(&mut tx, session.dossier).await?;
    let now = uploads::find(tx.conn(), session.id).await?.ok_or_else(|| unknown_upload(session.id))?;
    if now.committed {
        tx.rollback().await?;
        return again(app, &session, sha256).await;
    }
    let asked = match session.purpose {
        For::Correction(id) => Some(
            correction(verification::corrections(tx.conn(), session.dossier).await?, id)?.answered(session.id, at)?,
        ),
        _ => None,
    };
    let piece = Piece {
        id: session.id,
        kind: session.kind.clone(),
        name: session.name.clone(),
        size: file.size,
        sha256: file.sha256,
        media: file.media,
        deposited_at: at,
        purpose,
        corrects: asked.as_ref().map(|c| c.piece),
        verdict: None,
        checked: None,
    };
    stored.dossier.add_piece(piece.clone(), &app.catalogue)?;
    pieces::insert(&mut tx, session.dossier, &piece, &object, false).await?;
    if let Some(asked) = asked {
        verification::answer_correction(&mut tx, asked.id, piece.id).await?;
    }
    if !uploads::commit(&mut tx, session.id, at).await? {
        return Err(unknown_upload(session.id));
    }
    // A late piece, or the correction of one, is what those who wait for titles wait for.
    let told = match purpose {
        Purpose::Late => true,
        Purpose::Correction => app.catalogue.kind(&piece.kind).is_some_and(|k| k.late()),
        Purpose::Piece => false,
    };
    if told {
        let version = dossiers::bump(&mut tx, session.dossier).await?;
        outbox::append(&mut tx, &wire::late_piece(session.dossier, &piece), version, at).await?;
    }
    tx.commit().await?;
    Ok((piece, false))
}

/// The file of a complete session, put together and created as an object, durably and before any transaction: a crash
/// after this leaves an object that the repeated command finds again, or in time the sweep.
///
/// # Errors
/// Bytes missing, another digest, or content that is not accepted.
pub(super) async fn kept(app: &App, session: &Session, sha256: [u8; 32]) -> Result<(String, Assembled), Refusal> {
    if !session.progress.complete() {
        let why = format!("{} of {} bytes have arrived", session.progress.offset, session.progress.size);
        let offset = session.progress.offset.to_string();
        return Err(Refusal::precondition("UPLOAD_INCOMPLETE", "upload", why).with("offset", offset));
    }
    let parts = {
        let mut conn = app.db.read().await?;
        uploads::parts(&mut conn, session.id).await?
    };
    let file = app.files.assemble(&parts).await?;
    if file.sha256 != sha256 {
        return Err(Refusal::invalid("DIGEST_MISMATCH").field("sha256", "not the digest of the bytes that arrived"));
    }
    let accepted = app.catalogue.kind(&session.kind).map(|k| k.formats.as_slice()).unwrap_or_default();
    if !accepted.contains(&file.media) {
        return Err(Refusal::invalid("FILE_TYPE_REFUSED")
            .field("content", format!("{} is not accepted for this piece", file.media.mime()))
            .allowed(accepted.iter().map(|m| m.mime())));
    }
    let object = app.files.create_piece(session.dossier, session.id, file.payload.clone()).await?;
    Ok((object, file))
}

async fn again(app: &App, session: &Session, sha256: [u8; 32]) -> Result<(Piece, bool), Refusal> {
    let mut conn = app.db.read().await?;
    let found = pieces::find(&mut conn, session.dossier, session.id).await?;
    let piece = found.ok_or_else(|| unknown_piece(session.id))?.piece;
    if piece.sha256 == sha256 {
        return Ok((piece, true));
    }
    Err(Refusal::invalid("DIGEST_MISMATCH").field("sha256", "this upload became a piece with another digest"))
}
