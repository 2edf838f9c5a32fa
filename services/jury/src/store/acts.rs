//! Acts of two people.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, alien};
use crate::{
    commands::{Asked, Covered},
    domain::{Act, ActKind, ActState, Member},
};

/// An act as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its id.
    pub id: Uuid,
    /// Place in the order of preparation.
    pub seq: i64,
    /// What it is about.
    pub subject: String,
    /// What was asked.
    pub asked: Asked,
    /// How many things it covers.
    pub covers: u32,
    /// Why.
    pub reason: String,
    /// When it was prepared.
    pub prepared_at: Timestamp,
    /// The act.
    pub act: Act,
    /// Signature number its confirmation brought, 0 if none.
    pub signature: u64,
    /// Instant its confirmation brought, for a publication.
    pub publish_at: Option<Timestamp>,
}

const KINDS: [(ActKind, &str); 9] = [
    (ActKind::Admissibility, "admissibility"),
    (ActKind::AdmissibilityPublication, "admissibility_publication"),
    (ActKind::AdmissibilityCorrection, "admissibility_correction"),
    (ActKind::MarkCorrection, "mark_correction"),
    (ActKind::Admission, "admission"),
    (ActKind::AdmissionPublication, "admission_publication"),
    (ActKind::TableCorrection, "table_correction"),
    (ActKind::Supernumerary, "supernumerary"),
    (ActKind::Annulment, "annulment"),
];

/// The word of a kind, in the database and the audit log.
#[must_use]
pub fn word(kind: ActKind) -> &'static str {
    KINDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, word)| word)
}

struct Row {
    act_id: Uuid,
    seq: i64,
    kind: String,
    subject: String,
    asked: serde_json::Value,
    digest: String,
    covers: i64,
    reason: String,
    prepared_by: String,
    prepared_by_president: bool,
    prepared_at: jiff_sqlx::Timestamp,
    state: String,
    confirmed_by: Option<String>,
    confirmed_by_president: Option<bool>,
    confirmed_at: Option<jiff_sqlx::Timestamp>,
    signature: i64,
    publish_at: Option<jiff_sqlx::Timestamp>,
}

impl TryFrom<Row> for Stored {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = KINDS.iter().find(|(_, word)| *word == row.kind).map(|(kind, _)| *kind);
        let kind = kind.ok_or_else(|| alien("kind of act", &row.kind))?;
        let state = match (row.state.as_str(), row.confirmed_by, row.confirmed_by_president, row.confirmed_at) {
            ("prepared", ..) => ActState::Prepared,
            ("replaced", ..) => ActState::Replaced,
            ("withdrawn", ..) => ActState::Withdrawn,
            ("confirmed", Some(subject), Some(president), Some(at)) => {
                ActState::Confirmed { by: Member { subject, president }, at: at.to_jiff() }
            }
            _ => return Err(alien("state of an act", row.state)),
        };
        Ok(Self {
            id: row.act_id,
            seq: row.seq,
            subject: row.subject,
            asked: serde_json::from_value(row.asked).map_err(|e| alien("act", e.to_string()))?,
            covers: u32::try_from(row.covers).unwrap_or(u32::MAX),
            reason: row.reason,
            prepared_at: row.prepared_at.to_jiff(),
            act: Act {
                kind,
                digest: row.digest,
                prepared_by: Member { subject: row.prepared_by, president: row.prepared_by_president },
                state,
            },
            signature: row.signature.cast_unsigned(),
            publish_at: row.publish_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    }
}

/// One act, locked.
///
/// # Errors
/// The database.
pub async fn for_update(conn: &mut PgConnection, id: Uuid) -> Result<Option<Stored>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select act_id, seq, kind, subject, asked, digest, covers, reason, prepared_by, prepared_by_president,
                prepared_at, state, confirmed_by, confirmed_by_president, confirmed_at, signature, publish_at
         from acts where act_id = $1 for update",
        id
    )
    .fetch_optional(conn)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// Lets one preparation of that kind on that subject run at a time.
