//! A result of the orals, corrected by two people after the admission sign-off.

use jiff::Timestamp;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{AskedResult, Covered, Marked, Outcome, Refused, Regulation, record_result::text};
use crate::{
    domain::{self, Mark, OralResult, Two, candidature::Change, digest},
    store::{admission, candidatures, sealed},
};

/// A result that would replace another.
pub struct Plan {
    dossier: Uuid,
    exam: String,
    before: Option<OralResult>,
    after: OralResult,
}

/// Works it out.
///
/// # Errors
/// Not signed (marks are still open), nothing changed, or it would eliminate someone who stands on signed tables.
pub async fn plan(
    tx: &mut Tx,
    regulation: &Regulation,
    dossier: Uuid,
    exam: &str,
    result: AskedResult,
) -> Result<Plan, Refused> {
    let stand = admission::for_update(tx.conn()).await?;
    let number = stand.signed()?.number;
    let kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    let after = match result {
        AskedResult::Hundredths(hundredths) => OralResult::Marked(Mark::from_hundredths(hundredths)),
        AskedResult::Absent => OralResult::Absent,
    };
    let before = kept.candidature.results.get(exam).copied();
    let (_, change) = kept.candidature.record(exam, after, &regulation.orals, true)?;
    if change == Change::Same {
        return Err(domain::Refused::NothingToCorrect { dossier }.into());
    }
    if after.eliminates(&regulation.orals) {
        let ranks = admission::ranks(tx.conn(), number, dossier).await?;
        let tables: Vec<String> = ranks.into_iter().map(|(cell, _)| cell.to_string()).collect();
        if !tables.is_empty() {
            return Err(Refused::Ranked { dossier, tables });
        }
    }
    Ok(Plan { dossier, exam: exam.into(), before, after })
}

impl Plan {
    pub fn covered(&self) -> Covered {
        Covered {
            mark: Some(Marked::new(&self.exam, self.after)),
            mark_before: self.before.map(|before| Marked::new(&self.exam, before)),
            dossier: Some(self.dossier),
            ..Covered::default()
        }
    }

    pub fn digest(&self) -> String {
        let before = self.before.map(text).unwrap_or_default();
        digest::of([before.as_str(), text(self.after).as_str()])
    }

    pub async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two) -> Result<Outcome, Refused> {
        let by = &two.confirmed().subject;
        candidatures::save_result(tx.conn(), self.dossier, &self.exam, self.after, by, at).await?;
        let secret = json!({ "result": text(self.after), "before": self.before.map(text) });
        let open = json!({ "dossier": self.dossier, "exam": self.exam });
        sealed::audit(tx, at, by, "result_corrected", open, &secret).await?;
        Ok(Outcome::default())
    }
}
