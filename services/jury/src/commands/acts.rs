//! Acts of two people: one prepares, another confirms what the first saw (R18, R19).
//!
//! Preparing works the act out and keeps the digest of what it would do; confirming works it out again from the state
//! of that moment and carries it out only if the digest is still the same.

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    Covered, Refused, Regulation, annul, correct_admissibility, correct_mark, correct_table, grant_supernumerary,
    publish_admissibility, publish_admission, sign_admissibility, sign_admission,
};
use crate::{
    domain::{Act, ActKind, ActState, Member, Two, digest},
    store::{
        acts::{self, Stored, word},
        sealed,
    },
};

/// What is asked of two people, as it is kept until the second one comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// Sign every decision that is not signed.
    Admissibility {},
    /// Let the admissibility results go out at their instant.
    AdmissibilityPublication {},
    /// Correct one signed decision.
    AdmissibilityCorrection {
        /// The dossier.
        dossier: Uuid,
        /// The right verdict.
        admissible: bool,
        /// Determinations to set with it.
        determinations: Vec<AskedDetermination>,
    },
    /// Correct a result of the orals after the admission sign-off.
    MarkCorrection {
        /// The dossier.
        dossier: Uuid,
        /// The exam.
        exam: String,
        /// The right result.
        result: AskedResult,
    },
    /// Sign every table.
    Admission {},
    /// Let the admission results go out at their instant.
    AdmissionPublication {},
    /// Correct one signed table.
    TableCorrection {
        /// The school.
        school: String,
        /// The filière.
        filiere: String,
        /// The right table, best first.
        ranking: Vec<Uuid>,
    },
    /// A seat beyond the published number.
    Supernumerary {
        /// The dossier.
        dossier: Uuid,
        /// The school.
        school: String,
    },
    /// Nullity of a candidature.
    Annulment {
        /// The dossier.
        dossier: Uuid,
    },
}

/// A determination inside a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedDetermination {
    /// The school.
    pub school: String,
    /// Recevable there.
    pub recevable: bool,
    /// Why.
    pub reason: String,
}

/// A result inside a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedResult {
    /// A mark in hundredths.
    Hundredths(u32),
    /// Absent.
    Absent,
}

/// What a confirmation brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Signature number of the admission, 0 if it has none to do with it.
    pub signature: u64,
    /// Instant from which everyone sees it, for a publication.
    pub publish_at: Option<Timestamp>,
}

impl Asked {
    const fn kind(&self) -> ActKind {
        match self {
            Self::Admissibility {} => ActKind::Admissibility,
            Self::AdmissibilityPublication {} => ActKind::AdmissibilityPublication,
            Self::AdmissibilityCorrection { .. } => ActKind::AdmissibilityCorrection,
            Self::MarkCorrection { .. } => ActKind::MarkCorrection,
            Self::Admission {} => ActKind::Admission,
            Self::AdmissionPublication {} => ActKind::AdmissionPublication,
            Self::TableCorrection { .. } => ActKind::TableCorrection,
            Self::Supernumerary { .. } => ActKind::Supernumerary,
            Self::Annulment { .. } => ActKind::Annulment,
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Admissibility {} | Self::AdmissibilityPublication {} => "admissibility".into(),
            Self::Admission {} | Self::AdmissionPublication {} => "admission".into(),
            Self::TableCorrection { school, filiere, .. } => format!("{school}/{filiere}"),
            Self::AdmissibilityCorrection { dossier, .. }
            | Self::MarkCorrection { dossier, .. }
            | Self::Supernumerary { dossier, .. }
            | Self::Annulment { dossier } => dossier.to_string(),
        }
    }
}

/// An act worked out from the state of the moment: what it would do, and the digest of that.
enum Plan {
    Admissibility(sign_admissibility::Plan),
    AdmissibilityPublication(publish_admissibility::Plan),
    AdmissibilityCorrection(Box<correct_admissibility::Plan>),
    MarkCorrection(correct_mark::Plan),
    Admission(sign_admission::Plan),
    AdmissionPublication(publish_admission::Plan),
    TableCorrection(correct_table::Plan),
    Supernumerary(grant_supernumerary::Plan),
    Annulment(annul::Plan),
}

