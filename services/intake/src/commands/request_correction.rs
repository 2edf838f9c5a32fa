//! Opens one piece of a closed dossier for a correction (R14).

use jiff::Timestamp;
use notice::Depositor;
use platform::{audit, auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::locked_for_school;
use crate::{
    app::App,
    domain::{
        text::Faults,
        verification::{self, Correction},
    },
    refusals::unknown_piece,
    store::{pieces, verification as rows},
};

/// Asks for `piece` again until `until`, itself out. The same request again answers with the same correction.
///
/// # Errors
/// Not staff of the dossier's school of choice 1, no such piece, one open already, or an end that does not lie ahead.
pub async fn request_correction(
    app: &App,
    caller: &Caller,
    school: &str,
    (id, piece): (Uuid, Uuid),
    until: Timestamp,
    reason: &str,
) -> Result<Correction, Refusal> {
    let at = caller.received_at;
    let mut faults = Faults::default();
    let reason = faults.lines("reason", reason, 1, 500);
    let reason = faults.or(reason)?;
    let mut tx = app.db.begin("request_correction").await?;
    locked_for_school(&mut tx, caller, school, id).await?;
    let found = pieces::find(tx.conn(), id, piece).await?.ok_or_else(|| unknown_piece(piece))?;
    // The candidate cannot answer for the person in charge of their studies.
    let candidates = app.catalogue.kind(&found.piece.kind).is_some_and(|k| k.by == Depositor::Candidate);
    if found.fiche || !candidates {
        return Err(Refusal::precondition(
            "NOT_THE_CANDIDATES",
            "piece",
            "this piece is not deposited by the candidate",
        ));
    }
    let others = rows::corrections(tx.conn(), id).await?;
    let same = |c: &&Correction| c.piece == piece && c.until == until && c.reason == reason && c.open(at);
    if let Some(already) = others.iter().find(same) {
        return Ok(already.clone());
    }
    let asked = Correction {
        id: Uuid::new_v4(),
        piece,
        kind: found.piece.kind,
        until,
        reason,
        requested_at: at,
        deposited: None,
    };
    let correction = verification::request(asked, &others, at)?;
    rows::insert_correction(&mut tx, id, &correction, &caller.subject).await?;
    let details = serde_json::json!({
        "dossier": id, "piece": piece, "school": school, "correction": correction.id, "until": until.to_string(),
    });
    audit::append(&mut tx, at, &caller.subject, "correction_requested", details).await?;
    tx.commit().await?;
    Ok(correction)
}
