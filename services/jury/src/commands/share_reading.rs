//! Shares of reading: who reads, who reads what, and who must not.

use std::collections::BTreeSet;

use jiff::Timestamp;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::Refused;
use crate::{
    domain::{Assigned, ToRead, assign},
    store::{
        candidatures, sealed,
        shares::{self, Reader},
    },
};

/// Sets who reads. How many dossiers left a share by that; none if the readers are those there were.
///
/// # Errors
/// The database.
pub async fn set_readers(
    tx: &mut Tx,
    at: Timestamp,
    by: &str,
    mut readers: Vec<Reader>,
) -> Result<Option<u64>, Refused> {
    readers.sort_unstable();
    shares::lock(tx.conn()).await?;
    let mut before = shares::readers(tx.conn()).await?;
    before.sort_unstable();
    if before == readers {
        return Ok(None);
    }
    let left = shares::save_readers(tx.conn(), &readers).await?;
    let subjects: Vec<&str> = readers.iter().map(|reader| reader.subject.as_str()).collect();
    audit::append(tx, at, by, "readers_set", json!({ "readers": subjects, "unassigned": left })).await?;
    Ok(Some(left))
}

/// Gives every dossier to be read its readers.
///
/// # Errors
/// Fewer people read than a dossier is to have readers.
pub async fn assign_shares(tx: &mut Tx, at: Timestamp, by: &str, wanted: u32) -> Result<Assigned, Refused> {
    let before = shares::lock(tx.conn()).await?;
    let readers = reading(tx).await?;
    let each = usize::try_from(wanted).unwrap_or(usize::MAX);
    if readers.len() < each {
        return Err(Refused::TooFewReaders { readers: readers.len(), wanted });
    }
    let assigned = assign(&shares::to_read(tx.conn(), each).await?, &readers);
    if assigned.new.is_empty() && before == each {
        return Ok(assigned);
    }
    shares::save_wanted(tx.conn(), wanted).await?;
    shares::add(tx.conn(), &assigned.new, at).await?;
    let details = json!({ "readers_per_dossier": wanted, "assigned": assigned.new.len(), "short": assigned.short });
    audit::append(tx, at, by, "shares_assigned", details).await?;
    Ok(assigned)
}

/// What became of a declared conflict.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// It was declared so before.
    pub already: bool,
    /// The dossier was in the person's share.
    pub was_assigned: bool,
    /// Who reads it instead.
    pub replaced_by: Option<String>,
}

/// A member of the jury has a conflict of interest with a dossier: it leaves their share, for whoever has fewest.
///
/// # Errors
/// Not a candidature.
pub async fn declare_conflict(
    tx: &mut Tx,
    at: Timestamp,
    by: &str,
    dossier: Uuid,
    reason: &str,
) -> Result<Declared, Refused> {
    let wanted = shares::lock(tx.conn()).await?;
    if candidatures::load(tx.conn(), Some(&[dossier])).await?.is_empty() {
        return Err(Refused::NoCandidature { dossier });
    }
    if !shares::save_conflict(tx.conn(), dossier, by, reason, at).await? {
        return Ok(Declared { already: true, ..Declared::default() });
    }
    let was_assigned = shares::remove(tx.conn(), dossier, by).await?;
    let replaced_by = if was_assigned { replace(tx, at, dossier, wanted).await? } else { None };
    let open = json!({ "dossier": dossier, "was_assigned": was_assigned, "replaced_by": replaced_by });
    sealed::audit(tx, at, by, "conflict_declared", open, &json!({ "reason": reason })).await?;
    Ok(Declared { already: false, was_assigned, replaced_by })
}

/// Another reader for one dossier; none if nobody can, or if it needs none any more.
async fn replace(tx: &mut Tx, at: Timestamp, dossier: Uuid, wanted: usize) -> Result<Option<String>, Refused> {
    let readers = reading(tx).await?;
    let only_it = |one: ToRead| if one.dossier == dossier { one } else { ToRead { wanted: 0, ..one } };
    let to_read: Vec<ToRead> = shares::to_read(tx.conn(), wanted).await?.into_iter().map(only_it).collect();
    let Assigned { new, .. } = assign(&to_read, &readers);
    shares::add(tx.conn(), &new, at).await?;
    Ok(new.into_iter().next().map(|(_, reader)| reader))
}

async fn reading(tx: &mut Tx) -> Result<BTreeSet<String>, Refused> {
    Ok(shares::readers(tx.conn()).await?.into_iter().map(|reader| reader.subject).collect())
}
