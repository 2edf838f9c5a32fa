//! The queue of lines that wait for a person.

use jiff::{Timestamp, civil::Date};
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::lines::state;
use crate::domain::{line::State, money::Cents};

/// A line in the queue, as it is listed.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// Day of booking.
    pub booked_on: Date,
    /// Signed.
    pub cents: Cents,
    /// As the bank prints it.
    pub counterparty: String,
    /// What the payer wrote.
    pub remittance: String,
    /// The bank's reference.
    pub bank_reference: String,
    /// Why it waits, or that it is unknown.
    pub state: State<Uuid>,
    /// It undoes an earlier movement.
    pub reversal: bool,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// Lines of a school that wait, in the order of arrival, after one. `only`: that line, if it waits.
///
/// # Errors
/// The database does not answer.
pub async fn waiting(
    conn: &mut PgConnection,
    school: &str,
    include_unknown: bool,
    after: Option<Uuid>,
    only: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Waiting>, DbError> {
    let rows = sqlx::query!(
        "select id, booked_on, cents, counterparty, remittance, bank_reference, state, why, reversal, imported_at
         from lines
         where school = $1 and (state = 'queued' or ($2 and state = 'unknown'))
           and ($5::uuid is null or id = $5)
           and arrival > coalesce((select arrival from lines where id = $3 and school = $1), 0)
         order by arrival limit $4",
        school,
        include_unknown,
        after,
        limit,
        only,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiting {
                id: row.id,
                booked_on: row.booked_on.to_jiff(),
                cents: Cents::new(row.cents),
                counterparty: row.counterparty,
                remittance: row.remittance,
                bank_reference: row.bank_reference,
                state: state(&row.state, row.why.as_deref(), None, None)?,
                reversal: row.reversal,
                imported_at: row.imported_at.to_jiff(),
            })
        })
        .collect()
}

/// Of all queued lines of a school: how many, their sum, and how many have their search by name to come.
///
/// # Errors
/// The database does not answer.
pub async fn waiting_totals(conn: &mut PgConnection, school: &str) -> Result<(u32, Cents, u32), DbError> {
    let row = sqlx::query!(
        r#"select count(*) as "lines!", coalesce(sum(cents), 0)::bigint as "cents!",
                  count(*) filter (where to_search) as "to_search!"
           from lines where school = $1 and state = 'queued'"#,
        school,
    )
    .fetch_one(conn)
    .await?;
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok((count(row.lines), Cents::new(row.cents), count(row.to_search)))
}
