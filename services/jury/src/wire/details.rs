//! Acts in detail, and minutes.

use std::collections::HashMap;

use contracts::jury;
use uuid::Uuid;

use super::act;
use crate::{
    commands::{AskedResult, Covered, Decided, Marked, Ranked},
    domain::{Mark, OralResult, OralRules},
    queries::minutes,
    store::{
        acts::Stored,
        numbers::Label,
        seats::{self, Moved},
    },
};

/// What numbers and nullity are looked up in.
pub struct Labels(HashMap<Uuid, Label>);

impl Labels {
    /// Over those.
    #[must_use]
    pub const fn new(labels: HashMap<Uuid, Label>) -> Self {
        Self(labels)
    }

    fn number(&self, dossier: Uuid) -> u64 {
        self.0.get(&dossier).map(|label| label.number).unwrap_or_default()
    }

    /// A dossier with its number.
    #[must_use]
    pub fn dossier(&self, dossier: Uuid) -> jury::RankedDossier {
        jury::RankedDossier { dossier_id: dossier.to_string(), number: self.number(dossier) }
    }

    fn decision(&self, decided: Decided) -> jury::DecisionItem {
        let found = decided.determinations.into_iter();
        jury::DecisionItem {
            dossier_id: decided.dossier.to_string(),
            number: self.number(decided.dossier),
            filiere: decided.filiere,
            first_school: decided.first_school,
            admissible: decided.admissible,
            reason: decided.reason,
            recevable_schools: decided.recevable,
            determinations: found
                .map(|(school, recevable, reason)| jury::Determination { school, recevable, reason })
                .collect(),
            annulled: self.0.get(&decided.dossier).is_some_and(|label| label.annulled),
        }
    }

    fn decisions(&self, decisions: Vec<Decided>) -> Vec<jury::DecisionItem> {
        let mut items: Vec<_> = decisions.into_iter().map(|decided| self.decision(decided)).collect();
        items.sort_by_key(|item| item.number);
        items
    }

    fn table(&self, ranked: Ranked) -> jury::TableItem {
        let dossiers = ranked.dossiers.into_iter().map(|dossier| self.dossier(dossier)).collect();
        jury::TableItem { school: ranked.school, filiere: ranked.filiere, dossiers }
    }
}

fn mark(marked: Marked, rules: &OralRules) -> jury::ExamResult {
    let result = match marked.result {
        AskedResult::Hundredths(hundredths) => OralResult::Marked(Mark::from_hundredths(hundredths)),
        AskedResult::Absent => OralResult::Absent,
    };
    super::exam_result(&marked.exam, result, rules)
}

/// An act with what it covers.
#[must_use]
pub fn detail(stored: &Stored, covered: Covered, labels: &Labels, rules: &OralRules) -> jury::ActDetail {
    jury::ActDetail {
        act: Some(act(stored)),
        signature: if stored.signature > 0 { stored.signature } else { covered.signature },
        publish_at: stored.publish_at.map(Into::into),
        decisions: labels.decisions(covered.decisions),
        decision_before: covered.decision_before.map(|decided| labels.decision(decided)),
        tables: covered.tables.into_iter().map(|ranked| labels.table(ranked)).collect(),
        table_before: covered.table_before.map(|ranked| labels.table(ranked)),
        mark: covered.mark.map(|marked| mark(marked, rules)),
        mark_before: covered.mark_before.map(|marked| mark(marked, rules)),
        dossier: covered.dossier.map(|dossier| labels.dossier(dossier)),
        seat: covered.seat.map(|(school, filiere)| jury::Cell { school, filiere }),
    }
}

/// Minutes of the admissibility.
#[must_use]
pub fn admissibility_minutes(minutes: minutes::Admissibility, labels: &Labels, rules: &OralRules) -> jury::Minutes {
    let mut counts = jury::DecisionCounts::default();
    for (decided, annulled) in &minutes.decisions {
        let count = match (annulled, decided.admissible) {
            (true, _) => &mut counts.annulled,
            (false, true) => &mut counts.admissible,
            (false, false) => &mut counts.rejected,
        };
        *count += 1;
    }
    let decisions = minutes.decisions.into_iter().map(|(decided, _)| decided).collect();
    jury::Minutes {
        stage: jury::Stage::Admissibility.into(),
        decisions: labels.decisions(decisions),
        counts: Some(counts),
        ..acts(minutes.acts, labels, rules)
    }
}

/// Minutes of the admission.
#[must_use]
pub fn admission_minutes(minutes: minutes::Admission, labels: &Labels, rules: &OralRules) -> jury::Minutes {
    jury::Minutes {
        stage: jury::Stage::Admission.into(),
        signature: minutes.signature,
        digest: minutes.digest,
        signed_at: minutes.signed_at.map(Into::into),
        tables: minutes.tables.into_iter().map(|ranked| labels.table(ranked)).collect(),
        seats: minutes.seats.into_iter().map(cell_seats).collect(),
        transfers: minutes.transfers.into_iter().map(seat_transfer).collect(),
        supernumeraries: details(minutes.supernumeraries, labels, rules),
        ..acts(minutes.acts, labels, rules)
    }
}

fn acts(acts: minutes::Acts, labels: &Labels, rules: &OralRules) -> jury::Minutes {
    jury::Minutes {
        sign_offs: details(acts.sign_offs, labels, rules),
        publications: details(acts.publications, labels, rules),
        corrections: details(acts.corrections, labels, rules),
        annulments: details(acts.annulments, labels, rules),
        ..jury::Minutes::default()
    }
}

fn details(acts: Vec<minutes::Act>, labels: &Labels, rules: &OralRules) -> Vec<jury::ActDetail> {
    acts.into_iter().map(|(stored, covered)| detail(&stored, covered, labels, rules)).collect()
}

/// Seats of one cell.
#[must_use]
pub fn cell_seats(cell: seats::Stored) -> jury::CellSeats {
    jury::CellSeats {
        school: cell.school,
        printed: cell.printed,
        seats: cell.seats.seats,
        taken: cell.seats.taken.unwrap_or_default(),
        transferable: cell.seats.empty(),
        filiere: cell.seats.filiere,
        computed_period: cell.computed_period,
    }
}

fn seat_transfer(moved: Moved) -> jury::SeatTransfer {
    jury::SeatTransfer {
        school: moved.school,
        from_filiere: moved.transfer.from,
        to_filiere: moved.transfer.to,
        count: moved.transfer.count,
        from_period: moved.from_period,
        reason: moved.reason,
        moved_by: moved.by,
        moved_at: Some(moved.at.into()),
    }
}
