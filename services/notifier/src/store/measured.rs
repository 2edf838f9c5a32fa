//! How many mails there are, and how long the first one waits.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use platform::db::{Db, DbError};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// How many in each state, none left out.
    pub by_state: Vec<(String, u64)>,
    /// Since when the first pending mail that was tried in vain, or whose turn has come, was asked for; zero if none was.
    pub delay: SignedDuration,
}

/// Counts, at `now`. A mail that is put off until its moment comes does not wait.
///
/// # Errors
/// The database does not answer.
pub async fn measured(db: &Db, now: Timestamp) -> Result<Measured, DbError> {
    let mut conn = db.read().await?;
    let rows = sqlx::query!(
        r#"select s.state as "state!", count(m.id) as "count!"
           from unnest('{pending,sent,bounced,given_up,moot}'::text[]) as s (state) left join mails m using (state)
           group by s.state"#
    )
    .fetch_all(&mut *conn)
    .await?;
    let first = sqlx::query_scalar!(
        "select min(patience_from) from mails where state = 'pending' and (next_try_at <= $1 or tries > 0)",
        now.to_sqlx() as _,
    )
    .fetch_one(&mut *conn)
    .await?;
    let delay =
        first.map_or(SignedDuration::ZERO, |first| now.duration_since(first.to_jiff()).max(SignedDuration::ZERO));
    Ok(Measured { by_state: rows.into_iter().map(|row| (row.state, row.count.cast_unsigned())).collect(), delay })
}
