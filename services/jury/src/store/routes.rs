//! Other routes' lists (R15).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// A line of another route's list that looks like one of ours.
#[derive(Debug, Clone)]
pub struct Match {
    /// Our dossier.
    pub dossier: Uuid,
    /// The other route.
    pub route: String,
    /// Line of the file, from 1.
    pub line: u32,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// The candidate declared another route.
    pub declared: bool,
}

/// Keeps that a file was imported; false if it had been.
///
/// # Errors
/// The database.
pub async fn save_import(
    conn: &mut PgConnection,
    route: &str,
    digest: &str,
    lines: u32,
    by: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into imports (route, digest, lines, imported_by, imported_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        route,
        digest,
        i32::try_from(lines).unwrap_or(i32::MAX),
        by,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps a match; an earlier one of the same route stands. False if there is one.
///
/// # Errors
/// The database.
pub async fn save_match(
    conn: &mut PgConnection,
    dossier: Uuid,
    route: &str,
    line: u32,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into matches (dossier_id, route, line, imported_at) values ($1, $2, $3, $4) on conflict do nothing",
        dossier,
        route,
        i32::try_from(line).unwrap_or(i32::MAX),
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Matches after `(dossier, route)`, in that order.
///
/// # Errors
/// The database.
pub async fn matches(
    conn: &mut PgConnection,
    school: Option<&str>,
    after: (Uuid, &str),
    limit: i64,
) -> Result<Vec<Match>, StoreError> {
    let rows = sqlx::query!(
        r#"select m.dossier_id, m.route, m.line, m.imported_at,
                  coalesce(c.other_route_declared, false) as "declared!"
           from matches m left join candidatures c using (dossier_id)
           where (m.dossier_id, m.route) > ($1, $2) and ($4::text is null or $4 = any(c.schools))
           order by m.dossier_id, m.route limit $3"#,
        after.0,
        after.1,
        limit,
        school
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Match {
            dossier: r.dossier_id,
            route: r.route,
            line: u32::try_from(r.line).unwrap_or(0),
            imported_at: r.imported_at.to_jiff(),
            declared: r.declared,
        })
        .collect())
}

/// Those of these dossiers that are closed for that school, in the order of their ids.
///
/// # Errors
/// The database.
pub async fn closed_for(conn: &mut PgConnection, school: &str, dossiers: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select dossier_id from candidatures where dossier_id = any($1) and $2 = any(schools) order by dossier_id",
        dossiers,
        school
    )
    .fetch_all(conn)
    .await?)
}
