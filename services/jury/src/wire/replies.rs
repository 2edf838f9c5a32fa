//! Replies.

use contracts::jury;
use uuid::Uuid;

use super::reasons;
use crate::{
    domain::{
        ActKind, ActState, Candidature, Cell, Decision, Incomplete, OralResult, OralRules, Reading, Refused, Standing,
    },
    store::{acts::Stored, listing::Listed},
};

/// A kind of act.
#[must_use]
const fn act_kind(kind: ActKind) -> jury::ActKind {
    match kind {
        ActKind::Admissibility => jury::ActKind::Admissibility,
        ActKind::AdmissibilityPublication => jury::ActKind::AdmissibilityPublication,
        ActKind::AdmissibilityCorrection => jury::ActKind::AdmissibilityCorrection,
        ActKind::MarkCorrection => jury::ActKind::MarkCorrection,
        ActKind::Admission => jury::ActKind::Admission,
        ActKind::AdmissionPublication => jury::ActKind::AdmissionPublication,
        ActKind::TableCorrection => jury::ActKind::TableCorrection,
        ActKind::Supernumerary => jury::ActKind::Supernumerary,
        ActKind::Annulment => jury::ActKind::Annulment,
    }
}

/// An act.
#[must_use]
pub fn act(stored: &Stored) -> jury::Act {
    let (state, confirmed) = match &stored.act.state {
        ActState::Prepared => (jury::ActState::Prepared, None),
        ActState::Confirmed { by, at } => (jury::ActState::Confirmed, Some((by, *at))),
        ActState::Replaced => (jury::ActState::Replaced, None),
        ActState::Withdrawn => (jury::ActState::Withdrawn, None),
    };
    jury::Act {
        act_id: stored.id.to_string(),
        kind: act_kind(stored.act.kind).into(),
        state: state.into(),
        subject: stored.subject.clone(),
        digest: stored.act.digest.clone(),
        count: stored.covers,
        prepared_by: stored.act.prepared_by.subject.clone(),
        prepared_at: Some(stored.prepared_at.into()),
        confirmed_by: confirmed.map(|(by, _)| by.subject.clone()).unwrap_or_default(),
        confirmed_at: confirmed.map(|(_, at)| at.into()),
        reason: stored.reason.clone(),
    }
}

/// A candidature as the jury sees it.
#[must_use]
pub fn candidature(listed: &Listed, rules: &OralRules) -> jury::Candidature {
    let candidature = &listed.candidature;
    let (decision, verdict) = match &candidature.decision {
        Decision::Undecided => (jury::DecisionState::Undecided, None),
        Decision::Draft(verdict) => (jury::DecisionState::Draft, Some(verdict)),
        Decision::Signed(verdict) => (jury::DecisionState::Signed, Some(verdict)),
    };
    let schools = candidature.schools.iter().map(|a| {
        let (table, row) = listed.sources.get(&a.school).cloned().unwrap_or_default();
        let recevabilite = match a.reading {
            None => "",
            Some(Reading::Open) => "OPEN",
            Some(Reading::Closed) => "CLOSED",
            Some(Reading::ForJury) => "FOR_JURY",
        };
        let standing = match a.standing() {
            Standing::Undetermined => jury::Standing::Undetermined,
            Standing::Recevable => jury::Standing::Recevable,
            Standing::NotRecevable => jury::Standing::NotRecevable,
        };
        jury::SchoolStanding {
            school: a.school.clone(),
            recevabilite: recevabilite.into(),
            table,
            row,
            standing: standing.into(),
            reason: a.determination.as_ref().map(|d| d.reason.clone()).unwrap_or_default(),
        }
    });
    let opinions = listed.opinions.iter().map(|o| jury::Opinion {
        author: o.author.clone(),
        text: o.text.clone(),
        favourable: o.favourable,
        at: Some(o.at.into()),
    });
    let readers = listed.readers.iter().map(|reader| jury::Reader {
        subject: reader.subject.clone(),
        label: reader.label.clone(),
        opinion_given: listed.opinions.iter().any(|opinion| opinion.author == reader.subject),
    });
    let conflicts = listed.conflicts.iter().map(|conflict| jury::Conflict {
        subject: conflict.who.subject.clone(),
        label: conflict.who.label.clone(),
        reason: conflict.reason.clone(),
        at: Some(conflict.at.into()),
    });
    jury::Candidature {
        dossier_id: candidature.dossier.to_string(),
        number: listed.number,
        filiere: candidature.filiere.clone(),
        diploma: listed.diploma.clone(),
        mention: listed.mention.clone(),
        equivalent_to: listed.equivalent_to.clone(),
        first_school: candidature.first_school.clone(),
        schools: schools.collect(),
        fee: listed.fee.clone(),
        verification: listed.verification.clone(),
        other_route_declared: listed.other_route_declared,
        other_routes: listed.other_routes.clone(),
        opinions: opinions.collect(),
        decision: decision.into(),
        admissible: verdict.is_some_and(|v| v.admissible),
        decision_reason: verdict.map(|v| v.reason.clone()).unwrap_or_default(),
        annulled: candidature.annulled,
        exams: exam_results(candidature, rules),
        eliminated: candidature.eliminated_by(rules).is_some(),
        closed_at: Some(listed.closed_at.into()),
        readers: readers.collect(),
        conflicts: conflicts.collect(),
    }
}

