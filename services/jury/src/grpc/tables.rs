//! Tables as the jury submits them (R27).

use contracts::jury;
use platform::{auth::Caller, refusal::Refusal};

use super::JuryGrpc;
use crate::{
    commands::{self, Entry, EntryFault},
    domain::{Member, Table},
    store::numbers,
    wire,
};

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
    let entries = entries(&asked)?;
    let mut tx = house.begin("import_merit").await?;
    let (at, by) = (caller.received_at, &member.subject);
    let tables = commands::import_merit(&mut tx, &house.regulation, at, by, &asked.filiere, entries).await?;
    tx.commit().await?;
    Ok(counts(&tables))
}

pub(super) async fn check_merit(
    house: &JuryGrpc,
    asked: jury::ImportMeritRequest,
) -> Result<jury::CheckMeritReply, Refusal> {
    let entries = entries(&asked)?;
    let mut conn = house.db.read().await?;
    let checked = commands::check_merit(&mut conn, &house.regulation, &asked.filiere, entries).await?;
    let labels = wire::Labels::new(numbers::labels(&mut conn).await?);
    Ok(wire::checked(checked, &labels))
}

fn entries(asked: &jury::ImportMeritRequest) -> Result<Vec<Result<Entry, EntryFault>>, Refusal> {
    if asked.entries.len() > wire::MOST_IDS {
        return Err(Refusal::invalid("TOO_MANY").field("entries", format!("at most {}", wire::MOST_IDS)));
    }
    Ok(asked.entries.iter().map(wire::entry).collect())
}
