//! The school's verdict on a closed dossier (R14).

use contracts::intake::DossierVerified;
use jiff::Timestamp;
use platform::{audit, auth::Caller, outbox, refusal::Refusal};
use uuid::Uuid;

use super::locked_for_school;
use crate::{
    app::App,
    domain::{text::Faults, verification::Verdict},
    store::{pieces, verification},
    wire,
};

/// Records it. The same verdict with the same note again changes nothing: the second value is true.
///
/// # Errors
/// Not staff of the dossier's school of choice 1, or a verdict that contradicts pieces or corrections.
pub async fn record_verdict(
    app: &App,
    caller: &Caller,
    school: &str,
    id: Uuid,
    verdict: Verdict,
    note: &str,
) -> Result<(Timestamp, bool), Refusal> {
    let at = caller.received_at;
    let mut faults = Faults::default();
    let note = faults.lines("note", note, 0, 1000);
    let note = faults.or(note)?;
    let mut tx = app.db.begin("record_verdict").await?;
    locked_for_school(&mut tx, caller, school, id).await?;
    if let Some((last, when, said)) = verification::last_verdict(tx.conn(), id).await?
        && last == verdict
        && said == note
    {
        return Ok((when, true));
    }
    let found: Vec<_> =
        pieces::of_all(tx.conn(), id).await?.into_iter().map(|p| (p.id, p.verdict, p.corrects)).collect();
    verdict.check(&found, &verification::corrections(tx.conn(), id).await?, at)?;
    let version = verification::record(&mut tx, id, verdict, &note, at, &caller.subject).await?;
    let told = wire::verdict_out(Some(verdict));
    let fact = DossierVerified {
        dossier_id: id.to_string(),
        school: school.to_owned(),
        verdict: told.into(),
        at: wire::instant(at),
    };
    outbox::append(&mut tx, &fact, version, at).await?;
    let details = serde_json::json!({ "dossier": id, "school": school, "verdict": told.as_str_name() });
    audit::append(&mut tx, at, &caller.subject, "dossier_verified", details).await?;
    tx.commit().await?;
    Ok((at, false))
}
