//! The dossier's row.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{corrupt, digest, pieces, signed, unsigned};
use crate::domain::{
    dossier::{Dossier, FeeClaim, Fiche, Recevabilite, Standing, State, Stated},
    form::{Identity, Studies, StudyYear, Title},
    names::fold,
    receipt::Receipt,
    verification::Verdict,
};

/// A dossier with what the aggregate carries besides its own state.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The dossier.
    pub dossier: Dossier,
    /// The aggregate's version.
    pub version: u64,
    /// The school's last verdict.
    pub verdict: Option<Verdict>,
    /// When it was given.
    pub verdict_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct YearRow {
    year: String,
    institution: String,
    formation: String,
    result: String,
}

#[derive(Serialize, Deserialize)]
struct StandingRow {
    school: String,
    recevabilite: String,
    table: String,
    row: String,
}

/// Words of [`Recevabilite`] as stored.
const RECEVABILITES: [(Recevabilite, &str); 3] =
    [(Recevabilite::Open, "open"), (Recevabilite::Closed, "closed"), (Recevabilite::ForJury, "for_jury")];

/// Words of [`Verdict`] as stored.
pub(super) const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::Complete, "complete"),
    (Verdict::CorrectionRequested, "correction_requested"),
    (Verdict::Incomplete, "incomplete"),
];

pub(super) fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], value: T) -> &'static str {
    words.iter().find(|(v, _)| *v == value).map_or("", |(_, w)| *w)
}

pub(super) fn value<T: Copy>(words: &[(T, &'static str)], what: &str, word: &str) -> Result<T, DbError> {
    words.iter().find(|(_, w)| *w == word).map(|(v, _)| *v).ok_or_else(|| corrupt(what, word))
}

/// A new dossier's number and whether it is new; `None` when the candidate has one already (R7).
///
/// # Errors
/// The database does not answer.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    identity: &Identity,
    request: Option<Uuid>,
    at: Timestamp,
) -> Result<Option<u64>, DbError> {
    let number = sqlx::query_scalar!(
        "insert into dossiers (id, version, opened_at, open_request, family_name, first_names, family_folded, first_folded,
                               birth_date, birth_place, email, nationality, phone, postal_address)
         values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do nothing returning number",
        id,
        at.to_sqlx() as _,
        request,
        identity.family_name,
        identity.first_names,
        fold(&identity.family_name),
        fold(&identity.first_names),
        identity.birth_date.to_sqlx() as _,
        identity.birth_place,
        identity.email,
        identity.nationality,
        identity.phone,
        identity.postal_address,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(number.map(unsigned))
}

/// Number, instant and request of the dossier a candidate has already.
///
/// # Errors
/// The database does not answer.
pub async fn existing(conn: &mut PgConnection, id: Uuid) -> Result<Option<(u64, Timestamp, Option<Uuid>)>, DbError> {
    let row = sqlx::query!("select number, opened_at, open_request from dossiers where id = $1", id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|r| (unsigned(r.number), r.opened_at.to_jiff(), r.open_request)))
}

/// Locks the row until `tx` ends, and reads the dossier.
///
/// # Errors
/// The database does not answer.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Stored>, DbError> {
    let found = sqlx::query_scalar!("select id from dossiers where id = $1 for no key update", id)
        .fetch_optional(tx.conn())
        .await?;
    match found {
        Some(_) => read(tx.conn(), id).await,
        None => Ok(None),
    }
}

