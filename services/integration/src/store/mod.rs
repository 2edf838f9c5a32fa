//! SQL lives here and nowhere else. A candidature is its row and the rows of its choices; the row's lock is the
//! aggregate's.

pub mod answers;
pub mod closes;
pub mod computations;
pub mod history;
pub mod log_ins;
pub mod mandates;
pub mod outages;
pub mod periods;
pub mod signed;
pub mod titles;

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{
    candidature::{Candidature, Choice, Reason, Standing},
    ids::{DossierId, FiliereId, SchoolId},
};

/// A candidature and what is kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The candidature.
    pub candidature: Candidature,
    /// Its filière.
    pub filiere: FiliereId,
    /// When its dossier was closed.
    pub closed_at: Timestamp,
    /// Last period whose opening or close touched it, 0 if none.
    pub period: u32,
    /// The aggregate's version.
    pub version: u64,
}

/// A count or number as PostgreSQL keeps it.
pub(crate) fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Takes the lock under which proposals are computed, published and withdrawn: one at a time. Ordinary answers do not.
///
/// # Errors
/// The database does not answer.
pub async fn lock_round(tx: &mut Tx) -> Result<(), DbError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('integration.round', 0))").fetch_one(tx.conn()).await?;
    Ok(())
}

/// A dossier was closed: it is a candidature.
///
/// # Errors
/// The database does not answer.
pub async fn insert(tx: &mut Tx, dossier: Uuid, filiere: &str, closed_at: Timestamp) -> Result<(), DbError> {
    sqlx::query!(
        "insert into candidature (dossier_id, filiere, closed_at) values ($1, $2, $3)
         on conflict (dossier_id) do nothing",
        dossier,
        filiere,
        jiff_sqlx::ToSqlx::to_sqlx(closed_at),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The order of schools of a candidature, once.
///
/// # Errors
/// The database does not answer.
pub async fn set_preferences(tx: &mut Tx, dossier: Uuid, schools: &[String]) -> Result<bool, DbError> {
    let known = sqlx::query!(
        "update candidature set preferences_known = true where dossier_id = $1 and not preferences_known",
        dossier
    );
    if known.execute(tx.conn()).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into choice (dossier_id, position, school)
         select $1, c.position::integer, c.school from unnest($2::text[]) with ordinality as c (school, position)",
        dossier,
        schools,
    )
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// A candidature.
///
/// # Errors
/// The database does not answer.
pub async fn find(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<Kept>, DbError> {
    Ok(load(conn, Some(dossier)).await?.pop())
}

/// A candidature, locked until the transaction ends.
///
/// # Errors
/// The database does not answer.
pub async fn find_for_update(tx: &mut Tx, dossier: Uuid) -> Result<Option<Kept>, DbError> {
    // Locked first and read afterwards, so that the choices are of the same moment as the row.
    let locked = sqlx::query_scalar!("select dossier_id from candidature where dossier_id = $1 for update", dossier);
    match locked.fetch_optional(tx.conn()).await? {
        Some(_) => find(tx.conn(), dossier).await,
        None => Ok(None),
    }
}

/// Every candidature, locked until the transaction ends, by dossier.
///
/// # Errors
/// The database does not answer.
pub async fn all_for_update(tx: &mut Tx) -> Result<Vec<Kept>, DbError> {
    sqlx::query!("select dossier_id from candidature order by dossier_id for update").fetch_all(tx.conn()).await?;
    all(tx.conn()).await
}

/// Every candidature, by dossier.
///
/// # Errors
/// The database does not answer.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Kept>, DbError> {
    load(conn, None).await
}

async fn load(conn: &mut PgConnection, dossier: Option<Uuid>) -> Result<Vec<Kept>, DbError> {
    let rows = sqlx::query!(
        r#"select c.dossier_id, c.filiere, c.closed_at, c.standing, c.school, c.reason, c.period, c.version,
                  chosen.schools as "schools?", chosen.ranks as "ranks?: Vec<Option<i32>>",
                  chosen.given_up as "given_up?", chosen.supernumerary as "supernumerary?"
           from candidature c left join lateral (
               select array_agg(h.school order by h.position) as schools, array_agg(h.rank order by h.position) as ranks,
                      array_agg(h.given_up order by h.position) as given_up,
                      array_agg(h.supernumerary order by h.position) as supernumerary
               from choice h where h.dossier_id = c.dossier_id
           ) chosen on true
           where $1::uuid is null or c.dossier_id = $1 order by c.dossier_id"#,
        dossier,
    )
    .fetch_all(conn)
    .await?;
    let kept = rows.into_iter().map(|row| {
        let (ranks, given_up) = (row.ranks.unwrap_or_default(), row.given_up.unwrap_or_default());
        let supernumerary = row.supernumerary.unwrap_or_default();
        let choices = row.schools.unwrap_or_default().into_iter().enumerate().map(|(index, school)| Choice {
            school: SchoolId(school),
            rank: ranks.get(index).copied().flatten().map(i32::cast_unsigned),
            given_up: given_up.get(index).copied().unwrap_or(false),
            supernumerary: supernumerary.get(index).copied().unwrap_or(false),
        });
        let standing = read_standing(&row.standing, row.school, row.reason.as_deref())?;
        Ok(Kept {
            candidature: Candidature { dossier: DossierId(row.dossier_id), choices: choices.collect(), standing },
            filiere: FiliereId(row.filiere),
            closed_at: row.closed_at.to_jiff(),
            period: row.period.cast_unsigned(),
            version: row.version.cast_unsigned(),
        })
    });
    kept.collect()
}

/// Writes what changed of candidatures, as one statement for the rows and one for their choices.
///
/// # Errors
/// The database does not answer.
pub async fn save(tx: &mut Tx, all: &[&Kept]) -> Result<(), DbError> {
    let (mut rows, mut choices) = (Rows::default(), Choices::default());
    for kept in all {
        let dossier = kept.candidature.dossier.0;
        let (standing, school, reason) = write_standing(&kept.candidature.standing);
        rows.dossiers.push(dossier);
        rows.standings.push(standing.to_owned());
        rows.schools.push(school.map(|school| school.0.clone()));
        rows.reasons.push(reason.map(str::to_owned));
        rows.periods.push(int(kept.period));
        rows.versions.push(kept.version.cast_signed());
        for choice in &kept.candidature.choices {
            choices.dossiers.push(dossier);
            choices.schools.push(choice.school.0.clone());
            choices.ranks.push(choice.rank.map(int));
            choices.given_up.push(choice.given_up);
            choices.supernumerary.push(choice.supernumerary);
        }
    }
    sqlx::query!(
        "update candidature c
         set standing = n.standing, school = n.school, reason = n.reason, period = n.period, version = n.version
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[])
             as n (dossier_id, standing, school, reason, period, version)
         where c.dossier_id = n.dossier_id",
        &rows.dossiers,
        &rows.standings,
        &rows.schools as &[Option<String>],
        &rows.reasons as &[Option<String>],
        &rows.periods,
        &rows.versions,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update choice c set rank = n.rank, given_up = n.given_up, supernumerary = n.supernumerary
         from unnest($1::uuid[], $2::text[], $3::integer[], $4::boolean[], $5::boolean[])
             as n (dossier_id, school, rank, given_up, supernumerary)
         where c.dossier_id = n.dossier_id and c.school = n.school
           and (c.rank, c.given_up, c.supernumerary) is distinct from (n.rank, n.given_up, n.supernumerary)",
        &choices.dossiers,
        &choices.schools,
        &choices.ranks as &[Option<i32>],
        &choices.given_up,
        &choices.supernumerary,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Candidatures, a column each.
#[derive(Default)]
struct Rows {
    dossiers: Vec<Uuid>,
    standings: Vec<String>,
    schools: Vec<Option<String>>,
    reasons: Vec<Option<String>>,
    periods: Vec<i32>,
    versions: Vec<i64>,
}

/// Their choices, a column each.
#[derive(Default)]
struct Choices {
    dossiers: Vec<Uuid>,
    schools: Vec<String>,
    ranks: Vec<Option<i32>>,
    given_up: Vec<bool>,
    supernumerary: Vec<bool>,
}

/// A standing as columns: its word, its school, the reason of an elimination.
pub(crate) fn write_standing(standing: &Standing) -> (&'static str, Option<&SchoolId>, Option<&'static str>) {
    match standing {
        Standing::NotRetained => ("not_retained", None, None),
        Standing::Waiting => ("waiting", None, None),
        Standing::Proposed(school) => ("proposed", Some(school), None),
        Standing::Holding(school) => ("holding", Some(school), None),
        Standing::Accepted(school) => ("accepted", Some(school), None),
        Standing::Admitted(school) => ("admitted", Some(school), None),
        Standing::Lapsed(school) => ("lapsed", Some(school), None),
        Standing::Resigned => ("resigned", None, None),
        Standing::Eliminated(reason) => ("eliminated", None, Some(write_reason(*reason))),
        Standing::Annulled => ("annulled", None, None),
    }
}

/// The word for the reason of an elimination.
pub(crate) fn write_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoLogin => "no_login",
        Reason::NoAnswer => "no_answer",
    }
}

/// The reverse of [`write_standing`].
pub(crate) fn read_standing(word: &str, school: Option<String>, reason: Option<&str>) -> Result<Standing, DbError> {
    let school = school.map(SchoolId);
    let standing = match (word, school, reason) {
        ("not_retained", None, None) => Standing::NotRetained,
        ("waiting", None, None) => Standing::Waiting,
        ("proposed", Some(school), None) => Standing::Proposed(school),
        ("holding", Some(school), None) => Standing::Holding(school),
        ("accepted", Some(school), None) => Standing::Accepted(school),
        ("admitted", Some(school), None) => Standing::Admitted(school),
        ("lapsed", Some(school), None) => Standing::Lapsed(school),
        ("resigned", None, None) => Standing::Resigned,
        ("eliminated", None, Some("no_login")) => Standing::Eliminated(Reason::NoLogin),
        ("eliminated", None, Some("no_answer")) => Standing::Eliminated(Reason::NoAnswer),
        ("annulled", None, None) => Standing::Annulled,
        (other, ..) => return Err(unreadable(format!("candidature.standing {other:?}"))),
    };
    Ok(standing)
}

/// A stored value that this version of the service cannot read: its constraints rule that out.
pub(crate) fn unreadable(what: String) -> DbError {
    sqlx::Error::Decode(what.into()).into()
}
