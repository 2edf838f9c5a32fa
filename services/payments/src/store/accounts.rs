//! Accounts: one row per dossier, locked by whatever enters something for it.

use std::collections::HashMap;

use contracts::{payments as events, published};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::{
    db::{DbError, Tx},
    outbox,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::words::Word;
use crate::{
    domain::{
        SchoolId,
        account::{Entry, Standing, Status, standing},
        money::Cents,
    },
    wire,
};

/// An account with its history.
#[derive(Debug, Clone)]
pub struct Account {
    /// The dossier.
    pub dossier: Uuid,
    /// Its number, from which the reference is made.
    pub number: u64,
    /// Of the aggregate.
    pub version: u64,
    /// What the last fact told.
    told: Told,
    /// An exemption waits for its decision, as stored.
    waiting: bool,
    /// Everything that happened, oldest first.
    pub history: Vec<Entry>,
}

/// What a fact tells: a change of it is a new fact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    status: Status,
    payee: Option<SchoolId>,
    closed: bool,
    due: Cents,
    received: Cents,
}

impl Told {
    fn of(standing: &Standing) -> Self {
        Self {
            status: standing.status,
            payee: standing.payee.clone(),
            closed: standing.closed,
            due: standing.due,
            received: standing.received(),
        }
    }
}

/// Where the fee of an account stands, when the session's fee is `fee`.
#[must_use]
pub fn standing_of(account: &Account, fee: Cents) -> Standing {
    standing(fee, &account.history)
}

/// Opens an account; one that is open already stays as it is.
///
/// # Errors
/// The database does not answer.
pub async fn open(tx: &mut Tx, dossier: Uuid, number: u64, fee: Cents, at: Timestamp) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "insert into accounts (dossier_id, number, opened_at, due) values ($1, $2, $3, $4)
         on conflict (dossier_id) do nothing",
        dossier,
        number.cast_signed(),
        at.to_sqlx(),
        fee.get(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

struct Row {
    dossier_id: Uuid,
    number: i64,
    version: i64,
    status: String,
    payee: Option<String>,
    closed: bool,
    due: i64,
    received: i64,
    exemption_waiting: bool,
}

async fn with_histories(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Account>, DbError> {
    let ids: Vec<Uuid> = rows.iter().map(|r| r.dossier_id).collect();
    let mut histories = super::histories(conn, &ids, None).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Account {
                dossier: row.dossier_id,
                number: row.number.cast_unsigned(),
                version: row.version.cast_unsigned(),
                told: Told {
                    status: Status::read(&row.status)?,
                    payee: row.payee,
                    closed: row.closed,
                    due: Cents::new(row.due),
                    received: Cents::new(row.received),
                },
                waiting: row.exemption_waiting,
                history: histories.remove(&row.dossier_id).unwrap_or_default(),
            })
        })
        .collect()
}

/// These accounts, without a lock; unknown ids are left out.
///
/// # Errors
/// The database does not answer.
pub async fn accounts(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<Vec<Account>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "select dossier_id, number, version, status, payee, closed, due, received, exemption_waiting
         from accounts
         where dossier_id = any($1) order by dossier_id",
        dossiers,
    )
    .fetch_all(&mut *conn)
    .await?;
    with_histories(conn, rows).await
}

/// These accounts, locked in the order of their ids; unknown ids are left out. The school's lock, if it is needed, is
/// held already.
///
/// # Errors
/// The database does not answer.
pub async fn lock(tx: &mut Tx, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Account>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "select dossier_id, number, version, status, payee, closed, due, received, exemption_waiting
         from accounts
         where dossier_id = any($1) order by dossier_id for update",
        dossiers,
    )
    .fetch_all(tx.conn())
    .await?;
    let accounts = with_histories(tx.conn(), rows).await?;
    Ok(accounts.into_iter().map(|a| (a.dossier, a)).collect())
}

/// Dossiers by their numbers.
///
/// # Errors
/// The database does not answer.
pub async fn by_numbers(conn: &mut PgConnection, numbers: &[u64]) -> Result<HashMap<u64, Uuid>, DbError> {
    let numbers: Vec<i64> = numbers.iter().map(|n| n.cast_signed()).collect();
    let rows = sqlx::query!("select number, dossier_id from accounts where number = any($1)", &numbers)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| (r.number.cast_unsigned(), r.dossier_id)).collect())
}

/// Stores where the fee of a locked account stands now and tells it, if that is anything new. The new entries are in
/// its history already.
///
/// The payee's systems hear of it from clôture on: before, the first choice may still change and is nobody's business
/// (R14).
///
/// # Errors
/// The database does not answer.
pub async fn tell(tx: &mut Tx, account: &mut Account, fee: Cents, at: Timestamp) -> Result<Standing, DbError> {
    let standing = standing_of(account, fee);
    let told = Told::of(&standing);
    let news = told != account.told;
    if !news && standing.exemption_waiting == account.waiting {
        return Ok(standing);
    }
    account.waiting = standing.exemption_waiting;
    account.version += u64::from(news);
    sqlx::query!(
        "update accounts set version = $2, status = $3, payee = $4, closed = $5, due = $6, received = $7,
                exemption_waiting = $8
         where dossier_id = $1",
        account.dossier,
        account.version.cast_signed(),
        told.status.word(),
        told.payee.as_deref(),
        told.closed,
        told.due.get(),
        told.received.get(),
        account.waiting,
    )
    .execute(tx.conn())
    .await?;
    if !news {
        return Ok(standing);
    }
    let fact = events::FeeChanged {
        dossier_id: account.dossier.to_string(),
        status: wire::status(told.status).into(),
        payee_school: told.payee.clone().unwrap_or_default(),
        due_cents: told.due.get(),
        received_cents: told.received.get(),
        at: Some(at.into()),
    };
    outbox::append(tx, &fact, account.version, at).await?;
    if let Some(school) = told.payee.clone().filter(|_| told.closed) {
        let fact = published::FeeChanged {
            dossier_id: account.dossier.to_string(),
            school,
            status: wire::status_word(told.status).to_owned(),
        };
        outbox::publish(tx, &fact, account.version, at).await?;
    }
    account.told = told;
    Ok(standing)
}
