//! What a school's books say, and the list of unsettled fees.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::words::Word;
use crate::domain::{
    account::{Status, standing},
    ledger::Pocket,
    money::Cents,
};

/// One entry of a school's ledger.
#[derive(Debug, Clone)]
pub struct LedgerRow {
    /// Its place in the ledger.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub from: Pocket,
    /// To where.
    pub to: Pocket,
    /// How much, signed.
    pub cents: Cents,
    /// Whose.
    pub dossier: Option<Uuid>,
    /// About which line.
    pub line: Option<Uuid>,
    /// Means, reason, receipt.
    pub note: String,
}

/// A page of a school's ledger.
#[derive(Debug, Clone)]
pub struct LedgerPage {
    /// What all entries before it make.
    pub opening: Cents,
    /// Its entries, oldest first.
    pub rows: Vec<LedgerRow>,
    /// Nothing follows it.
    pub last: bool,
}

/// A page of a school's ledger after an entry; with `dossier`, of its entries alone, and the opening is what its account
/// holds. Entries commit in the order of their sequence and never change, so what
/// lies before `after` is the same whenever it is asked.
///
/// # Errors
/// The database does not answer.
pub async fn ledger(
    conn: &mut PgConnection,
    school: &str,
    dossier: Option<Uuid>,
    after: u64,
    limit: u32,
) -> Result<LedgerPage, DbError> {
    let opening = sqlx::query_scalar!(
        r#"select case when $3::uuid is null
                       then coalesce(sum(cents) filter (where from_pocket in ('bank', 'counter')), 0)
                       else coalesce(sum(cents) filter (where to_pocket = 'account'), 0)
                            - coalesce(sum(cents) filter (where from_pocket = 'account'), 0) end::bigint as "cents!"
           from entries
           where school = $1 and cents is not null and sequence <= $2 and ($3::uuid is null or dossier_id = $3)"#,
        school,
        after.cast_signed(),
        dossier,
    )
    .fetch_one(&mut *conn)
    .await?;
    let rows = sqlx::query!(
        r#"select sequence, at, from_pocket as "from!", to_pocket as "to!", cents as "cents!", dossier_id, line_id,
                  concat_ws(' ', nullif(note, ''), receipt) as "note!"
           from entries
           where school = $1 and cents is not null and sequence > $2 and ($4::uuid is null or dossier_id = $4)
           order by sequence limit $3"#,
        school,
        after.cast_signed(),
        i64::from(limit) + 1,
        dossier,
    )
    .fetch_all(conn)
    .await?;
    let last = rows.len() <= limit as usize;
    let rows = rows
        .into_iter()
        .take(limit as usize)
        .map(|row| {
            Ok(LedgerRow {
                sequence: row.sequence.cast_unsigned(),
                at: row.at.to_jiff(),
                from: Pocket::read(&row.from)?,
                to: Pocket::read(&row.to)?,
                cents: Cents::new(row.cents),
                dossier: row.dossier_id,
                line: row.line_id,
                note: row.note,
            })
        })
        .collect::<Result<_, DbError>>()?;
    Ok(LedgerPage { opening: Cents::new(opening), rows, last })
}

/// Where a school's money stands. The outside sums are counted apart from the pockets, so that both can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Sum of the imported lines, from the lines themselves.
    pub bank: Cents,
    /// Number of them.
    pub lines: u32,
    /// Sum taken by other means.
    pub other_means: Cents,
    /// On accounts of candidates who owe this school.
    pub accounts: Cents,
    /// On accounts of others.
    pub other_school: Cents,
    /// In the queue.
    pub queue: Cents,
    /// Unknown.
    pub unknown: Cents,
    /// Ordered back.
    pub refunds: Cents,
    /// What had entered from outside before the span.
    pub opening: Cents,
    /// Entered by bank lines in it.
    pub bank_since: Cents,
    /// Entered by other means in it.
    pub other_means_since: Cents,
}

