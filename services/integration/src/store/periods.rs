//! Periods: computed, opened, closed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;

use super::int;

/// A period's row, without its bulk.
#[derive(Debug, Clone)]
pub struct Period {
    /// 1-based.
    pub number: u32,
    /// The aggregate's version.
    pub version: u64,
    /// The sign-off it was computed from.
    pub signature: Option<u64>,
    /// When it was computed.
    pub computed_at: Option<Timestamp>,
    /// SHA-256 of the inputs, hex.
    pub inputs_digest: Option<String>,
    /// SHA-256 of the outputs, hex.
    pub outputs_digest: Option<String>,
    /// What the checker objects to.
    pub objections: Vec<String>,
    /// Its opening's instant, once that has come.
    pub opening_due: Option<Timestamp>,
    /// When its proposals became visible.
    pub opened_at: Option<Timestamp>,
    /// Digest of the outputs that two people let out.
    pub override_digest: Option<String>,
    /// Who prepared that.
    pub override_prepared: Option<String>,
    /// Who confirmed it.
    pub override_confirmed: Option<String>,
    /// Its close's instant, once that has come.
    pub close_due: Option<Timestamp>,
    /// Why the close waits for a person.
    pub close_waits: Option<String>,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
}

/// Writes down the periods there are.
///
/// # Errors
/// The database does not answer.
pub async fn declare(tx: &mut Tx, count: u32) -> Result<(), DbError> {
    sqlx::query!(
        "insert into period (number) select generate_series(1, $1::integer) on conflict do nothing",
        int(count)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// All periods, by number.
///
/// # Errors
/// The database does not answer.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Period>, DbError> {
    let rows = sqlx::query!(
        "select number, version, signature, computed_at, inputs_digest, outputs_digest, objections, opening_due,
                opened_at, override_digest, override_prepared, override_confirmed, close_due, close_waits, closed_at
         from period order by number"
    );
    let periods = rows.fetch_all(conn).await?.into_iter().map(|row| Period {
        number: row.number.cast_unsigned(),
        version: row.version.cast_unsigned(),
        signature: row.signature.map(i64::cast_unsigned),
        computed_at: row.computed_at.map(jiff_sqlx::Timestamp::to_jiff),
        inputs_digest: row.inputs_digest,
        outputs_digest: row.outputs_digest,
        objections: row.objections,
        opening_due: row.opening_due.map(jiff_sqlx::Timestamp::to_jiff),
        opened_at: row.opened_at.map(jiff_sqlx::Timestamp::to_jiff),
        override_digest: row.override_digest,
        override_prepared: row.override_prepared,
        override_confirmed: row.override_confirmed,
        close_due: row.close_due.map(jiff_sqlx::Timestamp::to_jiff),
        close_waits: row.close_waits,
        closed_at: row.closed_at.map(jiff_sqlx::Timestamp::to_jiff),
    });
    Ok(periods.collect())
}

/// One period.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, number: u32) -> Result<Option<Period>, DbError> {
    Ok(all(conn).await?.into_iter().find(|period| period.number == number))
}

/// The period whose proposals are being prepared: not opened, and the one before it closed.
///
/// # Errors
/// The database does not answer.
pub async fn in_preparation(conn: &mut PgConnection) -> Result<Option<Period>, DbError> {
    let all = all(conn).await?;
    let ready = |number: u32| number == 1 || all.iter().any(|p| p.number + 1 == number && p.closed_at.is_some());
    Ok(all.iter().find(|period| period.opened_at.is_none() && ready(period.number)).cloned())
}

/// The last period that opened.
///
/// # Errors
/// The database does not answer.
pub async fn last_opened(conn: &mut PgConnection) -> Result<Option<Period>, DbError> {
    Ok(all(conn).await?.into_iter().rfind(|period| period.opened_at.is_some()))
}

/// The opening's instant has come.
///
/// # Errors
/// The database does not answer.
pub async fn opening_is_due(tx: &mut Tx, number: u32, due: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update period set opening_due = $2 where number = $1", int(number), due.to_sqlx())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The proposals are visible from `at` on.
///
/// # Errors
/// The database does not answer.
pub async fn opened(tx: &mut Tx, number: u32, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update period set opened_at = $2 where number = $1", int(number), at.to_sqlx())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The close's instant has come; with a reason, it waits for a person.
///
/// # Errors
/// The database does not answer.
pub async fn close_is_due(tx: &mut Tx, number: u32, due: Timestamp, waits: Option<&str>) -> Result<(), DbError> {
    sqlx::query!(
        "update period set close_due = $2, close_waits = $3 where number = $1",
        int(number),
        due.to_sqlx(),
        waits
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The period closed. Returns its new version.
///
/// # Errors
/// The database does not answer.
pub async fn closed(tx: &mut Tx, number: u32, at: Timestamp) -> Result<u64, DbError> {
    let version = sqlx::query_scalar!(
        "update period set closed_at = $2, close_waits = null, version = version + 1 where number = $1 returning version",
        int(number),
        at.to_sqlx(),
    );
    Ok(version.fetch_one(tx.conn()).await?.cast_unsigned())
}

/// One person wants a held-back period out.
///
/// # Errors
/// The database does not answer.
pub async fn prepare_override(
    tx: &mut Tx,
    number: u32,
    digest: &str,
    actor: &str,
    reason: &str,
) -> Result<(), DbError> {
    sqlx::query!(
        "update period set override_digest = $2, override_prepared = $3, override_reason = $4, override_confirmed = null
         where number = $1",
        int(number),
        digest,
        actor,
        reason,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// And another one confirms.
///
/// # Errors
/// The database does not answer.
pub async fn confirm_override(tx: &mut Tx, number: u32, actor: &str) -> Result<(), DbError> {
    sqlx::query!("update period set override_confirmed = $2 where number = $1", int(number), actor)
        .execute(tx.conn())
        .await?;
    Ok(())
}
