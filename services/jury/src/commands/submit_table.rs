//! Tables as the jury submits them (R27); the last submission stands until the sign-off.

use jiff::Timestamp;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::{Refused, Regulation};
use crate::{
    domain::{Table, merit_tables, ranking::Candidatures},
    store::{admission, candidatures, sealed},
};

/// One cell's table. False if it is the one submitted before.
///
/// # Errors
/// No such cell, tables signed, or every fault of the ranking.
pub async fn submit_ranking(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    (school, filiere): (&str, &str),
    ranking: Vec<Uuid>,
) -> Result<bool, Refused> {
    let cell = regulation.cell(school, filiere)?;
    admission::for_share(tx.conn()).await?.still_open()?;
    let all = candidatures_of(tx, &ranking).await?;
    let table = Table::validated(cell, ranking, &all, &regulation.orals).map_err(Refused::Ranking)?;
    save(tx, at, by, &table).await
}

/// One merit list for every school of a filière: the tables it gives.
///
/// # Errors
/// No such filière, tables signed, or every fault of the list.
pub async fn submit_merit_list(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    filiere: &str,
    list: &[Uuid],
) -> Result<Vec<Table>, Refused> {
    let schools = regulation.schools_of(filiere)?;
    admission::for_share(tx.conn()).await?.still_open()?;
    let all = candidatures_of(tx, list).await?;
    let tables = merit_tables(filiere, &schools, list, &all, &regulation.orals).map_err(Refused::Ranking)?;
    for table in &tables {
        save(tx, at, by, table).await?;
    }
    Ok(tables)
}

async fn candidatures_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Candidatures, Refused> {
    let kept = candidatures::load(tx.conn(), Some(ids)).await?;
    Ok(kept.into_iter().map(|k| (k.candidature.dossier, k.candidature)).collect())
}

async fn save(tx: &mut Tx, at: Timestamp, by: &str, table: &Table) -> Result<bool, Refused> {
    let changed = admission::save_draft(tx.conn(), table, by, at).await?;
    if changed {
        let cell = table.cell();
        let open = json!({ "school": cell.school, "filiere": cell.filiere });
        sealed::audit(tx, at, by, "table_submitted", open, &json!({ "dossiers": table.ranking() })).await?;
    }
    Ok(changed)
}