/// One consistent reading of a school's books, of what was entered before `until` if one is given; the span begins at
/// `since`, or with the first entry.
///
/// # Errors
/// The database does not answer.
pub async fn balance(
    conn: &mut PgConnection,
    school: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Balance, DbError> {
    let row = sqlx::query!(
        r#"with entered as (
               select * from entries
               where school = $1 and cents is not null and ($2::timestamptz is null or at < $2)),
           outside as (
               select coalesce(sum(cents) filter (where at < $3), 0)::bigint as opening,
                      coalesce(sum(cents) filter (where from_pocket = 'bank' and at < $3 is not true), 0)::bigint as bank,
                      coalesce(sum(cents) filter (where from_pocket = 'counter' and at < $3 is not true), 0)::bigint
                          as counter
               from entered where from_pocket in ('bank', 'counter')),
           moves as (
               select e.to_pocket as pocket, e.cents, e.dossier_id from entered e
               union all
               select e.from_pocket, -e.cents, e.dossier_id from entered e),
           pockets as (
               select coalesce(sum(cents) filter (where pocket = 'counter'), 0)::bigint as counter,
                      coalesce(sum(cents) filter (where pocket = 'queue'), 0)::bigint as queue,
                      coalesce(sum(cents) filter (where pocket = 'unknown'), 0)::bigint as unknown,
                      coalesce(sum(cents) filter (where pocket = 'refunds'), 0)::bigint as refunds,
                      coalesce(sum(cents) filter (where pocket = 'account' and a.payee = $1), 0)::bigint as accounts,
                      coalesce(sum(cents) filter (where pocket = 'account' and a.payee is distinct from $1), 0)::bigint
                          as other_school
               from moves left join accounts a using (dossier_id)),
           imported as (select count(*) as lines, coalesce(sum(cents), 0)::bigint as cents from lines
                        where school = $1 and ($2::timestamptz is null or imported_at < $2))
           select i.lines as "lines!", i.cents as "bank!", p.counter as "counter!", p.queue as "queue!",
                  p.unknown as "unknown!", p.refunds as "refunds!", p.accounts as "accounts!",
                  p.other_school as "other_school!", o.opening as "opening!", o.bank as "bank_since!",
                  o.counter as "counter_since!"
           from imported i, pockets p, outside o"#,
        school,
        until.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
        since.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_one(conn)
    .await?;
    Ok(Balance {
        bank: Cents::new(row.bank),
        lines: u32::try_from(row.lines).unwrap_or(u32::MAX),
        other_means: -Cents::new(row.counter),
        accounts: Cents::new(row.accounts),
        other_school: Cents::new(row.other_school),
        queue: Cents::new(row.queue),
        unknown: Cents::new(row.unknown),
        refunds: Cents::new(row.refunds),
        opening: Cents::new(row.opening),
        bank_since: Cents::new(row.bank_since),
        other_means_since: Cents::new(row.counter_since),
    })
}

/// What of a school's lines was sent back for no candidate and has not been seen leaving.
///
/// # Errors
/// The database does not answer.
pub async fn sent_back_pending(conn: &mut PgConnection, school: &str) -> Result<Cents, DbError> {
    let pending = sqlx::query_scalar!(
        r#"select coalesce(sum(cents), 0)::bigint as "cents!" from entries where school = $1 and kind = 'sent_back'"#,
        school,
    )
    .fetch_one(conn)
    .await?;
    Ok(Cents::new(pending))
}

/// Stores the fees of closed dossiers that were unsettled at `due`, from what had been entered by then, however late the
/// transition runs: once; again changes nothing (R22). How many they are.
///
/// # Errors
/// The database does not answer.
pub async fn store_unsettled(tx: &mut Tx, fee: Cents, due: Timestamp) -> Result<u64, DbError> {
    let first =
        sqlx::query!("insert into unsettled_lists (listed_at) values ($1) on conflict do nothing", due.to_sqlx())
            .execute(tx.conn())
            .await?;
    if first.rows_affected() == 0 {
        return Ok(0);
    }
    // In the order in which everything locks accounts: a row that refers to one locks it too.
    let closed = sqlx::query_scalar!("select dossier_id from accounts where closed order by dossier_id")
        .fetch_all(tx.conn())
        .await?;
    let histories = super::histories(tx.conn(), &closed, Some(due)).await?;
    let (mut dossiers, mut schools, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    let (mut dues, mut received, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    for dossier in closed {
        let stood = standing(fee, histories.get(&dossier).map_or(&[], Vec::as_slice));
        let Some(payee) = stood.payee.clone().filter(|_| stood.closed && !stood.status.is_settled()) else { continue };
        dossiers.push(dossier);
        schools.push(payee);
        statuses.push(stood.status.word().to_owned());
        dues.push(stood.due.get());
        received.push(stood.received().get());
        elsewhere.push(stood.elsewhere().map(|(_, cents)| cents).sum::<Cents>().get());
    }
    sqlx::query!(
        "insert into unsettled (dossier_id, school, status, due, received, elsewhere)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])",
        &dossiers,
        &schools,
        &statuses,
        &dues,
        &received,
        &elsewhere,
    )
    .execute(tx.conn())
    .await?;
    Ok(u64::try_from(dossiers.len()).unwrap_or(u64::MAX))
}

/// When the list was stored, if it was.
///
/// # Errors
/// The database does not answer.
pub async fn listed_at(conn: &mut PgConnection) -> Result<Option<Timestamp>, DbError> {
    let at = sqlx::query_scalar!("select listed_at from unsettled_lists").fetch_optional(conn).await?;
    Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
}

/// One fee of the list.
#[derive(Debug, Clone)]
pub struct UnsettledRow {
    /// Whose.
    pub dossier: Uuid,
    /// Owed to.
    pub school: String,
    /// At the list's instant.
    pub status: Status,
    /// Owed.
    pub due: Cents,
    /// Held by the payee at the list's instant.
    pub received: Cents,
    /// Held by other schools at the list's instant.
    pub elsewhere: Cents,
    /// As of now.
    pub status_now: Status,
}

/// The stored list, of one school or of all.
///
/// # Errors
/// The database does not answer.
pub async fn list_unsettled(conn: &mut PgConnection, school: Option<&str>) -> Result<Vec<UnsettledRow>, DbError> {
    let rows = sqlx::query!(
        "select u.dossier_id, u.school, u.status, u.due, u.received, u.elsewhere, a.status as status_now
         from unsettled u join accounts a using (dossier_id)
         where $1::text is null or u.school = $1 order by u.school, u.dossier_id",
        school,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(UnsettledRow {
                dossier: row.dossier_id,
                school: row.school,
                status: Status::read(&row.status)?,
                due: Cents::new(row.due),
                received: Cents::new(row.received),
                elsewhere: Cents::new(row.elsewhere),
                status_now: Status::read(&row.status_now)?,
            })
        })
        .collect()
}
