//! Domain to contracts and back.

mod grid;
mod reasons;

use std::collections::BTreeSet;

use contracts::{published, scheduling as proto};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use notice::Session;
use platform::refusal::Refusal;
use uuid::Uuid;

use crate::{
    commands::{Affected, Planned, Refused, Telling},
    domain::{Convocation, Day, DayReport, Exam, Panel, Sitting, Span},
    queries::{Schedule, Shown},
};

pub use grid::places;
pub use reasons::kept;
use reasons::{missing, restored};

/// The longest name or identifier, characters.
const LONGEST_NAME: usize = 120;
/// The longest reason or address, characters.
const LONGEST_TEXT: usize = 2000;

/// A field that holds a name: not blank, not endless.
pub fn name(field: &'static str, value: &str) -> Result<String, Refusal> {
    text(field, value, LONGEST_NAME)
}

/// A field that holds a sentence or more.
pub fn sentence(field: &'static str, value: &str) -> Result<String, Refusal> {
    text(field, value, LONGEST_TEXT)
}

fn text(field: &'static str, value: &str, longest: usize) -> Result<String, Refusal> {
    let value = value.trim();
    let length = value.chars().count();
    if value.is_empty() {
        return Err(Refusal::invalid("FIELD_REQUIRED").field(field, "must not be empty"));
    }
    if length > longest {
        let refused =
            Refusal::invalid("FIELD_TOO_LONG").field(field, format!("{length} characters, {longest} allowed"));
        return Err(refused.with("given", length.to_string()).with("most", longest.to_string()));
    }
    if value.chars().any(char::is_control) {
        return Err(Refusal::invalid("FIELD_INVALID").field(field, "control characters are not allowed"));
    }
    Ok(value.to_owned())
}

pub fn dossier_id(value: &str) -> Result<Uuid, Refusal> {
    value.parse().map_err(|_| Refusal::invalid("INVALID_ID").field("dossier_id", "not a UUID"))
}

pub fn instant(field: &'static str, value: Option<contracts::Timestamp>) -> Result<Timestamp, Refusal> {
    let value = value.ok_or_else(|| Refusal::invalid("FIELD_REQUIRED").field(field, "an instant is needed"))?;
    Timestamp::try_from(value).map_err(|e| Refusal::invalid("FIELD_INVALID").field(field, e.to_string()))
}

pub fn exam(field: &'static str, value: i32) -> Result<Exam, Refusal> {
    match proto::Exam::try_from(value) {
        Ok(proto::Exam::Interview) => Ok(Exam::Interview),
        Ok(proto::Exam::English) => Ok(Exam::English),
        Ok(proto::Exam::Unspecified) | Err(_) => Err(Refusal::invalid("FIELD_INVALID")
            .field(field, "no such exam")
            .allowed(["EXAM_INTERVIEW", "EXAM_ENGLISH"])),
    }
}

const fn exam_number(exam: Exam) -> i32 {
    match exam {
        Exam::Interview => proto::Exam::Interview as i32,
        Exam::English => proto::Exam::English as i32,
    }
}

pub fn day(value: &str) -> Result<Date, Refusal> {
    let parsed = if value.len() == 10 { value.parse().ok() } else { None };
    parsed.ok_or_else(|| Refusal::invalid("INVALID_HOURS").field("day", "not a date as YYYY-MM-DD"))
}

/// Hours of a day in the session's zone.
pub fn hours(field: &'static str, zone: &TimeZone, date: Date, value: Option<&proto::Hours>) -> Result<Span, Refusal> {
    let refused = |why: String| Refusal::invalid("INVALID_HOURS").field(field, why);
    let value = value.ok_or_else(|| refused("is needed".into()))?;
    let at = |text: &str| {
        let time = Time::strptime("%H:%M", text).map_err(|_| refused(format!("{text:?} is not a time as HH:MM")))?;
        let local = zone.to_ambiguous_zoned(date.to_datetime(time)).unambiguous();
        local.map(|z| z.timestamp()).map_err(|e| refused(e.to_string()))
    };
    Ok(Span::new(at(&value.from)?, at(&value.to)?))
}

