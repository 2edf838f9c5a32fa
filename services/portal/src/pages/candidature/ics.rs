//! The convocation as a calendar file (RFC 5545), one event per exam.
//!
//! Instants are UTC, so that no time zone has to travel along. An event keeps its UID when its slot moves, and its
//! SEQUENCE grows with the instant at which the file was made: a program that has the older one replaces it.

use contracts::scheduling::Convocation;
use icalendar::{Calendar, Component as _, Event, EventLike as _};
use jiff::{Timestamp, tz::TimeZone};

use super::{convocation::exams, words::Words};
use crate::place::instant;

/// The file.
pub fn calendar(w: Words<'_>, convocation: &Convocation, now: Timestamp) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [("VERSION", "2.0"), ("PRODID", "-//Admis//Convocation//FR"), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property((key, value));
    }
    let place = if convocation.remote { convocation.link.clone() } else { convocation.address.replace('\n', ", ") };
    for (word, label, slot) in exams(w, convocation) {
        let (Some(begins), Some(ends)) = (instant(slot.begins_at), instant(slot.ends_at)) else { continue };
        let place = if slot.room.is_empty() { place.clone() } else { format!("{}, {place}", slot.room) };
        let summary =
            w.t.with("ics-summary", [("exam", label.into()), ("school", w.school(&convocation.school).into())]);
        let mut event = Event::new();
        event
            .add_property("UID", format!("{word}.{}@admis", convocation.dossier_id))
            .add_property("SEQUENCE", now.as_second().to_string())
            .add_property("DTSTAMP", utc(now))
            .add_property("DTSTART", utc(begins))
            .add_property("DTEND", utc(ends))
            .summary(&summary)
            .description(&w.t.get("ics-description"))
            .location(&place);
        calendar.push(event.done());
    }
    calendar.to_string()
}

/// RFC 5545, 3.3.5, form 2.
fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{convocation::tests::convened, words::sample},
        *,
    };
    use crate::i18n::{Lang, Tr};

    fn lines(convocation: &Convocation, now: &str) -> Vec<String> {
        let text = calendar(Words { t: Tr(Lang::Fr), session: sample::session() }, convocation, sample::at(now));
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        // Unfolded (RFC 5545, 3.1).
        text.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    fn of<'a>(lines: &'a [String], key: &str) -> Vec<&'a str> {
        lines.iter().filter_map(|line| line.split_once(':').filter(|(k, _)| *k == key).map(|(_, v)| v)).collect()
    }

    #[test]
    fn each_exam_is_an_event_in_utc() {
        let lines = lines(&convened(false), "2026-04-10T08:00:00Z");
        assert_eq!(of(&lines, "DTSTART"), ["20260518T070000Z", "20260518T080000Z"]);
        assert_eq!(of(&lines, "DTEND"), ["20260518T071500Z", "20260518T082500Z"]);
        assert_eq!(of(&lines, "VERSION"), ["2.0"]);
        // What separates in the format is escaped in a text.
        assert_eq!(of(&lines, "LOCATION")[0], r"C3\, 6 avenue de Clavières\, 30100 Alès\; France");
    }

    #[test]
    fn a_moved_slot_keeps_its_uid_and_a_later_file_replaces_the_earlier() {
        let before = lines(&convened(false), "2026-04-10T08:00:00Z");
        let after = lines(&convened(true), "2026-04-10T08:00:01Z");
        assert_eq!(of(&before, "UID"), of(&after, "UID"));
        assert_ne!(of(&before, "UID")[0], of(&before, "UID")[1]);
        let sequence = |lines: &[String]| of(lines, "SEQUENCE")[0].parse::<u32>().unwrap();
        assert!(sequence(&after) > sequence(&before));
        assert_eq!(of(&after, "LOCATION")[0], "https://visio.example/abc");
    }
}
