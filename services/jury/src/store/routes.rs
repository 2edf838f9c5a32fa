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

/// True if that file was imported for that route.
///
/// # Errors
/// The database.
pub async fn is_imported(conn: &mut PgConnection, route: &str, digest: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from imports where route = $1 and digest = $2) as "imported!""#,
        route,
        digest
    )
    .fetch_one(conn)
    .await?)
}

/// Keeps a match; an earlier one of the same route stands.
///
/// # Errors
/// The database.
pub async fn save_match(
    conn: &mut PgConnection,
    dossier: Uuid,
    route: &str,
    line: u32,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into matches (dossier_id, route, line, imported_at) values ($1, $2, $3, $4) on conflict do nothing",
        dossier,
        route,
        i32::try_from(line).unwrap_or(i32::MAX),
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Matches after `(dossier, route)`, in that order.
///
/// # Errors
/// The database.
pub async fn matches(conn: &mut PgConnection, after: (Uuid, &str), limit: i64) -> Result<Vec<Match>, StoreError> {
    let rows = sqlx::query!(
        r#"select m.dossier_id, m.route, m.line, m.imported_at,
                  coalesce(c.other_route_declared, false) as "declared!"
           from matches m left join candidatures c using (dossier_id)
           where (m.dossier_id, m.route) > ($1, $2) order by m.dossier_id, m.route limit $3"#,
        after.0,
        after.1,
        limit
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
