//! Computes the period in preparation (R29, R38): as soon as everything it depends on is there, and again whenever
//! something of that changes before its opening. Stored whole; nothing of it shows before [`super::open_period`].

use std::collections::{BTreeMap, BTreeSet};

use contracts::integration as api;
use jiff::Timestamp;
use platform::{
    db::{DbError, Tx},
    outbox, watchdog,
};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{Fault, Regulation, alarm, open_period};
use crate::{
    domain::{
        checker::{self, Objection},
        computation::{FiliereInput, PeriodInput, PeriodOutput, compute},
        ids::{DossierId, FiliereId, SchoolId},
    },
    store::{
        self, Kept,
        computations::{self, Computed, Stored},
        periods::{self, Period},
        signed::{self, SignOff, Tables},
    },
    wire::{self, canonical},
};

/// A sign-off that is complete: every table there, as signed, and every order of schools known.
pub struct Signed {
    /// Its number.
    pub signature: u64,
    /// Its tables.
    pub tables: Tables,
}

/// What a period's computation and opening start from: candidatures with the ranks and seats that will be published
/// with it.
pub struct Standings {
    /// Every candidature.
    pub all: Vec<Kept>,
    /// The sign-off.
    pub signed: Signed,
    /// Seats kept for one person.
    pub supernumerary: Vec<(DossierId, SchoolId)>,
}

/// Computes the period in preparation if it can be and anything changed, and opens it if that was waited for.
///
/// # Errors
/// The database does not answer.
pub async fn try_compute(tx: &mut Tx, regulation: &Regulation, at: Timestamp) -> Result<(), Fault> {
    store::lock_round(tx).await?;
    let Some(period) = periods::in_preparation(tx.conn()).await? else { return Ok(()) };
    let Some(signed) = latest_complete(tx.conn()).await? else { return Ok(()) };
    let all = store::all(tx.conn()).await?;
    let standings = prepare(tx.conn(), all, signed, period.number).await?;
    let input = gather(tx.conn(), regulation, &standings, period.number).await?;
    compute_once(tx, &period, &input, at).await?;
    open_period::try_open(tx, regulation, standings, at).await
}

/// The latest sign-off that is complete.
///
/// # Errors
/// The database does not answer.
pub async fn latest_complete(conn: &mut PgConnection) -> Result<Option<Signed>, DbError> {
    for sign_off in signed::sign_offs(conn).await? {
        let tables = signed::tables(conn, sign_off.signature).await?;
        if missing_tables(&sign_off, &tables).is_empty()
            && signed::missing_preferences(conn, sign_off.signature).await? == 0
        {
            return Ok(Some(Signed { signature: sign_off.signature, tables }));
        }
    }
    Ok(None)
}

/// `<school>/<filière>` of the tables of a sign-off that have not arrived; all of them if what arrived is not what was
/// signed.
#[must_use]
pub fn missing_tables(sign_off: &SignOff, tables: &Tables) -> Vec<String> {
    let table = |school: &str, filiere: &str| tables.get(&FiliereId::from(filiere))?.get(&SchoolId::from(school));
    let missing = sign_off.cells.iter().filter(|(school, filiere)| table(school, filiere).is_none());
    let missing: Vec<String> = missing.map(|(school, filiere)| format!("{school}/{filiere}")).collect();
    if !missing.is_empty() {
        return missing;
    }
    let mut hash = Sha256::new();
    for (school, filiere) in &sign_off.cells {
        let ids: Vec<String> = table(school, filiere).into_iter().flatten().map(DossierId::to_string).collect();
        hash.update(format!("{school}/{filiere}:{}\n", ids.join(",")));
    }
    if hex::encode(hash.finalize()) == sign_off.digest {
        return Vec::new();
    }
    watchdog::alarm("tables_differ", &format!("the tables of sign-off {} are not those signed", sign_off.signature));
    sign_off.cells.iter().map(|(school, filiere)| format!("{school}/{filiere}")).collect()
}

/// Candidatures as they will be when the period opens, its proposals aside.
///
/// # Errors
/// The database does not answer.
pub async fn prepare(
    conn: &mut PgConnection,
    mut all: Vec<Kept>,
    signed: Signed,
    period: u32,
) -> Result<Standings, DbError> {
    let supernumerary = signed::supernumerary(conn, period).await?;
    let mut ranks: BTreeMap<(&FiliereId, &SchoolId, DossierId), u32> = BTreeMap::new();
    for (filiere, tables) in &signed.tables {
        for (school, table) in tables {
            ranks.extend((1..).zip(table).map(|(rank, dossier)| ((filiere, school, *dossier), rank)));
        }
    }
    for kept in &mut all {
        let dossier = kept.candidature.dossier;
        for choice in &mut kept.candidature.choices {
            choice.rank = ranks.get(&(&kept.filiere, &choice.school, dossier)).copied();
        }
        for (_, school) in supernumerary.iter().filter(|(wronged, _)| *wronged == dossier) {
            // Granted once: what is given up afterwards stays given up.
            let new = kept.candidature.choices.iter().any(|choice| choice.school == *school && !choice.supernumerary);
            if new {
                kept.candidature = kept.candidature.clone().grant(school);
            }
        }
    }
    drop(ranks);
    Ok(Standings { all, signed, supernumerary })
}