impl Plan {
    async fn of(
        tx: &mut Tx,
        regulation: &Regulation,
        at: Timestamp,
        asked: &Asked,
        reason: &str,
    ) -> Result<Self, Refused> {
        Ok(match asked {
            Asked::Admissibility {} => Self::Admissibility(sign_admissibility::plan(tx, at).await?),
            Asked::AdmissibilityPublication {} => {
                Self::AdmissibilityPublication(publish_admissibility::plan(tx).await?)
            }
            Asked::AdmissibilityCorrection { dossier, admissible, determinations } => Self::AdmissibilityCorrection(
                Box::new(correct_admissibility::plan(tx, *dossier, *admissible, determinations, reason).await?),
            ),
            Asked::MarkCorrection { dossier, exam, result } => {
                Self::MarkCorrection(correct_mark::plan(tx, regulation, *dossier, exam, *result).await?)
            }
            Asked::Admission {} => Self::Admission(sign_admission::plan(tx, regulation, at).await?),
            Asked::AdmissionPublication {} => {
                Self::AdmissionPublication(publish_admission::plan(tx, regulation).await?)
            }
            Asked::TableCorrection { school, filiere, ranking } => Self::TableCorrection(
                correct_table::plan(tx, regulation, (school.as_str(), filiere.as_str()), ranking.clone()).await?,
            ),
            Asked::Supernumerary { dossier, school } => {
                Self::Supernumerary(grant_supernumerary::plan(tx, regulation, at, *dossier, school).await?)
            }
            Asked::Annulment { dossier } => Self::Annulment(annul::plan(tx, *dossier).await?),
        })
    }

    /// Digest of the state that the act rests on and of what it makes of it.
    fn digest(&self) -> String {
        match self {
            Self::Admissibility(plan) => plan.digest(),
            Self::AdmissibilityPublication(plan) => plan.digest(),
            Self::AdmissibilityCorrection(plan) => plan.digest(),
            Self::MarkCorrection(plan) => plan.digest(),
            Self::Admission(plan) => plan.digest(),
            Self::AdmissionPublication(plan) => plan.digest(),
            Self::TableCorrection(plan) => plan.digest(),
            Self::Supernumerary(plan) => plan.digest(),
            Self::Annulment(plan) => plan.digest(),
        }
    }

    /// What the second person is shown.
    fn covered(&self) -> Covered {
        match self {
            Self::Admissibility(plan) => plan.covered(),
            Self::AdmissibilityPublication(plan) => plan.covered(),
            Self::AdmissibilityCorrection(plan) => plan.covered(),
            Self::MarkCorrection(plan) => plan.covered(),
            Self::Admission(plan) => plan.covered(),
            Self::AdmissionPublication(plan) => plan.covered(),
            Self::TableCorrection(plan) => plan.covered(),
            Self::Supernumerary(plan) => plan.covered(),
            Self::Annulment(plan) => plan.covered(),
        }
    }

    fn covers(&self) -> usize {
        match self {
            Self::Admissibility(plan) => plan.covers(),
            Self::AdmissibilityPublication(plan) => plan.covers(),
            Self::Admission(plan) => plan.covers(),
            _ => 1,
        }
    }

    async fn carry_out(self, tx: &mut Tx, at: Timestamp, two: &Two, act: Uuid) -> Result<Outcome, Refused> {
        match self {
            Self::Admissibility(plan) => plan.carry_out(tx, at, two).await,
            Self::AdmissibilityPublication(plan) => plan.carry_out(tx, at, two).await,
            Self::AdmissibilityCorrection(plan) => plan.carry_out(tx, at, two).await,
            Self::MarkCorrection(plan) => plan.carry_out(tx, at, two).await,
            Self::Admission(plan) => plan.carry_out(tx, at, two).await,
            Self::AdmissionPublication(plan) => plan.carry_out(tx, at, two).await,
            Self::TableCorrection(plan) => plan.carry_out(tx, at, two).await,
            Self::Supernumerary(plan) => plan.carry_out(tx, at, two, act).await,
            Self::Annulment(plan) => plan.carry_out(tx, at, two).await,
        }
    }
}

