//! Upload sessions and their parts.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dossiers::{value, word},
    pieces::PURPOSES,
    signed, unsigned,
};
use crate::domain::{dossier::Purpose, upload::Progress};

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// A candidate's piece.
    Candidate(Purpose),
    /// Answers this correction.
    Correction(Uuid),
    /// The fiche, through this invitation.
    Fiche(Uuid),
}

/// One session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id, which the piece will bear.
    pub id: Uuid,
    /// Of which dossier.
    pub dossier: Uuid,
    /// Kind of the piece to be.
    pub kind: String,
    /// What it is for.
    pub purpose: For,
    /// Name of the file.
    pub name: String,
    /// How far it has come.
    pub progress: Progress,
    /// It became a piece.
    pub committed: bool,
}

/// Begins a session.
///
/// # Errors
/// The database does not answer.
pub async fn insert(tx: &mut Tx, s: &Session, at: Timestamp) -> Result<(), DbError> {
    let (purpose, correction, invitation) = match s.purpose {
        For::Candidate(purpose) => (word(&PURPOSES, purpose), None, None),
        For::Correction(id) => ("correction", Some(id), None),
        For::Fiche(id) => ("fiche", None, Some(id)),
    };
    sqlx::query!(
        "insert into uploads (id, dossier_id, kind, purpose, name, size, correction_id, invitation_id, begun_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        s.id,
        s.dossier,
        s.kind,
        purpose,
        s.name,
        signed(s.progress.size),
        correction,
        invitation,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many sessions of the dossier, begun since then, have not become pieces.
///
/// # Errors
/// The database does not answer.
pub async fn pending(conn: &mut PgConnection, dossier: Uuid, since: Timestamp) -> Result<u64, DbError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from uploads
           where dossier_id = $1 and committed_at is null and begun_at > $2"#,
        dossier,
        since.to_sqlx() as _,
    )
    .fetch_one(conn)
    .await?;
    Ok(unsigned(count))
}

/// A session as it stands; an abandoned one is none.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Session>, DbError> {
    let row = sqlx::query!(
        "select id, dossier_id, kind, purpose, name, size, next_offset, correction_id, invitation_id, committed_at
         from uploads where id = $1 and abandoned_at is null",
        id,
    )
    .fetch_optional(conn)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let purpose = match (r.correction_id, r.invitation_id) {
        (Some(id), _) => For::Correction(id),
        (_, Some(id)) => For::Fiche(id),
        _ => For::Candidate(value(&PURPOSES, "purpose", &r.purpose)?),
    };
    Ok(Some(Session {
        id: r.id,
        dossier: r.dossier_id,
        kind: r.kind,
        purpose,
        name: r.name,
        progress: Progress { offset: unsigned(r.next_offset), size: unsigned(r.size) },
        committed: r.committed_at.is_some(),
    }))
}

/// Acknowledges a part whose bytes are durable. False when the session has moved on meanwhile: nothing is written.
///
/// # Errors
/// The database does not answer.
pub async fn advance(tx: &mut Tx, id: Uuid, from: u64, size: u64, object: &str) -> Result<bool, DbError> {
    let moved = sqlx::query!(
        "with moved as (
             update uploads set next_offset = next_offset + $3
             where id = $1 and next_offset = $2 and committed_at is null and abandoned_at is null
             returning id)
         insert into upload_parts (upload_id, at_offset, size, object) select id, $2, $3, $4 from moved",
        id,
        signed(from),
        signed(size),
        object,
    )
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Keys of the parts, in the order of their bytes.
///
/// # Errors
/// The database does not answer.
pub async fn parts(conn: &mut PgConnection, id: Uuid) -> Result<Vec<String>, DbError> {
    let rows = sqlx::query_scalar!("select object from upload_parts where upload_id = $1 order by at_offset", id)
        .fetch_all(conn)
        .await?;
    Ok(rows)
}

/// The session became a piece. False when it was abandoned meanwhile.
///
/// # Errors
/// The database does not answer.
pub async fn commit(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "update uploads set committed_at = $2 where id = $1 and committed_at is null and abandoned_at is null",
        id,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sessions that became pieces and whose parts are still listed: their bytes are in the piece.
///
/// # Errors
/// The database does not answer.
pub async fn spent(conn: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>, DbError> {
    let rows = sqlx::query_scalar!(
        "select distinct u.id from uploads u join upload_parts p on p.upload_id = u.id
         where u.committed_at is not null limit $1",
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Forgets the parts of a session that became a piece.
///
/// # Errors
/// The database does not answer.
pub async fn forget_parts(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    sqlx::query!(
        "delete from upload_parts p using uploads u
         where p.upload_id = $1 and u.id = p.upload_id and u.committed_at is not null",
        id,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Closes sessions begun before `before` that became no piece, at most `limit`, and says how many.
///
/// # Errors
/// The database does not answer.
pub async fn abandon(tx: &mut Tx, before: Timestamp, now: Timestamp, limit: i64) -> Result<u64, DbError> {
    let done = sqlx::query!(
        "update uploads set abandoned_at = $2 where id in (
             select id from uploads where committed_at is null and abandoned_at is null and begun_at < $1
             order by begun_at limit $3 for update skip locked)",
        before.to_sqlx() as _,
        now.to_sqlx() as _,
        limit,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Sessions abandoned before `before`, each with its dossier.
///
/// # Errors
/// The database does not answer.
pub async fn abandoned(conn: &mut PgConnection, before: Timestamp, limit: i64) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    let rows = sqlx::query!(
        "select id, dossier_id from uploads where committed_at is null and abandoned_at < $1
         order by begun_at limit $2",
        before.to_sqlx() as _,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.dossier_id)).collect())
}

/// Forgets an abandoned session and its parts.
///
/// # Errors
/// The database does not answer.
pub async fn forget(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    sqlx::query!("delete from upload_parts where upload_id = $1", id).execute(tx.conn()).await?;
    sqlx::query!("delete from uploads where id = $1 and abandoned_at is not null", id).execute(tx.conn()).await?;
    Ok(())
}
