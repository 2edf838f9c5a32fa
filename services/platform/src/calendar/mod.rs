//! The calendar as a projection: the clock guards, the event acts.
//!
//! Every service that hears the calendar keeps its transitions, acknowledges each version, guards its [`Window`]s with
//! the instants, and acts ([`Effects`]) on a transition only once the calendar says that it fired.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::{
    db::{Db, DbError, Tx},
    inbox::HandleError,
};

mod driver;
mod projection;
mod window;

pub(crate) use driver::Driver;
pub(crate) use projection::Projection;
pub use window::{WindowGuard, WindowRefused};

/// A span of time, `[opens, closes)`, in which a command may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its name, unique in the service.
    pub name: String,
    /// Key of the transition that opens it.
    pub opens: String,
    /// Key of the transition that closes it.
    pub closes: String,
}

/// What a service does at transitions.
#[tonic::async_trait]
pub trait Effects: Send + Sync + 'static {
    /// Transitions it acts on.
    fn keys(&self) -> Vec<String>;

    /// Acts, once per transition, in the transaction that marks it handled. Windows that close at it are closed
    /// already, under the exclusive lock. `due` (UTC) dates the effect, however late it runs. An error is tried again
    /// until it goes away, with an alarm: nothing is skipped.
    async fn at(&self, tx: &mut Tx, key: &str, due: Timestamp) -> Result<(), HandleError>;
}

/// When a transition is due, as far as this service knows.
///
/// # Errors
/// The database does not answer.
pub async fn instant_of(conn: &mut PgConnection, key: &str) -> Result<Option<Timestamp>, DbError> {
    let due = sqlx::query_scalar!("select due_at from platform.transitions where key = $1", key);
    Ok(due.fetch_optional(conn).await?.map(jiff_sqlx::Timestamp::to_jiff))
}

/// When each of these transitions is due, as far as this service knows; a transition it does not know is left out.
///
/// # Errors
/// The database does not answer.
pub async fn instants(conn: &mut PgConnection, keys: &[String]) -> Result<BTreeMap<String, Timestamp>, DbError> {
    let rows = sqlx::query!("select key, due_at from platform.transitions where key = any($1)", keys);
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.key, row.due_at.to_jiff())).collect())
}

/// A transition is known and its instant is not after `at`: the guard of every read that waits for an instant.
///
/// # Errors
/// The database does not answer.
pub async fn passed(conn: &mut PgConnection, key: &str, at: Timestamp) -> Result<bool, DbError> {
    Ok(instant_of(conn, key).await?.is_some_and(|due| at >= due))
}

/// The calendar's version this service has taken as its own.
///
/// # Errors
/// The database does not answer.
pub async fn version(conn: &mut PgConnection) -> Result<Option<u64>, DbError> {
    let version = sqlx::query_scalar!("select version from platform.calendar").fetch_optional(conn).await?;
    Ok(version.map(i64::cast_unsigned))
}

/// Transitions among `keys` that are due at `now` and not handled.
pub(crate) async fn due_unhandled(conn: &mut PgConnection, keys: &[String], now: Timestamp) -> Result<u64, DbError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.transitions
           where key = any($1) and handled_at is null and due_at <= $2"#,
        keys,
        now.to_sqlx(),
    )
    .fetch_one(conn)
    .await?;
    Ok(count.cast_unsigned())
}

/// The earliest instant of a transition among `keys` that is not handled, whether it is due yet or not.
pub(crate) async fn first_unhandled(conn: &mut PgConnection, keys: &[String]) -> Result<Option<Timestamp>, DbError> {
    let first = sqlx::query_scalar!(
        "select min(due_at) from platform.transitions where key = any($1) and handled_at is null",
        keys,
    )
    .fetch_one(conn)
    .await?;
    Ok(first.map(jiff_sqlx::Timestamp::to_jiff))
}

/// When each window of this service closes.
pub(crate) async fn closings(conn: &mut PgConnection) -> Result<Vec<(String, Timestamp)>, DbError> {
    let rows =
        sqlx::query!("select w.name, c.due_at from platform.windows w join platform.transitions c on c.key = w.closes");
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.name, row.due_at.to_jiff())).collect())
}

/// Writes down which windows this version of the service guards. A window that closed stays closed.
pub(crate) async fn declare(db: &Db, windows: &[Window], acted_on: &[String]) -> Result<(), DbError> {
    let names: Vec<String> = windows.iter().map(|w| w.name.clone()).collect();
    let opens: Vec<String> = windows.iter().map(|w| w.opens.clone()).collect();
    let closes: Vec<String> = windows.iter().map(|w| w.closes.clone()).collect();
    let effects: Vec<bool> = windows.iter().map(|w| acted_on.contains(&w.opens)).collect();
    let mut tx = db.begin("declare_windows").await?;
    // Replicas start together.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('platform.windows', 0))").fetch_one(tx.conn()).await?;
    sqlx::query!("delete from platform.windows where name <> all($1)", &names).execute(tx.conn()).await?;
    sqlx::query!(
        "insert into platform.windows (name, opens, closes, opening_effect)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
         on conflict (name) do update
         set opens = excluded.opens, closes = excluded.closes, opening_effect = excluded.opening_effect",
        &names,
        &opens,
        &closes,
        &effects,
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
