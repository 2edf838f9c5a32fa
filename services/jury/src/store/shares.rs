//! Shares of reading and declared conflicts.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::domain::ToRead;

/// A reader of a dossier, by what the president calls them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader {
    /// For pages.
    pub label: String,
    /// Subject of their token.
    pub subject: String,
}

/// A declared conflict of interest.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Whose; the label is empty for someone who was never a reader.
    pub who: Reader,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// A reader's share.
#[derive(Debug, Clone)]
pub struct Share {
    /// Whose.
    pub reader: Reader,
    /// Dossiers in it.
    pub assigned: u32,
    /// Of those, with an opinion of theirs.
    pub opinions: u32,
}

fn natural(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Takes the lock of the shares; how many readers a dossier is to have, 0 before the first distribution.
///
/// # Errors
/// The database.
pub async fn lock(conn: &mut PgConnection) -> Result<usize, StoreError> {
    let wanted = sqlx::query_scalar!("select readers_per_dossier from reading for update").fetch_one(conn).await?;
    Ok(usize::try_from(wanted).unwrap_or_default())
}

/// How many readers a dossier is to have, without the lock.
///
/// # Errors
/// The database.
pub async fn wanted(conn: &mut PgConnection) -> Result<u32, StoreError> {
    let wanted = sqlx::query_scalar!("select readers_per_dossier from reading").fetch_one(conn).await?;
    Ok(wanted.cast_unsigned())
}

/// Keeps how many readers a dossier is to have.
///
/// # Errors
/// The database.
pub async fn save_wanted(conn: &mut PgConnection, wanted: u32) -> Result<(), StoreError> {
    sqlx::query!("update reading set readers_per_dossier = $1", wanted.cast_signed()).execute(conn).await?;
    Ok(())
}

/// Who reads, by label.
///
/// # Errors
/// The database.
pub async fn readers(conn: &mut PgConnection) -> Result<Vec<Reader>, StoreError> {
    let rows = sqlx::query_as!(Reader, "select label, subject from readers where reads order by label, subject");
    Ok(rows.fetch_all(conn).await?)
}

/// Puts these readers in place of the earlier ones. Who no longer reads loses what they gave no opinion on: how many
/// dossiers that is.
///
/// # Errors
/// The database.
pub async fn save_readers(conn: &mut PgConnection, readers: &[Reader]) -> Result<u64, StoreError> {
    let (labels, subjects): (Vec<String>, Vec<String>) =
        readers.iter().map(|reader| (reader.label.clone(), reader.subject.clone())).unzip();
    sqlx::query!("update readers set reads = false where subject <> all($1)", &subjects).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into readers (label, subject, reads)
         select label, subject, true from unnest($1::text[], $2::text[]) as n (label, subject)
         on conflict (subject) do update set label = excluded.label, reads = true",
        &labels,
        &subjects
    )
    .execute(&mut *conn)
    .await?;
    let left = sqlx::query!(
        "delete from shares s using readers r
         where r.subject = s.reader and not r.reads
           and not exists (select from opinions o where o.dossier_id = s.dossier_id and o.author = s.reader)"
    )
    .execute(conn)
    .await?;
    Ok(left.rows_affected())
}

/// Every candidature that is not annulled, with its readers; those that are signed want no more.
///
/// # Errors
/// The database.
pub async fn to_read(conn: &mut PgConnection, wanted: usize) -> Result<Vec<ToRead>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.dossier_id, c.decision <> 'signed' as "open!",
                  array(select s.reader from shares s where s.dossier_id = c.dossier_id) as "readers!",
                  array(select f.subject from conflicts f where f.dossier_id = c.dossier_id) as "conflicts!"
           from candidatures c where c.annulled_at is null order by c.dossier_id"#
    )
    .fetch_all(conn)
    .await?;
    let to_read = rows.into_iter().map(|row| ToRead {
        dossier: row.dossier_id,
        wanted: if row.open { wanted } else { 0 },
        readers: BTreeSet::from_iter(row.readers),
        conflicts: BTreeSet::from_iter(row.conflicts),
    });
    Ok(to_read.collect())
}

