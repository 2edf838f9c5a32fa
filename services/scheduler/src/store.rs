//! SQL, and nothing else.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{Calendar, Entry, Fired, Move, MoveState, Shift, State};

/// Makes the session this database's; false if it has one.
pub async fn insert_session(conn: &mut PgConnection, id: &str, zone: &str) -> Result<bool, DbError> {
    let done =
        sqlx::query!("insert into session (id, zone, version) values ($1, $2, 1) on conflict do nothing", id, zone)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes the transitions of a new calendar, in its order.
pub async fn insert_transitions(conn: &mut PgConnection, calendar: &Calendar, zone: &str) -> Result<(), DbError> {
    for (position, entry) in (0_i32..).zip(calendar.entries()) {
        sqlx::query!(
            "insert into transitions (key, position, local_time, zone, due_at, printed_at, version)
             values ($1, $2, $3, $4, $5, $5, $6)",
            entry.key,
            position,
            calendar.local(entry.due_at).to_string(),
            zone,
            entry.due_at.to_sqlx(),
            entry.version.cast_signed(),
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The calendar under the lock of its session's row, and the name of its zone.
pub async fn calendar_for_update(tx: &mut Tx) -> Result<(Calendar, String), DbError> {
    sqlx::query!("select id from session for update").fetch_one(tx.conn()).await?;
    calendar(tx.conn()).await
}

/// The calendar, and the name of its zone.
pub async fn calendar(conn: &mut PgConnection) -> Result<(Calendar, String), DbError> {
    // One statement: one snapshot of version and entries.
    let rows = sqlx::query!(
        "select s.id, s.zone, s.version, t.key, t.due_at, t.printed_at, t.state, t.version as entry_version
         from session s cross join transitions t order by t.position"
    )
    .fetch_all(conn)
    .await?;
    let Some(first) = rows.first() else { return Err(sqlx::Error::RowNotFound.into()) };
    let (session, zone_name, version) = (first.id.clone(), first.zone.clone(), first.version.cast_unsigned());
    let zone = TimeZone::get(&zone_name).map_err(|e| sqlx::Error::Decode(e.into()))?;
    let entries = rows.into_iter().map(|r| Entry {
        key: r.key,
        due_at: r.due_at.to_jiff(),
        printed_at: r.printed_at.to_jiff(),
        state: if r.state == "fired" { State::Fired } else { State::Pending },
        version: r.entry_version.cast_unsigned(),
    });
    Ok((Calendar::restored(session, zone, version, entries.collect()), zone_name))
}

/// When the next pending transition is due.
pub async fn next_due(conn: &mut PgConnection) -> Result<Option<Timestamp>, DbError> {
    let due =
        sqlx::query_scalar!("select min(due_at) from transitions where state = 'pending'").fetch_one(conn).await?;
    Ok(due.map(|d| d.to_jiff()))
}

async fn set_version(conn: &mut PgConnection, version: u64) -> Result<(), DbError> {
    sqlx::query!("update session set version = $1", version.cast_signed()).execute(conn).await?;
    Ok(())
}

/// Turns the pending row into a fired one.
pub async fn save_fired(tx: &mut Tx, calendar: &Calendar, fired: &Fired) -> Result<(), DbError> {
    let done = sqlx::query!(
        "update transitions set state = 'fired', fired_at = due_at, version = $2
         where key = $1 and state = 'pending' and due_at = $3",
        fired.key,
        calendar.version.cast_signed(),
        fired.due_at.to_sqlx(),
    )
    .execute(tx.conn())
    .await?;
    // The session's row is locked: nobody else can have changed it.
    if done.rows_affected() != 1 {
        return Err(sqlx::Error::RowNotFound.into());
    }
    set_version(tx.conn(), calendar.version).await
}

/// Writes a prepared move.
pub async fn insert_move(conn: &mut PgConnection, prepared: &Move<Uuid>) -> Result<(), DbError> {
    sqlx::query!(
        "insert into moves (id, key, to_at, reason, prepared_by, prepared_at) values ($1, $2, $3, $4, $5, $6)",
        prepared.id,
        prepared.key,
        prepared.to.to_sqlx(),
        prepared.reason,
        prepared.prepared_by,
        prepared.prepared_at.to_sqlx(),
    )
    .execute(&mut *conn)
    .await?;
    insert_shifts(conn, prepared).await
}

async fn insert_shifts(conn: &mut PgConnection, of: &Move<Uuid>) -> Result<(), DbError> {
    for (position, shift) in (0_i32..).zip(&of.shifts) {
        sqlx::query!(
            "insert into shifts (move_id, position, key, from_at, to_at, reopens) values ($1, $2, $3, $4, $5, $6)
             on conflict (move_id, position) do update set reopens = excluded.reopens",
            of.id,
            position,
            shift.key,
            shift.from.to_sqlx(),
            shift.to.to_sqlx(),
            shift.reopens,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Writes a confirmed move and the calendar that it made.
pub async fn save_moved(
    tx: &mut Tx,
    calendar: &Calendar,
    confirmed: &Move<Uuid>,
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    for shift in &confirmed.shifts {
        sqlx::query!(
            "update transitions set due_at = $2, local_time = $3, state = 'pending', fired_at = null, version = $4
             where key = $1",
            shift.key,
            shift.to.to_sqlx(),
            calendar.local(shift.to).to_string(),
            calendar.version.cast_signed(),
        )
        .execute(tx.conn())
        .await?;
    }
    insert_shifts(tx.conn(), confirmed).await?;
    sqlx::query!(
        "update moves set confirmed_by = $2, confirmed_at = $3, version = $4 where id = $1",
        confirmed.id,
        by,
        at.to_sqlx(),
        calendar.version.cast_signed(),
    )
    .execute(tx.conn())
    .await?;
    set_version(tx.conn(), calendar.version).await
}

/// Every move that was carried out, oldest first.
pub async fn confirmed_moves(conn: &mut PgConnection) -> Result<Vec<Move<Uuid>>, DbError> {
    let mut moves = moves(conn, None).await?;
    moves.retain(|m| matches!(m.state, MoveState::Confirmed { .. }));
    Ok(moves)
}

/// One move, or every one, oldest first.
pub async fn moves(conn: &mut PgConnection, id: Option<Uuid>) -> Result<Vec<Move<Uuid>>, DbError> {
    let rows = sqlx::query!(
        "select id, key, to_at, reason, prepared_by, prepared_at, confirmed_by, confirmed_at, version from moves
         where $1::uuid is null or id = $1 order by prepared_at, id",
        id,
    )
    .fetch_all(&mut *conn)
    .await?;
    let shifts = sqlx::query!(
        "select move_id, key, from_at, to_at, reopens from shifts
         where $1::uuid is null or move_id = $1 order by move_id, position",
        id,
    )
    .fetch_all(conn)
    .await?;
    let mut by_move: BTreeMap<Uuid, Vec<Shift>> = BTreeMap::new();
    for s in shifts {
        let shift = Shift { key: s.key, from: s.from_at.to_jiff(), to: s.to_at.to_jiff(), reopens: s.reopens };
        by_move.entry(s.move_id).or_default().push(shift);
    }
    let moves = rows.into_iter().map(|r| Move {
        shifts: by_move.remove(&r.id).unwrap_or_default(),
        state: match (r.confirmed_by, r.confirmed_at, r.version) {
            (Some(by), Some(at), Some(version)) => {
                MoveState::Confirmed { by, at: at.to_jiff(), version: version.cast_unsigned() }
            }
            _ => MoveState::Prepared,
        },
        id: r.id,
        key: r.key,
        to: r.to_at.to_jiff(),
        reason: r.reason,
        prepared_by: r.prepared_by,
        prepared_at: r.prepared_at.to_jiff(),
    });
    Ok(moves.collect())
}

/// Notes the version that a service acknowledged, unless it has acknowledged a later one.
pub async fn acknowledge(
    conn: &mut PgConnection,
    service: &str,
    version: u64,
    at: jiff_sqlx::Timestamp,
) -> Result<(), DbError> {
    sqlx::query!(
        "insert into acknowledgements as a (service, version, at) values ($1, $2, $3)
         on conflict (service) do update set version = excluded.version, at = excluded.at
         where a.version < excluded.version",
        service,
        version.cast_signed(),
        at as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The last version that each service acknowledged.
pub async fn acknowledged(conn: &mut PgConnection) -> Result<BTreeMap<String, u64>, DbError> {
    let rows = sqlx::query!("select service, version from acknowledgements").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.service, r.version.cast_unsigned())).collect())
}