/// Everything the proposals of a period depend on.
///
/// # Errors
/// The database does not answer.
pub async fn gather(
    conn: &mut PgConnection,
    regulation: &Regulation,
    standings: &Standings,
    period: u32,
) -> Result<PeriodInput, DbError> {
    let moved = signed::seats(conn, period).await?;
    let session = &regulation.session;
    let filieres = session.filieres.iter().map(|filiere| {
        let id = FiliereId(filiere.id.clone());
        let seats = session.schools.iter().map(|school| {
            let cell = (id.clone(), SchoolId(school.id.clone()));
            let seats = moved.get(&cell).copied().unwrap_or_else(|| session.seats(&school.id, &filiere.id));
            (cell.1, seats)
        });
        let runners: BTreeMap<_, _> = (standings.all.iter().filter(|kept| kept.filiere == id))
            .filter_map(|kept| Some((kept.candidature.dossier, kept.candidature.runner()?)))
            .collect();
        let owed = |(dossier, school): &&(DossierId, SchoolId)| {
            runners.get(dossier).is_some_and(|runner| runner.open.contains(school))
        };
        let tables = standings.signed.tables.get(&id).cloned().unwrap_or_default();
        let input = FiliereInput {
            // A cell without seats or table is no programme.
            seats: seats.filter(|(school, seats)| *seats > 0 || tables.contains_key(school)).collect(),
            supernumerary: standings.supernumerary.iter().filter(owed).cloned().collect::<BTreeSet<_>>(),
            tables,
            runners,
        };
        (id, input)
    });
    Ok(PeriodInput { period, signature: standings.signed.signature, filieres: filieres.collect() })
}

/// Computes, checks, stores and tells, unless the same was computed already.
async fn compute_once(tx: &mut Tx, period: &Period, input: &PeriodInput, at: Timestamp) -> Result<(), Fault> {
    let inputs = canonical::write_inputs(input)?;
    let inputs_digest = canonical::digest(&inputs);
    if period.inputs_digest.as_deref() == Some(inputs_digest.as_str()) {
        return Ok(());
    }
    let output = match compute(input) {
        Ok(output) => output,
        Err(unusable) => {
            alarm("not_computable", input.period, &unusable.to_string());
            return Ok(());
        }
    };
    let objections = checker::check(input, &output);
    if !objections.is_empty() {
        alarm("checker_objects", input.period, &summary(&objections));
    }
    let objections = wire::reasons::kept(&objections);
    let outputs = canonical::write_outputs(&output)?;
    let outputs_digest = canonical::digest(&outputs);
    let version = computations::store(
        tx,
        &Computed {
            input,
            output: &output,
            stored: &Stored { inputs, outputs },
            digests: (&inputs_digest, &outputs_digest),
            objections: &objections,
            at,
        },
    )
    .await?;
    let fact = period_computed(&output, objections.is_empty(), outputs_digest);
    outbox::append(tx, &fact, version, at).await?;
    tracing::info!(period = input.period, signature = input.signature, checked = fact.checked, "period computed");
    Ok(())
}

/// What a log may say of objections: how many, and where. Whom and what they concern is for the jury (`ListPeriods`).
fn summary(objections: &[Objection]) -> String {
    let filieres: BTreeSet<&str> = objections.iter().map(|objection| objection.filiere.0.as_str()).collect();
    let filieres: Vec<&str> = filieres.into_iter().collect();
    format!("{} objections in {}; ListPeriods names them", objections.len(), filieres.join(", "))
}

fn period_computed(output: &PeriodOutput, checked: bool, digest: String) -> api::PeriodComputed {
    let cells = output.filieres.iter().flat_map(|(filiere, output)| {
        output.cells.iter().map(move |(school, cell)| wire::cell(school, filiere, *cell))
    });
    api::PeriodComputed { period: output.period, cells: cells.collect(), checked, digest }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::checker::Fault;

    /// R19: a log is read by people who are not cleared for what it says of anyone.
    #[test]
    fn an_alarm_names_nobody_and_no_school() {
        let id = DossierId(Uuid::from_u128(0xabcd));
        let fault = Fault::PassedOver { school: "albi".into(), by: id };
        let objections = [Objection { filiere: "L3".into(), dossier: Some(id), fault }];
        let said = summary(&objections);
        assert_eq!(said, "1 objections in L3; ListPeriods names them");
        assert!(objections[0].to_string().contains(&id.to_string()) && !said.contains("albi"));
    }

    #[test]
    fn only_the_tables_that_were_signed_are_computed() {
        let id = DossierId(Uuid::from_u128(1));
        let line = format!("albi/L3:{id}\nales/M1:\n");
        let sign_off = SignOff {
            signature: 1,
            cells: vec![("albi".into(), "L3".into()), ("ales".into(), "M1".into())],
            digest: hex::encode(Sha256::digest(line)),
        };
        let mut tables: Tables = [("L3".into(), [("albi".into(), vec![id])].into())].into();
        assert_eq!(missing_tables(&sign_off, &tables), ["ales/M1"]);
        tables.insert("M1".into(), [("ales".into(), vec![])].into());
        assert_eq!(missing_tables(&sign_off, &tables), Vec::<String>::new());
        tables.insert("M1".into(), [("ales".into(), vec![id])].into());
        assert_eq!(missing_tables(&sign_off, &tables), ["albi/L3", "ales/M1"]);
    }
}
