//! A merit list from scores (R27): looked at as often as one likes, imported when nothing stands against it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use platform::db::Tx;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{Named, Refused, Regulation, submit_merit_list};
use crate::{
    domain::{
        Cell, NamedBadly, Numbers, RankingFault, Score, Scored, Table, TieGroup,
        merit::{order, strict_order},
        merit_tables,
        ranking::{Candidatures, rankable},
    },
    store::{admission, candidatures, numbers},
};

/// One entry of a merit list, as told.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The dossier.
    pub dossier: Named,
    /// Its score.
    pub score: Score,
    /// Place inside a group of equal scores, from 1; 0 if none was given.
    pub tie_break: u32,
}

/// What is wrong with one entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// It names no dossier.
    #[error(transparent)]
    Named(#[from] NamedBadly),
    /// Nobody has that number.
    #[error("no candidature has the number {number}")]
    UnknownNumber {
        /// As given.
        number: u64,
    },
    /// Its score is none.
    #[error("a score is digits, and at most four decimals after a point")]
    NoScore,
    /// Its dossier may not be ranked.
    #[error(transparent)]
    Ranking(#[from] RankingFault),
}

/// A merit list, looked at.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Entries without fault, best first; inside a tie in the order given.
    pub order: Vec<Scored>,
    /// What nothing orders.
    pub ties: Vec<TieGroup>,
    /// By 0-based entry.
    pub faults: Vec<(usize, EntryFault)>,
    /// What the entries without fault come to.
    pub tables: Vec<Table>,
    /// Who could be ranked and is in no entry.
    pub left_out: Vec<Uuid>,
}

type Entries = Vec<Result<Entry, EntryFault>>;

/// What [`import_merit`] would do.
///
/// # Errors
/// No such filière, or tables signed.
pub async fn check_merit(
    conn: &mut PgConnection,
    regulation: &Regulation,
    filiere: &str,
    entries: Entries,
) -> Result<Checked, Refused> {
    let schools = regulation.schools_of(filiere)?;
    admission::read(conn).await?.still_open()?;
    let all: Candidatures = candidatures::load(conn, None)
        .await?
        .into_iter()
        .map(|kept| (kept.candidature.dossier, kept.candidature))
        .collect();
    let numbers = numbers(conn, &entries).await?;
    let (mut scored, mut faults) = resolve(entries, &numbers);
    let named: BTreeSet<Uuid> = scored.iter().map(|(_, scored)| scored.dossier).collect();
    let list: Vec<Uuid> = scored.iter().map(|(_, scored)| scored.dossier).collect();
    if let Err(bad) = merit_tables(filiere, &schools, &list, &all, &regulation.orals) {
        let lines: BTreeSet<usize> = bad.iter().map(|(line, _)| *line).collect();
        faults.extend(bad.into_iter().map(|(line, fault)| (scored[line].0, fault.into())));
        faults.sort_by_key(|(entry, _)| *entry);
        let mut line = 0..;
        scored.retain(|_| line.next().is_some_and(|line| !lines.contains(&line)));
    }
    let good: Vec<Scored> = scored.into_iter().map(|(_, scored)| scored).collect();
    let (order, ties) = order(&good);
    let list: Vec<Uuid> = order.iter().map(|scored| scored.dossier).collect();
    let tables = merit_tables(filiere, &schools, &list, &all, &regulation.orals).map_err(Refused::Ranking)?;
    let cells: Vec<Cell> = tables.iter().map(|table| table.cell().clone()).collect();
    let could = |dossier: &Uuid| {
        let candidature = all.get(dossier);
        candidature.is_some_and(|c| cells.iter().any(|cell| rankable(c, cell, &regulation.orals)))
    };
    let mut left_out: Vec<Uuid> = all.keys().filter(|dossier| !named.contains(*dossier)).copied().collect();
    left_out.retain(could);
    Ok(Checked { order, ties, faults, tables, left_out })
}

/// One merit list for every school of a filière, from scores; ties are shown, never broken by us.
///
/// # Errors
/// Entries that name nobody, groups of equal scores, else as [`submit_merit_list`].
pub async fn import_merit(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    filiere: &str,
    entries: Entries,
) -> Result<Vec<Table>, Refused> {
    regulation.schools_of(filiere)?;
    let numbers = numbers(tx.conn(), &entries).await?;
    let (scored, faults) = resolve(entries, &numbers);
    if !faults.is_empty() {
        return Err(Refused::Merit(faults));
    }
    let scored: Vec<Scored> = scored.into_iter().map(|(_, scored)| scored).collect();
    let list = strict_order(&scored).map_err(Refused::Ties)?;
    submit_merit_list(tx, regulation, at, by, filiere, &list).await
}

async fn numbers(conn: &mut PgConnection, entries: &Entries) -> Result<Numbers, Refused> {
    let named: Vec<Named> = entries.iter().flatten().map(|entry| entry.dossier).collect();
    Ok(numbers::by_number(conn, &named).await?)
}

/// Entries that name someone and have a score, and the others; each with its place.
#[expect(clippy::type_complexity, reason = "two lists, each with places")]
fn resolve(entries: Entries, numbers: &Numbers) -> (Vec<(usize, Scored)>, Vec<(usize, EntryFault)>) {
    let (mut scored, mut faults) = (Vec::with_capacity(entries.len()), Vec::new());
    for (place, entry) in entries.into_iter().enumerate() {
        let found = entry.and_then(|Entry { dossier, score, tie_break }| match (dossier.dossier(numbers), dossier) {
            (Some(dossier), _) => Ok(Scored { dossier, score, tie_break }),
            (None, Named::Number(number)) => Err(EntryFault::UnknownNumber { number }),
            (None, Named::Id(dossier)) => Err(RankingFault::NoCandidature { dossier }.into()),
        });
        match found {
            Ok(one) => scored.push((place, one)),
            Err(fault) => faults.push((place, fault)),
        }
    }
    (scored, faults)
}
