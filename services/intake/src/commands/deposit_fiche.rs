//! The fiche d'appréciation arrives through its link (R11).

use contracts::roles;
use jiff::Timestamp;
use platform::{auth::Caller, refusal::Refusal};
use sha2::{Digest as _, Sha256};

use super::{commit_upload::kept, locked};
use crate::{
    app::{App, DEPOSITS},
    domain::{
        dossier::{Fiche, Piece, Purpose},
        referee::{FicheAnswers, InvitationState, LinkRefused},
    },
    refusals::unknown_upload,
    store::{
        pieces,
        referees::{self, FicheContent},
        uploads::{self, For, Session},
    },
    wire,
};

/// What is deposited.
#[derive(Debug, Clone)]
pub enum Deposit {
    /// The file of this upload session, with this SHA-256.
    File {
        /// The session.
        upload: uuid::Uuid,
        /// Of its content.
        sha256: [u8; 32],
    },
    /// Answers.
    Answers(FicheAnswers),
}

/// Proof of the deposit.
#[derive(Debug, Clone, Copy)]
pub struct FicheReceipt {
    /// When.
    pub deposited_at: Timestamp,
    /// SHA-256 of what was deposited.
    pub digest: [u8; 32],
    /// The same was deposited before.
    pub already_applied: bool,
}

/// Deposits. The same content again answers with the same receipt.
///
/// # Errors
/// A link that is unknown, used or revoked; outside the window; a dossier that is not open; a file that is not accepted.
pub async fn deposit_fiche(app: &App, caller: &Caller, link: &str, deposit: Deposit) -> Result<FicheReceipt, Refusal> {
    // A candidate who holds the link (it was sent to a friend) is still not the person in charge.
    if [roles::CANDIDATE, roles::MANDATE].contains(&caller.role.as_str()) {
        return Err(Refusal::denied(
            "ROLE_NOT_ALLOWED",
            "caller",
            "the fiche is deposited by the person it was asked of",
        ));
    }
    let at = caller.received_at;
    let invitation = super::mail::behind(app, link).await?;
    let digest = match &deposit {
        Deposit::File { sha256, .. } => *sha256,
        Deposit::Answers(answers) => digest(answers),
    };
    if let Err(refused) = invitation.state.open() {
        return already(app, invitation.dossier, digest, refused).await;
    }
    let file = match &deposit {
        Deposit::Answers(_) => None,
        Deposit::File { upload, sha256 } => {
            let session = session(app, *upload, invitation.id).await?;
            let (object, assembled) = kept(app, &session, *sha256).await?;
            Some((session, object, assembled))
        }
    };

    let mut tx = app.db.begin("deposit_fiche").await?;
    app.windows.guard(&mut tx, DEPOSITS, at).await?;
    let stored = locked(&mut tx, invitation.dossier).await?;
    let current = referees::lock(&mut tx, invitation.id).await?.unwrap_or(invitation);
    let used: InvitationState = match current.state.clone().used(at) {
        Ok(used) => used,
        Err(refused) => {
            tx.rollback().await?;
            return already(app, current.dossier, digest, refused).await;
        }
    };
    let fiche = Fiche { deposited_at: at, digest };
    stored.dossier.deposit_fiche(fiche)?;
    let content = match (deposit, file) {
        (Deposit::Answers(answers), _) => FicheContent::Answers(answers),
        (Deposit::File { .. }, Some((session, object, assembled))) => {
            let piece = Piece {
                id: session.id,
                kind: session.kind.clone(),
                name: session.name.clone(),
                size: assembled.size,
                sha256: assembled.sha256,
                media: assembled.media,
                deposited_at: at,
                purpose: Purpose::Piece,
                corrects: None,
                verdict: None,
                checked: None,
            };
            pieces::insert(&mut tx, session.dossier, &piece, &object, true).await?;
            if !uploads::commit(&mut tx, session.id, at).await? {
                return Err(unknown_upload(session.id));
            }
            FicheContent::File(piece.id)
        }
        (Deposit::File { upload, .. }, None) => return Err(unknown_upload(upload)),
    };
    referees::insert_fiche(&mut tx, current.dossier, current.id, &fiche, &content).await?;
    referees::set_state(&mut tx, current.id, &used).await?;
    tx.commit().await?;
    Ok(FicheReceipt { deposited_at: at, digest, already_applied: false })
}

async fn session(app: &App, upload: uuid::Uuid, invitation: uuid::Uuid) -> Result<Session, Refusal> {
    let mut conn = app.db.read().await?;
    let found = uploads::find(&mut conn, upload).await?;
    found.filter(|s| s.purpose == For::Fiche(invitation)).ok_or_else(|| unknown_upload(upload))
}

/// A used link answers a repeated deposit with its receipt, and anything else with what became of it.
async fn already(
    app: &App,
    dossier: uuid::Uuid,
    digest: [u8; 32],
    refused: LinkRefused,
) -> Result<FicheReceipt, Refusal> {
    if matches!(refused, LinkRefused::Used { .. }) {
        let mut conn = app.db.read().await?;
        if let Some((fiche, _)) = referees::fiche(&mut conn, dossier).await?
            && fiche.digest == digest
        {
            return Ok(FicheReceipt { deposited_at: fiche.deposited_at, digest, already_applied: true });
        }
    }
    Err(refused.into())
}

/// SHA-256 of answers: each with its length before it.
fn digest(answers: &FicheAnswers) -> [u8; 32] {
    let mut sha = Sha256::new();
    let fields = [
        answers.known_as.clone(),
        answers.rank.to_string(),
        answers.cohort.to_string(),
        wire::answers_out(answers).appreciation().as_str_name().to_owned(),
        answers.comment.clone(),
    ];
    for field in fields {
        sha.update((field.len() as u64).to_be_bytes());
        sha.update(field.as_bytes());
    }
    sha.finalize().into()
}
