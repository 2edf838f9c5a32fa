//! What was heard of dossiers, each part as new as the newest fact about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

/// A fee as it was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fee {
    /// Name of the status in the contract.
    pub status: String,
    /// What arrived, in cents.
    pub received: i64,
}

/// A situation as it was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situation {
    /// Name of the state in the contract.
    pub state: String,
    /// Number of the period.
    pub period: u32,
    /// Id of the school, or empty.
    pub school: String,
}

/// What a mail is judged by when its turn comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// It is open.
    pub open: bool,
    /// Its candidate gave it up, and it was erased.
    pub abandoned: bool,
    /// The jury annulled it.
    pub annulled: bool,
}

/// Locks the dossier's row until `tx` ends, making it if it is the first that is heard of it: two sources may tell of one
/// dossier at a time.
async fn locked(tx: &mut Tx, dossier: Uuid) -> Result<(), DbError> {
    sqlx::query!("insert into dossiers (dossier_id) values ($1) on conflict do nothing", dossier)
        .execute(tx.conn())
        .await?;
    sqlx::query!("select 1 as one from dossiers where dossier_id = $1 for update", dossier)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// The dossier is "open", "closed", "not_closed" or "abandoned". Nothing leads back to "open" but a window that opened again, of which
/// intake tells no fact: then the dossier is as it was told last.
///
/// # Errors
/// The database does not answer.
pub async fn state(tx: &mut Tx, dossier: Uuid, state: &str) -> Result<(), DbError> {
    locked(tx, dossier).await?;
    sqlx::query!("update dossiers set state = $2 where dossier_id = $1", dossier, state).execute(tx.conn()).await?;
    Ok(())
}

/// The jury annulled it.
///
/// # Errors
/// The database does not answer.
pub async fn annulled(tx: &mut Tx, dossier: Uuid) -> Result<(), DbError> {
    locked(tx, dossier).await?;
    sqlx::query!("update dossiers set annulled = true where dossier_id = $1", dossier).execute(tx.conn()).await?;
    Ok(())
}

/// Takes a fee as the newest, and gives what it was before; `None` when a newer one was heard.
///
/// # Errors
/// The database does not answer.
pub async fn fee(tx: &mut Tx, dossier: Uuid, version: u64, fee: &Fee) -> Result<Option<Fee>, DbError> {
    locked(tx, dossier).await?;
    let before = sqlx::query!(
        "select fee_status, fee_received from dossiers where dossier_id = $1 and fee_version < $2",
        dossier,
        version.cast_signed(),
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!(
        "update dossiers set fee_version = $2, fee_status = $3, fee_received = $4 where dossier_id = $1 and fee_version < $2",
        dossier,
        version.cast_signed(),
        fee.status,
        fee.received,
    )
    .execute(tx.conn())
    .await?;
    Ok(before.map(|row| Fee { status: row.fee_status, received: row.fee_received }))
}

/// Takes a situation as the newest, and gives what it was before; `None` when a newer one was heard.
///
/// # Errors
/// The database does not answer.
pub async fn situation(
    tx: &mut Tx,
    dossier: Uuid,
    version: u64,
    situation: &Situation,
) -> Result<Option<Situation>, DbError> {
    locked(tx, dossier).await?;
    let before = sqlx::query!(
        "select situation, situation_period, situation_school from dossiers
         where dossier_id = $1 and situation_version < $2",
        dossier,
        version.cast_signed(),
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!(
        "update dossiers set situation_version = $2, situation = $3, situation_period = $4, situation_school = $5
         where dossier_id = $1 and situation_version < $2",
        dossier,
        version.cast_signed(),
        situation.state,
        situation.period.cast_signed(),
        situation.school,
    )
    .execute(tx.conn())
    .await?;
    Ok(before.map(|row| Situation {
        state: row.situation,
        period: row.situation_period.cast_unsigned(),
        school: row.situation_school,
    }))
}

/// The admissibility result was published at `at`: keeps the first time, and gives it with the version and instant of the
/// convocation that may be news (R19).
///
/// # Errors
/// The database does not answer.
pub async fn published(
    tx: &mut Tx,
    dossier: Uuid,
    at: Timestamp,
) -> Result<(Option<Timestamp>, u64, Option<Timestamp>), DbError> {
    locked(tx, dossier).await?;
    sqlx::query!(
        "update dossiers set published_at = coalesce(published_at, $2) where dossier_id = $1",
        dossier,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    orals(tx, dossier).await
}

/// A convocation was set at `at`, not before the results' instant; gives the same.
///
/// # Errors
/// The database does not answer.
pub async fn convocation(
    tx: &mut Tx,
    dossier: Uuid,
    version: u64,
    at: Timestamp,
) -> Result<(Option<Timestamp>, u64, Option<Timestamp>), DbError> {
    locked(tx, dossier).await?;
    sqlx::query!(
        "update dossiers set convocation_version = $2, convocation_at = $3
         where dossier_id = $1 and convocation_version < $2",
        dossier,
        version.cast_signed(),
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    orals(tx, dossier).await
}

async fn orals(tx: &mut Tx, dossier: Uuid) -> Result<(Option<Timestamp>, u64, Option<Timestamp>), DbError> {
    let row = sqlx::query!(
        "select published_at, convocation_version, convocation_at from dossiers where dossier_id = $1",
        dossier,
    )
    .fetch_one(tx.conn())
    .await?;
    let instant = |at: Option<jiff_sqlx::Timestamp>| at.map(jiff_sqlx::Timestamp::to_jiff);
    Ok((instant(row.published_at), row.convocation_version.cast_unsigned(), instant(row.convocation_at)))
}

/// Every dossier that is open and not annulled.
///
/// # Errors
/// The database does not answer.
pub async fn open_dossiers(tx: &mut Tx) -> Result<Vec<Uuid>, DbError> {
    let ids = sqlx::query_scalar!(
        "select dossier_id from dossiers where state = 'open' and not annulled order by dossier_id"
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// What is known of these dossiers.
///
/// # Errors
/// The database does not answer.
pub async fn states(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<BTreeMap<Uuid, Heard>, DbError> {
    let rows = sqlx::query!("select dossier_id, state, annulled from dossiers where dossier_id = any($1)", dossiers)
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.dossier_id,
                Heard { open: row.state == "open", abandoned: row.state == "abandoned", annulled: row.annulled },
            )
        })
        .collect())
}