fn hours_of(zone: &TimeZone, span: Span) -> proto::Hours {
    let local = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    proto::Hours { from: local(span.from), to: local(span.to) }
}

/// An address that browsers open safely; empty only when `remote` is off.
pub fn link(remote: bool, value: &str) -> Result<String, Refusal> {
    if !remote {
        return Ok(String::new());
    }
    let link = sentence("link", value)?;
    if !link.starts_with("https://") || link.contains(char::is_whitespace) {
        return Err(Refusal::invalid("FIELD_INVALID").field("link", "not an https:// address"));
    }
    Ok(link)
}

fn slot(sitting: &Sitting, remote: bool) -> proto::Slot {
    proto::Slot {
        begins_at: Some(sitting.during.from.into()),
        ends_at: Some(sitting.during.to.into()),
        room: if remote { String::new() } else { sitting.room.clone().unwrap_or_default() },
    }
}

fn local_day(zone: &TimeZone, convocation: &Convocation) -> String {
    convocation.whole().from.to_zoned(zone.clone()).date().to_string()
}

pub fn convocation_set(telling: &Telling<'_>, convocation: &Convocation) -> proto::ConvocationSet {
    let remote = telling.remote || convocation.remote;
    proto::ConvocationSet {
        dossier_id: convocation.dossier().to_string(),
        school: telling.school.to_owned(),
        day: local_day(telling.zone, convocation),
        interview: Some(slot(&convocation.interview, remote)),
        english: Some(slot(&convocation.english, remote)),
        remote,
    }
}

pub fn convocation_published(telling: &Telling<'_>, convocation: &Convocation) -> published::ConvocationPublished {
    let whole = convocation.whole();
    published::ConvocationPublished {
        dossier_id: convocation.dossier().to_string(),
        school: telling.school.to_owned(),
        begins_at: Some(whole.from.into()),
        ends_at: Some(whole.to.into()),
        remote: telling.remote || convocation.remote,
    }
}

pub fn convocation_impossible(dossier: Uuid, school: &str, missing: &str) -> proto::ConvocationImpossible {
    proto::ConvocationImpossible {
        dossier_id: dossier.to_string(),
        school: school.to_owned(),
        missing: missing.to_owned(),
    }
}

pub fn convocation(session: &Session, shown: &Shown) -> proto::Convocation {
    let school = session.school(&shown.school);
    let address = school.filter(|_| !shown.remote).map(|s| s.address.join("\n"));
    proto::Convocation {
        dossier_id: shown.convocation.dossier().to_string(),
        school: shown.school.clone(),
        school_name: school.map(|s| s.name.clone()).unwrap_or_default(),
        address: address.unwrap_or_default(),
        day: local_day(&session.zone, &shown.convocation),
        interview: Some(slot(&shown.convocation.interview, shown.remote)),
        english: Some(slot(&shown.convocation.english, shown.remote)),
        remote: shown.remote,
        link: shown.link.clone(),
    }
}

