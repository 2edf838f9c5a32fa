//! Candidatures as the jury reads them.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    StoreError, candidatures,
    shares::{self, Conflict, Reader},
};
use crate::domain::Candidature;

/// Which candidatures; an empty text does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of that filière.
    pub filiere: String,
    /// Applying to that school.
    pub school: String,
    /// With that choice 1.
    pub first_school: String,
    /// `undecided`, `draft` or `signed`.
    pub decision: String,
    /// Fee neither settled, nor exempt, nor over.
    pub fee_unsettled: bool,
    /// Declared or matched (R15).
    pub other_route: bool,
    /// A school is left to the jury.
    pub undetermined: bool,
    /// Drafted or signed as admissible.
    pub admissible: bool,
    /// Who asks.
    pub caller: String,
    /// In the caller's share.
    pub mine: bool,
    /// Without an opinion of the caller's.
    pub without_my_opinion: bool,
}

/// What a member thinks of a dossier.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// Who.
    pub author: String,
    /// Would admit.
    pub favourable: bool,
    /// Why.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// One candidature with everything around it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The candidature.
    pub candidature: Candidature,
    /// The dossier's number.
    pub number: u64,
    /// The diploma's key.
    pub diploma: String,
    /// Row of the table.
    pub mention: String,
    /// Row claimed as equivalent.
    pub equivalent_to: String,
    /// Declared another route.
    pub other_route_declared: bool,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Where the fee stands, as heard; empty if unheard of.
    pub fee: String,
    /// What school 1 found; empty if nothing.
    pub verification: String,
    /// Routes whose lists matched.
    pub other_routes: Vec<String>,
    /// Members' opinions.
    pub opinions: Vec<Opinion>,
    /// Table and row that decide, by school.
    pub sources: HashMap<String, (String, String)>,
    /// Whose share it is in.
    pub readers: Vec<Reader>,
    /// Declared conflicts of interest.
    pub conflicts: Vec<Conflict>,
}

/// Candidatures after `after`, by dossier id.
///
/// # Errors
/// The database.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select c.dossier_id from candidatures c left join fees f using (dossier_id)
         where c.dossier_id > $1
           and ($2 = '' or c.filiere = $2) and ($3 = '' or $3 = any(c.schools)) and ($4 = '' or c.first_school = $4)
           and ($5 = '' or c.decision = $5)
           and (not $6 or coalesce(f.status, '') not in ('SETTLED', 'EXEMPT', 'OVER'))
           and (not $7 or c.other_route_declared or exists (select from matches m where m.dossier_id = c.dossier_id))
           and (not $8 or exists (
               select from unnest(c.schools) as s (school)
               left join recevabilites r on r.dossier_id = c.dossier_id and r.school = s.school
               left join determinations d on d.dossier_id = c.dossier_id and d.school = s.school
               where d.school is null and coalesce(r.reading, 'for_jury') = 'for_jury'))
           and (not $9 or coalesce(c.admissible, false))
           and (not $11 or exists (select from shares s where s.dossier_id = c.dossier_id and s.reader = $13))
           and (not $12 or not exists (select from opinions o where o.dossier_id = c.dossier_id and o.author = $13))
         order by c.dossier_id limit $10",
        after,
        filter.filiere,
        filter.school,
        filter.first_school,
        filter.decision,
        filter.fee_unsettled,
        filter.other_route,
        filter.undetermined,
        filter.admissible,
        limit,
        filter.mine,
        filter.without_my_opinion,
        filter.caller
    )
    .fetch_all(&mut *conn)
    .await?;
    of(conn, &ids).await
}