///
/// # Errors
/// The database.
pub async fn lock(conn: &mut PgConnection, kind: ActKind, subject: &str) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("jury.act:{}:{subject}", word(kind)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The act of that kind on that subject that waits for its second person, locked.
///
/// # Errors
/// The database.
pub async fn waiting(conn: &mut PgConnection, kind: ActKind, subject: &str) -> Result<Option<Stored>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select act_id, seq, kind, subject, asked, digest, covers, reason, prepared_by, prepared_by_president,
                prepared_at, state, confirmed_by, confirmed_by_president, confirmed_at, signature, publish_at
         from acts where kind = $1 and subject = $2 and state = 'prepared' for update",
        word(kind),
        subject
    )
    .fetch_optional(conn)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// Acts before `before` (by order of preparation), latest first.
///
/// # Errors
/// The database.
pub async fn page(
    conn: &mut PgConnection,
    kind: Option<ActKind>,
    prepared_only: bool,
    before: i64,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select act_id, seq, kind, subject, asked, digest, covers, reason, prepared_by, prepared_by_president,
                prepared_at, state, confirmed_by, confirmed_by_president, confirmed_at, signature, publish_at
         from acts
         where seq < $1 and ($2::text is null or kind = $2) and (not $3 or state = 'prepared')
         order by seq desc limit $4",
        before,
        kind.map(word),
        prepared_only,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

fn covered(stored: serde_json::Value) -> Result<Covered, StoreError> {
    serde_json::from_value(stored).map_err(|e| alien("what an act covers", e.to_string()))
}

/// One act with what it covers, as it was prepared.
///
/// # Errors
/// The database.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Stored, Covered)>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select act_id, seq, kind, subject, asked, digest, covers, reason, prepared_by, prepared_by_president,
                prepared_at, state, confirmed_by, confirmed_by_president, confirmed_at, signature, publish_at
         from acts where act_id = $1",
        id
    );
    let Some(row) = row.fetch_optional(&mut *conn).await? else { return Ok(None) };
    let items = sqlx::query_scalar!("select covered from acts where act_id = $1", id).fetch_one(conn).await?;
    Ok(Some((Stored::try_from(row)?, covered(items)?)))
}

/// Confirmed acts of these kinds with what they cover, in the order of their confirmation.
///
/// # Errors
/// The database.
pub async fn confirmed(conn: &mut PgConnection, kinds: &[ActKind]) -> Result<Vec<(Stored, Covered)>, StoreError> {
    let kinds: Vec<String> = kinds.iter().map(|kind| word(*kind).to_owned()).collect();
    let ids = sqlx::query_scalar!(
        "select act_id from acts where state = 'confirmed' and kind = any($1) order by confirmed_at, seq",
        &kinds
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.extend(find(conn, id).await?);
    }
    Ok(all)
}

/// Keeps a prepared act and what it covers.
///
/// # Errors
/// The database.
pub async fn insert(conn: &mut PgConnection, stored: &Stored, covered: &Covered) -> Result<(), StoreError> {
    let asked = serde_json::to_value(&stored.asked).map_err(|e| alien("act", e.to_string()))?;
    let covered = serde_json::to_value(covered).map_err(|e| alien("what an act covers", e.to_string()))?;
    sqlx::query!(
        "insert into acts (act_id, kind, subject, asked, digest, covers, reason, prepared_by, prepared_by_president,
                           prepared_at, state, covered)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'prepared', $11)",
        stored.id,
        word(stored.act.kind),
        stored.subject,
        asked,
        stored.act.digest,
        i64::from(stored.covers),
        stored.reason,
        stored.act.prepared_by.subject,
        stored.act.prepared_by.president,
        stored.prepared_at.to_sqlx(),
        covered
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves where an act stands.
///
/// # Errors
/// The database, which refuses one person's act whatever the code says.
pub async fn save(conn: &mut PgConnection, stored: &Stored) -> Result<(), StoreError> {
    let (state, by, at) = match &stored.act.state {
        ActState::Prepared => ("prepared", None, None),
        ActState::Replaced => ("replaced", None, None),
        ActState::Withdrawn => ("withdrawn", None, None),
        ActState::Confirmed { by, at } => ("confirmed", Some(by), Some(*at)),
    };
    sqlx::query!(
        "update acts set state = $2, confirmed_by = $3, confirmed_by_president = $4, confirmed_at = $5, signature = $6,
                publish_at = $7
         where act_id = $1",
        stored.id,
        state,
        by.map(|m| m.subject.as_str()),
        by.map(|m| m.president),
        at.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
        stored.signature.cast_signed(),
        stored.publish_at.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>
    )
    .execute(conn)
    .await?;
    Ok(())
}