pub fn affected(affected: Vec<Affected>) -> Vec<proto::AffectedExam> {
    let exam = |a: Affected| proto::AffectedExam {
        dossier_id: a.dossier.to_string(),
        exam: exam_number(a.exam),
        begins_at: Some(a.begins_at.into()),
    };
    affected.into_iter().map(exam).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub fn planned(planned: Planned) -> proto::PlanReply {
    let day = |d: DayReport| proto::DayCapacity {
        day: d.date.to_string(),
        free_interviews: count(d.free_interviews),
        free_english: count(d.free_english),
        interview_minutes_short: count(d.interview_minutes_short),
        english_minutes_short: count(d.english_minutes_short),
        remarks: d.remarks.iter().map(missing).collect(),
    };
    proto::PlanReply {
        candidates: count(planned.candidates),
        placed: count(planned.placed),
        kept: count(planned.kept),
        unplaced_dossier_ids: planned.unplaced.iter().map(ToString::to_string).collect(),
        days: planned.days.into_iter().map(day).collect(),
    }
}

pub fn schedule(session: &Session, school: &str, mut schedule: Schedule) -> proto::ListScheduleReply {
    let zone = &session.zone;
    let candidates = std::mem::take(&mut schedule.candidates);
    let distant = candidates.iter().filter(|(_, shown, _)| shown.as_ref().is_some_and(|shown| shown.remote));
    let distant: BTreeSet<Uuid> = distant.map(|(dossier, ..)| *dossier).collect();
    let at_a_distance = |sitting: &Sitting| distant.contains(&sitting.dossier);
    let candidate = |(dossier, shown, missing): (Uuid, Option<Shown>, String)| {
        let panel = |exam| shown.as_ref().map(|s| s.convocation.sitting(exam).panel.clone()).unwrap_or_default();
        let stated = schedule.constraints.get(&dossier).into_iter().flatten();
        proto::ScheduledCandidate {
            dossier_id: dossier.to_string(),
            interview_panel: panel(Exam::Interview),
            english_panel: panel(Exam::English),
            convocation: shown.as_ref().map(|s| convocation(session, s)),
            constraints: stated
                .map(|(at, reason)| proto::Constraint { reason: reason.clone(), stated_at: Some((*at).into()) })
                .collect(),
            missing: restored(&missing),
        }
    };
    let candidates = candidates.into_iter().map(candidate).collect();
    let panel = |p: &Panel| proto::PanelView {
        panel: p.name.clone(),
        exam: exam_number(p.exam),
        examiners: p.examiners.iter().cloned().collect(),
    };
    let day = |date: &Date| {
        let set: Option<&Day> = schedule.setup.days.iter().find(|d| d.date == *date);
        proto::DayView {
            day: date.to_string(),
            hours: set.map(|d| hours_of(zone, d.hours)),
            lunch: set.map(|d| hours_of(zone, d.lunch)),
            breaks: set.map(|d| d.breaks.iter().map(|b| hours_of(zone, *b)).collect()).unwrap_or_default(),
        }
    };
    proto::ListScheduleReply {
        embargoed: schedule.embargoed,
        candidates,
        panels: schedule.setup.panels.iter().map(panel).collect(),
        days: session.oral_days(school).iter().map(day).collect(),
        rooms: schedule.setup.rooms,
        absences: schedule.absences.into_iter().map(grid::absence).collect(),
        grid: schedule.grid.into_iter().map(|day| grid::panel_day(day, at_a_distance)).collect(),
    }
}

/// The one answer of [`Refused::NoConvocation`], whatever kept the convocation from being shown (R19).
pub fn refusal(refused: Refused) -> Refusal {
    let why = refused.to_string();
    match refused {
        Refused::Panel(_) => Refusal::invalid("INVALID_PANEL").field("examiners", why),
        Refused::PanelHasExams { panel, exams } => {
            Refusal::precondition("PANEL_HAS_EXAMS", panel, why).with("exams", exams.to_string())
        }
        Refused::NotADay { allowed, .. } => {
            Refusal::invalid("DAY_NOT_IN_SESSION").field("day", why).allowed(allowed.iter().map(Date::to_string))
        }
        Refused::Hours(_) => Refusal::invalid("INVALID_HOURS").field("hours", why),
        Refused::DayHasExams { exams } => {
            Refusal::precondition("DAY_HAS_EXAMS", "day", why).with("exams", exams.to_string())
        }
        Refused::AbsenceBackwards => Refusal::invalid("FIELD_INVALID").field("to", why),
        Refused::NoSlot => Refusal::not_found("NO_SLOT", "dossier", why),
        Refused::Impossible(broken) => {
            let refusal = Refusal::failed("SLOT_IMPOSSIBLE");
            broken.iter().map(reasons::broken).fold(refusal, |refusal, reason| refusal.because("slot", reason))
        }
        Refused::Overlap { constraint } => {
            Refusal::retry_later("SLOT_TAKEN", "slot", why).with("constraint", constraint)
        }
        Refused::NotPublished => Refusal::precondition("NOT_PUBLISHED", "results", why),
        Refused::NoConvocation => Refusal::not_found("NO_CONVOCATION", "convocation", why),
        Refused::TooManyConstraints { .. } => Refusal::exhausted("TOO_MANY_CONSTRAINTS", "constraints", why),
        Refused::Db(error) => error.into(),
    }
}
