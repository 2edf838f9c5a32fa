//! What the jury has heard from other services: projections, each guarded by the version of what it heard last.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// A closed dossier as heard.
#[derive(Debug)]
pub struct Closed {
    /// The dossier.
    pub dossier: Uuid,
    /// Its number.
    pub number: u64,
    /// Its filière.
    pub filiere: String,
    /// The diploma's key.
    pub diploma: String,
    /// Row of the table.
    pub mention: String,
    /// Row claimed as equivalent.
    pub equivalent_to: String,
    /// Choice 1.
    pub first_school: String,
    /// Every school, in the session's order.
    pub schools: Vec<String>,
    /// The candidate declared another route (R15).
    pub other_route_declared: bool,
    /// When it was closed.
    pub closed_at: Timestamp,
}

/// What the tables say at one school, as heard.
#[derive(Debug)]
pub struct Assessed {
    /// The school.
    pub school: String,
    /// `open`, `closed` or `for_jury`.
    pub reading: &'static str,
    /// The table.
    pub table: String,
    /// The row.
    pub row: String,
}

/// A dossier became a candidature.
///
/// # Errors
/// The database.
pub async fn closed(conn: &mut PgConnection, dossier: &Closed, version: u64) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into candidatures (dossier_id, number, filiere, diploma, mention, equivalent_to, first_school, schools,
                                   other_route_declared, closed_at, heard_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (dossier_id) do update
         set other_route_declared = excluded.other_route_declared, heard_version = excluded.heard_version
         where candidatures.heard_version < excluded.heard_version",
        dossier.dossier,
        dossier.number.cast_signed(),
        dossier.filiere,
        dossier.diploma,
        dossier.mention,
        dossier.equivalent_to,
        dossier.first_school,
        &dossier.schools,
        dossier.other_route_declared,
        dossier.closed_at.to_sqlx(),
        version.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Eligibility read the tables. Waits for whoever is deciding on the dossier.
///
/// # Errors
/// The database.
pub async fn assessed(
    conn: &mut PgConnection,
    dossier: Uuid,
    schools: &[Assessed],
    version: u64,
) -> Result<(), StoreError> {
    sqlx::query_scalar!("select dossier_id from candidatures where dossier_id = $1 for update", dossier)
        .fetch_optional(&mut *conn)
        .await?;
    let newer = sqlx::query_scalar!(
        "insert into assessments (dossier_id, version) values ($1, $2)
         on conflict (dossier_id) do update set version = excluded.version where assessments.version < excluded.version
         returning dossier_id",
        dossier,
        version.cast_signed()
    )
    .fetch_optional(&mut *conn)
    .await?;
    if newer.is_none() {
        return Ok(());
    }
    sqlx::query!("delete from recevabilites where dossier_id = $1", dossier).execute(&mut *conn).await?;
    for school in schools {
        sqlx::query!(
            "insert into recevabilites (dossier_id, school, reading, table_name, row_name) values ($1, $2, $3, $4, $5)",
            dossier,
            school.school,
            school.reading,
            school.table,
            school.row
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// School 1 verified the dossier.
///
/// # Errors
/// The database.
pub async fn verified(conn: &mut PgConnection, dossier: Uuid, verdict: &str, version: u64) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into verifications (dossier_id, version, verdict) values ($1, $2, $3)
         on conflict (dossier_id) do update set version = excluded.version, verdict = excluded.verdict
         where verifications.version < excluded.version",
        dossier,
        version.cast_signed(),
        verdict
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The fee moved.
///
/// # Errors
/// The database.
pub async fn fee_changed(conn: &mut PgConnection, dossier: Uuid, status: &str, version: u64) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into fees (dossier_id, version, status) values ($1, $2, $3)
         on conflict (dossier_id) do update set version = excluded.version, status = excluded.status
         where fees.version < excluded.version",
        dossier,
        version.cast_signed(),
        status
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A period was computed: what each cell holds or proposes. A recomputation of the same period has a higher version.
///
/// # Errors
/// The database.
pub async fn computed(
    conn: &mut PgConnection,
    period: u32,
    school: &str,
    filiere: &str,
    taken: u32,
    version: u64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update cells set computed_period = $3, taken = $4, computed_version = $5
         where school = $1 and filiere = $2 and (computed_period, computed_version) < ($3, $5)",
        school,
        filiere,
        i32::try_from(period).unwrap_or(i32::MAX),
        i32::try_from(taken).unwrap_or(i32::MAX),
        version.cast_signed()
    )
    .execute(conn)
    .await?;
    Ok(())
}
