//! The grid of days and panels, absences, and places where an exam could go.

use contracts::scheduling as proto;

use super::{
    exam_number,
    reasons::{broken, missing},
};
use crate::{
    domain::{Impossible, PanelDay, Possible, Sitting, Span},
    queries::Places,
    store::AbsenceNoted,
};

/// Places told in one answer.
const MOST_PLACES: usize = 200;

/// One panel on one day; `remote` says whose orals are at a distance.
pub fn panel_day(day: PanelDay, remote: impl Fn(&Sitting) -> bool) -> proto::PanelDay {
    let slot = |sitting: Sitting| proto::GridSlot {
        begins_at: Some(sitting.during.from.into()),
        ends_at: Some(sitting.during.to.into()),
        dossier_id: sitting.dossier.to_string(),
        room: if remote(&sitting) { String::new() } else { sitting.room.unwrap_or_default() },
    };
    let span = |span: Span| proto::GridSpan { begins_at: Some(span.from.into()), ends_at: Some(span.to.into()) };
    proto::PanelDay {
        day: day.day.to_string(),
        panel: day.panel,
        exam: exam_number(day.exam),
        opens_at: Some(day.hours.from.into()),
        closes_at: Some(day.hours.to.into()),
        slots: day.slots.into_iter().map(slot).collect(),
        closed: day.closed.into_iter().map(span).collect(),
    }
}

/// When an examiner cannot sit.
pub fn absence(noted: AbsenceNoted) -> proto::AbsenceView {
    proto::AbsenceView {
        examiner: noted.absence.examiner,
        from: Some(noted.absence.during.from.into()),
        to: Some(noted.absence.during.to.into()),
        reason: noted.reason,
        elsewhere: noted.elsewhere,
        own: noted.own,
    }
}

/// Places where an exam could go and could not go, the first of them.
pub fn places(places: Places) -> proto::ListPossibleSlotsReply {
    let more = places.possible.len() > MOST_PLACES;
    let slot = |place: Possible| {
        let (other_begins_at, other_panel, other_room) = match place.other {
            Some(other) => (Some(other.during.from.into()), other.panel, other.room.unwrap_or_default()),
            None => (None, String::new(), String::new()),
        };
        proto::PossibleSlot {
            day: place.day.to_string(),
            begins_at: Some(place.sitting.during.from.into()),
            ends_at: Some(place.sitting.during.to.into()),
            panel: place.sitting.panel,
            room: place.sitting.room.unwrap_or_default(),
            other_begins_at,
            other_panel,
            other_room,
        }
    };
    let no = |place: Impossible| proto::ImpossibleSlot {
        day: place.day.to_string(),
        panel: place.panel,
        begins_at: Some(place.during.from.into()),
        ends_at: Some(place.during.to.into()),
        why: place.why.iter().map(broken).collect(),
    };
    proto::ListPossibleSlotsReply {
        slots: places.possible.into_iter().take(MOST_PLACES).map(slot).collect(),
        more,
        impossible: places.impossible.into_iter().take(MOST_PLACES).map(no).collect(),
        remarks: places.remarks.iter().map(missing).collect(),
    }
}
