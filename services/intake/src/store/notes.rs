//! Notes of a school's staff on a dossier: theirs alone, append-only.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: Uuid,
    /// Subject of the author's token.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// Adds a note. False when that id is taken.
///
/// # Errors
/// The database does not answer.
pub async fn insert(tx: &mut Tx, (dossier, school): (Uuid, &str), note: &Note) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into notes (id, dossier_id, school, author, at, text) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        note.id,
        dossier,
        school,
        note.author,
        note.at.to_sqlx() as _,
        note.text,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The notes of one school on a dossier, the oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn of(conn: &mut PgConnection, dossier: Uuid, school: &str) -> Result<Vec<Note>, DbError> {
    let rows = sqlx::query!(
        "select id, author, at, text from notes where dossier_id = $1 and school = $2 order by place",
        dossier,
        school,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| Note { id: r.id, author: r.author, at: r.at.to_jiff(), text: r.text }).collect())
}