/// Reads the dossier as it stands.
///
/// # Errors
/// The database does not answer.
pub async fn read(conn: &mut PgConnection, id: Uuid) -> Result<Option<Stored>, DbError> {
    let row = sqlx::query!(
        r#"select d.id, d.number, d.version, d.state, d.opened_at, d.family_name, d.first_names, d.birth_date,
                  d.birth_place, d.email, d.nationality, d.phone, d.postal_address, d.studies, d.earlier_graduate,
                  d.other_route, d.diploma, d.mention, d.equivalent_to, d.filiere, d.standings, d.school_order,
                  d.fee_claim, d.fee_attestation, d.fee_claimed_at, d.closed_at, d.digest, d.not_closed_at, d.annulled_at,
                  d.abandoned_at, d.verdict, d.verdict_at,
                  f.deposited_at as "fiche_at?", f.digest as "fiche_digest?"
           from dossiers d left join fiches f on f.dossier_id = d.id where d.id = $1"#,
        id,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(r) = row else { return Ok(None) };
    let years: Vec<YearRow> = serde_json::from_value(r.studies)?;
    let title = match (r.diploma, r.filiere, r.standings) {
        (Some(diploma), Some(filiere), Some(standings)) => {
            let rows: Vec<StandingRow> = serde_json::from_value(standings)?;
            let standings = rows.into_iter().map(standing).collect::<Result<_, _>>()?;
            let (mention, equivalent_to) = (r.mention.unwrap_or_default(), r.equivalent_to.unwrap_or_default());
            Some(Stated { title: Title { diploma, mention, equivalent_to }, filiere, standings })
        }
        _ => None,
    };
    let number = unsigned(r.number);
    let state = match (r.state.as_str(), r.closed_at, r.digest, r.not_closed_at.or(r.abandoned_at)) {
        ("open", ..) => State::Open,
        ("closed", Some(at), Some(bytes), _) => {
            State::Closed(Receipt { dossier: r.id, number, closed_at: at.to_jiff(), digest: digest(&bytes)? })
        }
        ("not_closed", _, _, Some(at)) => State::NotClosed { at: at.to_jiff() },
        ("abandoned", _, _, Some(at)) => State::Abandoned { at: at.to_jiff() },
        _ => return Err(corrupt("state", &r.state)),
    };
    let fee = match (r.fee_claim.as_deref(), r.fee_attestation, r.fee_claimed_at) {
        (Some("transfer"), _, Some(at)) => Some((FeeClaim::Transfer, at.to_jiff())),
        (Some("exemption"), Some(attestation), Some(at)) => Some((FeeClaim::Exemption { attestation }, at.to_jiff())),
        _ => None,
    };
    let fiche = match (r.fiche_at, r.fiche_digest) {
        (Some(at), Some(bytes)) => Some(Fiche { deposited_at: at.to_jiff(), digest: digest(&bytes)? }),
        _ => None,
    };
    let dossier = Dossier {
        id: r.id,
        number,
        opened_at: r.opened_at.to_jiff(),
        state,
        identity: Identity {
            family_name: r.family_name,
            first_names: r.first_names,
            birth_date: r.birth_date.map_or(Identity::nobody().birth_date, jiff_sqlx::Date::to_jiff),
            birth_place: r.birth_place,
            email: r.email,
            nationality: r.nationality,
            phone: r.phone,
            postal_address: r.postal_address,
        },
        studies: Studies {
            years: years
                .into_iter()
                .map(|y| StudyYear {
                    year: y.year,
                    institution: y.institution,
                    formation: y.formation,
                    result: y.result,
                })
                .collect(),
            earlier_graduate: r.earlier_graduate,
        },
        title,
        other_route_declared: r.other_route,
        order: r.school_order,
        fee,
        pieces: pieces::of(conn, id).await?,
        fiche,
        annulled: r.annulled_at.map(jiff_sqlx::Timestamp::to_jiff),
    };
    let verdict = r.verdict.map(|v| value(&VERDICTS, "verdict", &v)).transpose()?;
    let verdict_at = r.verdict_at.map(jiff_sqlx::Timestamp::to_jiff);
    Ok(Some(Stored { dossier, version: unsigned(r.version), verdict, verdict_at }))
}

fn standing(row: StandingRow) -> Result<Standing, DbError> {
    let recevabilite = value(&RECEVABILITES, "recevabilité", &row.recevabilite)?;
    Ok(Standing { school: row.school, recevabilite, table: row.table, row: row.row })
}

/// Writes the dossier's own columns; pieces and fiche have theirs.
///
/// # Errors
/// The database does not answer, or a check of the table refuses.
pub async fn save(tx: &mut Tx, d: &Dossier, version: u64) -> Result<(), DbError> {
    let years: Vec<YearRow> = d
        .studies
        .years
        .iter()
        .cloned()
        .map(|y| YearRow { year: y.year, institution: y.institution, formation: y.formation, result: y.result })
        .collect();
    let standings: Option<Vec<StandingRow>> = d.title.as_ref().map(|t| {
        let row = |s: &Standing| StandingRow {
            school: s.school.clone(),
            recevabilite: word(&RECEVABILITES, s.recevabilite).to_owned(),
            table: s.table.clone(),
            row: s.row.clone(),
        };
        t.standings.iter().map(row).collect()
    });
    let (state, closed, not_closed_at, abandoned_at) = match &d.state {
        State::Open => ("open", None, None, None),
        State::Closed(r) => ("closed", Some(r), None, None),
        State::NotClosed { at } => ("not_closed", None, Some(at.to_sqlx()), None),
        State::Abandoned { at } => ("abandoned", None, None, Some(at.to_sqlx())),
    };
    let (claim, attestation) = match d.fee {
        None => (None, None),
        Some((FeeClaim::Transfer, _)) => (Some("transfer"), None),
        Some((FeeClaim::Exemption { attestation }, _)) => (Some("exemption"), Some(attestation)),
    };
    sqlx::query!(
        "update dossiers set version = $2, state = $3, closed_at = $4, digest = $5, not_closed_at = $6,
                family_name = $7, first_names = $8, family_folded = $9, first_folded = $10, birth_date = $11,
                birth_place = $12, email = $13, nationality = $14, phone = $15, postal_address = $16,
                studies = $17, earlier_graduate = $18, other_route = $19, diploma = $20, mention = $21,
                equivalent_to = $22, filiere = $23, standings = $24, school_order = $25, fee_claim = $26,
                fee_attestation = $27, fee_claimed_at = $28, abandoned_at = $29
         where id = $1",
        d.id,
        signed(version),
        state,
        closed.map(|r| r.closed_at.to_sqlx()) as _,
        closed.map(|r| r.digest.to_vec()),
        not_closed_at as _,
        d.identity.family_name,
        d.identity.first_names,
        fold(&d.identity.family_name),
        fold(&d.identity.first_names),
        abandoned_at.is_none().then(|| d.identity.birth_date.to_sqlx()) as _,
        d.identity.birth_place,
        d.identity.email,
        d.identity.nationality,
        d.identity.phone,
        d.identity.postal_address,
        serde_json::to_value(years)?,
        d.studies.earlier_graduate,
        d.other_route_declared,
        d.title.as_ref().map(|t| &*t.title.diploma),
        d.title.as_ref().map(|t| &*t.title.mention),
        d.title.as_ref().map(|t| &*t.title.equivalent_to),
        d.title.as_ref().map(|t| &*t.filiere),
        standings.map(serde_json::to_value).transpose()?,
        &d.order,
        claim,
        attestation,
        d.fee.map(|(_, at)| at.to_sqlx()) as _,
        abandoned_at as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The next version of a dossier whose own columns do not change.
///
/// # Errors
/// The database does not answer.
pub async fn bump(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    let version = sqlx::query_scalar!("update dossiers set version = version + 1 where id = $1 returning version", id)
        .fetch_one(tx.conn())
        .await?;
    Ok(unsigned(version))
}

/// Notes that the jury annulled the candidature (R15).
///
/// # Errors
/// The database does not answer.
pub async fn annul(tx: &mut Tx, id: Uuid, at: Timestamp) -> Result<(), DbError> {
    sqlx::query!("update dossiers set annulled_at = $2 where id = $1", id, at.to_sqlx() as _)
        .execute(tx.conn())
        .await?;
    Ok(())
}
