//! Log-ins, answers, eliminations and outages.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{int, unreadable, write_reason};
use crate::domain::{
    answers::Answer,
    candidature::{Reason, Seen},
};

/// Who did something: a token's subject, and whether under a mandate (R36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The subject, or the service's own name for what the calendar did.
    pub subject: String,
    /// Under a mandate.
    pub by_mandate: bool,
}

impl Actor {
    /// The calendar.
    #[must_use]
    pub fn calendar() -> Self {
        Self { subject: "integration".into(), by_mandate: false }
    }
}

/// An answer that stands.
#[derive(Debug, Clone)]
pub struct Given {
    /// Whose.
    pub dossier: Uuid,
    /// Which.
    pub answer: Answer,
    /// About which school, if any.
    pub school: Option<String>,
    /// When it was received.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// The candidature's version that it made.
    pub version: u64,
    /// Schools it gives up.
    pub gives_up: Vec<String>,
}

/// The word of an answer.
pub(crate) fn write(answer: Answer) -> &'static str {
    match answer {
        Answer::OuiDefinitif => "OUI_DEFINITIF",
        Answer::OuiMais => "OUI_MAIS",
        Answer::NonMais => "NON_MAIS",
        Answer::Attente => "ATTENTE",
        Answer::Non => "NON",
    }
}

/// The reverse of [`write`].
pub(crate) fn read(word: &str) -> Result<Answer, DbError> {
    match word {
        "OUI_DEFINITIF" => Ok(Answer::OuiDefinitif),
        "OUI_MAIS" => Ok(Answer::OuiMais),
        "NON_MAIS" => Ok(Answer::NonMais),
        "ATTENTE" => Ok(Answer::Attente),
        "NON" => Ok(Answer::Non),
        other => Err(unreadable(format!("answer {other:?}"))),
    }
}

/// The candidate was seen in a period; the first time is enough, and cheap to repeat.
///
/// # Errors
/// The database does not answer.
pub async fn log_in(tx: &mut Tx, period: u32, dossier: Uuid, at: Timestamp, actor: &Actor) -> Result<(), DbError> {
    sqlx::query!(
        "insert into log_in (period, dossier_id, at, actor) values ($1, $2, $3, $4) on conflict do nothing",
        int(period),
        dossier,
        at.to_sqlx(),
        actor.subject,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the candidate was seen in a period.
///
/// # Errors
/// The database does not answer.
pub async fn logged_in(conn: &mut PgConnection, period: u32, dossier: Uuid) -> Result<bool, DbError> {
    let found = sqlx::query_scalar!(
        "select dossier_id from log_in where period = $1 and dossier_id = $2",
        int(period),
        dossier
    );
    Ok(found.fetch_optional(conn).await?.is_some())
}

/// The answer that stands in a period.
///
/// # Errors
/// The database does not answer.
pub async fn standing(conn: &mut PgConnection, period: u32, dossier: Uuid) -> Result<Option<Given>, DbError> {
    Ok(load(conn, period, Some(dossier)).await?.pop())
}

/// The answers that stand in a period, by dossier.
///
/// # Errors
/// The database does not answer.
pub async fn all_standing(conn: &mut PgConnection, period: u32) -> Result<Vec<Given>, DbError> {
    load(conn, period, None).await
}

async fn load(conn: &mut PgConnection, period: u32, dossier: Option<Uuid>) -> Result<Vec<Given>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, answer, school, at, actor, by_mandate, version, gives_up from answer
         where period = $1 and ($2::uuid is null or dossier_id = $2) order by dossier_id",
        int(period),
        dossier,
    );
    let given = rows.fetch_all(conn).await?.into_iter().map(|row| {
        Ok(Given {
            dossier: row.dossier_id,
            answer: read(&row.answer)?,
            school: row.school,
            at: row.at.to_jiff(),
            actor: Actor { subject: row.actor, by_mandate: row.by_mandate },
            version: row.version.cast_unsigned(),
            gives_up: row.gives_up,
        })
    });
    given.collect()
}

