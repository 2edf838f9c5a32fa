//! What one member of the jury does alone, and what they ask of two.

use std::collections::BTreeMap;

use contracts::jury;
use futures::{StreamExt as _, TryStreamExt as _};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::{JuryGrpc, REASON};
use crate::{
    commands::{self, Asked, AskedDetermination, AskedRecord, AskedResult, Draft, Looked, Refused},
    domain::{Determination, Member, OralResult, OralRules, RouteLine, Score, Scored, Table, Verdict, digest, routes},
    store, wire,
};

/// Bytes of the largest list of another route.
const LARGEST_CSV: usize = 1024 * 1024;
/// Names looked up at intake at a time.
const LOOKUPS: usize = 16;
/// Decisions in one batch.
const LARGEST_BATCH: usize = 1000;

pub(super) async fn record_determination(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: jury::RecordDeterminationRequest,
) -> Result<bool, Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let found = Determination { recevable: asked.recevable, reason: wire::text("reason", &asked.reason, REASON)? };
    let mut tx = house.begin("record_determination").await?;
    let (at, by) = (caller.received_at, &member.subject);
    let changed = commands::record_determination(&mut tx, at, by, dossier, &asked.school, found).await?;
    tx.commit().await?;
    Ok(changed)
}

pub(super) async fn draft(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: &[jury::DraftAdmissibilityRequest],
    prefix: impl Fn(usize) -> String,
) -> Result<u32, Refusal> {
    let mut drafts = Vec::with_capacity(asked.len());
    for (line, decision) in asked.iter().enumerate() {
        drafts.push(draft_of(decision, &prefix(line))?);
    }
    let mut tx = house.begin("draft_admissibility").await?;
    let changed = commands::draft(&mut tx, caller.received_at, &member.subject, drafts).await?;
    tx.commit().await?;
    Ok(changed)
}

fn draft_of(decision: &jury::DraftAdmissibilityRequest, prefix: &str) -> Result<Draft, Refusal> {
    Ok(Draft {
        dossier: wire::dossier(&format!("{prefix}dossier_id"), &decision.dossier_id)?,
        verdict: Verdict {
            admissible: decision.admissible,
            reason: wire::text(&format!("{prefix}reason"), &decision.reason, REASON)?,
        },
    })
}

pub(super) async fn draft_batch(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: &[jury::DraftAdmissibilityRequest],
) -> Result<u32, Refusal> {
    if asked.is_empty() || asked.len() > LARGEST_BATCH {
        let why = format!("1 to {LARGEST_BATCH} decisions");
        return Err(Refusal::invalid("INVALID_BATCH").field("decisions", why));
    }
    draft(house, caller, member, asked, |line| format!("decisions[{line}].")).await
}

pub(super) async fn record(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    (dossier, exam, correction): (&str, &str, &str),
    result: OralResult,
) -> Result<jury::RecordMarkReply, Refusal> {
    let dossier = wire::dossier("dossier_id", dossier)?;
    let correction = match correction {
        "" => None,
        reason => Some(wire::text("correction_reason", reason, REASON)?),
    };
    let mut tx = house.begin("record_result").await?;
    let (at, by, regulation) = (caller.received_at, &member.subject, &house.regulation);
    let asked = AskedRecord { dossier, exam, result, correction: correction.as_deref() };
    let recorded = commands::record_result(&mut tx, regulation, at, by, asked).await?;
    tx.commit().await?;
    Ok(jury::RecordMarkReply { eliminates: recorded.eliminates, already_applied: recorded.already })
}

pub(super) fn admissibility_correction(
    asked: &jury::PrepareAdmissibilityCorrectionRequest,
) -> Result<(Asked, String), Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let mut determinations = Vec::with_capacity(asked.determinations.len());
    for (i, found) in asked.determinations.iter().enumerate() {
        if asked.determinations.iter().take(i).any(|earlier| earlier.school == found.school) {
            let field = format!("determinations[{i}].school");
            return Err(Refusal::invalid("SCHOOL_TWICE").field(field, "named before"));
        }
        determinations.push(AskedDetermination {
            school: found.school.clone(),
            recevable: found.recevable,
            reason: wire::text(&format!("determinations[{i}].reason"), &found.reason, REASON)?,
        });
    }
    let reason = wire::text("reason", &asked.reason, REASON)?;
    Ok((Asked::AdmissibilityCorrection { dossier, admissible: asked.admissible, determinations }, reason))
}

pub(super) fn mark_correction(
    asked: &jury::PrepareMarkCorrectionRequest,
    rules: &OralRules,
) -> Result<(Asked, String), Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let result = match wire::result_of(&asked.mark, asked.absent, rules)? {
        OralResult::Marked(mark) => AskedResult::Hundredths(mark.hundredths()),
        OralResult::Absent => AskedResult::Absent,
    };
    let reason = wire::text("reason", &asked.reason, REASON)?;
    Ok((Asked::MarkCorrection { dossier, exam: asked.exam.clone(), result }, reason))
}

