//! Entries of the ledger: appended, read as histories.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{unknown_word, words::Word};
use crate::domain::{
    account::{Claim, Entry},
    ledger::{Kind, Movement, PlacedAs},
    money::Cents,
};

/// An entry to append.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Whose, if a candidate's.
    pub dossier: Option<Uuid>,
    /// What.
    pub entry: Entry,
    /// The line it is about.
    pub line: Option<Uuid>,
    /// The school's own number of the act.
    pub receipt: Option<String>,
    /// Means or reason.
    pub note: String,
}

impl NewEntry {
    /// An entry about a candidate, without more.
    #[must_use]
    pub fn of(dossier: Uuid, entry: Entry) -> Self {
        Self { dossier: Some(dossier), entry, line: None, receipt: None, note: String::new() }
    }

    /// A movement of a line; of the candidate's too, where it concerns one.
    #[must_use]
    pub fn of_line(line: Uuid, dossier: Option<Uuid>, movement: Movement, note: &str) -> Self {
        let dossier = dossier.filter(|_| movement.kind.concerns_candidate());
        Self { dossier, entry: Entry::Moved(movement), line: Some(line), receipt: None, note: note.to_owned() }
    }
}

/// Name of the kind, and as what a line was placed.
fn kind(entry: &Entry) -> (&'static str, Option<PlacedAs>) {
    match entry {
        Entry::Claimed { .. } => ("claimed", None),
        Entry::Closed { .. } => ("closed", None),
        Entry::NotACandidature => ("not_a_candidature", None),
        Entry::ExemptionDecided { accepted: true } => ("exemption_accepted", None),
        Entry::ExemptionDecided { accepted: false } => ("exemption_refused", None),
        Entry::Moved(movement) => match movement.kind {
            Kind::Imported => ("imported", None),
            Kind::Placed(placed_as) => ("placed", Some(placed_as)),
            Kind::Unplaced(placed_as) => ("unplaced", Some(placed_as)),
            Kind::MarkedUnknown => ("marked_unknown", None),
            Kind::Reconsidered => ("reconsidered", None),
            Kind::SentBack => ("sent_back", None),
            Kind::OtherMeans => (OTHER_MEANS, None),
            Kind::Refunded => (REFUNDED, None),
        },
    }
}

const OTHER_MEANS: &str = "other_means";
const REFUNDED: &str = "refunded";