/// The last answer stands.
///
/// # Errors
/// The database does not answer.
pub async fn keep(tx: &mut Tx, period: u32, given: &Given) -> Result<(), DbError> {
    sqlx::query!(
        "insert into answer (period, dossier_id, answer, school, at, actor, by_mandate, version, gives_up)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (period, dossier_id) do update
         set answer = excluded.answer, school = excluded.school, at = excluded.at, actor = excluded.actor,
             by_mandate = excluded.by_mandate, version = excluded.version, gives_up = excluded.gives_up",
        int(period),
        given.dossier,
        write(given.answer),
        given.school,
        given.at.to_sqlx(),
        given.actor.subject,
        given.actor.by_mandate,
        given.version.cast_signed(),
        &given.gives_up,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the close of a period finds of everyone who was seen or answered.
///
/// # Errors
/// The database does not answer.
pub async fn seen(conn: &mut PgConnection, period: u32) -> Result<std::collections::BTreeMap<Uuid, Seen>, DbError> {
    let rows = sqlx::query!(
        r#"select coalesce(l.dossier_id, a.dossier_id) as "dossier_id!", l.dossier_id is not null as "logged_in!",
                  a.answer as "answer?"
           from (select dossier_id from log_in where period = $1) l
           full join (select dossier_id, answer from answer where period = $1) a on a.dossier_id = l.dossier_id"#,
        int(period),
    );
    let seen = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let answer = row.answer.as_deref().map(read).transpose()?;
        Ok((row.dossier_id, Seen { logged_in: row.logged_in, answer }))
    });
    seen.collect()
}

/// An elimination, the rule it follows and the facts it rests on.
#[derive(Debug, Clone)]
pub struct Elimination {
    /// Whose.
    pub dossier: Uuid,
    /// Why.
    pub reason: Reason,
    /// The rule, in words.
    pub rule: String,
    /// What was known at the close.
    pub facts: serde_json::Value,
}

/// Stores all eliminations of a close, as one statement.
///
/// # Errors
/// The database does not answer.
pub async fn eliminate(tx: &mut Tx, period: u32, all: &[Elimination]) -> Result<(), DbError> {
    let dossiers: Vec<Uuid> = all.iter().map(|one| one.dossier).collect();
    let reasons: Vec<String> = all.iter().map(|one| write_reason(one.reason).to_owned()).collect();
    let rules: Vec<String> = all.iter().map(|one| one.rule.clone()).collect();
    let facts: Vec<serde_json::Value> = all.iter().map(|one| one.facts.clone()).collect();
    sqlx::query!(
        "insert into elimination (period, dossier_id, reason, rule, facts)
         select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[])",
        int(period),
        &dossiers,
        &reasons,
        &rules,
        &facts,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The eliminations of a period, by dossier.
///
/// # Errors
/// The database does not answer.
pub async fn eliminations(conn: &mut PgConnection, period: u32) -> Result<Vec<Elimination>, DbError> {
    let rows = sqlx::query!(
        "select dossier_id, reason, rule, facts from elimination where period = $1 order by dossier_id",
        int(period)
    );
    let eliminations = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let reason = if row.reason == write_reason(Reason::NoLogin) { Reason::NoLogin } else { Reason::NoAnswer };
        Elimination { dossier: row.dossier_id, reason, rule: row.rule, facts: row.facts }
    });
    Ok(eliminations.collect())
}

/// The elimination of one candidate that stands: its period and its rule.
///
/// # Errors
/// The database does not answer.
pub async fn elimination_of(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<(u32, String)>, DbError> {
    let row = sqlx::query!(
        "select period, rule from elimination where dossier_id = $1 order by period desc limit 1",
        dossier
    );
    Ok(row.fetch_optional(conn).await?.map(|row| (row.period.cast_unsigned(), row.rule)))
}
