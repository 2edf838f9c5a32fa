//! Results of the orals (R26): marks and absences, while the tables are open.

use std::collections::HashMap;

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::Tx};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{Named, Refused, Regulation};
use crate::{
    domain::{self, MarkInvalid, NamedBadly, OralResult, candidature::Change, visible},
    store::{
        admission,
        candidatures::{self, Kept},
        numbers, sealed,
    },
};

/// What came of one exam, as told.
#[derive(Debug, Clone)]
pub struct AskedResult<D> {
    /// The dossier.
    pub dossier: D,
    /// The exam.
    pub exam: String,
    /// The result.
    pub result: OralResult,
    /// Why it replaces another, if it does.
    pub correction: Option<String>,
}

/// What became of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// It eliminates.
    pub eliminates: bool,
    /// It was there already.
    pub already: bool,
}

/// What is wrong with one row of many.
#[derive(Debug, Clone, Error)]
pub enum RowFault {
    /// It names no dossier.
    #[error(transparent)]
    Named(#[from] NamedBadly),
    /// Its mark is none.
    #[error(transparent)]
    Mark(#[from] MarkInvalid),
    /// Both at once.
    #[error("absent and marked at once")]
    MarkAndAbsent,
    /// Its reason is no text.
    #[error("1 to {most} characters without control characters")]
    Correction {
        /// Most characters.
        most: usize,
    },
    /// No candidature.
    #[error("{given} is no candidature")]
    NoCandidature {
        /// As it was named.
        given: Named,
    },
    /// Its admissibility is not public yet (R19).
    #[error("its admissibility is not published yet")]
    NotPublished,
    /// Its candidature does not allow it.
    #[error(transparent)]
    Candidature(#[from] domain::Refused),
}

impl RowFault {
    /// The field it is in, if it is in one.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Named(_) => Some("dossier_id"),
            Self::Mark(_) | Self::MarkAndAbsent => Some("mark"),
            Self::Correction { .. } => Some("correction_reason"),
            Self::Candidature(domain::Refused::UnknownExam { .. }) => Some("exam"),
            Self::NoCandidature { .. } | Self::NotPublished | Self::Candidature(_) => None,
        }
    }
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
    asked: AskedResult<Uuid>,
) -> Result<Recorded, Refused> {
    let dossier = asked.dossier;
    admission::for_share(tx.conn()).await?.still_open()?;
    let mut kept = candidatures::for_update(tx.conn(), dossier).await?.ok_or(Refused::NoCandidature { dossier })?;
    let due = calendar::instant_of(tx.conn(), keys::ADMISSIBILITY_RESULTS).await?;
    match decide(&mut kept, regulation, &asked, due, at) {
        Ok(decided) => keep(tx, at, by, &asked, decided).await,
        Err(RowFault::Candidature(refused)) => Err(refused.into()),
        Err(_) => Err(Refused::NotPublished),
    }
}

/// Records many, all or nothing, one after the other: a later row of the same dossier and exam meets the earlier one.
///
/// # Errors
/// Tables signed, or every row with a fault.
pub async fn record_results(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    rows: Vec<Result<AskedResult<Named>, RowFault>>,
) -> Result<Vec<Recorded>, Refused> {
    admission::for_share(tx.conn()).await?.still_open()?;
    let named: Vec<Named> = rows.iter().flatten().map(|row| row.dossier).collect();
    let numbers = numbers::by_number(tx.conn(), &named).await?;
    let ids: Vec<Uuid> = named.iter().filter_map(|named| named.dossier(&numbers)).collect();
    let kept = candidatures::many_for_update(tx.conn(), &ids).await?;
    let mut known: HashMap<Uuid, Kept> = kept.into_iter().map(|k| (k.candidature.dossier, k)).collect();
    let due = calendar::instant_of(tx.conn(), keys::ADMISSIBILITY_RESULTS).await?;
    let (mut faults, mut decided) = (Vec::new(), Vec::with_capacity(rows.len()));
    for (line, row) in rows.into_iter().enumerate() {
        let outcome = row.and_then(|row| {
            let kept = row.dossier.dossier(&numbers).and_then(|dossier| known.get_mut(&dossier));
            let kept = kept.ok_or(RowFault::NoCandidature { given: row.dossier })?;
            let AskedResult { exam, result, correction, .. } = row;
            let asked = AskedResult { dossier: kept.candidature.dossier, exam, result, correction };
            let outcome = decide(kept, regulation, &asked, due, at)?;
            Ok((asked, outcome))
        });
        match outcome {
            Ok(one) => decided.push(one),
            Err(fault) => faults.push((line, fault)),
        }
    }
    if !faults.is_empty() {
        return Err(Refused::Rows(faults));
    }
    let mut recorded = Vec::with_capacity(decided.len());
    for (asked, outcome) in decided {
        recorded.push(keep(tx, at, by, &asked, outcome).await?);
    }
    Ok(recorded)
}

/// A result that may stand, and what it replaces.
struct Decided {
    recorded: Recorded,
    before: Option<OralResult>,
}

fn decide(
    kept: &mut Kept,
    regulation: &Regulation,
    asked: &AskedResult<Uuid>,
    due: Option<Timestamp>,
    at: Timestamp,
) -> Result<Decided, RowFault> {
    if !visible(due, kept.released_at, at) {
        return Err(RowFault::NotPublished);
    }
    let AskedResult { exam, result, correction, .. } = asked;
    let before = kept.candidature.results.get(exam).copied();
    let candidature = kept.candidature.clone();
    let (candidature, change) = candidature.record(exam, *result, &regulation.orals, correction.is_some())?;
    kept.candidature = candidature;
    let eliminates = result.eliminates(&regulation.orals);
    Ok(Decided { recorded: Recorded { eliminates, already: change == Change::Same }, before })
}

async fn keep(
    tx: &mut Tx,
    at: Timestamp,
    by: &str,
    asked: &AskedResult<Uuid>,
    Decided { recorded, before }: Decided,
) -> Result<Recorded, Refused> {
    if recorded.already {
        return Ok(recorded);
    }
    let AskedResult { dossier, exam, result, correction } = asked;
    candidatures::save_result(tx.conn(), *dossier, exam, *result, by, at).await?;
    let secret = json!({ "result": text(*result), "before": before.map(text), "reason": correction });
    let action = if before.is_some() { "result_replaced" } else { "result_recorded" };
    sealed::audit(tx, at, by, action, json!({ "dossier": dossier, "exam": exam }), &secret).await?;
    Ok(recorded)
}

/// A result as sealed records hold it.
pub(super) fn text(result: OralResult) -> String {
    match result {
        OralResult::Marked(mark) => mark.to_string(),
        OralResult::Absent => "absent".into(),
    }
}
