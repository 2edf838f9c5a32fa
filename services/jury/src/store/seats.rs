//! Seats, transfers and supernumerary seats (R28, R33).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{Cell, CellSeats, Transfer};

/// A cell as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The school.
    pub school: String,
    /// The session file's number.
    pub printed: u32,
    /// Last computation heard of, 0 if none.
    pub computed_period: u32,
    /// Seats and what is taken.
    pub seats: CellSeats,
}

/// A transfer done before.
#[derive(Debug, Clone)]
pub struct Done {
    /// The school.
    pub school: String,
    /// What moved.
    pub transfer: Transfer,
    /// Period from whose opening on it counts.
    pub from_period: u32,
    /// Seats left where they came from.
    pub from_seats: u32,
    /// Seats where they went.
    pub to_seats: u32,
}

fn natural(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn column(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Puts the session's cells in place, once; a later start changes nothing that the jury has moved.
///
/// # Errors
/// The database.
pub async fn seed(conn: &mut PgConnection, cells: &[(Cell, u32)]) -> Result<(), StoreError> {
    for ((cell, seats), position) in cells.iter().zip(0_i32..) {
        sqlx::query!("insert into schools (school) values ($1) on conflict do nothing", cell.school)
            .execute(&mut *conn)
            .await?;
        sqlx::query!(
            "insert into cells (school, filiere, position, printed, seats) values ($1, $2, $3, $4, $4)
             on conflict do nothing",
            cell.school,
            cell.filiere,
            position,
            column(*seats)
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Every cell, in the session's order.
///
/// # Errors
/// The database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Stored>, StoreError> {
    let rows =
        sqlx::query!("select school, filiere, printed, seats, computed_period, taken from cells order by position")
            .fetch_all(conn)
            .await?;
    Ok(rows
        .into_iter()
        .map(|r| Stored {
            school: r.school,
            printed: natural(r.printed),
            computed_period: natural(r.computed_period),
            seats: CellSeats { filiere: r.filiere, seats: natural(r.seats), taken: r.taken.map(natural) },
        })
        .collect())
}

/// The cells of one school, locked, in the session's order.
///
/// # Errors
/// The database.
pub async fn school_for_update(conn: &mut PgConnection, school: &str) -> Result<Vec<CellSeats>, StoreError> {
    sqlx::query_scalar!("select school from schools where school = $1 for update", school)
        .fetch_optional(&mut *conn)
        .await?;
    let rows =
        sqlx::query!("select filiere, seats, taken from cells where school = $1 order by position for update", school)
            .fetch_all(conn)
            .await?;
    Ok(rows
        .into_iter()
        .map(|r| CellSeats { filiere: r.filiere, seats: natural(r.seats), taken: r.taken.map(natural) })
        .collect())
}

/// Saves the seats of one school; the aggregate's next version.
///
/// # Errors
/// The database.
pub async fn save_school(conn: &mut PgConnection, school: &str, cells: &[CellSeats]) -> Result<u64, StoreError> {
    for cell in cells {
        sqlx::query!(
            "update cells set seats = $3 where school = $1 and filiere = $2",
            school,
            cell.filiere,
            column(cell.seats)
        )
        .execute(&mut *conn)
        .await?;
    }
    let version =
        sqlx::query_scalar!("update schools set version = version + 1 where school = $1 returning version", school)
            .fetch_one(conn)
            .await?;
    Ok(version.cast_unsigned())
}

/// A transfer of that request, if it was done.
///
/// # Errors
/// The database.
pub async fn done(conn: &mut PgConnection, request: Uuid) -> Result<Option<Done>, StoreError> {
    let row = sqlx::query!(
        "select school, from_filiere, to_filiere, moved, from_period, from_seats, to_seats
         from transfers where request_id = $1",
        request
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Done {
        school: r.school,
        transfer: Transfer { from: r.from_filiere, to: r.to_filiere, count: natural(r.moved) },
        from_period: natural(r.from_period),
        from_seats: natural(r.from_seats),
        to_seats: natural(r.to_seats),
    }))
}

/// A transfer as the minutes print it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The school.
    pub school: String,
    /// What moved.
    pub transfer: Transfer,
    /// Period from whose opening on it counts.
    pub from_period: u32,
    /// Why.
    pub reason: String,
    /// Who moved it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Every transfer, oldest first.
///
/// # Errors
/// The database.
pub async fn moved(conn: &mut PgConnection) -> Result<Vec<Moved>, StoreError> {
    let rows = sqlx::query!(
        "select school, from_filiere, to_filiere, moved, from_period, reason, moved_by, moved_at
         from transfers order by moved_at, request_id"
    );
    let moved = rows.fetch_all(conn).await?.into_iter().map(|r| Moved {
        school: r.school,
        transfer: Transfer { from: r.from_filiere, to: r.to_filiere, count: natural(r.moved) },
        from_period: natural(r.from_period),
        reason: r.reason,
        by: r.moved_by,
        at: r.moved_at.to_jiff(),
    });
    Ok(moved.collect())
}

/// Keeps a transfer under its request.
///
/// # Errors
/// The database.
pub async fn save_done(
    conn: &mut PgConnection,
    request: Uuid,
    done: &Done,
    reason: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into transfers (request_id, school, from_filiere, to_filiere, moved, reason, moved_by, moved_at,
                                from_period, from_seats, to_seats)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        request,
        done.school,
        done.transfer.from,
        done.transfer.to,
        column(done.transfer.count),
        reason,
        by,
        at.to_sqlx(),
        column(done.from_period),
        column(done.from_seats),
        column(done.to_seats)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// True if that person has a supernumerary seat at that school.
///
/// # Errors
/// The database.
pub async fn is_granted(conn: &mut PgConnection, dossier: Uuid, school: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from supernumeraries where dossier_id = $1 and school = $2) as "granted!""#,
        dossier,
        school
    )
    .fetch_one(conn)
    .await?)
}

/// Keeps a supernumerary seat.
///
/// # Errors
/// The database.
pub async fn save_granted(
    conn: &mut PgConnection,
    dossier: Uuid,
    cell: &Cell,
    from_period: u32,
    act: Uuid,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into supernumeraries (dossier_id, school, filiere, from_period, act_id) values ($1, $2, $3, $4, $5)",
        dossier,
        cell.school,
        cell.filiere,
        column(from_period),
        act
    )
    .execute(conn)
    .await?;
    Ok(())
}
