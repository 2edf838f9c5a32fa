//! Results of the orals (R26): marks and absences, while the tables are open.

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Refused, Regulation};
use crate::{
    domain::{OralResult, candidature::Change, visible},
    store::{admission, candidatures, sealed},
};

/// What came of one exam, as told.
#[derive(Debug, Clone, Copy)]
pub struct AskedResult<'a> {
    /// The dossier.
    pub dossier: Uuid,
    /// The exam.
    pub exam: &'a str,
    /// The result.
    pub result: OralResult,
    /// Why it replaces another, if it does.
    pub correction: Option<&'a str>,
}

/// What became of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// It eliminates.
    pub eliminates: bool,
    /// It was there already.
    pub already: bool,
}

/// Records the result of one exam.
///
/// # Errors
/// Not a candidature, tables signed, admissibility not public yet, or see [`crate::domain::Candidature::record`].
pub async fn record_result(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    asked: AskedResult<'_>,
) -> Result<Recorded, Refused> {
    let AskedResult { dossier, exam, result, correction } = asked;
    admission::for_share(tx.conn()).await?.still_open()?;
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    let due = calendar::instant_of(tx.conn(), keys::ADMISSIBILITY_RESULTS).await?;
    if !visible(due, kept.released_at, at) {
        return Err(Refused::NotPublished);
    }
    let eliminates = result.eliminates(&regulation.orals);
    let before = kept.candidature.results.get(exam).copied();
    let (_, change) = kept.candidature.record(exam, result, &regulation.orals, correction.is_some())?;
    if change == Change::Same {
        return Ok(Recorded { eliminates, already: true });
    }
    candidatures::save_result(tx.conn(), dossier, exam, result, by, at).await?;
    let secret = json!({ "result": text(result), "before": before.map(text), "reason": correction });
    let action = if before.is_some() { "result_replaced" } else { "result_recorded" };
    sealed::audit(tx, at, by, action, json!({ "dossier": dossier, "exam": exam }), &secret).await?;
    Ok(Recorded { eliminates, already: false })
}

/// A result as sealed records hold it.
pub(super) fn text(result: OralResult) -> String {
    match result {
        OralResult::Marked(mark) => mark.to_string(),
        OralResult::Absent => "absent".into(),
    }
}
