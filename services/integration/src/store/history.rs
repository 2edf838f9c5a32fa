//! Everything that happened to each candidature, in order, with who acted (R36).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    answers::{Actor, read, write},
    int,
};
use crate::domain::answers::Answer;

/// An entry of the history.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Whose.
    pub dossier: Uuid,
    /// The version it made.
    pub version: u64,
    /// When it counts from.
    pub at: Timestamp,
    /// What happened.
    pub what: String,
    /// Who acted.
    pub actor: Actor,
    /// Last period that had opened or closed.
    pub period: u32,
    /// The standing after it: its word, school and reason.
    pub standing: (String, Option<String>, Option<String>),
    /// The answer concerned.
    pub answer: Option<Answer>,
    /// Schools that this answer gives up, in the candidate's order; empty for what is no answer.
    pub gives_up: Vec<String>,
}

/// Adds entries to the history, as one statement.
///
/// # Errors
/// The database does not answer.
pub async fn remember(tx: &mut Tx, entries: &[Entry]) -> Result<(), DbError> {
    let mut columns = Columns::default();
    for entry in entries {
        columns.dossiers.push(entry.dossier);
        columns.versions.push(entry.version.cast_signed());
        columns.instants.push(entry.at.to_sqlx());
        columns.what.push(entry.what.clone());
        columns.actors.push(entry.actor.subject.clone());
        columns.by_mandate.push(entry.actor.by_mandate);
        columns.periods.push(int(entry.period));
        columns.standings.push(entry.standing.0.clone());
        columns.schools.push(entry.standing.1.clone());
        columns.reasons.push(entry.standing.2.clone());
        columns.answers.push(entry.answer.map(|answer| write(answer).to_owned()));
        // Arrays of arrays have one length in SQL: the schools travel as one text each.
        columns.gives_up.push(entry.gives_up.join(","));
    }
    sqlx::query!(
        "insert into history (dossier_id, version, at, what, actor, by_mandate, period, standing, school, reason, answer,
                              gives_up)
         select dossier, version, at, what, actor, by_mandate, period, standing, school, reason, answer,
                string_to_array(gives_up, ',')
         from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[],
                     $7::integer[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
              as entry (dossier, version, at, what, actor, by_mandate, period, standing, school, reason, answer, gives_up)",
        &columns.dossiers,
        &columns.versions,
        &columns.instants as &[jiff_sqlx::Timestamp],
        &columns.what,
        &columns.actors,
        &columns.by_mandate,
        &columns.periods,
        &columns.standings,
        &columns.schools as &[Option<String>],
        &columns.reasons as &[Option<String>],
        &columns.answers as &[Option<String>],
        &columns.gives_up,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Entries of the history, a column each.
#[derive(Default)]
struct Columns {
    dossiers: Vec<Uuid>,
    versions: Vec<i64>,
    instants: Vec<jiff_sqlx::Timestamp>,
    what: Vec<String>,
    actors: Vec<String>,
    by_mandate: Vec<bool>,
    periods: Vec<i32>,
    standings: Vec<String>,
    schools: Vec<Option<String>>,
    reasons: Vec<Option<String>>,
    answers: Vec<Option<String>>,
    gives_up: Vec<String>,
}

/// The history of one candidature, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn history(conn: &mut PgConnection, dossier: Uuid) -> Result<Vec<Entry>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, version, at, what, actor, by_mandate, period, standing, school, reason, answer, gives_up
         from history where dossier_id = $1 order by version",
        dossier
    );
    let entries = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(Entry {
            dossier: row.dossier_id,
            version: row.version.cast_unsigned(),
            at: row.at.to_jiff(),
            what: row.what,
            actor: Actor { subject: row.actor, by_mandate: row.by_mandate },
            period: row.period.cast_unsigned(),
            standing: (row.standing, row.school, row.reason),
            answer: row.answer.as_deref().map(read).transpose()?,
            gives_up: row.gives_up,
        })
    });
    entries.collect()
}

/// When a candidature last came to stand where it stands; answers that wait for a close do not count.
///
/// # Errors
/// The database does not answer.
pub async fn standing_since(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<Timestamp>, DbError> {
    let since = sqlx::query_scalar!(
        "select at from history where dossier_id = $1 and what <> 'answered' order by version desc limit 1",
        dossier
    );
    Ok(since.fetch_optional(conn).await?.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Who resigned from the opening of a period to the next, and when.
///
/// # Errors
/// The database does not answer.
pub async fn resignations(conn: &mut PgConnection, period: u32) -> Result<Vec<(Uuid, Timestamp)>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, at from history where what = 'resigned' and period = $1 order by dossier_id",
        int(period)
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.dossier_id, row.at.to_jiff())).collect())
}
