//! A note of the school's own on a dossier that it verifies.

use contracts::roles;
use platform::{audit, auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{dossier::StateName, text::Faults},
    refusals::unknown_dossier,
    store::{
        dossiers,
        notes::{self, Note},
    },
};

/// Adds it, to a candidature that the jury annulled too: a note is no act on it. The same request again adds nothing:
/// the second value is true.
///
/// # Errors
/// Not staff of the dossier's school of choice 1, not closed, an unsound text, or an id that another note bears.
pub async fn add_note(
    app: &App,
    caller: &Caller,
    school: &str,
    id: Uuid,
    text: &str,
    request: Option<Uuid>,
) -> Result<(Note, bool), Refusal> {
    caller.require_unit(&[roles::STAFF], school)?;
    let mut faults = Faults::default();
    let text = faults.lines("text", text, 1, 2000);
    let text = faults.or(text)?;
    let at = caller.received_at;
    let mut tx = app.db.begin("add_note").await?;
    let dossier = dossiers::read(tx.conn(), id).await?.map(|s| s.dossier);
    dossier
        .filter(|d| d.state_name() == StateName::Closed && d.first_school() == Some(school))
        .ok_or_else(|| unknown_dossier(id))?;
    let note = Note { id: request.unwrap_or_else(Uuid::new_v4), author: caller.subject.clone(), at, text };
    if !notes::insert(&mut tx, (id, school), &note).await? {
        let there = notes::of(tx.conn(), id, school).await?.into_iter().find(|n| n.id == note.id);
        return match there.filter(|n| n.author == note.author && n.text == note.text) {
            Some(same) => Ok((same, true)),
            None => Err(Refusal::already_exists(
                "REQUEST_ID_USED",
                note.id.to_string(),
                "this id was given to another note; nothing was added",
            )),
        };
    }
    let details = serde_json::json!({ "dossier": id, "school": school, "note": note.id });
    audit::append(&mut tx, at, &caller.subject, "note_added", details).await?;
    tx.commit().await?;
    Ok((note, false))
}
