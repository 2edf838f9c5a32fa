//! Where admissibility and admission stand, draft and signed tables.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, alien};
use crate::domain::{Admission, Cell, Table, admission::Signature};

/// Where the admissibility stands.
#[derive(Debug, Clone, Copy)]
pub struct Admissibility {
    /// First confirmed at.
    pub released_at: Option<Timestamp>,
    /// The transition has run here.
    pub due_at: Option<Timestamp>,
}

/// The admissibility's row, locked.
///
/// # Errors
/// The database.
pub async fn admissibility_for_update(conn: &mut PgConnection) -> Result<Admissibility, StoreError> {
    let row = sqlx::query!("select released_at, due_at from admissibility for update").fetch_one(conn).await?;
    Ok(Admissibility {
        released_at: row.released_at.map(jiff_sqlx::Timestamp::to_jiff),
        due_at: row.due_at.map(jiff_sqlx::Timestamp::to_jiff),
    })
}

/// The same without a lock, to read.
///
/// # Errors
/// The database.
pub async fn admissibility(conn: &mut PgConnection) -> Result<Admissibility, StoreError> {
    let row = sqlx::query!("select released_at, due_at from admissibility").fetch_one(conn).await?;
    Ok(Admissibility {
        released_at: row.released_at.map(jiff_sqlx::Timestamp::to_jiff),
        due_at: row.due_at.map(jiff_sqlx::Timestamp::to_jiff),
    })
}

/// A second person confirmed: the first confirmation stands. Returns the aggregate's next version.
///
/// # Errors
/// The database.
pub async fn admissibility_released(conn: &mut PgConnection, at: Timestamp) -> Result<u64, StoreError> {
    let version = sqlx::query_scalar!(
        "update admissibility set released_at = coalesce(released_at, $1), version = version + 1 returning version",
        at.to_sqlx()
    )
    .fetch_one(conn)
    .await?;
    Ok(version.cast_unsigned())
}

/// The transition ran here.
///
/// # Errors
/// The database.
pub async fn admissibility_due(conn: &mut PgConnection, due: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("update admissibility set due_at = $1", due.to_sqlx()).execute(conn).await?;
    Ok(())
}

/// Where the admission stands, its row locked against every other act on it.
///
/// # Errors
/// The database.
pub async fn for_update(conn: &mut PgConnection) -> Result<Admission, StoreError> {
    let row = sqlx::query!("select signature, digest, released_at from admission for update").fetch_one(conn).await?;
    Ok(stand(row.signature, row.digest, row.released_at))
}

/// The same for those who only need it not to move: marks and drafts.
///
/// # Errors
/// The database.
pub async fn for_share(conn: &mut PgConnection) -> Result<Admission, StoreError> {
    let row = sqlx::query!("select signature, digest, released_at from admission for share").fetch_one(conn).await?;
    Ok(stand(row.signature, row.digest, row.released_at))
}

/// The same without a lock, to read.
///
/// # Errors
/// The database.
pub async fn read(conn: &mut PgConnection) -> Result<Admission, StoreError> {
    let row = sqlx::query!("select signature, digest, released_at from admission").fetch_one(conn).await?;
    Ok(stand(row.signature, row.digest, row.released_at))
}

/// When the current signature was given; none while there is none.
///
/// # Errors
/// The database.
pub async fn signed_at(conn: &mut PgConnection) -> Result<Option<Timestamp>, StoreError> {
    let at = sqlx::query_scalar!("select signed_at from admission").fetch_one(conn).await?;
    Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
}

fn stand(number: i64, digest: Option<String>, released_at: Option<jiff_sqlx::Timestamp>) -> Admission {
    match digest {
        None => Admission::Unsigned,
        Some(digest) => Admission::Signed(Signature {
            number: number.cast_unsigned(),
            digest,
            released_at: released_at.map(jiff_sqlx::Timestamp::to_jiff),
        }),
    }
}

/// Saves where the admission stands; the aggregate's next version.
///
/// # Errors
/// The database.
pub async fn save(conn: &mut PgConnection, admission: &Admission, at: Timestamp) -> Result<u64, StoreError> {
    let Some(signature) = admission.signature() else { return Err(alien("admission", "unsigned")) };
    let version = sqlx::query_scalar!(
        "update admission set signed_at = case when signature = $1 then signed_at else $4 end,
                signature = $1, digest = $2, released_at = $3, version = version + 1
         returning version",
        signature.number.cast_signed(),
        signature.digest,
        signature.released_at.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
        at.to_sqlx()
    )
    .fetch_one(conn)
    .await?;
    Ok(version.cast_unsigned())
}

/// One more version of the admission's aggregate, for a second fact of the same act.
///
/// # Errors
/// The database.
pub async fn next_version(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let version =
        sqlx::query_scalar!("update admission set version = version + 1 returning version").fetch_one(conn).await?;
    Ok(version.cast_unsigned())
}

/// Saves a submitted table; false if it is the one submitted before.
///
/// # Errors
/// The database.
pub async fn save_draft(conn: &mut PgConnection, table: &Table, by: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into drafts (school, filiere, dossier_ids, submitted_by, submitted_at) values ($1, $2, $3, $4, $5)
         on conflict (school, filiere) do update
         set dossier_ids = excluded.dossier_ids, submitted_by = excluded.submitted_by,
             submitted_at = excluded.submitted_at
         where drafts.dossier_ids <> excluded.dossier_ids",
        table.cell().school,
        table.cell().filiere,
        table.ranking(),
        by,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Every draft.
///
/// # Errors
/// The database.
pub async fn drafts(conn: &mut PgConnection) -> Result<BTreeMap<Cell, Vec<Uuid>>, StoreError> {
    let rows = sqlx::query!("select school, filiere, dossier_ids from drafts").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (Cell { school: r.school, filiere: r.filiere }, r.dossier_ids)).collect())
}

/// Adds the tables of one signature.
///
/// # Errors
/// The database.
pub async fn save_signed(conn: &mut PgConnection, signature: u64, tables: &[Table]) -> Result<(), StoreError> {
    for table in tables {
        sqlx::query!(
            "insert into signed_tables (signature, school, filiere, dossier_ids) values ($1, $2, $3, $4)",
            signature.cast_signed(),
            table.cell().school,
            table.cell().filiere,
            table.ranking()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The tables of one signature.
///
/// # Errors
/// The database.
pub async fn signed(conn: &mut PgConnection, signature: u64) -> Result<BTreeMap<Cell, Vec<Uuid>>, StoreError> {
    let rows = sqlx::query!(
        "select school, filiere, dossier_ids from signed_tables where signature = $1",
        signature.cast_signed()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (Cell { school: r.school, filiere: r.filiere }, r.dossier_ids)).collect())
}

/// Cells of one signature on whose table the dossier stands, with its rank from 1.
///
/// # Errors
/// The database.
pub async fn ranks(conn: &mut PgConnection, signature: u64, dossier: Uuid) -> Result<Vec<(Cell, u32)>, StoreError> {
    let rows = sqlx::query!(
        r#"select t.school, t.filiere, array_position(t.dossier_ids, $2) as "rank!"
           from signed_tables t left join cells c using (school, filiere)
           where t.signature = $1 and $2 = any(t.dossier_ids) order by c.position"#,
        signature.cast_signed(),
        dossier
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| (Cell { school: r.school, filiere: r.filiere }, u32::try_from(r.rank).unwrap_or(0)))
        .collect())
}