/// Appends entries, in order. The lock of each school whose money moves, and the row of each account, are held.
///
/// # Errors
/// The database does not answer, or a receipt was used before.
pub async fn enter(tx: &mut Tx, at: Timestamp, actor: &str, entries: &[NewEntry]) -> Result<(), DbError> {
    if entries.is_empty() {
        return Ok(());
    }
    let n = entries.len();
    let (mut kinds, mut dossiers, mut schools, mut claims) =
        (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
    let (mut froms, mut tos, mut cents, mut placed) =
        (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
    let (mut lines, mut receipts, mut notes) = (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
    for new in entries {
        let (kind, placed_as) = kind(&new.entry);
        kinds.push(kind.to_owned());
        placed.push(placed_as.map(|p| p.word().to_owned()));
        dossiers.push(new.dossier);
        let (school, claim) = match &new.entry {
            Entry::Claimed { claim, school } => (Some(school.clone()), Some(*claim)),
            Entry::Closed { school, claim } => (Some(school.clone()), *claim),
            Entry::Moved(movement) => (Some(movement.school.clone()), None),
            Entry::NotACandidature | Entry::ExemptionDecided { .. } => (None, None),
        };
        schools.push(school);
        claims.push(claim.map(|c| c.word().to_owned()));
        let movement = if let Entry::Moved(movement) = &new.entry { Some(movement) } else { None };
        let pockets = movement.map(|m| m.kind.pockets());
        froms.push(pockets.map(|(from, _)| from.word().to_owned()));
        tos.push(pockets.map(|(_, to)| to.word().to_owned()));
        cents.push(movement.map(|m| m.cents.get()));
        lines.push(new.line);
        receipts.push(new.receipt.clone());
        notes.push(new.note.clone());
    }
    sqlx::query!(
        "insert into entries (at, actor, kind, dossier_id, school, claim, from_pocket, to_pocket, cents, placed_as,
                              line_id, receipt, note)
         select $1, $2, e.kind, e.dossier_id, e.school, e.claim, e.from_pocket, e.to_pocket, e.cents, e.placed_as,
                e.line_id, e.receipt, e.note
         from unnest($3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[],
                     $11::uuid[], $12::text[], $13::text[])
              with ordinality as e (kind, dossier_id, school, claim, from_pocket, to_pocket, cents, placed_as, line_id,
                                    receipt, note, place)
         order by e.place",
        at.to_sqlx(),
        actor,
        &kinds,
        &dossiers as &[Option<Uuid>],
        &schools as &[Option<String>],
        &claims as &[Option<String>],
        &froms as &[Option<String>],
        &tos as &[Option<String>],
        &cents as &[Option<i64>],
        &placed as &[Option<String>],
        &lines as &[Option<Uuid>],
        &receipts as &[Option<String>],
        &notes,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Histories of these dossiers, oldest entry first, of what is dated before an instant if one is given; a dossier
/// without entries has none.
///
/// # Errors
/// The database does not answer.
pub async fn histories(
    conn: &mut PgConnection,
    dossiers: &[Uuid],
    before: Option<Timestamp>,
) -> Result<HashMap<Uuid, Vec<Entry>>, DbError> {
    let rows = sqlx::query!(
        r#"select dossier_id as "dossier!", kind, school, claim, cents, placed_as from entries
           where dossier_id = any($1) and ($2::timestamptz is null or at < $2) order by sequence"#,
        dossiers,
        before.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(conn)
    .await?;
    let mut histories: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for row in rows {
        let claim = row.claim.as_deref().map(Claim::read).transpose()?;
        let placed_as = row.placed_as.as_deref().map(PlacedAs::read).transpose()?;
        let school = row.school.unwrap_or_default();
        let moved = |kind| {
            let cents = Cents::new(row.cents.unwrap_or_default());
            Entry::Moved(Movement { school: school.clone(), kind, cents })
        };
        let entry = match (row.kind.as_str(), claim, placed_as) {
            ("claimed", Some(claim), _) => Entry::Claimed { claim, school },
            ("closed", claim, _) => Entry::Closed { school, claim },
            ("not_a_candidature", ..) => Entry::NotACandidature,
            ("exemption_accepted", ..) => Entry::ExemptionDecided { accepted: true },
            ("exemption_refused", ..) => Entry::ExemptionDecided { accepted: false },
            ("placed", _, Some(placed_as)) => moved(Kind::Placed(placed_as)),
            ("unplaced", _, Some(placed_as)) => moved(Kind::Unplaced(placed_as)),
            (OTHER_MEANS, ..) => moved(Kind::OtherMeans),
            (REFUNDED, ..) => moved(Kind::Refunded),
            (other, ..) => return Err(unknown_word("entry", other)),
        };
        histories.entry(row.dossier).or_default().push(entry);
    }
    Ok(histories)
}

/// An act of the school that bears this receipt: on which dossier, and how much.
///
/// # Errors
/// The database does not answer.
pub async fn receipt(
    conn: &mut PgConnection,
    school: &str,
    of: Kind,
    receipt: &str,
) -> Result<Option<(Uuid, Cents)>, DbError> {
    let kind = if of == Kind::Refunded { REFUNDED } else { OTHER_MEANS };
    let row = sqlx::query!(
        r#"select dossier_id as "dossier!", cents as "cents!" from entries
           where school = $1 and kind = $2 and receipt = $3"#,
        school,
        kind,
        receipt,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| (r.dossier, Cents::new(r.cents))))
}
