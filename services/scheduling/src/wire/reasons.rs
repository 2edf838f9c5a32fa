//! What is missing and which rules are broken, as reasons that the portal has sentences for.

use contracts::machinery::Reason;

use crate::domain::{Broken, Exam, Missing};

/// What keeps candidates from being placed.
pub fn missing(missing: &Missing) -> Reason {
    let reason = |code| Reason::new(code, missing);
    match missing {
        Missing::Places { n } => reason("PLACES_SHORT").with("n", n),
        Missing::Minutes { day, exam: Exam::Interview, minutes } => {
            reason("INTERVIEW_MINUTES_SHORT").with("day", day).with("minutes", minutes)
        }
        Missing::Minutes { day, exam: Exam::English, minutes } => {
            reason("ENGLISH_MINUTES_SHORT").with("day", day).with("minutes", minutes)
        }
        Missing::Rest { day } => reason("REST_SHORT_OF_SLOTS").with("day", day),
        Missing::Hours { day } => reason("HOURS_NOT_SET").with("day", day),
        Missing::Panel { exam: Exam::Interview } => reason("NO_INTERVIEW_PANEL"),
        Missing::Panel { exam: Exam::English } => reason("NO_ENGLISH_EXAMINER"),
        Missing::Rooms { rooms, panels } => reason("FEW_ROOMS").with("rooms", rooms).with("panels", panels),
    }
}

/// A rule that a slot breaks.
pub fn broken(broken: &Broken) -> Reason {
    let reason = |code| Reason::new(code, broken);
    match broken {
        Broken::UnknownPanel { panel } => reason("NO_SUCH_PANEL").with("panel", panel),
        Broken::WrongPanel { panel } => reason("PANEL_OF_THE_OTHER_EXAM").with("panel", panel),
        Broken::UnknownRoom { room } => reason("NO_SUCH_ROOM").with("room", room),
        Broken::NoRoom => reason("ROOM_NEEDED"),
        Broken::NoRoomFree => reason("NO_ROOM_FREE"),
        Broken::NoPlaceForOther => reason("NO_PLACE_FOR_THE_OTHER_EXAM"),
        Broken::BothNeeded => reason("BOTH_EXAMS_NEEDED"),
        Broken::Length { minutes } => reason("EXAM_LENGTH").with("minutes", minutes),
        Broken::OutsideHours => reason("OUTSIDE_HOURS"),
        Broken::InBreak => reason("IN_A_BREAK"),
        Broken::Absent { examiner } => reason("EXAMINER_ABSENT").with("examiner", examiner),
        Broken::PanelBusy { panel, from } => reason("PANEL_BUSY").with("panel", panel).with("from", from),
        Broken::ExaminerBusy { examiner, from } => {
            reason("EXAMINER_BUSY").with("examiner", examiner).with("from", from)
        }
        Broken::RoomBusy { room, from } => reason("ROOM_BUSY").with("room", room).with("from", from),
        Broken::TwoDays => reason("EXAMS_ON_TWO_DAYS"),
        Broken::NoRest { minutes } => reason("REST_BETWEEN_EXAMS").with("minutes", minutes),
    }
}

/// What is missing, as it is kept with a candidate: empty for nothing.
#[must_use]
pub fn kept(all: &[Missing]) -> String {
    let reasons: Vec<Reason> = all.iter().map(missing).collect();
    if reasons.is_empty() { String::new() } else { serde_json::json!(reasons).to_string() }
}

/// What was kept.
pub fn restored(kept: &str) -> Vec<Reason> {
    serde_json::from_str(kept).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let all = [Missing::Places { n: 3 }, Missing::Rooms { rooms: 1, panels: 2 }];
        assert_eq!(restored(&kept(&all)), all.each_ref().map(missing));
        assert_eq!((kept(&[]).as_str(), restored("")), ("", vec![]));
    }
}
