//! Lines of statements.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{unknown_word, words::Word};
use crate::domain::{
    ledger::PlacedAs,
    line::{BankLine, Line, LineKey, State, Why},
    money::Cents,
    statement::Format,
};

/// A line to insert.
#[derive(Debug, Clone)]
pub struct NewLine {
    /// Its id.
    pub id: Uuid,
    /// As the bank tells it.
    pub told: BankLine,
    /// Its identity.
    pub key: LineKey,
    /// What became of it.
    pub line: Line<Uuid>,
    /// A search by name follows.
    pub to_search: bool,
}

/// A line as stored.
#[derive(Debug, Clone)]
pub struct StoredLine {
    /// Its id.
    pub id: Uuid,
    /// What became of it.
    pub line: Line<Uuid>,
    /// Who paid or was paid, as the bank prints it.
    pub counterparty: String,
    /// What the payer wrote.
    pub remittance: String,
    /// The payer's own reference.
    pub end_to_end: String,
    /// A search by name follows.
    pub to_search: bool,
}

pub(super) fn state(
    state: &str,
    why: Option<&str>,
    dossier: Option<Uuid>,
    placed_as: Option<&str>,
) -> Result<State<Uuid>, DbError> {
    Ok(match (state, why, dossier, placed_as) {
        ("queued", Some(why), ..) => State::Queued(Why::read(why)?),
        ("placed", _, Some(dossier), Some(placed_as)) => {
            State::Placed { dossier, placed_as: PlacedAs::read(placed_as)? }
        }
        ("unknown", ..) => State::Unknown,
        ("sent_back", ..) => State::SentBack,
        (other, ..) => return Err(unknown_word("line state", other)),
    })
}

/// A state in columns: state, why, dossier, placement.
fn columns(state: State<Uuid>) -> (&'static str, Option<&'static str>, Option<Uuid>, Option<&'static str>) {
    match state {
        State::Queued(why) => ("queued", Some(why.word()), None, None),
        State::Placed { dossier, placed_as } => ("placed", None, Some(dossier), Some(placed_as.word())),
        State::Unknown => ("unknown", None, None, None),
        State::SentBack => ("sent_back", None, None, None),
    }
}

/// For each key the line that has it in this school's books, if one does, with its state.
///
/// # Errors
/// The database does not answer.
pub async fn known(
    conn: &mut PgConnection,
    school: &str,
    keys: &[LineKey],
) -> Result<Vec<Option<(Uuid, State<Uuid>)>>, DbError> {
    let references: Vec<String> = keys.iter().map(|k| k.bank_reference.clone()).collect();
    let dates: Vec<jiff_sqlx::Date> = keys.iter().map(|k| k.booked_on.to_sqlx()).collect();
    let cents: Vec<i64> = keys.iter().map(|k| k.cents.get()).collect();
    let ordinals: Vec<i32> = keys.iter().map(|k| i32::try_from(k.ordinal).unwrap_or(i32::MAX)).collect();
    let rows = sqlx::query!(
        r#"select k.place as "place!", l.id, l.state, l.why, l.dossier_id, l.placed_as
           from unnest($2::text[], $3::date[], $4::bigint[], $5::integer[])
                with ordinality as k (bank_reference, booked_on, cents, ordinal, place)
           join lines l on l.school = $1 and l.bank_reference = k.bank_reference and l.booked_on = k.booked_on
                and l.cents = k.cents and l.ordinal = k.ordinal"#,
        school,
        &references,
        &dates as &[jiff_sqlx::Date],
        &cents,
        &ordinals,
    )
    .fetch_all(conn)
    .await?;
    let mut found = vec![None; keys.len()];
    for row in rows {
        let place = usize::try_from(row.place - 1).unwrap_or(usize::MAX);
        let state = state(&row.state, row.why.as_deref(), row.dossier_id, row.placed_as.as_deref())?;
        if let Some(slot) = found.get_mut(place) {
            *slot = Some((row.id, state));
        }
    }
    Ok(found)
}

/// Lines of the school that another format told, of these days: id, state, and what it told.
///
/// # Errors
/// The database does not answer.
pub async fn of_other_format(
    conn: &mut PgConnection,
    school: &str,
    format: Format,
    days: &[Date],
) -> Result<Vec<(Uuid, State<Uuid>, BankLine)>, DbError> {
    let days: Vec<jiff_sqlx::Date> = days.iter().map(|d| d.to_sqlx()).collect();
    let rows = sqlx::query!(
        "select id, booked_on, cents, reversal, counterparty, remittance, bank_reference, end_to_end, state, why,
                dossier_id, placed_as
         from lines where school = $1 and format <> $2 and booked_on = any($3) order by arrival",
        school,
        format.word(),
        &days as &[jiff_sqlx::Date],
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = state(&row.state, row.why.as_deref(), row.dossier_id, row.placed_as.as_deref())?;
            let told = BankLine {
                location: String::new(),
                booked_on: row.booked_on.to_jiff(),
                cents: Cents::new(row.cents),
                reversal: row.reversal,
                counterparty: row.counterparty,
                remittance: row.remittance,
                bank_reference: row.bank_reference,
                end_to_end: row.end_to_end,
            };
            Ok((row.id, state, told))
        })
        .collect()
}

