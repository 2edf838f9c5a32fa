//! What came out: JSON for machines (`--report`), tables for a jury.

use std::{collections::BTreeMap, fmt::Write as _};

use contracts::{
    integration::State,
    payments::{FeeStatus, Pocket},
};
use serde::Serialize;

use crate::{
    check::{Invariant, Seen},
    play::Stage,
};

/// The whole report. The same seed gives the same bytes.
#[derive(Debug, Serialize)]
pub struct Report {
    session: String,
    seed: u64,
    candidates: usize,
    closed: usize,
    not_closed: usize,
    admissible: usize,
    payments: Payments,
    periods: Vec<Period>,
    definitive: Vec<Definitive>,
    lapsed: Vec<Lapsed>,
    invariants: Vec<Checked>,
}

#[derive(Debug, Default, Serialize)]
struct Payments {
    settled: usize,
    exempt: usize,
    short: usize,
    over: usize,
    unmatched: usize,
    returned: usize,
}

#[derive(Debug, Serialize)]
struct Period {
    number: u32,
    seats: Vec<Seats>,
    proposals: Vec<Proposal>,
    answers: Vec<Answer>,
    eliminated: Vec<Eliminated>,
    resigned: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Seats {
    school: String,
    filiere: String,
    seats: u32,
    held: u32,
    last_called: u32,
}

#[derive(Debug, Serialize)]
struct Proposal {
    candidate: String,
    school: String,
    filiere: String,
    rank: u32,
}

#[derive(Debug, Serialize)]
struct Answer {
    candidate: String,
    answer: String,
}

#[derive(Debug, Serialize)]
struct Eliminated {
    candidate: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Definitive {
    candidate: String,
    school: String,
    filiere: String,
}

#[derive(Debug, Serialize)]
struct Lapsed {
    candidate: String,
    school: String,
    filiere: String,
    missing: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Checked {
    name: String,
    checked: u64,
    violations: usize,
}

impl Report {
    /// Puts the labels of the cast where the services have ids.
    #[must_use]
    pub fn new(stage: &Stage<'_>, seed: u64, seen: &Seen, invariants: &[Invariant]) -> Self {
        let labels: BTreeMap<String, &str> = stage.cast.iter().map(|c| (c.id.to_string(), c.label.as_str())).collect();
        let label = |id: &str| labels.get(id).map_or_else(|| id.to_owned(), |l| (*l).to_owned());
        let story = stage.story();
        let status = |wanted: FeeStatus| seen.fees.values().filter(|f| f.status() == wanted).count();
        let back = |e: &contracts::payments::LedgerEntry| e.from() == Pocket::Bank && e.cents < 0;
        let mut report = Self {
            session: stage.session().id.clone(),
            seed,
            candidates: stage.cast.len(),
            closed: seen.candidatures.len(),
            not_closed: seen.dossiers.len() - seen.candidatures.len(),
            admissible: story.admissible.len(),
            payments: Payments {
                settled: status(FeeStatus::Settled),
                exempt: status(FeeStatus::Exempt),
                short: status(FeeStatus::Short),
                over: status(FeeStatus::Over),
                unmatched: seen.waiting.values().map(|n| *n as usize).sum(),
                returned: seen.books.values().map(|(_, ledger)| ledger.iter().filter(|e| back(e)).count()).sum(),
            },
            periods: seen.periods.iter().map(|p| period(p, &label)).collect(),
            definitive: Vec::new(),
            lapsed: Vec::new(),
            invariants: invariants
                .iter()
                .map(|i| Checked { name: i.name.into(), checked: i.checked, violations: i.violations.len() })
                .collect(),
        };
        for entry in &seen.finals {
            let (candidate, school, filiere) = (label(&entry.dossier_id), entry.school.clone(), entry.filiere.clone());
            if entry.state() == State::Admitted {
                report.definitive.push(Definitive { candidate, school, filiere });
            } else {
                let mut missing: Vec<String> = entry.missing.iter().map(|m| m.to_uppercase()).collect();
                missing.sort();
                report.lapsed.push(Lapsed { candidate, school, filiere, missing });
            }
        }
        report.definitive.sort_by(|a, b| a.candidate.cmp(&b.candidate));
        report.lapsed.sort_by(|a, b| a.candidate.cmp(&b.candidate));
        report
    }

