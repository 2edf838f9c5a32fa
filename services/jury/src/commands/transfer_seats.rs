//! Seats moved between filières of a school (R28).

use contracts::jury;
use jiff::Timestamp;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Refused, Regulation, next_opening, tell};
use crate::{
    domain::{Transfer, transfer},
    store::seats,
};

/// A transfer as asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Chosen by the caller; repeating it changes nothing.
    pub request: Uuid,
    /// The school.
    pub school: String,
    /// What moves.
    pub transfer: Transfer,
    /// Why.
    pub reason: String,
}

/// Moves seats from the next opening on. The flag says that the request had been done before.
///
/// # Errors
/// No such school, or R28 does not allow it.
pub async fn transfer_seats(
    tx: &mut Tx,
    regulation: &Regulation,
    at: Timestamp,
    by: &str,
    asked: Asked,
) -> Result<(seats::Done, bool), Refused> {
    if !regulation.cells.iter().any(|(cell, _)| cell.school == asked.school) {
        return Err(regulation.unknown(&asked.school));
    }
    let before = seats::school_for_update(tx.conn(), &asked.school).await?;
    if let Some(done) = seats::done(tx.conn(), asked.request).await? {
        if done.school != asked.school || done.transfer != asked.transfer {
            return Err(Refused::RequestReused { request: asked.request });
        }
        return Ok((done, true));
    }
    let next = next_opening(tx.conn(), &regulation.periods, at).await?;
    let (after, from_period) = transfer(before, &asked.transfer, next)?;
    let version = seats::save_school(tx.conn(), &asked.school, &after).await?;
    let of = |filiere: &str| after.iter().find(|c| c.filiere == filiere).map_or(0, |c| c.seats);
    let done = seats::Done {
        from_seats: of(&asked.transfer.from),
        to_seats: of(&asked.transfer.to),
        school: asked.school,
        transfer: asked.transfer,
        from_period,
    };
    seats::save_done(tx.conn(), asked.request, &done, &asked.reason, by, at).await?;
    let details = json!({
        "school": done.school, "from": done.transfer.from, "to": done.transfer.to, "count": done.transfer.count,
        "from_period": from_period, "reason": asked.reason,
    });
    audit::append(tx, at, by, "seats_transferred", details).await?;
    let fact = jury::SeatsSet {
        school: done.school.clone(),
        seats: after.iter().map(|c| jury::FiliereSeats { filiere: c.filiere.clone(), seats: c.seats }).collect(),
        from_period,
    };
    tell(tx, &fact, version, at).await?;
    Ok((done, false))
}
