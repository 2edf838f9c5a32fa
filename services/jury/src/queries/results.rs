//! Results as candidates and schools read them (R19).
//!
//! Before the instant and the confirmation, whatever is asked about whomever has the same answer after the same work:
//! every statement runs before anything is decided, and the refusal depends on none of them.

use contracts::jury;
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, refusal::Refusal};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::Regulation,
    domain::{Candidature, publication::publish_at, visible},
    store::{admission, candidatures},
    wire,
};

/// Who reads.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    /// The candidate, someone with a mandate, or the jury.
    Cleared,
    /// Staff of one school: only what concerns it.
    School(&'a str),
}

impl Reader<'_> {
    fn may_read(self, candidature: &Candidature) -> Result<(), Refusal> {
        match self {
            Self::School(school) if candidature.application(school).is_err() => {
                Err(Refusal::denied("UNIT_NOT_ALLOWED", "caller", "this candidate does not apply to your school"))
            }
            _ => Ok(()),
        }
    }
}

fn unknown(dossier: Uuid) -> Refusal {
    Refusal::not_found("NO_CANDIDATURE", format!("dossier/{dossier}"), "this dossier is no candidature")
}

/// The admissibility result of one dossier.
///
/// # Errors
/// `NOT_PUBLISHED` before the instant or the confirmation.
pub async fn admissibility(
    conn: &mut PgConnection,
    reader: Reader<'_>,
    dossier: Uuid,
    at: Timestamp,
) -> Result<jury::AdmissibilityResult, Refusal> {
    let due = calendar::instant_of(conn, keys::ADMISSIBILITY_RESULTS).await?;
    let stand = admission::admissibility(conn).await?;
    let kept = candidatures::load(conn, Some(&[dossier])).await?.pop();
    let (Some(due), Some(_)) = (due, stand.released_at.filter(|_| visible(due, stand.released_at, at))) else {
        return Err(wire::not_published());
    };
    let kept = kept.ok_or_else(|| unknown(dossier))?;
    let candidature = &kept.candidature;
    reader.may_read(candidature)?;
    let mut result = jury::AdmissibilityResult {
        dossier_id: dossier.to_string(),
        first_school: candidature.first_school.clone(),
        annulled: candidature.annulled,
        ..jury::AdmissibilityResult::default()
    };
    if candidature.annulled {
        return Ok(result);
    }
    let Some(released) = kept.released_at.filter(|_| visible(Some(due), kept.released_at, at)) else {
        return Err(wire::not_published());
    };
    result.published_at = Some(publish_at(due, released).into());
    result.admissible = candidature.admissible();
    if result.admissible {
        result.recevable_schools = candidature.recevable_schools();
    }
    if let Reader::School(school) = reader {
        result.admissible &= result.recevable_schools.iter().any(|s| s == school);
        result.recevable_schools.retain(|s| s == school);
        result.first_school = String::new();
    }
    Ok(result)
}

/// Marks and ranks of one dossier.
///
/// # Errors
/// `NOT_PUBLISHED` before the instant or the confirmation.
pub async fn result(
    conn: &mut PgConnection,
    regulation: &Regulation,
    reader: Reader<'_>,
    dossier: Uuid,
    at: Timestamp,
) -> Result<jury::Result, Refusal> {
    let due = calendar::instant_of(conn, keys::ADMISSION_RESULTS).await?;
    let stand = admission::read(conn).await?;
    let signature = stand.signature();
    let kept = candidatures::load(conn, Some(&[dossier])).await?.pop();
    let ranks = admission::ranks(conn, signature.map_or(0, |s| s.number), dossier).await?;
    if !visible(due, signature.and_then(|s| s.released_at), at) {
        return Err(wire::not_published());
    }
    let kept = kept.ok_or_else(|| unknown(dossier))?;
    reader.may_read(&kept.candidature)?;
    let outcome = wire::outcome_of(&kept.candidature, !ranks.is_empty(), &regulation.orals);
    let mut ranks: Vec<jury::Rank> =
        ranks.into_iter().map(|(cell, rank)| jury::Rank { school: cell.school, filiere: cell.filiere, rank }).collect();
    let mut exams = wire::exam_results(&kept.candidature, &regulation.orals);
    if let Reader::School(school) = reader {
        ranks.retain(|r| r.school == school);
        exams.clear();
    }
    Ok(jury::Result { dossier_id: dossier.to_string(), outcome: outcome.into(), exams, ranks })
}
