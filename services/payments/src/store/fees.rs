//! Accounts in lists: of a school, by what is still owed.

use std::collections::HashMap;

use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::words::Word;
use crate::domain::{account::Status, money::Cents};

/// Which fees of a school.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only with one of these statuses; empty: all.
    pub statuses: Vec<Status>,
    /// Only those with an exemption to decide.
    pub exemption_waiting: bool,
    /// Only these numbers.
    pub numbers: Option<Vec<u64>>,
}

impl Filter {
    fn numbers(&self) -> Option<Vec<i64>> {
        self.numbers.as_ref().map(|numbers| numbers.iter().map(|n| n.cast_signed()).collect())
    }
}

/// The fees that concern a school, by number after one: each dossier with the attestation of its exemption.
///
/// # Errors
/// The database does not answer.
pub async fn fees_of(
    conn: &mut PgConnection,
    school: &str,
    filter: &Filter,
    (after, limit): (u64, i64),
) -> Result<Vec<(Uuid, Option<Uuid>)>, DbError> {
    let numbers = filter.numbers();
    let statuses: Vec<String> = filter.statuses.iter().map(|s| s.word().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select dossier_id as "dossier!", attestation from fees_of($1)
           where number > $2 and (cardinality($3::text[]) = 0 or status = any($3)) and (not $4 or exemption_waiting)
             and ($5::bigint[] is null or number = any($5))
           order by number limit $6"#,
        school,
        after.cast_signed(),
        &statuses,
        filter.exemption_waiting,
        numbers.as_deref(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.dossier, r.attestation)).collect())
}

/// Of the fees that concern a school, only the filter's numbers heeded: how many of each status, and how many exemptions
/// wait for a decision.
///
/// # Errors
/// The database does not answer.
pub async fn count_fees(
    conn: &mut PgConnection,
    school: &str,
    filter: &Filter,
) -> Result<(Vec<(Status, u32)>, u32), DbError> {
    let numbers = filter.numbers();
    let rows = sqlx::query!(
        r#"select status as "status!", count(*) as "fees!", count(*) filter (where exemption_waiting) as "waiting!"
           from fees_of($1) where $2::bigint[] is null or number = any($2) group by status order by status"#,
        school,
        numbers.as_deref(),
    )
    .fetch_all(conn)
    .await?;
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let waiting = rows.iter().map(|r| count(r.waiting)).sum();
    let counts = rows.iter().map(|r| Ok((Status::read(&r.status)?, count(r.fees)))).collect::<Result<_, DbError>>()?;
    Ok((counts, waiting))
}

/// Dossiers that owe a school exactly this much, the fee's payee being fixed; by number.
///
/// # Errors
/// The database does not answer.
pub async fn owing(conn: &mut PgConnection, school: &str, cents: Cents, limit: i64) -> Result<Vec<Uuid>, DbError> {
    let rows = sqlx::query_scalar!(
        "select dossier_id from accounts where closed and payee = $1 and due - received = $2 order by number limit $3",
        school,
        cents.get(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Numbers of these dossiers.
///
/// # Errors
/// The database does not answer.
pub async fn numbers(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<HashMap<Uuid, u64>, DbError> {
    let rows = sqlx::query!("select dossier_id, number from accounts where dossier_id = any($1)", dossiers)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| (r.dossier_id, r.number.cast_unsigned())).collect())
}

/// Keeps which piece attests the exemption that a locked account's candidate asks for; `None` when they ask for none.
///
/// # Errors
/// The database does not answer.
pub async fn set_attestation(tx: &mut Tx, dossier: Uuid, piece: Option<Uuid>) -> Result<(), DbError> {
    sqlx::query!("update accounts set attestation = $2 where dossier_id = $1", dossier, piece)
        .execute(tx.conn())
        .await?;
    Ok(())
}
