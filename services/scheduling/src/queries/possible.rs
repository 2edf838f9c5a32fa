//! Where a planner could move an exam (R25).

use jiff::civil::Date;
use notice::Session;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::{Refused, rules},
    domain::{Exam, Possible, possible},
    store::{self, Known},
};

/// Every place for `exam` of a candidate of the school, on one day or on all.
///
/// # Errors
/// No candidate of that dossier is convened by the school.
pub async fn possible_slots(
    conn: &mut PgConnection,
    session: &Session,
    school: &str,
    (dossier, exam): (Uuid, Exam),
    day: Option<Date>,
) -> Result<Vec<Possible>, Refused> {
    let setup = store::setup(conn, rules(session), school).await?;
    let all = store::known(conn, Some(school), None).await?;
    let convocations: Vec<_> = all.iter().filter_map(Known::convocation).collect();
    let now = convocations.iter().find(|c| c.dossier() == dossier).ok_or(Refused::NoSlot)?;
    Ok(possible(&setup, now, exam, day, convocations.iter().copied()))
}
