//! A planner sets up panels, rooms, days and absences, and takes panels and absences back.

use jiff::{Timestamp, civil::Date};
use notice::Session;
use platform::{audit, db::Tx};
use serde_json::json;
use uuid::Uuid;

use super::{Act, Refused, rules};
use crate::{
    domain::{Absence, Convocation, Day, Exam, Panel, Sitting, Span},
    store,
};

/// Sets up or replaces a panel.
///
/// # Errors
/// The panel cannot be, or has exams and other members.
pub async fn define_panel(
    tx: &mut Tx,
    session: &Session,
    act: Act<'_>,
    name: &str,
    exam: Exam,
    examiners: &[String],
) -> Result<(), Refused> {
    let rules = rules(session);
    let panel = Panel::new(&rules, name, exam, examiners)?;
    store::lock_school(tx, act.school).await?;
    let setup = store::setup(tx.conn(), rules, act.school).await?;
    if setup.panel(&panel.name) == Some(&panel) {
        return Ok(());
    }
    let exams = sittings(tx, act.school).await?.into_iter().filter(|s| s.panel == panel.name).count();
    if exams > 0 {
        return Err(Refused::PanelHasExams { panel: panel.name, exams });
    }
    store::put_panel(tx, act.school, &panel).await?;
    let details = json!({
        "school": act.school, "panel": panel.name, "exam": store::exam_word(exam), "examiners": panel.examiners,
    });
    Ok(audit::append(tx, act.at, act.actor, "define_panel", details).await?)
}

/// Sets up a room.
///
/// # Errors
/// The database failed.
pub async fn define_room(tx: &mut Tx, act: Act<'_>, room: &str) -> Result<(), Refused> {
    store::lock_school(tx, act.school).await?;
    if store::add_room(tx, act.school, room).await? {
        audit::append(tx, act.at, act.actor, "define_room", json!({ "school": act.school, "room": room })).await?;
    }
    Ok(())
}

/// Sets up or replaces the hours of one of the school's days.
///
/// # Errors
/// Not one of its days, hours that cannot be, or exams that they would no longer hold.
pub async fn define_day(
    tx: &mut Tx,
    session: &Session,
    act: Act<'_>,
    date: Date,
    hours: Span,
    lunch: Span,
    breaks: Vec<Span>,
) -> Result<(), Refused> {
    let allowed = session.oral_days(act.school);
    if !allowed.contains(&date) {
        return Err(Refused::NotADay { given: date, allowed: allowed.to_vec() });
    }
    let day = Day::new(date, hours, lunch, breaks)?;
    store::lock_school(tx, act.school).await?;
    let setup = store::setup(tx.conn(), rules(session), act.school).await?;
    let earlier = setup.days.iter().find(|d| d.date == date);
    if earlier == Some(&day) {
        return Ok(());
    }
    if let Some(earlier) = earlier {
        let stretches = day.stretches();
        let of_the_day = sittings(tx, act.school).await?.into_iter().filter(|s| earlier.hours.contains(s.during));
        let exams = of_the_day.filter(|s| !stretches.iter().any(|free| free.contains(s.during))).count();
        if exams > 0 {
            return Err(Refused::DayHasExams { exams });
        }
    }
    store::put_day(tx, act.school, &day).await?;
    let details = json!({
        "school": act.school, "day": date.to_string(), "opens": hours.from.to_string(), "closes": hours.to.to_string(),
    });
    Ok(audit::append(tx, act.at, act.actor, "define_day", details).await?)
}

/// An examiner cannot sit during a time.
#[derive(Clone, Debug)]
pub struct RecordAbsence<'a> {
    /// Who.
    pub examiner: &'a str,
    /// When.
    pub during: Span,
    /// Why.
    pub reason: &'a str,
}

/// An exam that an absence makes impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Whose.
    pub dossier: Uuid,
    /// Which.
    pub exam: Exam,
    /// When it would begin.
    pub begins_at: Timestamp,
}

/// Notes an absence and tells which exams it makes impossible; the next plan places them again.
///
/// # Errors
/// It ends before it begins.
pub async fn record_absence(
    tx: &mut Tx,
    session: &Session,
    act: Act<'_>,
    absence: &RecordAbsence<'_>,
) -> Result<Vec<Affected>, Refused> {
    if absence.during.is_empty() {
        return Err(Refused::AbsenceBackwards);
    }
    store::lock_school(tx, act.school).await?;
    let noted = Absence { examiner: absence.examiner.to_owned(), during: absence.during };
    if store::add_absence(tx, act.school, &noted, absence.reason).await? {
        // The reason may be an illness: it stands with the absence alone.
        let details = json!({
            "school": act.school, "examiner": noted.examiner,
            "from": noted.during.from.to_string(), "to": noted.during.to.to_string(),
        });
        audit::append(tx, act.at, act.actor, "record_absence", details).await?;
    }
    let setup = store::setup(tx.conn(), rules(session), act.school).await?;
    let theirs = |s: &Sitting| setup.panel(&s.panel).is_some_and(|p| p.examiners.contains(absence.examiner));
    let mut affected: Vec<_> = sittings(tx, act.school)
        .await?
        .into_iter()
        .filter(|s| s.during.overlaps(absence.during) && theirs(s))
        .map(|s| Affected { dossier: s.dossier, exam: s.exam, begins_at: s.during.from })
        .collect();
    affected.sort_by_key(|a| (a.begins_at, a.dossier));
    Ok(affected)
}

/// Takes back an absence that the school noted; false if there is none. Slots stay where they are: that time is free again.
///
/// # Errors
/// The database failed.
pub async fn withdraw_absence(tx: &mut Tx, act: Act<'_>, absence: &Absence) -> Result<bool, Refused> {
    store::lock_school(tx, act.school).await?;
    let withdrawn = store::remove_absence(tx, act.school, absence).await?;
    if withdrawn {
        let details = json!({
            "school": act.school, "examiner": absence.examiner,
            "from": absence.during.from.to_string(), "to": absence.during.to.to_string(),
        });
        audit::append(tx, act.at, act.actor, "withdraw_absence", details).await?;
    }
    Ok(withdrawn)
}

/// Dissolves a panel; false if there is none.
///
/// # Errors
/// It has exams: they are moved first.
pub async fn withdraw_panel(tx: &mut Tx, act: Act<'_>, panel: &str) -> Result<bool, Refused> {
    store::lock_school(tx, act.school).await?;
    let exams = sittings(tx, act.school).await?.into_iter().filter(|s| s.panel == panel).count();
    if exams > 0 {
        return Err(Refused::PanelHasExams { panel: panel.to_owned(), exams });
    }
    let withdrawn = store::remove_panel(tx, act.school, panel).await?;
    if withdrawn {
        let details = json!({ "school": act.school, "panel": panel });
        audit::append(tx, act.at, act.actor, "withdraw_panel", details).await?;
    }
    Ok(withdrawn)
}

async fn sittings(tx: &mut Tx, school: &str) -> Result<Vec<Sitting>, Refused> {
    let known = store::known(tx.conn(), Some(school), None).await?;
    Ok(known.iter().filter_map(store::Known::convocation).flat_map(Convocation::sittings).cloned().collect())
}
