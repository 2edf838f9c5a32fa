//! Mandates (R36): who may act for a candidate, and until when.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

/// A mandate.
#[derive(Debug, Clone)]
pub struct Mandate {
    /// Its id, the subject of tokens minted from it.
    pub id: Uuid,
    /// Whose.
    pub dossier: Uuid,
    /// What the candidate calls the person.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps a new mandate under the hash of its code.
///
/// # Errors
/// The database does not answer.
pub async fn insert(tx: &mut Tx, mandate: &Mandate, code_hash: &[u8]) -> Result<(), DbError> {
    sqlx::query!(
        "insert into mandate (id, dossier_id, label, code_hash, created_at) values ($1, $2, $3, $4, $5)",
        mandate.id,
        mandate.dossier,
        mandate.label,
        code_hash,
        mandate.created_at.to_sqlx(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many mandates of a candidate are in force.
///
/// # Errors
/// The database does not answer.
pub async fn in_force(conn: &mut PgConnection, dossier: Uuid) -> Result<i64, DbError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from mandate where dossier_id = $1 and revoked_at is null"#,
        dossier
    );
    Ok(count.fetch_one(conn).await?)
}

/// Ends a mandate of that candidate; when it first ended. `None`: there is no such mandate.
///
/// # Errors
/// The database does not answer.
pub async fn revoke(tx: &mut Tx, dossier: Uuid, id: Uuid, at: Timestamp) -> Result<Option<Timestamp>, DbError> {
    let revoked = sqlx::query_scalar!(
        r#"update mandate set revoked_at = coalesce(revoked_at, $3) where id = $1 and dossier_id = $2
           returning revoked_at as "revoked_at!""#,
        id,
        dossier,
        at.to_sqlx(),
    );
    Ok(revoked.fetch_optional(tx.conn()).await?.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Mandates of a candidate, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn of(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Mandate>, DbError> {
    let rows = sqlx::query!(
        "select id, dossier_id, label, created_at, revoked_at from mandate where dossier_id = $1 order by created_at, id",
        dossier
    );
    let mandates = rows.fetch_all(conn).await?.into_iter().map(|row| Mandate {
        id: row.id,
        dossier: row.dossier_id,
        label: row.label,
        created_at: row.created_at.to_jiff(),
        revoked_at: row.revoked_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(mandates.collect())
}

/// The mandate in force whose code has this hash.
///
/// # Errors
/// The database does not answer.
pub async fn by_code(conn: &mut PgConnection, code_hash: &[u8]) -> Result<Option<(Uuid, Uuid)>, DbError> {
    let row = sqlx::query!("select id, dossier_id from mandate where code_hash = $1 and revoked_at is null", code_hash);
    Ok(row.fetch_optional(conn).await?.map(|row| (row.id, row.dossier_id)))
}

/// Whether this mandate is in force for that candidate.
///
/// # Errors
/// The database does not answer.
pub async fn is_in_force(conn: &mut PgConnection, id: Uuid, dossier: Uuid) -> Result<bool, DbError> {
    let found = sqlx::query_scalar!(
        "select id from mandate where id = $1 and dossier_id = $2 and revoked_at is null",
        id,
        dossier
    );
    Ok(found.fetch_optional(conn).await?.is_some())
}
