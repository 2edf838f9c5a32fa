//! Pieces: created once, never written again.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    corrupt, digest,
    dossiers::{value, word},
    signed, unsigned,
};
use crate::domain::{
    dossier::{Checked, Piece, Purpose},
    file::MediaType,
    verification::PieceVerdict,
};

/// Words of [`Purpose`] as stored. A fiche is no piece of the candidate's: it has its own.
pub(super) const PURPOSES: [(Purpose, &str); 3] =
    [(Purpose::Piece, "piece"), (Purpose::Late, "late"), (Purpose::Correction, "correction")];

/// Words of [`PieceVerdict`] as stored.
const VERDICTS: [(PieceVerdict, &str); 2] = [(PieceVerdict::Ok, "ok"), (PieceVerdict::Unreadable, "unreadable")];

struct Row {
    id: Uuid,
    kind: String,
    name: String,
    size: i64,
    sha256: Vec<u8>,
    media: String,
    deposited_at: jiff_sqlx::Timestamp,
    purpose: String,
    corrects: Option<Uuid>,
    verdict: Option<String>,
    verdict_at: Option<jiff_sqlx::Timestamp>,
    verdict_by: Option<String>,
}

impl Row {
    fn piece(self) -> Result<Piece, DbError> {
        Ok(Piece {
            id: self.id,
            kind: self.kind,
            name: self.name,
            size: unsigned(self.size),
            sha256: digest(&self.sha256)?,
            media: MediaType::from_mime(&self.media).ok_or_else(|| corrupt("media", &self.media))?,
            deposited_at: self.deposited_at.to_jiff(),
            // A fiche is listed to those who may see it as a piece like another.
            purpose: if self.purpose == "fiche" { Purpose::Piece } else { value(&PURPOSES, "purpose", &self.purpose)? },
            corrects: self.corrects,
            verdict: self.verdict.map(|v| value(&VERDICTS, "verdict", &v)).transpose()?,
            checked: self.verdict_at.map(|at| Checked { at: at.to_jiff(), by: self.verdict_by.unwrap_or_default() }),
        })
    }
}

/// The dossier's pieces, the fiche apart, in the order in which they came.
///
/// # Errors
/// The database does not answer.
pub async fn of(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Piece>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, kind, name, size, sha256, media, deposited_at, purpose, corrects, verdict, verdict_at, verdict_by
         from pieces
         where dossier_id = $1 and removed_at is null and purpose <> 'fiche' order by deposited_at, id",
        dossier,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::piece).collect()
}

/// Every piece of the dossier, the fiche included.
///
/// # Errors
/// The database does not answer.
pub async fn of_all(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Piece>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, kind, name, size, sha256, media, deposited_at, purpose, corrects, verdict, verdict_at, verdict_by
         from pieces
         where dossier_id = $1 and removed_at is null order by deposited_at, id",
        dossier,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::piece).collect()
}

/// One piece and where its bytes are.
#[derive(Debug, Clone)]
pub struct Found {
    /// The piece.
    pub piece: Piece,
    /// Key in the object store.
    pub object: String,
    /// It is the fiche (R11).
    pub fiche: bool,
}

/// A piece of this dossier, the fiche included.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, dossier: Uuid, id: Uuid) -> Result<Option<Found>, DbError> {
    let row = sqlx::query!(
        "select id, kind, name, size, sha256, media, deposited_at, purpose, corrects, verdict, verdict_at, verdict_by,
                object
         from pieces
         where dossier_id = $1 and id = $2 and removed_at is null",
        dossier,
        id,
    )
    .fetch_optional(conn)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let (object, fiche) = (r.object, r.purpose == "fiche");
    let row = Row {
        id: r.id,
        kind: r.kind,
        name: r.name,
        size: r.size,
        sha256: r.sha256,
        media: r.media,
        deposited_at: r.deposited_at,
        purpose: r.purpose,
        corrects: r.corrects,
        verdict: r.verdict,
        verdict_at: r.verdict_at,
        verdict_by: r.verdict_by,
    };
    Ok(Some(Found { piece: row.piece()?, object, fiche }))
}

/// Adds a piece whose bytes are in the object store already. `fiche`: it came through the link.
///
/// # Errors
/// The database does not answer, or the object is a piece already.
pub async fn insert(tx: &mut Tx, dossier: Uuid, piece: &Piece, object: &str, fiche: bool) -> Result<(), DbError> {
    let purpose = if fiche { "fiche" } else { word(&PURPOSES, piece.purpose) };
    sqlx::query!(
        "insert into pieces (id, dossier_id, kind, name, size, sha256, media, object, deposited_at, purpose, corrects)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        piece.id,
        dossier,
        piece.kind,
        piece.name,
        signed(piece.size),
        &piece.sha256[..],
        piece.media.mime(),
        object,
        piece.deposited_at.to_sqlx() as _,
        purpose,
        piece.corrects,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a piece out of an open dossier; its row and bytes stay.
///
/// # Errors
/// The database does not answer, or the dossier is not open.
pub async fn remove(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update pieces set removed_at = $2 where id = $1 and removed_at is null", id, at.to_sqlx() as _)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What the school found of a piece, when, and who.
///
/// # Errors
/// The database does not answer.
pub async fn set_verdict(tx: &mut Tx, id: Uuid, verdict: PieceVerdict, checked: &Checked) -> Result<(), DbError> {
    sqlx::query!(
        "update pieces set verdict = $2, verdict_at = $3, verdict_by = $4 where id = $1",
        id,
        word(&VERDICTS, verdict),
        checked.at.to_sqlx() as _,
        checked.by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