/// Adds to the shares.
///
/// # Errors
/// The database, which gives nobody a dossier they have a conflict with.
pub async fn add(conn: &mut PgConnection, new: &[(Uuid, String)], at: Timestamp) -> Result<(), StoreError> {
    let (dossiers, readers): (Vec<Uuid>, Vec<String>) = new.iter().cloned().unzip();
    sqlx::query!(
        "insert into shares (dossier_id, reader, assigned_at)
         select dossier_id, reader, $3 from unnest($1::uuid[], $2::text[]) as n (dossier_id, reader)",
        &dossiers,
        &readers,
        at.to_sqlx()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a dossier out of a share; false if it was not in it.
///
/// # Errors
/// The database.
pub async fn remove(conn: &mut PgConnection, dossier: Uuid, reader: &str) -> Result<bool, StoreError> {
    let gone = sqlx::query!("delete from shares where dossier_id = $1 and reader = $2", dossier, reader);
    Ok(gone.execute(conn).await?.rows_affected() > 0)
}

/// Keeps a conflict; false if it was declared so before.
///
/// # Errors
/// The database.
pub async fn save_conflict(
    conn: &mut PgConnection,
    dossier: Uuid,
    subject: &str,
    reason: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into conflicts (dossier_id, subject, reason, declared_at) values ($1, $2, $3, $4)
         on conflict (dossier_id, subject) do update set reason = excluded.reason
         where conflicts.reason <> excluded.reason",
        dossier,
        subject,
        reason,
        at.to_sqlx()
    );
    Ok(done.execute(conn).await?.rows_affected() > 0)
}

/// The share of everyone who reads, by label.
///
/// # Errors
/// The database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Share>, StoreError> {
    let rows = sqlx::query!(
        r#"select r.label, r.subject, count(c.dossier_id) as "assigned!", count(o.dossier_id) as "opinions!"
           from readers r left join shares s on s.reader = r.subject
           left join candidatures c on c.dossier_id = s.dossier_id and c.annulled_at is null
           left join opinions o on o.dossier_id = c.dossier_id and o.author = r.subject
           where r.reads group by r.subject order by r.label, r.subject"#
    );
    let shares = rows.fetch_all(conn).await?.into_iter().map(|row| Share {
        reader: Reader { label: row.label, subject: row.subject },
        assigned: natural(row.assigned),
        opinions: natural(row.opinions),
    });
    Ok(shares.collect())
}

/// Whose share each of these dossiers is in, by label.
///
/// # Errors
/// The database.
pub async fn of(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Vec<Reader>>, StoreError> {
    let rows = sqlx::query!(
        "select s.dossier_id, r.label, r.subject from shares s join readers r on r.subject = s.reader
         where s.dossier_id = any($1) order by r.label, r.subject",
        dossiers
    );
    let mut all: HashMap<Uuid, Vec<Reader>> = HashMap::new();
    for row in rows.fetch_all(conn).await? {
        all.entry(row.dossier_id).or_default().push(Reader { label: row.label, subject: row.subject });
    }
    Ok(all)
}

/// Conflicts declared with these dossiers, oldest first.
///
/// # Errors
/// The database.
pub async fn conflicts(conn: &mut PgConnection, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Vec<Conflict>>, StoreError> {
    let rows = sqlx::query!(
        r#"select f.dossier_id, f.subject, coalesce(r.label, '') as "label!", f.reason, f.declared_at
           from conflicts f left join readers r using (subject)
           where f.dossier_id = any($1) order by f.declared_at, f.subject"#,
        dossiers
    );
    let mut all: HashMap<Uuid, Vec<Conflict>> = HashMap::new();
    for row in rows.fetch_all(conn).await? {
        all.entry(row.dossier_id).or_default().push(Conflict {
            who: Reader { label: row.label, subject: row.subject },
            reason: row.reason,
            at: row.declared_at.to_jiff(),
        });
    }
    Ok(all)
}
