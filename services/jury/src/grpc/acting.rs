//! What one member of the jury does alone.

use std::collections::BTreeMap;

use contracts::jury;
use futures::{StreamExt as _, TryStreamExt as _};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use super::{JuryGrpc, REASON};
use crate::{
    commands::{self, AskedRecord, AskedTransfer, Draft, Looked, Recorded, Refused, RowFault},
    domain::{Determination, Mark, Member, Named, OralResult, OralRules, RouteLine, Transfer, Verdict, digest, routes},
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
    let asked = AskedRecord { dossier, exam: exam.to_owned(), result, correction };
    let recorded = commands::record_result(&mut tx, regulation, at, by, asked).await?;
    tx.commit().await?;
    Ok(jury::RecordMarkReply { eliminates: recorded.eliminates, already_applied: recorded.already })
}

pub(super) async fn record_many(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    rows: Vec<jury::MarkRow>,
) -> Result<jury::RecordMarksReply, Refusal> {
    if rows.is_empty() || rows.len() > LARGEST_BATCH {
        return Err(Refusal::invalid("INVALID_BATCH").field("rows", format!("1 to {LARGEST_BATCH} rows")));
    }
    let rows = rows.into_iter().map(|row| mark_row(row, &house.regulation.orals)).collect();
    let mut tx = house.begin("record_results").await?;
    let (at, by) = (caller.received_at, &member.subject);
    let recorded = commands::record_results(&mut tx, &house.regulation, at, by, rows).await?;
    tx.commit().await?;
    let count =
        |of: fn(&Recorded) -> bool| u32::try_from(recorded.iter().filter(|r| of(r)).count()).unwrap_or(u32::MAX);
    Ok(jury::RecordMarksReply {
        recorded: count(|r| !r.already),
        already: count(|r| r.already),
        eliminating: count(|r| r.eliminates),
    })
}

fn mark_row(row: jury::MarkRow, rules: &OralRules) -> Result<AskedRecord<Named>, RowFault> {
    let dossier = Named::new(&row.dossier_id, row.number)?;
    let result = match (row.mark.as_str(), row.absent) {
        ("", true) => OralResult::Absent,
        (_, true) => return Err(RowFault::MarkAndAbsent),
        (mark, false) => OralResult::Marked(Mark::parse(mark, rules.highest)?),
    };
    let correction = match row.correction_reason.as_str() {
        "" => None,
        reason => Some(wire::sentence(reason, REASON).map_err(|_| RowFault::Correction { most: REASON })?),
    };
    Ok(AskedRecord { dossier, exam: row.exam, result, correction })
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

pub(super) async fn transfer_seats(
    house: &JuryGrpc,
    caller: &Caller,
    asked: jury::TransferSeatsRequest,
) -> Result<jury::TransferSeatsReply, Refusal> {
    let request = wire::dossier("request_id", &asked.request_id)?;
    let reason = wire::text("reason", &asked.reason, REASON)?;
    let transfer = Transfer { from: asked.from_filiere, to: asked.to_filiere, count: asked.count };
    let asked = AskedTransfer { request, school: asked.school, transfer, reason };
    let mut tx = house.begin("transfer_seats").await?;
    let (at, by) = (caller.received_at, &caller.subject);
    let (done, already_applied) = commands::transfer_seats(&mut tx, &house.regulation, at, by, asked).await?;
    tx.commit().await?;
    Ok(jury::TransferSeatsReply {
        school: done.school,
        from_seats: done.from_seats,
        to_seats: done.to_seats,
        from_period: done.from_period,
        already_applied,
    })
}