pub(super) async fn submit_ranking(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: jury::SubmitRankingRequest,
) -> Result<jury::SubmitRankingReply, Refusal> {
    let ranking = wire::dossiers("dossier_ids", &asked.dossier_ids)?;
    let ranked = u32::try_from(ranking.len()).unwrap_or(u32::MAX);
    let mut tx = house.begin("submit_ranking").await?;
    let cell = (asked.school.as_str(), asked.filiere.as_str());
    let (at, by) = (caller.received_at, &member.subject);
    let changed = commands::submit_ranking(&mut tx, &house.regulation, at, by, cell, ranking).await?;
    tx.commit().await?;
    Ok(jury::SubmitRankingReply { ranked, already_applied: !changed })
}

fn counts(tables: &[Table]) -> jury::SubmitMeritListReply {
    let cells = tables.iter().map(|table| jury::CellCount {
        school: table.cell().school.clone(),
        filiere: table.cell().filiere.clone(),
        ranked: u32::try_from(table.ranking().len()).unwrap_or(u32::MAX),
    });
    jury::SubmitMeritListReply { cells: cells.collect() }
}

pub(super) async fn submit_merit_list(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: jury::SubmitMeritListRequest,
) -> Result<jury::SubmitMeritListReply, Refusal> {
    let list = wire::dossiers("dossier_ids", &asked.dossier_ids)?;
    let mut tx = house.begin("submit_merit_list").await?;
    let (at, by) = (caller.received_at, &member.subject);
    let tables = commands::submit_merit_list(&mut tx, &house.regulation, at, by, &asked.filiere, &list).await?;
    tx.commit().await?;
    Ok(counts(&tables))
}

pub(super) async fn import_merit(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: jury::ImportMeritRequest,
) -> Result<jury::SubmitMeritListReply, Refusal> {
    let ids: Vec<String> = asked.entries.iter().map(|e| e.dossier_id.clone()).collect();
    let ids = wire::dossiers("entries", &ids)?;
    let mut scored = Vec::with_capacity(ids.len());
    for (line, (dossier, entry)) in ids.into_iter().zip(&asked.entries).enumerate() {
        let score = Score::parse(&entry.score).ok_or_else(|| {
            let why = "digits, and at most four decimals after a point";
            Refusal::invalid("SCORE_INVALID").field(format!("entries[{line}].score"), why)
        })?;
        scored.push(Scored { dossier, score, tie_break: entry.tie_break });
    }
    let mut tx = house.begin("import_merit").await?;
    let (at, by) = (caller.received_at, &member.subject);
    let tables = commands::import_merit(&mut tx, &house.regulation, at, by, &asked.filiere, &scored).await?;
    tx.commit().await?;
    Ok(counts(&tables))
}

pub(super) async fn import_other_routes(
    house: &JuryGrpc,
    caller: &Caller,
    school: Option<&str>,
    asked: jury::ImportOtherRoutesRequest,
) -> Result<jury::ImportOtherRoutesReply, Refusal> {
    let route = wire::text("route", &asked.route, 100)?;
    if asked.csv.len() > LARGEST_CSV {
        return Err(Refusal::invalid("CSV_INVALID").field("csv", format!("at most {LARGEST_CSV} bytes")));
    }
    let lines = routes::parse(&asked.csv).map_err(Refused::Csv)?;
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let digest = digest::of_bytes(&asked.csv);
    let matches = look_up(house, lines).await?;
    let looked = Looked { route, digest, lines: count, matches };
    let mut tx = house.begin("import_other_routes").await?;
    let imported = commands::keep_matches(&mut tx, caller.received_at, &caller.subject, &looked).await?;
    let mut shown: Vec<Uuid> = looked.matches.iter().map(|(dossier, _)| *dossier).collect();
    if let Some(school) = school {
        shown = store::routes::closed_for(tx.conn(), school, &shown).await.map_err(Refused::from)?;
    }
    tx.commit().await?;
    Ok(jury::ImportOtherRoutesReply {
        lines: looked.lines,
        matched_dossier_ids: shown.iter().map(Uuid::to_string).collect(),
        already_applied: imported.already,
    })
}

/// Asks for each name, outside any transaction; the first line that looks like a dossier stands for it.
async fn look_up(house: &JuryGrpc, lines: Vec<RouteLine>) -> Result<Vec<(Uuid, u32)>, Refusal> {
    let found: Vec<(u32, Vec<Uuid>)> = futures::stream::iter(lines)
        .map(|person| async move {
            let name = format!("{} {}", person.family_name, person.given_name).chars().take(200).collect();
            Ok::<_, Refusal>((person.line, house.names.find(name).await?))
        })
        .buffered(LOOKUPS)
        .try_collect()
        .await?;
    let mut matches = BTreeMap::new();
    for (line, dossiers) in found {
        for dossier in dossiers {
            matches.entry(dossier).or_insert(line);
        }
    }
    Ok(matches.into_iter().collect())
}
