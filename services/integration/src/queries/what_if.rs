//! What the next opening would propose in one filière, with other seats or other tables if the jury wants to see that.
//! Nothing is stored or told.

use std::collections::{BTreeMap, BTreeSet};

use platform::{db::DbError, refusal::Refusal};
use sqlx::PgConnection;

use crate::{
    commands::{
        Regulation,
        compute::{self, Signed},
    },
    domain::{
        candidature::{Closing, Seen},
        ids::{DossierId, FiliereId, SchoolId},
        projection::{Projection, project},
    },
    store::{self, Kept, answers, periods, signed},
};

/// Faults named in one refusal.
const MOST_FAULTS: usize = 40;

/// What the jury wants to see.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The filière.
    pub filiere: FiliereId,
    /// Seats in place of those there are.
    pub seats: BTreeMap<SchoolId, u32>,
    /// Tables in place of the signed ones, in the order asked.
    pub tables: Vec<(SchoolId, Vec<DossierId>)>,
}

/// What would be.
#[derive(Debug, Clone)]
pub struct WhatIf {
    /// The period that would open so.
    pub period: u32,
    /// Sign-off of the tables not given, 0 if none was used.
    pub signature: u64,
    /// The period before it is open.
    pub before_close: bool,
    /// Its result.
    pub projection: Projection,
}

/// Computes it.
///
/// # Errors
/// No opening is left, a table is missing or names who cannot be on it, or orders of schools are not here yet.
pub async fn what_if(conn: &mut PgConnection, regulation: &Regulation, asked: Asked) -> Result<WhatIf, Refusal> {
    let (period, before_close) = next(conn).await?;
    let mut all = store::all(conn).await?;
    known(&asked, &all)?;
    if before_close {
        let seen = answers::seen(conn, period - 1).await?;
        close(&mut all, &seen);
    }
    let (signature, signed) = signed(conn, &asked.filiere).await?;
    let given: BTreeMap<SchoolId, Vec<DossierId>> = asked.tables.into_iter().collect();
    let used = if signed.keys().all(|school| given.contains_key(school)) { 0 } else { signature };
    let mut tables = signed;
    tables.extend(given);
    require_preferences(&tables, &all)?;

    let standing = Signed { signature: used, tables: [(asked.filiere.clone(), tables)].into() };
    let standings = compute::prepare(conn, all, standing, period).await?;
    let mut input = compute::gather(conn, regulation, &standings, period).await?;
    let mut input = input.filieres.remove(&asked.filiere).unwrap_or_default();
    input.seats.extend(asked.seats);
    let without = input.seats.iter().filter(|(school, seats)| **seats > 0 && !input.tables.contains_key(school));
    let without: Vec<&str> = without.map(|(school, _)| school.0.as_str()).collect();
    if !without.is_empty() {
        let why = format!("no table of {} is signed or given", without.join(", "));
        return Err(Refusal::precondition("TABLES_MISSING", asked.filiere.0, why).with("schools", without.join(",")));
    }
    let projection = project(&input).map_err(Refusal::internal)?;
    Ok(WhatIf { period, signature: used, before_close, projection })
}

/// The period that opens next, and whether the one before it is still open.
async fn next(conn: &mut PgConnection) -> Result<(u32, bool), Refusal> {
    let all = periods::all(conn).await?;
    let next = all.iter().find(|period| period.opened_at.is_none());
    let next = next.ok_or_else(|| Refusal::precondition("NO_OPENING_LEFT", "periods", "no period opens any more"))?;
    let before = all.iter().find(|period| period.number + 1 == next.number);
    Ok((next.number, before.is_some_and(|before| before.closed_at.is_none())))
}

/// As if the open period closed on what was answered so far, and nobody was eliminated for silence: who will be, nobody
/// knows yet.
fn close(all: &mut [Kept], seen: &BTreeMap<uuid::Uuid, Seen>) {
    for kept in all {
        let found = seen.get(&kept.candidature.dossier.0).copied();
        let found = found.unwrap_or(Seen { logged_in: false, answer: None });
        kept.candidature = kept.candidature.clone().close_period(found, Closing { last: false, spare: true });
    }
}

/// The tables of the latest sign-off in one filière, with its number; none before there is one, or while what arrived is
/// not what was signed.
async fn signed(
    conn: &mut PgConnection,
    filiere: &FiliereId,
) -> Result<(u64, BTreeMap<SchoolId, Vec<DossierId>>), DbError> {
    let Some(latest) = signed::sign_offs(conn).await?.into_iter().next() else { return Ok(Default::default()) };
    let mut tables = signed::tables(conn, latest.signature).await?;
    let missing = compute::missing_tables(&latest, &tables);
    let mut of_filiere = tables.remove(filiere).unwrap_or_default();
    of_filiere.retain(|school, _| !missing.contains(&format!("{school}/{filiere}")));
    Ok((latest.signature, of_filiere))
}

/// Everyone on a given table is a candidate of the filière, once.
fn known(asked: &Asked, all: &[Kept]) -> Result<(), Refusal> {
    let filieres: BTreeMap<DossierId, &FiliereId> =
        all.iter().map(|kept| (kept.candidature.dossier, &kept.filiere)).collect();
    let mut faults = Vec::new();
    for (table, (_, dossiers)) in asked.tables.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for (row, dossier) in dossiers.iter().enumerate() {
            let why = match filieres.get(dossier) {
                _ if !seen.insert(dossier) => "stands on the table already".to_owned(),
                None => "no dossier of this candidate was closed".to_owned(),
                Some(filiere) if **filiere != asked.filiere => format!("is a candidate of filière {filiere}"),
                Some(_) => continue,
            };
            faults.push((format!("tables[{table}].dossier_ids[{row}]"), why));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let refusal = Refusal::invalid("TABLE_INVALID").with("faults", faults.len().to_string());
    Err(faults.into_iter().take(MOST_FAULTS).fold(refusal, |refusal, (field, why)| refusal.field(field, why)))
}

/// The order of schools of everyone on a table is here: intake releases them from the admission commission on (R14).
fn require_preferences(tables: &BTreeMap<SchoolId, Vec<DossierId>>, all: &[Kept]) -> Result<(), Refusal> {
    let known = all.iter().filter(|kept| !kept.candidature.choices.is_empty());
    let known: BTreeSet<DossierId> = known.map(|kept| kept.candidature.dossier).collect();
    let ranked: BTreeSet<&DossierId> = tables.values().flatten().collect();
    let missing = ranked.into_iter().filter(|dossier| !known.contains(dossier)).count();
    if missing == 0 {
        return Ok(());
    }
    let why = format!("the orders of schools of {missing} candidates on the tables have not been released yet");
    Err(Refusal::precondition("PREFERENCES_MISSING", "preferences", why).with("missing", missing.to_string()))
}
