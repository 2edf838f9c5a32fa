//! A school accepts or refuses a title piece (R34). The deposit's instant decided already whether it was in time.

use jiff::Timestamp;
use platform::{audit, db::Tx, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::{Regulation, outages::require_reason, receive_integration_dossier::seat_at, settle_titles};
use crate::{
    calendar::Calendar,
    domain::{candidature::Standing, titles::Review},
    refusals,
    store::{
        self, Kept,
        titles::{self, Deposited, Reviewed},
    },
};

/// The command.
#[derive(Debug, Clone)]
pub struct ReviewTitle {
    /// Whose.
    pub dossier: Uuid,
    /// Which piece of the session file.
    pub piece: String,
    /// What the school makes of it.
    pub review: Review,
    /// It was in the dossier at clôture already.
    pub in_closed_dossier: bool,
    /// The caller's school.
    pub unit: Option<String>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Records the review, and what follows from it.
///
/// # Errors
/// No such piece is required or deposited in time, the seat is not at the caller's school, or a definitive admission
/// would lose a piece.
pub async fn review(tx: &mut Tx, regulation: &Regulation, command: ReviewTitle) -> Result<Kept, Refusal> {
    if let Review::Refused(reason) = &command.review {
        require_reason(reason)?;
    }
    let kept = store::find_for_update(tx, command.dossier).await?.ok_or_else(refusals::no_candidature)?;
    let required = regulation.required_titles(&kept.filiere.0);
    if !required.contains(&command.piece) {
        let why = "not a title piece of this filière";
        return Err(Refusal::invalid("NOT_A_TITLE_PIECE").field("piece", why).allowed(required));
    }
    seat_at(&kept, command.unit.as_deref())?;
    if matches!(kept.candidature.standing, Standing::Admitted(_)) && command.review != Review::Accepted {
        let why = "every title was accepted and the admission is definitive; only the jury can annul it";
        return Err(Refusal::precondition("ADMISSION_DEFINITIVE", "candidature", why));
    }
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    let deadline = calendar.titles_due().unwrap_or(Timestamp::MAX);
    if command.in_closed_dossier {
        // One and the same deposit, however often it is reviewed.
        let piece_id = Uuid::new_v5(&command.dossier, command.piece.as_bytes());
        let piece = command.piece.clone();
        titles::keep(tx, &Deposited { dossier: command.dossier, piece, piece_id, at: kept.closed_at }).await?;
    }
    let latest = titles::latest(tx.conn(), command.dossier, &command.piece, deadline).await?;
    let Some(piece_id) = latest else {
        let why = "it was not deposited before the deadline";
        return Err(Refusal::precondition("PIECE_NOT_DEPOSITED", command.piece, why));
    };
    let reviewed = Reviewed { piece_id, review: &command.review, at: command.at, actor: &command.actor };
    titles::review(tx, &reviewed).await?;
    let accepted = command.review == Review::Accepted;
    let details =
        json!({ "dossier": command.dossier, "piece": command.piece, "piece_id": piece_id, "accepted": accepted });
    audit::append(tx, command.at, &command.actor, "title_reviewed", details).await?;
    let settled = settle_titles::settle_one(tx, regulation, command.dossier, command.at).await?;
    Ok(settled.unwrap_or(kept))
}
