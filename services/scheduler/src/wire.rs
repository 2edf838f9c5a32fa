//! Domain to contracts, and what comes in to the domain.

use contracts::{machinery, scheduler as proto};
use jiff::Timestamp;
use platform::refusal::Refusal;
use uuid::Uuid;

use crate::domain::{Calendar, ConfirmRefused, Entry, Move, MoveRefused, MoveState, State};

/// The announcement of a calendar: all of it, so that a reader needs the last one only.
#[must_use]
pub fn calendar_changed(calendar: &Calendar, zone: &str, moves: &[Move<Uuid>]) -> machinery::CalendarChanged {
    let transition = |e: &Entry| machinery::Transition {
        key: e.key.clone(),
        due_at: Some(e.due_at.into()),
        fired_at: (e.state == State::Fired).then(|| e.due_at.into()),
    };
    let shifts = moves.iter().flat_map(|m| m.shifts.iter().map(move |s| (m, s)));
    machinery::CalendarChanged {
        version: calendar.version,
        zone: zone.to_owned(),
        transitions: calendar.entries().iter().map(transition).collect(),
        moves: shifts
            .map(|(m, s)| machinery::Move {
                key: s.key.clone(),
                from: Some(s.from.into()),
                to: Some(s.to.into()),
                reason: m.reason.clone(),
            })
            .collect(),
    }
}

/// The answer about a calendar.
#[must_use]
pub fn get_calendar(calendar: &Calendar, zone: String, now: Timestamp) -> proto::GetCalendarReply {
    let entry = |e: &Entry| proto::CalendarEntry {
        key: e.key.clone(),
        local: calendar.local(e.due_at).to_string(),
        due_at: Some(e.due_at.into()),
        state: match e.state {
            State::Pending => proto::TransitionState::Pending,
            State::Fired => proto::TransitionState::Fired,
        }
        .into(),
        fired_at: (e.state == State::Fired).then(|| e.due_at.into()),
        printed_at: (e.printed_at != e.due_at).then(|| e.printed_at.into()),
        version: e.version,
    };
    proto::GetCalendarReply {
        session: calendar.session.clone(),
        version: calendar.version,
        zone,
        transitions: calendar.entries().iter().map(entry).collect(),
        now: Some(now.into()),
    }
}

/// A move.
#[must_use]
pub fn moved(m: &Move<Uuid>) -> proto::Move {
    let (state, by, at) = match &m.state {
        MoveState::Prepared => (proto::MoveState::Prepared, String::new(), None),
        MoveState::Confirmed { by, at, .. } => (proto::MoveState::Confirmed, by.clone(), Some((*at).into())),
    };
    proto::Move {
        id: m.id.to_string(),
        key: m.key.clone(),
        to: Some(m.to.into()),
        reason: m.reason.clone(),
        prepared_by: m.prepared_by.clone(),
        prepared_at: Some(m.prepared_at.into()),
        confirmed_by: by,
        confirmed_at: at,
        state: state.into(),
        shifts: m
            .shifts
            .iter()
            .map(|s| proto::Shift {
                key: s.key.clone(),
                from: Some(s.from.into()),
                to: Some(s.to.into()),
                reopens: s.reopens,
            })
            .collect(),
    }
}

/// What the audit log keeps of a move.
#[must_use]
pub fn audited(m: &Move<Uuid>) -> serde_json::Value {
    let shift = |s: &crate::domain::Shift| {
        serde_json::json!({
            "key": s.key, "from": s.from.to_string(), "to": s.to.to_string(), "reopens": s.reopens,
        })
    };
    serde_json::json!({
        "move": m.id, "key": m.key, "to": m.to.to_string(), "reason": m.reason, "prepared_by": m.prepared_by,
        "shifts": m.shifts.iter().map(shift).collect::<Vec<_>>(),
    })
}

/// An instant that was asked for, if it can be kept: to the microsecond.
///
/// # Errors
/// It is missing, out of range, or finer.
pub fn instant(field: &'static str, at: Option<contracts::Timestamp>) -> Result<Timestamp, Refusal> {
    let refuse = |why: &str| Refusal::invalid("INVALID_MOVE").field(field, why);
    let at = at.ok_or_else(|| refuse("is required"))?;
    let at = Timestamp::try_from(at).map_err(|e| refuse(&e.to_string()))?;
    if at.subsec_nanosecond() % 1000 != 0 {
        return Err(refuse("is finer than a microsecond"));
    }
    Ok(at)
}

impl From<MoveRefused> for Refusal {
    fn from(refused: MoveRefused) -> Self {
        let why = refused.to_string();
        match refused {
            MoveRefused::Unknown { key, known } => Self::not_found("UNKNOWN_TRANSITION", key, why).allowed(known),
            MoveRefused::Earlier { key, due_at, to } => Self::precondition("MOVED_EARLIER", key, why)
                .with("due_at", due_at.to_string())
                .with("asked", to.to_string())
                .allowed([format!("later than {due_at}")]),
            MoveRefused::NotInTheFuture { to, now } => Self::precondition("NOT_IN_THE_FUTURE", "to", why)
                .with("asked", to.to_string())
                .allowed([format!("later than {now}")]),
            MoveRefused::AlreadyFired { key, fired_at } => {
                Self::precondition("ALREADY_FIRED", key, why).with("fired_at", fired_at.to_string())
            }
            MoveRefused::OutOfOrder { key, to, next, next_at } => Self::precondition("OUT_OF_ORDER", key, why)
                .with("asked", to.to_string())
                .with("next", next)
                .allowed([format!("not later than {next_at}")]),
        }
    }
}

impl From<ConfirmRefused> for Refusal {
    fn from(refused: ConfirmRefused) -> Self {
        let why = refused.to_string();
        match refused {
            ConfirmRefused::SamePerson { who } => Self::denied("SAME_PERSON", who, why),
            ConfirmRefused::CalendarChanged => Self::precondition("CALENDAR_CHANGED", "calendar", why),
            ConfirmRefused::Move(refused) => refused.into(),
        }
    }
}
