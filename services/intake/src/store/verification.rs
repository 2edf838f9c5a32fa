//! Corrections and verdicts (R14).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dossiers::{VERDICTS, word},
    signed, unsigned,
};
use crate::domain::verification::{Correction, Verdict};

/// Every correction asked of a dossier, in the order asked.
///
/// # Errors
/// The database does not answer.
pub async fn corrections(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Correction>, DbError> {
    let rows = sqlx::query!(
        "select c.id, c.piece_id, p.kind, c.until, c.reason, c.requested_at, c.deposited
         from corrections c join pieces p on p.id = c.piece_id where c.dossier_id = $1 order by c.requested_at, c.id",
        dossier,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Correction {
            id: r.id,
            piece: r.piece_id,
            kind: r.kind,
            until: r.until.to_jiff(),
            reason: r.reason,
            requested_at: r.requested_at.to_jiff(),
            deposited: r.deposited,
        })
        .collect())
}

/// Adds a correction.
///
/// # Errors
/// The database does not answer.
pub async fn insert_correction(tx: &mut Tx, dossier: Uuid, c: &Correction, by: &str) -> Result<(), DbError> {
    sqlx::query!(
        "insert into corrections (id, dossier_id, piece_id, until, reason, requested_at, requested_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
        c.id,
        dossier,
        c.piece,
        c.until.to_sqlx() as _,
        c.reason,
        c.requested_at.to_sqlx() as _,
        by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A correction was answered with a piece.
///
/// # Errors
/// The database does not answer.
pub async fn answer_correction(tx: &mut Tx, id: Uuid, with: Uuid) -> Result<(), DbError> {
    sqlx::query!("update corrections set deposited = $2 where id = $1", id, with).execute(tx.conn()).await?;
    Ok(())
}

/// Records a verdict under the dossier's new version, which is returned.
///
/// # Errors
/// The database does not answer.
pub async fn record(
    tx: &mut Tx,
    dossier: Uuid,
    verdict: Verdict,
    note: &str,
    at: Timestamp,
    by: &str,
) -> Result<u64, DbError> {
    let verdict = word(&VERDICTS, verdict);
    let version = sqlx::query_scalar!(
        "update dossiers set version = version + 1, verdict = $2, verdict_at = $3 where id = $1 returning version",
        dossier,
        verdict,
        at.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "insert into verdicts (dossier_id, version, verdict, note, at, by) values ($1, $2, $3, $4, $5, $6)",
        dossier,
        signed(unsigned(version)),
        verdict,
        note,
        at.to_sqlx() as _,
        by,
    )
    .execute(tx.conn())
    .await?;
    Ok(unsigned(version))
}

/// The last verdict, when, and its note.
///
/// # Errors
/// The database does not answer.
pub async fn last_verdict(
    conn: &mut PgConnection,
    dossier: Uuid,
) -> Result<Option<(Verdict, Timestamp, String)>, DbError> {
    let row = sqlx::query!(
        "select verdict, at, note from verdicts where dossier_id = $1 order by version desc limit 1",
        dossier
    )
    .fetch_optional(conn)
    .await?;
    row.map(|r| Ok((super::dossiers::value(&VERDICTS, "verdict", &r.verdict)?, r.at.to_jiff(), r.note))).transpose()
}
