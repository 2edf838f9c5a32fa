//! What the jury signed: tables, seats, seats kept for one person.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::int;
use crate::domain::ids::{DossierId, FiliereId, SchoolId};

/// Tables by filière and school, best first.
pub type Tables = BTreeMap<FiliereId, BTreeMap<SchoolId, Vec<DossierId>>>;

/// A sign-off as it was announced.
#[derive(Debug, Clone)]
pub struct SignOff {
    /// Its number.
    pub signature: u64,
    /// School and filière of every table, in the order the digest goes by.
    pub cells: Vec<(String, String)>,
    /// SHA-256 over the tables, hex.
    pub digest: String,
}

/// Keeps a table.
///
/// # Errors
/// The database does not answer.
pub async fn keep_table(
    tx: &mut Tx,
    signature: u64,
    school: &str,
    filiere: &str,
    dossiers: &[Uuid],
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into signed_table (signature, school, filiere, dossier_ids) values ($1, $2, $3, $4)
         on conflict (signature, school, filiere) do nothing",
        signature.cast_signed(),
        school,
        filiere,
        dossiers,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps a sign-off.
///
/// # Errors
/// The database does not answer.
pub async fn keep_sign_off(tx: &mut Tx, sign_off: &SignOff, at: Timestamp) -> Result<(), DbError> {
    let (schools, filieres): (Vec<String>, Vec<String>) = sign_off.cells.iter().cloned().unzip();
    sqlx::query!(
        "insert into sign_off (signature, schools, filieres, digest, signed_at) values ($1, $2, $3, $4, $5)
         on conflict (signature) do nothing",
        sign_off.signature.cast_signed(),
        &schools,
        &filieres,
        sign_off.digest,
        at.to_sqlx(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps the confirmation that a sign-off's results go out.
///
/// # Errors
/// The database does not answer.
pub async fn keep_publication(tx: &mut Tx, signature: u64) -> Result<(), DbError> {
    let kept =
        sqlx::query!("insert into publication (signature) values ($1) on conflict do nothing", signature.cast_signed());
    kept.execute(tx.conn()).await?;
    Ok(())
}

/// Whether the results of a sign-off were confirmed to go out.
///
/// # Errors
/// The database does not answer.
pub async fn is_published(conn: &mut PgConnection, signature: u64) -> Result<bool, DbError> {
    let found = sqlx::query_scalar!("select signature from publication where signature = $1", signature.cast_signed());
    Ok(found.fetch_optional(conn).await?.is_some())
}

/// All sign-offs, latest first.
///
/// # Errors
/// The database does not answer.
pub async fn sign_offs(conn: &mut PgConnection) -> Result<Vec<SignOff>, DbError> {
    let rows = sqlx::query!("select signature, schools, filieres, digest from sign_off order by signature desc");
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| SignOff {
        signature: row.signature.cast_unsigned(),
        cells: row.schools.into_iter().zip(row.filieres).collect(),
        digest: row.digest,
    });
    Ok(rows.collect())
}

/// The tables of a sign-off that have arrived.
///
/// # Errors
/// The database does not answer.
pub async fn tables(conn: &mut PgConnection, signature: u64) -> Result<Tables, DbError> {
    let rows = sqlx::query!(
        "select school, filiere, dossier_ids from signed_table where signature = $1",
        signature.cast_signed()
    );
    let mut tables = Tables::new();
    for row in rows.fetch_all(conn).await? {
        let dossiers = row.dossier_ids.into_iter().map(DossierId).collect();
        tables.entry(FiliereId(row.filiere)).or_default().insert(SchoolId(row.school), dossiers);
    }
    Ok(tables)
}

/// How many dossiers on the tables of a sign-off have not told their order of schools yet.
///
/// # Errors
/// The database does not answer.
pub async fn missing_preferences(conn: &mut PgConnection, signature: u64) -> Result<u32, DbError> {
    let missing = sqlx::query_scalar!(
        r#"select count(distinct d.dossier_id) as "missing!"
           from signed_table t, unnest(t.dossier_ids) as d (dossier_id)
           left join candidature c on c.dossier_id = d.dossier_id
           where t.signature = $1 and (c.preferences_known is null or not c.preferences_known)"#,
        signature.cast_signed(),
    )
    .fetch_one(conn)
    .await?;
    Ok(u32::try_from(missing).unwrap_or(u32::MAX))
}

/// Keeps the seats of a school from a period's opening on, unless later ones are known.
///
/// # Errors
/// The database does not answer.
pub async fn keep_seats(
    tx: &mut Tx,
    school: &str,
    from_period: u32,
    version: u64,
    seats: &[(String, u32)],
) -> Result<(), DbError> {
    let filieres: Vec<String> = seats.iter().map(|(filiere, _)| filiere.clone()).collect();
    let counts: Vec<i32> = seats.iter().map(|(_, count)| int(*count)).collect();
    sqlx::query!(
        "insert into seats as mine (school, filiere, from_period, seats, version)
         select $1, n.filiere, $2, n.seats, $3 from unnest($4::text[], $5::integer[]) as n (filiere, seats)
         on conflict (school, filiere, from_period) do update set seats = excluded.seats, version = excluded.version
         where mine.version < excluded.version",
        school,
        int(from_period),
        version.cast_signed(),
        &filieres,
        &counts,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Seats that differ from the session file's, as they count in a period.
///
/// # Errors
/// The database does not answer.
pub async fn seats(conn: &mut PgConnection, period: u32) -> Result<BTreeMap<(FiliereId, SchoolId), u32>, DbError> {
    let rows = sqlx::query!(
        "select distinct on (school, filiere) school, filiere, seats from seats
         where from_period <= $1 order by school, filiere, version desc, from_period desc",
        int(period),
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| ((FiliereId(r.filiere), SchoolId(r.school)), r.seats.cast_unsigned())).collect())
}

/// Keeps a seat for one person, from a period's opening on.
///
/// # Errors
/// The database does not answer.
pub async fn keep_supernumerary(tx: &mut Tx, dossier: Uuid, school: &str, from_period: u32) -> Result<(), DbError> {
    sqlx::query!(
        "insert into supernumerary (dossier_id, school, from_period) values ($1, $2, $3) on conflict do nothing",
        dossier,
        school,
        int(from_period),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Seats kept for one person, as they count in a period.
///
/// # Errors
/// The database does not answer.
pub async fn supernumerary(conn: &mut PgConnection, period: u32) -> Result<Vec<(DossierId, SchoolId)>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, school from supernumerary where from_period <= $1 order by dossier_id, school",
        int(period)
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (DossierId(row.dossier_id), SchoolId(row.school))).collect())
}
