//! The school's verdict on one piece (R14).

use platform::{audit, auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::locked_for_school;
use crate::{
    app::App,
    domain::{
        dossier::{Checked, Piece},
        verification::PieceVerdict,
    },
    refusals::unknown_piece,
    store::pieces,
};

/// Records it; the same verdict again changes nothing.
///
/// # Errors
/// Not staff of the dossier's school of choice 1, or no such piece.
pub async fn check_piece(
    app: &App,
    caller: &Caller,
    school: &str,
    (id, piece): (Uuid, Uuid),
    verdict: PieceVerdict,
) -> Result<Piece, Refusal> {
    let at = caller.received_at;
    let mut tx = app.db.begin("check_piece").await?;
    locked_for_school(&mut tx, caller, school, id).await?;
    let found = pieces::find(tx.conn(), id, piece).await?.ok_or_else(|| unknown_piece(piece))?;
    if found.piece.verdict == Some(verdict) {
        return Ok(found.piece);
    }
    let checked = Checked { at, by: caller.subject.clone() };
    pieces::set_verdict(&mut tx, piece, verdict, &checked).await?;
    let word = if verdict == PieceVerdict::Ok { "ok" } else { "unreadable" };
    let details = serde_json::json!({ "dossier": id, "piece": piece, "school": school, "verdict": word });
    audit::append(&mut tx, at, &caller.subject, "piece_checked", details).await?;
    tx.commit().await?;
    Ok(Piece { verdict: Some(verdict), checked: Some(checked), ..found.piece })
}