/// Results of the orals, in the session's order of exams.
#[must_use]
pub fn exam_results(candidature: &Candidature, rules: &OralRules) -> Vec<jury::ExamResult> {
    let known = rules.exams.iter().filter_map(|exam| candidature.results.get(exam).map(|r| (exam, *r)));
    known.map(|(exam, result)| exam_result(exam, result, rules)).collect()
}

/// What came of one exam.
#[must_use]
pub fn exam_result(exam: &str, result: OralResult, rules: &OralRules) -> jury::ExamResult {
    jury::ExamResult {
        exam: exam.to_owned(),
        mark: match result {
            OralResult::Marked(mark) => mark.to_string(),
            OralResult::Absent => String::new(),
        },
        absent: result == OralResult::Absent,
        eliminates: result.eliminates(rules),
    }
}

/// What a candidature came to, once the admission results are public.
#[must_use]
pub fn outcome_of(candidature: &Candidature, ranked: bool, rules: &OralRules) -> jury::Outcome {
    if candidature.annulled {
        jury::Outcome::Annulled
    } else if !candidature.admissible() {
        jury::Outcome::NotAdmissible
    } else if candidature.eliminated_by(rules).is_some() {
        jury::Outcome::Eliminated
    } else if ranked {
        jury::Outcome::Ranked
    } else {
        jury::Outcome::NotRetained
    }
}

/// A table, signed or draft.
#[must_use]
pub fn table(cell: Cell, ranking: Option<&Vec<Uuid>>, signature: u64) -> jury::Table {
    jury::Table {
        school: cell.school,
        filiere: cell.filiere,
        dossier_ids: ranking.into_iter().flatten().map(ToString::to_string).collect(),
        signed: signature > 0,
        signature,
        submitted: ranking.is_some(),
    }
}

/// What is missing for a sign-off, all of it.
#[must_use]
pub fn missing(unready: Vec<Refused>, incomplete: Vec<Incomplete>) -> Vec<jury::Missing> {
    let unready = unready.into_iter().map(|fault| {
        let subject = match &fault {
            Refused::Undecided { dossier }
            | Refused::Undetermined { dossier, .. }
            | Refused::NotRecevableAnywhere { dossier } => dossier.to_string(),
            _ => String::new(),
        };
        jury::Missing { subject, why: Some(reasons::candidature(&fault)), position: 0 }
    });
    let incomplete = incomplete.into_iter().map(|fault| {
        let subject = match &fault {
            Incomplete::NoTable { cell, .. } | Incomplete::Fault { cell, .. } => cell.to_string(),
            Incomplete::NoResult { dossier, .. } => dossier.to_string(),
        };
        let position = match &fault {
            Incomplete::Fault { position, .. } => u32::try_from(*position).unwrap_or(u32::MAX),
            _ => 0,
        };
        jury::Missing { subject, why: Some(reasons::incomplete(&fault)), position }
    });
    unready.chain(incomplete).collect()
}
