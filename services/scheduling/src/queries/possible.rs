//! Where a planner could move an exam, or place it, and where not (R25).

use jiff::civil::Date;
use notice::Session;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::{Refused, rules},
    domain::{Exam, Impossible, Missing, Possible, impossible, possible},
    store::{self, Known},
};

/// What a planner chooses from.
#[derive(Clone, Debug)]
pub struct Places {
    /// Places that every rule allows.
    pub possible: Vec<Possible>,
    /// Those that some rule does not.
    pub impossible: Vec<Impossible>,
    /// What is not set up.
    pub remarks: Vec<Missing>,
}

/// Every place for `exam` of a candidate of the school, placed or not, on one day or on all.
///
/// # Errors
/// No candidate of that dossier is convened by the school.
pub async fn possible_slots(
    conn: &mut PgConnection,
    session: &Session,
    school: &str,
    (dossier, exam): (Uuid, Exam),
    day: Option<Date>,
) -> Result<Places, Refused> {
    let setup = store::setup(conn, rules(session), school).await?;
    let all = store::known(conn, Some(school), None).await?;
    let convocations: Vec<_> = all.iter().filter_map(Known::convocation).collect();
    let who = all.iter().filter_map(Known::to_convene).find(|who| who.dossier == dossier);
    let who = who.ok_or(Refused::NoSlot)?;
    let days = session.oral_days(school).iter().filter(|date| day.is_none_or(|day| day == **date));
    let unset = days.filter(|date| !setup.days.iter().any(|set| set.date == **date));
    Ok(Places {
        possible: possible(&setup, &who, exam, day, convocations.iter().copied()),
        impossible: impossible(&setup, &who, exam, day, convocations.iter().copied()),
        remarks: unset.map(|day| Missing::Hours { day: *day }).chain(Missing::panels(&setup)).collect(),
    })
}
