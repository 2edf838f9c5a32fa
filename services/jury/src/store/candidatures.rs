//! Candidatures, whole.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, alien};
use crate::domain::{Application, Candidature, Decision, Determination, Mark, OralResult, Reading, Verdict};

/// A candidature with what the store keeps beside it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The candidature.
    pub candidature: Candidature,
    /// When its publication was confirmed.
    pub released_at: Option<Timestamp>,
    /// When its result was made public.
    pub published_at: Option<Timestamp>,
}

/// One candidature, its row locked until the transaction ends.
///
/// # Errors
/// The database.
pub async fn for_update(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<Kept>, StoreError> {
    sqlx::query_scalar!("select dossier_id from candidatures where dossier_id = $1 for update", dossier)
        .fetch_optional(&mut *conn)
        .await?;
    Ok(load(conn, Some(&[dossier])).await?.pop())
}

/// Those of these dossiers that are candidatures, locked in one order.
///
/// # Errors
/// The database.
pub async fn many_for_update(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<Vec<Kept>, StoreError> {
    sqlx::query_scalar!(
        "select dossier_id from candidatures where dossier_id = any($1) order by dossier_id for update",
        dossiers
    )
    .fetch_all(&mut *conn)
    .await?;
    load(conn, Some(dossiers)).await
}

/// Every candidature, locked in the same order as [`many_for_update`].
///
/// # Errors
/// The database.
pub async fn all_for_update(conn: &mut PgConnection) -> Result<Vec<Kept>, StoreError> {
    sqlx::query_scalar!("select dossier_id from candidatures order by dossier_id for update")
        .fetch_all(&mut *conn)
        .await?;
    load(conn, None).await
}

/// Candidatures by dossier id: those of `only`, or all.
///
/// # Errors
/// The database.
pub async fn load(conn: &mut PgConnection, only: Option<&[Uuid]>) -> Result<Vec<Kept>, StoreError> {
    let mut readings: HashMap<(Uuid, String), Reading> = HashMap::new();
    for row in sqlx::query!(
        "select dossier_id, school, reading from recevabilites where $1::uuid[] is null or dossier_id = any($1)",
        only
    )
    .fetch_all(&mut *conn)
    .await?
    {
        readings.insert((row.dossier_id, row.school), reading(&row.reading)?);
    }
    let mut found: HashMap<(Uuid, String), Determination> = HashMap::new();
    for row in sqlx::query!(
        "select dossier_id, school, recevable, reason from determinations
         where $1::uuid[] is null or dossier_id = any($1)",
        only
    )
    .fetch_all(&mut *conn)
    .await?
    {
        let determination = Determination { recevable: row.recevable, reason: row.reason };
        found.insert((row.dossier_id, row.school), determination);
    }
    let mut results: HashMap<Uuid, BTreeMap<String, OralResult>> = HashMap::new();
    for row in sqlx::query!(
        "select dossier_id, exam, hundredths from results where $1::uuid[] is null or dossier_id = any($1)",
        only
    )
    .fetch_all(&mut *conn)
    .await?
    {
        results.entry(row.dossier_id).or_default().insert(row.exam, result(row.hundredths)?);
    }
    let rows = sqlx::query!(
        "select dossier_id, filiere, first_school, schools, decision, admissible, reason, released_at, published_at,
                annulled_at
         from candidatures where $1::uuid[] is null or dossier_id = any($1) order by dossier_id",
        only
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let applications = row.schools.into_iter().map(|school| {
                let key = (row.dossier_id, school);
                let (reading, determination) = (readings.get(&key).copied(), found.remove(&key));
                Application { school: key.1, reading, determination }
            });
            Ok(Kept {
                candidature: Candidature {
                    dossier: row.dossier_id,
                    filiere: row.filiere,
                    first_school: row.first_school,
                    schools: applications.collect(),
                    decision: decision(&row.decision, row.admissible, row.reason)?,
                    annulled: row.annulled_at.is_some(),
                    results: results.remove(&row.dossier_id).unwrap_or_default(),
                },
                released_at: row.released_at.map(jiff_sqlx::Timestamp::to_jiff),
                published_at: row.published_at.map(jiff_sqlx::Timestamp::to_jiff),
            })
        })
        .collect()
}

fn decision(word: &str, admissible: Option<bool>, reason: Option<String>) -> Result<Decision, StoreError> {
    match (word, admissible, reason) {
        ("undecided", None, None) => Ok(Decision::Undecided),
        ("draft", Some(admissible), Some(reason)) => Ok(Decision::Draft(Verdict { admissible, reason })),
        ("signed", Some(admissible), Some(reason)) => Ok(Decision::Signed(Verdict { admissible, reason })),
        _ => Err(alien("decision", word)),
    }
}

fn reading(word: &str) -> Result<Reading, StoreError> {
    match word {
        "open" => Ok(Reading::Open),
        "closed" => Ok(Reading::Closed),
        "for_jury" => Ok(Reading::ForJury),
        _ => Err(alien("reading", word)),
    }
}

/// A result from its column.
pub(crate) fn result(hundredths: Option<i32>) -> Result<OralResult, StoreError> {
    match hundredths {
        None => Ok(OralResult::Absent),
        Some(h) => u32::try_from(h)
            .map(|h| OralResult::Marked(Mark::from_hundredths(h)))
            .map_err(|_| alien("mark", h.to_string())),
    }
}

/// Saves the decision of each.
///
/// # Errors
/// The database, whose trigger refuses to unsign.
pub async fn save_decisions(
    conn: &mut PgConnection,
    candidatures: impl IntoIterator<Item = &Candidature>,
) -> Result<(), StoreError> {
    let (mut ids, mut words, mut admissible, mut reasons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for candidature in candidatures {
        let (word, verdict) = match &candidature.decision {
            Decision::Undecided => continue,
            Decision::Draft(verdict) => ("draft", verdict),
            Decision::Signed(verdict) => ("signed", verdict),
        };
        ids.push(candidature.dossier);
        words.push(word.to_owned());
        admissible.push(verdict.admissible);
        reasons.push(verdict.reason.clone());
    }
    sqlx::query!(
        "update candidatures c set decision = n.decision, admissible = n.admissible, reason = n.reason
         from unnest($1::uuid[], $2::text[], $3::bool[], $4::text[]) as n (dossier_id, decision, admissible, reason)
         where c.dossier_id = n.dossier_id",
        &ids,
        &words,
        &admissible,
        &reasons
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves what the jury found at one school.
///
/// # Errors
/// The database.
pub async fn save_determination(
    conn: &mut PgConnection,
    dossier: Uuid,
    school: &str,
    found: &Determination,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into determinations (dossier_id, school, recevable, reason, determined_by, determined_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (dossier_id, school) do update
         set recevable = excluded.recevable, reason = excluded.reason,
             determined_by = excluded.determined_by, determined_at = excluded.determined_at",
        dossier,
        school,
        found.recevable,
        found.reason,
        by,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves what came of one exam.
///
/// # Errors
/// The database.
pub async fn save_result(
    conn: &mut PgConnection,
    dossier: Uuid,
    exam: &str,
    result: OralResult,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let hundredths = match result {
        OralResult::Marked(mark) => Some(mark.hundredths().cast_signed()),
        OralResult::Absent => None,
    };
    sqlx::query!(
        "insert into results (dossier_id, exam, hundredths, recorded_by, recorded_at) values ($1, $2, $3, $4, $5)
         on conflict (dossier_id, exam) do update
         set hundredths = excluded.hundredths, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at",
        dossier,
        exam,
        hundredths,
        by,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves a member's opinion; false if it says what theirs said before.
///
/// # Errors
/// The database.
pub async fn save_opinion(
    conn: &mut PgConnection,
    dossier: Uuid,
    author: &str,
    favourable: bool,
    opinion: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into opinions (dossier_id, author, favourable, opinion, given_at) values ($1, $2, $3, $4, $5)
         on conflict (dossier_id, author) do update
         set favourable = excluded.favourable, opinion = excluded.opinion, given_at = excluded.given_at
         where (opinions.favourable, opinions.opinion) is distinct from (excluded.favourable, excluded.opinion)",
        dossier,
        author,
        favourable,
        opinion,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Saves the nullity.
///
/// # Errors
/// The database.
pub async fn save_annulled(conn: &mut PgConnection, dossier: Uuid, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("update candidatures set annulled_at = $2 where dossier_id = $1", dossier, at.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

/// The next version of each of these aggregates, for the facts about to be told.
///
/// # Errors
/// The database.
pub async fn next_versions(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<HashMap<Uuid, u64>, StoreError> {
    let rows = sqlx::query!(
        "update candidatures set version = version + 1 where dossier_id = any($1) returning dossier_id, version",
        dossiers
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.dossier_id, row.version.cast_unsigned())).collect())
}

/// Confirms the publication of every signed decision that is not confirmed yet; how many.
///
/// # Errors
/// The database.
pub async fn release_signed(conn: &mut PgConnection, at: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "update candidatures set released_at = $1 where decision = 'signed' and released_at is null",
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Marks everything confirmed and not yet public as public from `at` on, and returns whom it concerns, locked.
/// An annulled candidature has no result to publish.
///
/// # Errors
/// The database.
pub async fn publish_released(conn: &mut PgConnection, at: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!(
        "update candidatures set published_at = $1
         where released_at is not null and published_at is null and annulled_at is null
         returning dossier_id",
        at.to_sqlx()
    )
    .fetch_all(conn)
    .await?)
}