/// These candidatures, by dossier id.
///
/// # Errors
/// The database.
pub async fn of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Listed>, StoreError> {
    let mut opinions: HashMap<Uuid, Vec<Opinion>> = HashMap::new();
    for row in sqlx::query!(
        "select dossier_id, author, favourable, opinion, given_at from opinions where dossier_id = any($1)
         order by given_at, author",
        ids
    )
    .fetch_all(&mut *conn)
    .await?
    {
        opinions.entry(row.dossier_id).or_default().push(Opinion {
            author: row.author,
            favourable: row.favourable,
            text: row.opinion,
            at: row.given_at.to_jiff(),
        });
    }
    let mut sources: HashMap<Uuid, HashMap<String, (String, String)>> = HashMap::new();
    for row in sqlx::query!(
        "select dossier_id, school, table_name, row_name from recevabilites where dossier_id = any($1)",
        ids
    )
    .fetch_all(&mut *conn)
    .await?
    {
        sources.entry(row.dossier_id).or_default().insert(row.school, (row.table_name, row.row_name));
    }
    let mut around: HashMap<Uuid, _> = sqlx::query!(
        r#"select c.dossier_id as "dossier_id!", c.number as "number!", c.diploma as "diploma!", c.mention as "mention!",
                  c.equivalent_to as "equivalent_to!", c.other_route_declared as "other_route_declared!",
                  c.closed_at as "closed_at!",
                  coalesce(f.status, '') as "fee!", coalesce(v.verdict, '') as "verification!",
                  array(select m.route from matches m where m.dossier_id = c.dossier_id order by m.route)
                      as "other_routes!"
           from candidatures c left join fees f using (dossier_id) left join verifications v using (dossier_id)
           where c.dossier_id = any($1)"#,
        ids
    )
    .fetch_all(&mut *conn)
    .await?
    .into_iter()
    .map(|row| (row.dossier_id, row))
    .collect();
    let mut readers = shares::of(&mut *conn, ids).await?;
    let mut conflicts = shares::conflicts(&mut *conn, ids).await?;
    let kept = candidatures::load(conn, Some(ids)).await?;
    Ok(kept
        .into_iter()
        .filter_map(|kept| {
            let candidature = kept.candidature;
            let row = around.remove(&candidature.dossier)?;
            Some(Listed {
                number: row.number.cast_unsigned(),
                diploma: row.diploma,
                mention: row.mention,
                equivalent_to: row.equivalent_to,
                other_route_declared: row.other_route_declared,
                closed_at: row.closed_at.to_jiff(),
                fee: row.fee,
                verification: row.verification,
                other_routes: row.other_routes,
                opinions: opinions.remove(&candidature.dossier).unwrap_or_default(),
                sources: sources.remove(&candidature.dossier).unwrap_or_default(),
                readers: readers.remove(&candidature.dossier).unwrap_or_default(),
                conflicts: conflicts.remove(&candidature.dossier).unwrap_or_default(),
                candidature,
            })
        })
        .collect())
}

/// How many candidatures stand where.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// All.
    pub all: u32,
    /// Undecided, not annulled.
    pub undecided: u32,
    /// Drafted, not annulled.
    pub drafted: u32,
    /// Signed.
    pub signed: u32,
    /// Annulled.
    pub annulled: u32,
    /// Made public.
    pub published: u32,
}

/// How many candidatures stand where.
///
/// # Errors
/// The database.
pub async fn counts(conn: &mut PgConnection) -> Result<Counts, StoreError> {
    let row = sqlx::query!(
        r#"select count(*) as "all!",
                  count(*) filter (where decision = 'undecided' and annulled_at is null) as "undecided!",
                  count(*) filter (where decision = 'draft' and annulled_at is null) as "drafted!",
                  count(*) filter (where decision = 'signed') as "signed!",
                  count(*) filter (where annulled_at is not null) as "annulled!",
                  count(published_at) as "published!"
           from candidatures"#
    )
    .fetch_one(conn)
    .await?;
    let n = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Counts {
        all: n(row.all),
        undecided: n(row.undecided),
        drafted: n(row.drafted),
        signed: n(row.signed),
        annulled: n(row.annulled),
        published: n(row.published),
    })
}