    /// Pretty JSON with a newline at its end.
    ///
    /// # Errors
    /// Never in practice: every value has a JSON form.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The tables a jury would read.
    #[must_use]
    pub fn tables(&self) -> String {
        let mut text = format!(
            "\nSession {}: {} dossiers, {} candidatures, {} admissible, {} definitive admissions, {} lapsed\n\
             Fees: {} settled, {} exempt, {} short, {} over, {} lines for a person, {} taken back\n\n",
            self.session,
            self.candidates,
            self.closed,
            self.admissible,
            self.definitive.len(),
            self.lapsed.len(),
            self.payments.settled,
            self.payments.exempt,
            self.payments.short,
            self.payments.over,
            self.payments.unmatched,
            self.payments.returned
        );
        let cells: Vec<(&str, &str)> = self
            .periods
            .first()
            .map(|p| p.seats.iter().map(|s| (s.school.as_str(), s.filiere.as_str())).collect())
            .unwrap_or_default();
        let _ = write!(text, "{:<14} {:<8}", "school", "filière");
        for period in &self.periods {
            let _ = write!(text, " | period {}: seats taken last", period.number);
        }
        text.push_str(" | definitive\n");
        for (school, filiere) in cells {
            let _ = write!(text, "{school:<14} {filiere:<8}");
            for period in &self.periods {
                let here = period.seats.iter().find(|s| (s.school.as_str(), s.filiere.as_str()) == (school, filiere));
                let (seats, held, last) = here.map_or((0, 0, 0), |s| (s.seats, s.held, s.last_called));
                let _ = write!(text, " | {:>15} {held:>5} {last:>4}", seats);
            }
            let list: Vec<&str> = self
                .definitive
                .iter()
                .filter(|d| (d.school.as_str(), d.filiere.as_str()) == (school, filiere))
                .map(|d| d.candidate.as_str())
                .collect();
            let _ = writeln!(text, " | {}: {}", list.len(), list.join(" "));
        }
        for period in &self.periods {
            let _ = writeln!(
                text,
                "period {}: {} proposals and seats held, {} answers, {} eliminated, {} resigned",
                period.number,
                period.proposals.len(),
                period.answers.len(),
                period.eliminated.len(),
                period.resigned.len()
            );
        }
        text.push('\n');
        for invariant in &self.invariants {
            let verdict = if invariant.violations == 0 { "ok" } else { "VIOLATED" };
            let _ = writeln!(text, "{verdict:>8}  {} ({} looked at)", invariant.name, invariant.checked);
        }
        text
    }
}

fn period(of: &contracts::integration::PeriodResultsReply, label: &impl Fn(&str) -> String) -> Period {
    let mut seats: Vec<Seats> = of
        .cells
        .iter()
        .map(|c| Seats {
            school: c.school.clone(),
            filiere: c.filiere.clone(),
            seats: c.seats,
            held: c.taken,
            last_called: c.last_called,
        })
        .collect();
    seats.sort_by(|a, b| (&a.school, &a.filiere).cmp(&(&b.school, &b.filiere)));
    let mut proposals: Vec<Proposal> = of
        .proposals
        .iter()
        .map(|p| Proposal {
            candidate: label(&p.dossier_id),
            school: p.school.clone(),
            filiere: p.filiere.clone(),
            rank: p.rank,
        })
        .collect();
    proposals.sort_by(|a, b| (&a.school, &a.filiere, a.rank).cmp(&(&b.school, &b.filiere, b.rank)));
    let short = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_owned();
    let mut answers: Vec<Answer> = of
        .answers
        .iter()
        .map(|a| Answer { candidate: label(&a.dossier_id), answer: short(a.answer().as_str_name(), "ANSWER_") })
        .collect();
    answers.sort_by(|a, b| a.candidate.cmp(&b.candidate));
    let mut eliminated: Vec<Eliminated> = of
        .eliminated
        .iter()
        .map(|e| Eliminated {
            candidate: label(&e.dossier_id),
            reason: short(e.reason().as_str_name(), "ELIMINATION_REASON_"),
        })
        .collect();
    eliminated.sort_by(|a, b| a.candidate.cmp(&b.candidate));
    let mut resigned: Vec<String> = of.resigned.iter().map(|r| label(&r.dossier_id)).collect();
    resigned.sort();
    Period { number: of.period, seats, proposals, answers, eliminated, resigned }
}
