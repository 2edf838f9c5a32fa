//! Lists and searches: what is read across dossiers.

use jiff::{Timestamp, civil::Date};
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dossiers::{VERDICTS, value},
    signed, unsigned,
};
use crate::domain::{dossier::StateName, verification::Verdict};

fn state(word: &str) -> Result<StateName, DbError> {
    value(
        &[
            (StateName::Open, "open"),
            (StateName::Closed, "closed"),
            (StateName::NotClosed, "not_closed"),
            (StateName::Abandoned, "abandoned"),
        ],
        "state",
        word,
    )
}

/// A dossier in a list of all.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The dossier.
    pub id: Uuid,
    /// Its number, which pages go by.
    pub number: u64,
    /// Where it stands.
    pub state: StateName,
    /// Filière, once a title is stated.
    pub filiere: Option<String>,
    /// Best first.
    pub order: Vec<String>,
    /// Clôture.
    pub closed_at: Option<Timestamp>,
    /// Last verdict.
    pub verdict: Option<Verdict>,
    /// Digest of what was closed.
    pub digest: Option<Vec<u8>>,
}

/// Every dossier, by number, after `after`.
///
/// # Errors
/// The database does not answer.
pub async fn all(conn: &mut PgConnection, after: u64, limit: i64) -> Result<Vec<Summary>, DbError> {
    let rows = sqlx::query!(
        "select id, number, state, filiere, school_order, closed_at, verdict, digest from dossiers
         where number > $1 order by number limit $2",
        signed(after),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Summary {
                id: r.id,
                number: unsigned(r.number),
                state: state(&r.state)?,
                filiere: r.filiere,
                order: r.school_order,
                closed_at: r.closed_at.map(jiff_sqlx::Timestamp::to_jiff),
                verdict: r.verdict.map(|v| value(&VERDICTS, "verdict", &v)).transpose()?,
                digest: r.digest,
            })
        })
        .collect()
}

/// Who a dossier belongs to.
#[derive(Debug, Clone)]
pub struct Contact {
    /// The dossier.
    pub id: Uuid,
    /// Its number.
    pub number: i64,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
    /// Address.
    pub email: String,
}

/// Names and addresses of these dossiers, those given up apart.
///
/// # Errors
/// The database does not answer.
pub async fn contacts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Contact>, DbError> {
    let rows = sqlx::query_as!(
        Contact,
        "select id, number, family_name, first_names, email from dossiers
         where id = any($1) and state <> 'abandoned' order by number",
        ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Dossiers whose whole family name and first first-name occur, word for word, in the folded `text` (R23).
///
/// # Errors
/// The database does not answer.
pub async fn by_name(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Contact>, DbError> {
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let rows = sqlx::query_as!(
        Contact,
        "select id, number, family_name, first_names, email from dossiers
         where split_part(family_folded, ' ', 1) = any($1)
           and position(' ' || family_folded || ' ' in ' ' || $2 || ' ') > 0
           and position(' ' || split_part(first_folded, ' ', 1) || ' ' in ' ' || $2 || ' ') > 0
           and state <> 'abandoned'
         order by number limit $3",
        &words,
        text,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Dossiers in whose name each of these folded words occurs, by name.
///
/// # Errors
/// The database does not answer.
pub async fn by_words(conn: &mut PgConnection, words: &[String], limit: i64) -> Result<Vec<Contact>, DbError> {
    let rows = sqlx::query_as!(
        Contact,
        "select id, number, family_name, first_names, email from dossiers
         where state <> 'abandoned'
           and not exists (select from unnest($1::text[]) w
                           where position(w in family_folded || ' ' || first_folded) = 0)
         order by family_folded, first_folded, number limit $2",
        words,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// A name in a list.
#[derive(Debug, Clone)]
pub struct Named {
    /// The dossier.
    pub id: Uuid,
    /// Its number.
    pub number: i64,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
    /// Filière.
    pub filiere: String,
}

/// Names of the closed dossiers among these: all, or those of one school, which it verifies, or with `applied` those who
/// put it anywhere in their order.
///
/// # Errors
/// The database does not answer.
pub async fn names(
    conn: &mut PgConnection,
    ids: &[Uuid],
    school: Option<&str>,
    applied: bool,
) -> Result<Vec<Named>, DbError> {
    let rows = sqlx::query_as!(
        Named,
        r#"select id, number, family_name, first_names, filiere as "filiere!" from dossiers
           where id = any($1) and state = 'closed'
             and ($2::text is null or school_order[1] = $2 or ($3 and $2 = any(school_order)))
           order by number"#,
        ids,
        school,
        applied,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One dossier of a group that looks like one person.
#[derive(Debug, Clone)]
pub struct LookAlike {
    /// The dossier.
    pub id: Uuid,
    /// Its number.
    pub number: u64,
    /// Where it stands.
    pub state: StateName,
    /// Its first account's spelling.
    pub family_name: String,
    /// Its first account's spelling.
    pub first_names: String,
    /// The birth date they share.
    pub birth_date: Date,
    /// Smallest number of the group, which pages go by.
    pub group: u64,
}

/// Dossiers that share name and birth date with another (R7), by group. `school`: only groups with a closed dossier that
/// this school verifies; `dossier`: only its group; `after`, `limit`: of groups.
///
/// # Errors
/// The database does not answer.
pub async fn look_alikes(
    conn: &mut PgConnection,
    school: Option<&str>,
    dossier: Option<Uuid>,
    (after, limit): (u64, i64),
) -> Result<Vec<LookAlike>, DbError> {
    let rows = sqlx::query!(
        r#"with groups as (
               select family_folded, first_folded, birth_date, min(number) as first
               from dossiers where state <> 'abandoned' group by family_folded, first_folded, birth_date
               having count(*) > 1
                  and ($1::text is null or bool_or(state = 'closed' and school_order[1] = $1))
                  and ($2::uuid is null or bool_or(id = $2))
                  and min(number) > $3
               order by min(number) limit $4)
           select d.id, d.number, d.state, d.family_name, d.first_names, d.birth_date as "birth_date!", g.first as "first!"
           from groups g join dossiers d using (family_folded, first_folded, birth_date)
           order by g.first, d.number"#,
        school,
        dossier,
        signed(after),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(LookAlike {
                id: r.id,
                number: unsigned(r.number),
                state: state(&r.state)?,
                family_name: r.family_name,
                first_names: r.first_names,
                birth_date: r.birth_date.to_jiff(),
                group: unsigned(r.first),
            })
        })
        .collect()
}
