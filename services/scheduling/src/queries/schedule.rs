//! A school's whole schedule, for its planners, the jury and, once the results are out, its staff.

use std::collections::BTreeMap;

use jiff::Timestamp;
use notice::{Session, keys};
use platform::calendar;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    commands::{Refused, rules},
    domain::{Candidature, PanelDay, Setup, grid},
    queries::Shown,
    store::{self, AbsenceNoted, Known},
};

/// Who reads a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A planner of the school: everything, at any time.
    Planner,
    /// The jury: the same, but for why an examiner is absent.
    Jury,
    /// Staff of the school: who is convened and out, from the results on, and nothing that is for planners to weigh.
    Staff,
}

/// Who sits when at a school, and what it set up.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The results are not out: nothing of this may leave the planners and the jury.
    pub embargoed: bool,
    /// Admissible candidates by dossier, with what is missing where there is no convocation.
    pub candidates: Vec<(Uuid, Option<Shown>, String)>,
    /// What they said against their slots.
    pub constraints: BTreeMap<Uuid, Vec<(Timestamp, String)>>,
    /// What the school set up.
    pub setup: Setup,
    /// When its examiners cannot sit.
    pub absences: Vec<AbsenceNoted>,
    /// Its days, panel by panel.
    pub grid: Vec<PanelDay>,
}

/// The schedule of `school` as of `at`.
///
/// # Errors
/// Staff read it before the results are out: the same refusal whatever there is (R19).
pub async fn schedule(
    conn: &mut PgConnection,
    session: &Session,
    school: &str,
    reader: Reader,
    at: Timestamp,
) -> Result<Schedule, Refused> {
    let mut setup = store::setup(conn, rules(session), school).await?;
    let remote = store::school_remote(conn, school).await?;
    let known = store::known(conn, Some(school), None).await?;
    let mut constraints = store::constraints(conn, school).await?;
    let mut absences = store::absences(conn, school).await?;
    let due = calendar::passed(conn, keys::ADMISSIBILITY_RESULTS, at).await?;
    let confirmed = store::published(conn, at).await?;
    let mut admissible: Vec<_> =
        known.into_iter().filter(|k| matches!(k.candidature, Candidature::Admissible { .. })).collect();
    let dossiers: Vec<_> = admissible.iter().map(|k| k.candidature.dossier()).collect();
    let released = store::released(conn, &dossiers).await?;
    let is_out = |dossier: Uuid| due && released.iter().any(|(r, publish_at)| *r == dossier && *publish_at <= at);
    let embargoed = !(due && dossiers.iter().all(|dossier| is_out(*dossier)));
    if reader != Reader::Planner {
        for noted in &mut absences {
            noted.reason.clear();
            noted.own = false;
        }
    }
    if reader == Reader::Staff {
        if !(due && confirmed) {
            return Err(Refused::NotPublished);
        }
        admissible.retain(|k| is_out(k.candidature.dossier()));
        admissible.iter_mut().for_each(|k| k.missing.clear());
        constraints.clear();
        // Who sits elsewhere may not be out.
        absences.retain(|noted| !noted.elsewhere);
        setup.absences = absences.iter().map(|noted| noted.absence.clone()).collect();
    }
    let candidates =
        admissible.iter().map(|k| (k.candidature.dossier(), Shown::of(k, &remote), k.missing.clone())).collect();
    let grid = grid(&setup, admissible.iter().filter_map(Known::convocation));
    Ok(Schedule { embargoed: embargoed && reader != Reader::Staff, candidates, constraints, setup, absences, grid })
}
