//! Shares of reading.

use std::collections::HashSet;

use contracts::jury;
use platform::{auth::Caller, refusal::Refusal};

use super::{JuryGrpc, REASON, refusal};
use crate::{
    commands,
    domain::Member,
    store::shares::{self, Reader},
    wire,
};

/// Readers at most.
const MOST_READERS: usize = 200;
/// Readers of one dossier at most, and unless told.
const MOST_PER_DOSSIER: u32 = 10;
const PER_DOSSIER: u32 = 2;
/// Characters of a subject, and of a label.
const SUBJECT: usize = 200;
const LABEL: usize = 80;

pub(super) async fn set_readers(
    house: &JuryGrpc,
    caller: &Caller,
    asked: jury::SetReadersRequest,
) -> Result<jury::SetReadersReply, Refusal> {
    let readers = readers(&asked.readers)?;
    let mut tx = house.begin("set_readers").await?;
    let left = commands::set_readers(&mut tx, caller.received_at, &caller.subject, readers).await?;
    tx.commit().await?;
    let unassigned = u32::try_from(left.unwrap_or_default()).unwrap_or(u32::MAX);
    Ok(jury::SetReadersReply { already_applied: left.is_none(), unassigned })
}

fn readers(asked: &[jury::ReaderEntry]) -> Result<Vec<Reader>, Refusal> {
    let invalid = || Refusal::invalid("READERS_INVALID");
    if asked.is_empty() || asked.len() > MOST_READERS {
        return Err(invalid().field("readers", format!("1 to {MOST_READERS} readers")));
    }
    let (mut readers, mut faults, mut seen) = (Vec::with_capacity(asked.len()), Vec::new(), HashSet::new());
    for (line, entry) in asked.iter().enumerate() {
        let mut read = |field: &str, given: &str, most| match wire::line(given, most) {
            Ok(text) => text,
            Err(why) => {
                faults.push((format!("readers[{line}].{field}"), why));
                String::new()
            }
        };
        let reader =
            Reader { label: read("label", &entry.label, LABEL), subject: read("subject", &entry.subject, SUBJECT) };
        if !seen.insert(reader.subject.clone()) && !reader.subject.is_empty() {
            faults.push((format!("readers[{line}].subject"), "named before".into()));
        }
        readers.push(reader);
    }
    if faults.is_empty() {
        return Ok(readers);
    }
    let named = faults.into_iter().take(wire::MOST_FAULTS);
    Err(named.fold(invalid(), |refusal, (field, why)| refusal.field(field, why)))
}

pub(super) async fn list_readers(house: &JuryGrpc) -> Result<jury::ListReadersReply, Refusal> {
    let mut conn = house.db.read().await?;
    let wanted = shares::wanted(&mut conn).await.map_err(refusal)?;
    let each = usize::try_from(wanted).unwrap_or(usize::MAX);
    let to_read = shares::to_read(&mut conn, each).await.map_err(refusal)?;
    let short = to_read.iter().filter(|one| one.readers.len() < one.wanted).count();
    let readers = shares::all(&mut conn).await.map_err(refusal)?.into_iter().map(|share| jury::ReaderShare {
        subject: share.reader.subject,
        label: share.reader.label,
        assigned: share.assigned,
        opinions: share.opinions,
    });
    Ok(jury::ListReadersReply {
        readers: readers.collect(),
        readers_per_dossier: wanted,
        short_of_readers: u32::try_from(short).unwrap_or(u32::MAX),
    })
}

pub(super) async fn assign_shares(
    house: &JuryGrpc,
    caller: &Caller,
    asked: jury::AssignSharesRequest,
) -> Result<jury::AssignSharesReply, Refusal> {
    let wanted = match asked.readers_per_dossier {
        0 => PER_DOSSIER,
        wanted @ 1..=MOST_PER_DOSSIER => wanted,
        _ => {
            let why = format!("1 to {MOST_PER_DOSSIER}, or 0 for {PER_DOSSIER}");
            return Err(Refusal::invalid("INVALID_COUNT").field("readers_per_dossier", why));
        }
    };
    let mut tx = house.begin("assign_shares").await?;
    let assigned = commands::assign_shares(&mut tx, caller.received_at, &caller.subject, wanted).await?;
    tx.commit().await?;
    Ok(jury::AssignSharesReply {
        assigned: u32::try_from(assigned.new.len()).unwrap_or(u32::MAX),
        already_applied: assigned.new.is_empty(),
        short_dossier_ids: assigned.short.iter().map(ToString::to_string).collect(),
    })
}

pub(super) async fn declare_conflict(
    house: &JuryGrpc,
    caller: &Caller,
    member: &Member,
    asked: &jury::DeclareConflictRequest,
) -> Result<jury::DeclareConflictReply, Refusal> {
    let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
    let reason = wire::text("reason", &asked.reason, REASON)?;
    let mut tx = house.begin("declare_conflict").await?;
    let declared = commands::declare_conflict(&mut tx, caller.received_at, &member.subject, dossier, &reason).await?;
    tx.commit().await?;
    Ok(jury::DeclareConflictReply {
        already_applied: declared.already,
        was_assigned: declared.was_assigned,
        replaced_by: declared.replaced_by.unwrap_or_default(),
    })
}
