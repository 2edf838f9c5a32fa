//! Who did what: a log chained by hashes, so that a changed, removed or cut entry shows.
//!
//! Entries are appended with the act they record; the chain is computed behind the commit by a single chainer. Each
//! hash covers the one before it and every field of the entry. The head is for publishing at sign-offs: someone who
//! can write to this database could compute a whole new chain, but not change what was published.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::db::{Db, DbError, Tx};

/// Entries chained in one transaction.
const BATCH: i64 = 500;
/// How often the chainer looks without being woken.
const EVERY: Duration = Duration::from_secs(1);

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Entries in the chain.
    pub entries: u64,
    /// SHA-256 of the last, or of nothing when there are none.
    pub hash: Vec<u8>,
}

/// What a recomputation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Entries in the chain.
    pub entries: u64,
    /// Position of the first entry that does not fit, or of the first one missing.
    pub first_broken: Option<u64>,
    /// The head as recomputed up to there.
    pub head: Head,
}

/// One entry of the chain.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Place in the chain, from 1.
    pub position: u64,
    /// When, UTC, microseconds.
    pub at: Timestamp,
    /// Who: a token's subject.
    pub actor: String,
    /// What.
    pub action: String,
    /// Everything else, canonical JSON.
    pub details: String,
    /// SHA-256 over the previous hash and all of this.
    pub hash: Vec<u8>,
}

/// Appends an entry with the act it records.
///
/// # Errors
/// The row cannot be written; the transaction is lost.
pub async fn append(
    tx: &mut Tx,
    at: Timestamp,
    actor: &str,
    action: &'static str,
    details: serde_json::Value,
) -> Result<(), DbError> {
    // serde_json's maps are sorted: equal details have one text.
    let details = serde_json::to_string(&details)?;
    sqlx::query!(
        "insert into platform.audit (at, actor, action, details) values ($1, $2, $3, $4)",
        at.to_sqlx(),
        actor,
        action,
        details,
    )
    .execute(tx.conn())
    .await?;
    tx.after_commit(|db| db.audited().notify_one());
    Ok(())
}

/// The head of the chain as stored; entries of the last second may not be in it yet.
///
/// # Errors
/// The database does not answer.
pub async fn head(conn: &mut PgConnection) -> Result<Head, DbError> {
    let row = sqlx::query!("select position, hash from platform.audit_head").fetch_optional(conn).await?;
    Ok(row.map_or_else(genesis, |r| Head { entries: r.position.cast_unsigned(), hash: r.hash }))
}

fn genesis() -> Head {
    Head { entries: 0, hash: Sha256::digest([]).to_vec() }
}

/// Chains what was appended, in its order.
///
/// # Errors
/// The database does not answer. Someone else chaining meanwhile is no error.
pub async fn chain(db: &Db) -> Result<u64, DbError> {
    let mut chained = 0;
    loop {
        let mut tx = db.begin("audit_chain").await?;
        let leads = sqlx::query_scalar!(
            r#"select pg_try_advisory_xact_lock(hashtextextended('platform.audit', 0)) as "leads!""#
        )
        .fetch_one(tx.conn())
        .await?;
        if !leads {
            return Ok(chained);
        }
        let rows = sqlx::query!(
            "select seq, at, actor, action, details from platform.audit where position is null order by seq limit $1",
            BATCH,
        )
        .fetch_all(tx.conn())
        .await?;
        if rows.is_empty() {
            return Ok(chained);
        }
        let Head { entries: mut position, mut hash } = head(tx.conn()).await?;
        let (mut seqs, mut positions, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            position += 1;
            hash = link(&hash, position, row.at.to_jiff(), &row.actor, &row.action, &row.details);
            seqs.push(row.seq);
            positions.push(position.cast_signed());
            hashes.push(hash.clone());
        }
        sqlx::query!(
            "update platform.audit a set position = c.position, hash = c.hash
             from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as c (seq, position, hash) where a.seq = c.seq",
            &seqs,
            &positions,
            &hashes,
        )
        .execute(tx.conn())
        .await?;
        sqlx::query!(
            "insert into platform.audit_head (position, hash) values ($1, $2)
             on conflict (single) do update set position = excluded.position, hash = excluded.hash",
            position.cast_signed(),
            hash,
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        chained += seqs.len() as u64;
    }
}

/// Chains behind the commits until `stop`.
pub(crate) async fn run(db: Db, stop: CancellationToken) {
    loop {
        if let Err(error) = chain(&db).await {
            tracing::warn!(%error, "the audit chain waits");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = db.audited().notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Recomputes the chain and compares it with what is stored, and with `noted`, a head that was published earlier.
///
/// # Errors
/// The database does not answer.
pub async fn verify(conn: &mut PgConnection, noted: Option<&Head>) -> Result<Verdict, DbError> {
    let mut reached = genesis();
    let mut noted_met = noted.is_none_or(|n| *n == reached);
    loop {
        let page = page(conn, reached.entries, 1000).await?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            let expected = reached.entries + 1;
            let hash = link(&reached.hash, expected, entry.at, &entry.actor, &entry.action, &entry.details);
            if entry.position != expected || hash != entry.hash {
                return Ok(Verdict { entries: reached.entries, first_broken: Some(expected), head: reached });
            }
            reached = Head { entries: expected, hash };
            noted_met |= noted.is_some_and(|n| *n == reached);
        }
    }
    let stored = head(conn).await?;
    // Entries are only ever added: chained since the last page was read is fine, fewer than the stored head is not.
    let cut = stored.entries > reached.entries || (stored.entries == reached.entries && stored.hash != reached.hash);
    let first_broken = match noted {
        Some(noted) if !noted_met => Some(noted.entries.min(reached.entries + 1)),
        _ => cut.then_some(reached.entries + 1),
    };
    Ok(Verdict { entries: reached.entries, first_broken, head: reached })
}

/// An entry as stored.
struct Row {
    position: i64,
    at: jiff_sqlx::Timestamp,
    actor: String,
    action: String,
    details: String,
    hash: Vec<u8>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            position: row.position.cast_unsigned(),
            at: row.at.to_jiff(),
            actor: row.actor,
            action: row.action,
            details: row.details,
            hash: row.hash,
        }
    }
}

/// Chained entries after a position, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn page(conn: &mut PgConnection, after: u64, limit: u32) -> Result<Vec<Entry>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select position as "position!", at, actor, action, details, hash as "hash!" from platform.audit
           where position > $1 order by position limit $2"#,
        after.cast_signed(),
        i64::from(limit),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Chained entries before a position, the newest first, at most `limit`. `actor` and `action`: of these alone; empty for
/// any.
///
/// # Errors
/// The database does not answer.
pub async fn newest(
    conn: &mut PgConnection,
    before: u64,
    actor: &str,
    action: &str,
    limit: u32,
) -> Result<Vec<Entry>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select position as "position!", at, actor, action, details, hash as "hash!" from platform.audit
           where position < $1 and ($2 = '' or actor = $2) and ($3 = '' or action = $3)
           order by position desc limit $4"#,
        i64::try_from(before).unwrap_or(i64::MAX),
        actor,
        action,
        i64::from(limit),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Every field with its length before it: no two entries have the same bytes.
fn link(previous: &[u8], position: u64, at: Timestamp, actor: &str, action: &str, details: &str) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(position.to_be_bytes());
    hasher.update(at.as_microsecond().to_be_bytes());
    for field in [actor, action, details] {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finalize().to_vec()
}