/// Placed lines of the school that one of these references could mean: dossier, cents, end-to-end, bank reference.
///
/// # Errors
/// The database does not answer.
pub async fn undone(
    conn: &mut PgConnection,
    school: &str,
    references: &[String],
) -> Result<Vec<(Uuid, Cents, String, String)>, DbError> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select dossier_id as "dossier!", cents, end_to_end, bank_reference from lines
           where school = $1 and state = 'placed' and (end_to_end = any($2) or bank_reference = any($2))"#,
        school,
        references,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.dossier, Cents::new(r.cents), r.end_to_end, r.bank_reference)).collect())
}

/// Inserts lines, in order. The school's lock is held, and none of their keys is known.
///
/// # Errors
/// The database does not answer.
pub async fn insert(tx: &mut Tx, at: Timestamp, format: Format, lines: &[NewLine]) -> Result<(), DbError> {
    let column = |f: fn(&NewLine) -> String| lines.iter().map(f).collect::<Vec<String>>();
    let ids: Vec<Uuid> = lines.iter().map(|l| l.id).collect();
    let schools = column(|l| l.line.school.clone());
    let references = column(|l| l.key.bank_reference.clone());
    let dates: Vec<jiff_sqlx::Date> = lines.iter().map(|l| l.key.booked_on.to_sqlx()).collect();
    let cents: Vec<i64> = lines.iter().map(|l| l.key.cents.get()).collect();
    let ordinals: Vec<i32> = lines.iter().map(|l| i32::try_from(l.key.ordinal).unwrap_or(i32::MAX)).collect();
    let reversals: Vec<bool> = lines.iter().map(|l| l.told.reversal).collect();
    let counterparties = column(|l| l.told.counterparty.clone());
    let remittances = column(|l| l.told.remittance.clone());
    let end_to_ends = column(|l| l.told.end_to_end.clone());
    let states = column(|l| columns(l.line.state).0.to_owned());
    let whys: Vec<Option<String>> = lines.iter().map(|l| columns(l.line.state).1.map(str::to_owned)).collect();
    let dossiers: Vec<Option<Uuid>> = lines.iter().map(|l| columns(l.line.state).2).collect();
    let placed: Vec<Option<String>> = lines.iter().map(|l| columns(l.line.state).3.map(str::to_owned)).collect();
    let to_search: Vec<bool> = lines.iter().map(|l| l.to_search).collect();
    sqlx::query!(
        "insert into lines (imported_at, format, id, school, bank_reference, booked_on, cents, ordinal, reversal,
                            counterparty, remittance, end_to_end, state, why, dossier_id, placed_as, to_search)
         select $1, $2, l.id, l.school, l.bank_reference, l.booked_on, l.cents, l.ordinal, l.reversal, l.counterparty,
                l.remittance, l.end_to_end, l.state, l.why, l.dossier_id, l.placed_as, l.to_search
         from unnest($3::uuid[], $4::text[], $5::text[], $6::date[], $7::bigint[], $8::integer[], $9::boolean[],
                     $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::text[],
                     $17::boolean[])
              with ordinality as l (id, school, bank_reference, booked_on, cents, ordinal, reversal, counterparty,
                                    remittance, end_to_end, state, why, dossier_id, placed_as, to_search, place)
         order by l.place",
        at.to_sqlx(),
        format.word(),
        &ids,
        &schools,
        &references,
        &dates as &[jiff_sqlx::Date],
        &cents,
        &ordinals,
        &reversals,
        &counterparties,
        &remittances,
        &end_to_ends,
        &states,
        &whys as &[Option<String>],
        &dossiers as &[Option<Uuid>],
        &placed as &[Option<String>],
        &to_search,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One line, without a lock.
///
/// # Errors
/// The database does not answer.
pub async fn line(conn: &mut PgConnection, id: Uuid) -> Result<Option<StoredLine>, DbError> {
    let row = sqlx::query!(
        "select school, cents, reversal, state, why, dossier_id, placed_as, counterparty, remittance, end_to_end,
                to_search
         from lines where id = $1",
        id,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let state = state(&row.state, row.why.as_deref(), row.dossier_id, row.placed_as.as_deref())?;
        let line = Line { school: row.school, cents: Cents::new(row.cents), reversal: row.reversal, state };
        Ok(StoredLine {
            id,
            line,
            counterparty: row.counterparty,
            remittance: row.remittance,
            end_to_end: row.end_to_end,
            to_search: row.to_search,
        })
    })
    .transpose()
}

/// One line, under its school's lock, which every change of a line takes.
///
/// # Errors
/// The database does not answer.
pub async fn line_for_update(tx: &mut Tx, id: Uuid) -> Result<Option<StoredLine>, DbError> {
    let Some(school) =
        sqlx::query_scalar!("select school from lines where id = $1", id).fetch_optional(tx.conn()).await?
    else {
        return Ok(None);
    };
    super::lock_school(tx, &school).await?;
    // Read again: what became of it while we waited for the lock counts.
    line(tx.conn(), id).await
}

/// Stores what became of a line; a search by name is no longer due.
///
/// # Errors
/// The database does not answer.
pub async fn save(tx: &mut Tx, id: Uuid, line: &Line<Uuid>) -> Result<(), DbError> {
    let (state, why, dossier, placed_as) = columns(line.state);
    sqlx::query!(
        "update lines set state = $2, why = $3, dossier_id = $4, placed_as = $5, to_search = false where id = $1",
        id,
        state,
        why,
        dossier,
        placed_as,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
