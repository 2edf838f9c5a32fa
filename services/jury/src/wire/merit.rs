//! A merit list, looked at.

use std::collections::{BTreeMap, HashMap};

use contracts::jury;
use uuid::Uuid;

use super::Labels;
use crate::{
    commands::{Checked, Entry, EntryFault},
    domain::{Named, NamedBadly, RankingFault, Score, Scored, Table},
};

/// One entry.
///
/// # Errors
/// It names no dossier, or has no score.
pub fn entry(merit: &jury::Merit) -> Result<Entry, EntryFault> {
    let dossier = Named::new(&merit.dossier_id, merit.number)?;
    let score = Score::parse(&merit.score).ok_or(EntryFault::NoScore)?;
    Ok(Entry { dossier, score, tie_break: merit.tie_break })
}

/// The field that a fault is in.
#[must_use]
pub const fn field(fault: &EntryFault) -> &'static str {
    match fault {
        EntryFault::Named(NamedBadly::Both) | EntryFault::UnknownNumber { .. } => "number",
        EntryFault::NoScore => "score",
        EntryFault::Named(_) | EntryFault::Ranking(_) => "dossier_id",
    }
}

const fn reason(fault: &EntryFault) -> &'static str {
    match fault {
        EntryFault::Named(NamedBadly::Both) => "ID_AND_NUMBER",
        EntryFault::Named(NamedBadly::Neither | NamedBadly::NoId) => "INVALID_ID",
        EntryFault::UnknownNumber { .. } => "UNKNOWN_NUMBER",
        EntryFault::NoScore => "SCORE_INVALID",
        EntryFault::Ranking(fault) => match fault {
            RankingFault::Duplicate { .. } => "DUPLICATE",
            RankingFault::NoCandidature { .. } => "NO_CANDIDATURE",
            RankingFault::OtherFiliere { .. } => "OTHER_FILIERE",
            RankingFault::Annulled { .. } => "ANNULLED",
            RankingFault::NotAdmissible { .. } => "NOT_ADMISSIBLE",
            RankingFault::NotApplied { .. } => "NOT_APPLIED",
            RankingFault::NotRecevable { .. } => "NOT_RECEVABLE",
            RankingFault::Eliminated { .. } => "ELIMINATED",
            RankingFault::ResultMissing { .. } => "RESULT_MISSING",
        },
    }
}

/// What an import would do.
#[must_use]
pub fn checked(checked: Checked, labels: &Labels) -> jury::CheckMeritReply {
    let ready = checked.ties.is_empty() && checked.faults.is_empty();
    let tables = checked.tables.iter().map(|table| checked_table(table, &checked, labels)).collect();
    let mut left_out: Vec<_> = checked.left_out.iter().map(|dossier| labels.dossier(*dossier)).collect();
    left_out.sort_by_key(|one| one.number);
    let tie = |tie: &crate::domain::TieGroup| jury::MeritTie {
        score: tie.score.to_string(),
        members: tie.dossiers.iter().map(|dossier| labels.dossier(*dossier)).collect(),
    };
    let fault = |(entry, fault): &(usize, EntryFault)| jury::MeritFault {
        entry: u32::try_from(*entry).unwrap_or(u32::MAX),
        reason: reason(fault).into(),
        why: fault.to_string(),
    };
    jury::CheckMeritReply {
        ready,
        ties: checked.ties.iter().map(tie).collect(),
        faults: checked.faults.iter().map(fault).collect(),
        tables,
        left_out,
    }
}

fn checked_table(table: &Table, checked: &Checked, labels: &Labels) -> jury::CheckedTable {
    let scores: HashMap<Uuid, &Scored> = checked.order.iter().map(|scored| (scored.dossier, scored)).collect();
    let tied: BTreeMap<Uuid, Score> =
        checked.ties.iter().flat_map(|tie| tie.dossiers.iter().map(|dossier| (*dossier, tie.score))).collect();
    let mut lines: Vec<jury::CheckedLine> = Vec::with_capacity(table.ranking().len());
    for (position, dossier) in (1..).zip(table.ranking()) {
        let score = scores.get(dossier).map(|scored| scored.score.to_string()).unwrap_or_default();
        let tied = tied.contains_key(dossier);
        let shared = lines.last().filter(|before| tied && before.tied && before.score == score).map(|line| line.rank);
        let jury::RankedDossier { dossier_id, number } = labels.dossier(*dossier);
        lines.push(jury::CheckedLine { dossier_id, number, rank: shared.unwrap_or(position), score, tied });
    }
    jury::CheckedTable { school: table.cell().school.clone(), filiere: table.cell().filiere.clone(), lines }
}
