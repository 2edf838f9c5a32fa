//! The dossiers that a school verifies, as a queue to work through (R14). The order of schools is in none of it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dossiers::{VERDICTS, value, word},
    signed, unsigned,
};
use crate::domain::verification::Verdict;

/// What the lines are sorted by; numbers decide between equals. None of it changes after clôture, so pages are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Number.
    Number,
    /// Family name, then first names.
    Name,
    /// Clôture, the oldest first.
    ClosedAt,
}

/// What is looked for in number or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Everyone.
    All,
    /// This number.
    Number(u64),
    /// Every one of these folded words in the name. Without any, nobody.
    Words(Vec<String>),
}

/// Which dossiers.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    /// The school of choice 1.
    pub school: &'a str,
    /// Only this filière.
    pub filiere: Option<&'a str>,
    /// Last verdicts wanted; `None` is none yet.
    pub verdicts: Vec<Option<Verdict>>,
    /// Only with a correction that can still be answered.
    pub open_corrections: bool,
    /// Only those that look like another account (R7).
    pub look_alikes: bool,
    /// In number or name.
    pub search: Search,
    /// The order of the lines.
    pub sort: Sort,
    /// Instant of the question: which corrections are open.
    pub at: Timestamp,
}

/// One line.
#[derive(Debug, Clone)]
pub struct ToVerify {
    /// The dossier.
    pub id: Uuid,
    /// Its number, which pages go by.
    pub number: u64,
    /// Family name.
    pub family_name: String,
    /// First names.
    pub first_names: String,
    /// Filière.
    pub filiere: String,
    /// Clôture.
    pub closed_at: Timestamp,
    /// Last verdict.
    pub verdict: Option<Verdict>,
    /// Corrections open at the instant of the question.
    pub open_corrections: u32,
    /// Another account bears the same name and birth date (R7).
    pub looks_alike: bool,
    /// Notes of the school.
    pub notes: u32,
}

/// How many there are by last verdict, whatever verdicts are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// None yet.
    pub not_yet: u32,
    /// See [`Verdict`].
    pub complete: u32,
    /// See [`Verdict`].
    pub correction_requested: u32,
    /// See [`Verdict`].
    pub incomplete: u32,
}

/// The word for no verdict yet in a list of verdicts.
const NOT_YET: &str = "";

fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A page of the queue after the dossier with the number `after` (0: the first page), and the totals, read at once.
///
/// # Errors
/// The database does not answer.
pub async fn to_verify(
    conn: &mut PgConnection,
    filter: &Filter<'_>,
    (after, limit): (u64, i64),
) -> Result<(Vec<ToVerify>, Totals), DbError> {
    let verdicts: Vec<String> =
        filter.verdicts.iter().map(|v| v.map_or(NOT_YET, |v| word(&VERDICTS, v)).to_owned()).collect();
    let (number, words) = match &filter.search {
        Search::All => (None, None),
        Search::Number(n) => (Some(signed(*n)), None),
        Search::Words(words) => (None, Some(words.as_slice())),
    };
    let rows = sqlx::query!(
        r#"with queue as (
               select d.id, d.number, d.family_name, d.first_names, d.family_folded, d.first_folded, d.filiere,
                      d.closed_at, d.verdict, alike.found as alike, open.corrections
               from dossiers d,
                    lateral (select count(*) as corrections from corrections c
                             where c.dossier_id = d.id and c.deposited is null and c.until > $2) open,
                    lateral (select exists (select from dossiers o
                                            where o.family_folded = d.family_folded and o.first_folded = d.first_folded
                                              and o.birth_date = d.birth_date and o.id <> d.id) as found) alike
               where d.state = 'closed' and d.annulled_at is null and d.school_order[1] = $1
                 and ($3::text is null or d.filiere = $3)
                 and ($4::bigint is null or d.number = $4)
                 and ($5::text[] is null
                      or cardinality($5) > 0
                         and not exists (select from unnest($5) w
                                         where position(w in d.family_folded || ' ' || d.first_folded) = 0))
                 and (not $6 or open.corrections > 0)
                 and (not $7 or alike.found)),
           totals as (
               select count(*) filter (where verdict is null) as not_yet,
                      count(*) filter (where verdict = 'complete') as complete,
                      count(*) filter (where verdict = 'correction_requested') as correction_requested,
                      count(*) filter (where verdict = 'incomplete') as incomplete
               from queue),
           page as (
               select q.*, row_number() over (order by case when $9 = 'name' then q.family_folded end,
                                                       case when $9 = 'name' then q.first_folded end,
                                                       case when $9 = 'closed_at' then q.closed_at end,
                                                       q.number) as place
               from queue q left join dossiers a on a.number = $8 and a.state = 'closed' and a.school_order[1] = $1
               where coalesce(q.verdict, '') = any($11)
                 and ($8 = 0 or case $9 when 'name' then (q.family_folded, q.first_folded, q.number)
                                                       > (a.family_folded, a.first_folded, a.number)
                                        when 'closed_at' then (q.closed_at, q.number) > (a.closed_at, a.number)
                                        else q.number > $8 end)
               order by place limit $10)
           select t.not_yet as "not_yet!", t.complete as "complete!", t.correction_requested as "correction_requested!",
                  t.incomplete as "incomplete!", p.id as "id?", p.number as "number?", p.family_name as "family_name?",
                  p.first_names as "first_names?", p.filiere as "filiere?", p.closed_at as "closed_at?", p.verdict,
                  p.corrections, p.alike,
                  (select count(*) from notes n where n.dossier_id = p.id and n.school = $1) as "notes!"
           from totals t left join page p on true order by p.place"#,
        filter.school,
        filter.at.to_sqlx() as _,
        filter.filiere,
        number,
        words as Option<&[String]>,
        filter.open_corrections,
        filter.look_alikes,
        signed(after),
        match filter.sort {
            Sort::Number => "number",
            Sort::Name => "name",
            Sort::ClosedAt => "closed_at",
        },
        limit,
        &verdicts,
    )
    .fetch_all(conn)
    .await?;
    let mut totals = Totals::default();
    let mut lines = Vec::with_capacity(rows.len());
    for r in rows {
        totals = Totals {
            not_yet: count(r.not_yet),
            complete: count(r.complete),
            correction_requested: count(r.correction_requested),
            incomplete: count(r.incomplete),
        };
        // An empty page still brings its totals.
        let (Some(id), Some(number), Some(closed_at)) = (r.id, r.number, r.closed_at) else { continue };
        lines.push(ToVerify {
            id,
            number: unsigned(number),
            family_name: r.family_name.unwrap_or_default(),
            first_names: r.first_names.unwrap_or_default(),
            filiere: r.filiere.unwrap_or_default(),
            closed_at: closed_at.to_jiff(),
            verdict: r.verdict.map(|v| value(&VERDICTS, "verdict", &v)).transpose()?,
            open_corrections: r.corrections.map_or(0, count),
            looks_alike: r.alike.unwrap_or_default(),
            notes: count(r.notes),
        });
    }
    Ok((lines, totals))
}
