//! Computations as they are stored: whole, as bytes, and as rows for reading.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::int;
use crate::domain::{
    computation::{Cell, PeriodInput, PeriodOutput},
    ids::{DossierId, FiliereId, SchoolId},
};

/// The stored bytes of a computation.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Canonical JSON.
    pub inputs: String,
    /// Canonical JSON.
    pub outputs: String,
}

/// A computation to store.
pub struct Computed<'a> {
    /// What went in.
    pub input: &'a PeriodInput,
    /// What came out.
    pub output: &'a PeriodOutput,
    /// Both as bytes.
    pub stored: &'a Stored,
    /// Their digests.
    pub digests: (&'a str, &'a str),
    /// What the checker objects to.
    pub objections: &'a [String],
    /// When.
    pub at: Timestamp,
}

/// The stored bytes of a period's computation.
///
/// # Errors
/// The database does not answer.
pub async fn stored(conn: &mut PgConnection, number: u32) -> Result<Option<Stored>, DbError> {
    let row = sqlx::query!("select inputs, outputs from period where number = $1", int(number));
    let row = row.fetch_optional(conn).await?;
    Ok(row.and_then(|row| Some(Stored { inputs: row.inputs?, outputs: row.outputs? })))
}

/// Stores a computation in place of an earlier one, and returns the period's new version.
///
/// # Errors
/// The database does not answer.
pub async fn store(tx: &mut Tx, computed: &Computed<'_>) -> Result<u64, DbError> {
    let number = int(computed.output.period);
    let version = sqlx::query_scalar!(
        "update period set version = version + 1, signature = $2, computed_at = $3, inputs = $4, outputs = $5,
             inputs_digest = $6, outputs_digest = $7, objections = $8
         where number = $1 and opened_at is null returning version",
        number,
        computed.input.signature.cast_signed(),
        computed.at.to_sqlx(),
        computed.stored.inputs,
        computed.stored.outputs,
        computed.digests.0,
        computed.digests.1,
        computed.objections,
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!("delete from cell where period = $1", number).execute(tx.conn()).await?;
    sqlx::query!("delete from proposal where period = $1", number).execute(tx.conn()).await?;
    store_cells(tx, computed.output).await?;
    store_proposals(tx, computed).await?;
    Ok(version.cast_unsigned())
}

/// Cells or proposals, a column each.
#[derive(Default)]
struct Columns {
    dossiers: Vec<Uuid>,
    schools: Vec<String>,
    filieres: Vec<String>,
    seats: Vec<i32>,
    taken: Vec<i32>,
    /// Last rank called, or rank.
    ranks: Vec<i32>,
    new: Vec<bool>,
    supernumerary: Vec<bool>,
}

async fn store_cells(tx: &mut Tx, output: &PeriodOutput) -> Result<(), DbError> {
    let mut columns = Columns::default();
    for (filiere, output) in &output.filieres {
        for (school, cell) in &output.cells {
            columns.schools.push(school.0.clone());
            columns.filieres.push(filiere.0.clone());
            columns.seats.push(int(cell.seats));
            columns.taken.push(int(cell.taken));
            columns.ranks.push(int(cell.last_called));
        }
    }
    sqlx::query!(
        "insert into cell (period, school, filiere, seats, taken, last_called)
         select $1, * from unnest($2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[])",
        int(output.period),
        &columns.schools,
        &columns.filieres,
        &columns.seats,
        &columns.taken,
        &columns.ranks,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn store_proposals(tx: &mut Tx, computed: &Computed<'_>) -> Result<(), DbError> {
    let mut columns = Columns::default();
    for (filiere, output) in &computed.output.filieres {
        let Some(input) = computed.input.filieres.get(filiere) else { continue };
        let ranks: BTreeMap<(&SchoolId, DossierId), i32> = (input.tables.iter())
            .flat_map(|(school, table)| (1..).zip(table).map(move |(rank, dossier)| ((school, *dossier), rank)))
            .collect();
        for (dossier, school) in &output.proposals {
            let held = input.runners.get(dossier).and_then(|runner| runner.held.as_ref());
            columns.dossiers.push(dossier.0);
            columns.schools.push(school.0.clone());
            columns.filieres.push(filiere.0.clone());
            columns.ranks.push(ranks.get(&(school, *dossier)).copied().unwrap_or(0));
            columns.new.push(held != Some(school));
            columns.supernumerary.push(input.supernumerary.contains(&(*dossier, school.clone())));
        }
    }
    sqlx::query!(
        "insert into proposal (period, dossier_id, school, filiere, rank, is_new, supernumerary)
         select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::boolean[], $7::boolean[])",
        int(computed.output.period),
        &columns.dossiers,
        &columns.schools,
        &columns.filieres,
        &columns.ranks,
        &columns.new,
        &columns.supernumerary,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The cells of a period's computation, by school and filière.
///
/// # Errors
/// The database does not answer.
pub async fn cells(conn: &mut PgConnection, number: u32) -> Result<Vec<(SchoolId, FiliereId, Cell)>, DbError> {
    let rows = sqlx::query!(
        "select school, filiere, seats, taken, last_called from cell where period = $1 order by school, filiere",
        int(number)
    );
    let cells = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let cell = Cell {
            seats: row.seats.cast_unsigned(),
            taken: row.taken.cast_unsigned(),
            last_called: row.last_called.cast_unsigned(),
        };
        (SchoolId(row.school), FiliereId(row.filiere), cell)
    });
    Ok(cells.collect())
}

/// A proposal, or a seat held already, as computed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Whose.
    pub dossier: DossierId,
    /// Where.
    pub school: SchoolId,
    /// In which filière.
    pub filiere: FiliereId,
    /// 1-based rank, 0 if not on the table.
    pub rank: u32,
    /// Not held before.
    pub new: bool,
    /// A seat kept for this person.
    pub supernumerary: bool,
}

/// The proposals of a period, by filière, school and rank.
///
/// # Errors
/// The database does not answer.
pub async fn proposals(conn: &mut PgConnection, number: u32) -> Result<Vec<Proposal>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, school, filiere, rank, is_new, supernumerary from proposal
         where period = $1 order by filiere, school, rank, dossier_id",
        int(number)
    );
    let proposals = rows.fetch_all(conn).await?.into_iter().map(|row| Proposal {
        dossier: DossierId(row.dossier_id),
        school: SchoolId(row.school),
        filiere: FiliereId(row.filiere),
        rank: row.rank.cast_unsigned(),
        new: row.is_new,
        supernumerary: row.supernumerary,
    });
    Ok(proposals.collect())
}