/// What the second person is shown the digest of: the act, its subject, its reason, and what it would do.
fn digest_of(asked: &Asked, reason: &str, plan: &Plan) -> Result<String, Refused> {
    if matches!(asked, Asked::Admission {}) {
        // The digest that `AdmissionSigned` carries, so that what was signed can be compared with what is computed.
        return Ok(plan.digest());
    }
    let asked = serde_json::to_string(asked).map_err(DbError::Json)?;
    Ok(digest::of([asked.as_str(), reason, plan.digest().as_str()]))
}

/// The first person prepares. Preparing exactly what waits already answers with it.
///
/// # Errors
/// Whatever keeps the act from being done now.
pub async fn prepare(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: Member,
    asked: Asked,
    reason: &str,
) -> Result<Stored, Refused> {
    let (kind, subject) = (asked.kind(), asked.subject());
    acts::lock(tx.conn(), kind, &subject).await?;
    let waiting = acts::waiting(tx.conn(), kind, &subject).await?;
    let plan = Plan::of(tx, regulation, at, &asked, reason).await?;
    let digest = digest_of(&asked, reason, &plan)?;
    if let Some(mut earlier) = waiting {
        if earlier.act.digest == digest && earlier.act.prepared_by == by {
            return Ok(earlier);
        }
        earlier.act.state = ActState::Replaced;
        acts::save(tx.conn(), &earlier).await?;
    }
    let stored = Stored {
        id: Uuid::new_v4(),
        seq: 0,
        subject,
        covers: u32::try_from(plan.covers()).unwrap_or(u32::MAX),
        reason: reason.into(),
        prepared_at: at,
        act: Act::prepare(kind, digest, by),
        asked,
        signature: 0,
        publish_at: None,
    };
    acts::insert(tx.conn(), &stored, &plan.covered()).await?;
    note(tx, at, &stored.act.prepared_by.subject, "act_prepared", &stored).await?;
    Ok(stored)
}

/// The second person confirms, and the act is done. The flag says that they had confirmed it before.
///
/// # Errors
/// See [`Act::confirm`], and whatever keeps the act from being done now.
pub async fn confirm(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: Member,
    id: Uuid,
    given: &str,
) -> Result<(Stored, bool), Refused> {
    let mut stored = acts::for_update(tx.conn(), id).await?.ok_or(Refused::NoAct)?;
    if stored.act.confirmed_by(&by.subject) && stored.act.digest == given {
        return Ok((stored, true));
    }
    stored.act.confirmable(&by, given)?;
    let plan = Plan::of(tx, regulation, at, &stored.asked, &stored.reason).await?;
    let now = digest_of(&stored.asked, &stored.reason, &plan)?;
    let (act, two) = stored.act.confirm(by, given, &now, at)?;
    stored.act = act;
    let outcome = plan.carry_out(tx, at, &two, id).await?;
    stored.signature = outcome.signature;
    stored.publish_at = outcome.publish_at;
    acts::save(tx.conn(), &stored).await?;
    note(tx, at, &two.confirmed().subject, "act_confirmed", &stored).await?;
    Ok((stored, false))
}

/// Takes a prepared act back.
///
/// # Errors
/// See [`Act::withdraw`].
pub async fn withdraw(tx: &mut Tx, at: Timestamp, by: &Member, id: Uuid) -> Result<Stored, Refused> {
    let mut stored = acts::for_update(tx.conn(), id).await?.ok_or(Refused::NoAct)?;
    let again = stored.act.state == ActState::Withdrawn;
    stored.act = stored.act.withdraw(by)?;
    if !again {
        acts::save(tx.conn(), &stored).await?;
        note(tx, at, &by.subject, "act_withdrawn", &stored).await?;
    }
    Ok(stored)
}

async fn note(tx: &mut Tx, at: Timestamp, by: &str, action: &'static str, stored: &Stored) -> Result<(), Refused> {
    let open = json!({
        "act": stored.id, "kind": word(stored.act.kind), "subject": stored.subject,
        "prepared_by": stored.act.prepared_by.subject, "covers": stored.covers, "signature": stored.signature,
    });
    let asked = serde_json::to_value(&stored.asked).map_err(DbError::Json)?;
    // The digest is sealed too: unsalted, and of few possibilities where one mark or one decision is corrected (R19).
    let secret = json!({ "asked": asked, "reason": stored.reason, "digest": stored.act.digest });
    sealed::audit(tx, at, by, action, open, &secret).await?;
    Ok(())
}
