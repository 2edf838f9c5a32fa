//! Lists that staff and jury read: tables, who has not been seen, who integrates.

use contracts::integration as api;
use jiff::Timestamp;
use platform::refusal::Refusal;
use sqlx::PgConnection;

use super::{periods::require_published, published_period, situation::missing_titles};
use crate::{
    calendar::Calendar,
    commands::{Regulation, settle_titles},
    domain::{
        candidature::Standing,
        ids::{FiliereId, SchoolId},
    },
    refusals,
    store::{self, answers, log_ins, periods, signed, titles},
    wire,
};

/// A school's table, as of the last opening, with where each stands.
///
/// # Errors
/// Before the first opening, or no such table.
pub async fn table(
    conn: &mut PgConnection,
    regulation: &Regulation,
    school: &str,
    filiere: &str,
    at: Timestamp,
) -> Result<api::ListTableReply, Refusal> {
    let calendar = Calendar::load(conn, regulation.periods()).await?;
    let period = published_period(conn, &calendar, at).await?;
    let signature = periods::find(conn, period).await?.and_then(|period| period.signature).unwrap_or(0);
    let (school, filiere) = (SchoolId::from(school), FiliereId::from(filiere));
    let mut tables = signed::tables(conn, signature).await?;
    let table = tables.remove(&filiere).and_then(|mut of_filiere| of_filiere.remove(&school));
    let table = table.ok_or_else(|| {
        Refusal::not_found("NO_TABLE", format!("{school}/{filiere}"), "the jury signed no such table")
    })?;
    let all: std::collections::BTreeMap<_, _> =
        store::all(conn).await?.into_iter().map(|kept| (kept.candidature.dossier, kept.candidature)).collect();
    let rows = (1..).zip(table).map(|(rank, dossier)| {
        let candidature = all.get(&dossier);
        let state = candidature.map_or(api::State::Unspecified, |candidature| wire::state(&candidature.standing).0);
        let open = |candidature: &crate::domain::candidature::Candidature| {
            candidature.standing.in_the_running() && candidature.open().any(|choice| choice.school == school)
        };
        api::TableRow {
            rank,
            dossier_id: dossier.to_string(),
            state: state.into(),
            here: candidature.is_some_and(|candidature| candidature.standing.seat() == Some(&school)),
            open: candidature.is_some_and(open),
        }
    });
    Ok(api::ListTableReply { signature, rows: rows.collect() })
}

/// Who in the running has not been seen in the open period, or has a new proposal and no answer (R35).
///
/// # Errors
/// The period is not published, or closed.
pub async fn not_logged_in(
    conn: &mut PgConnection,
    regulation: &Regulation,
    number: u32,
    school: Option<&str>,
    at: Timestamp,
) -> Result<api::NotLoggedInReply, Refusal> {
    let period = require_published(conn, regulation, number, at).await?;
    if period.closed_at.is_some() {
        let why = "it has closed; its results name who was eliminated";
        return Err(Refusal::precondition("PERIOD_CLOSED", format!("period/{number}"), why));
    }
    let seen = answers::seen(conn, number).await?;
    let last_seen = log_ins::last_seen(conn, number).await?;
    let mut reply = api::NotLoggedInReply::default();
    for kept in store::all(conn).await? {
        let candidature = &kept.candidature;
        let asked = matches!(candidature.standing, Standing::Waiting | Standing::Proposed(_) | Standing::Holding(_));
        let concerned = school.is_none_or(|school| candidature.open().any(|choice| choice.school.0 == school));
        if !asked || !concerned {
            continue;
        }
        let found = seen.get(&candidature.dossier.0);
        let absent = found.is_none_or(|found| !found.logged_in && found.answer.is_none());
        if absent {
            reply.not_logged_in.push(candidature.dossier.to_string());
        }
        let answered = found.is_some_and(|found| found.answer.is_some());
        let silent = matches!(candidature.standing, Standing::Proposed(_)) && !answered;
        if silent {
            reply.not_answered.push(candidature.dossier.to_string());
        }
        if absent || silent {
            let seat = candidature.standing.seat().filter(|seat| school.is_none_or(|school| school == seat.0));
            let last_seen = last_seen.get(&candidature.dossier.0).copied().unwrap_or_default();
            reply.candidates.push(api::Unseen {
                dossier_id: candidature.dossier.to_string(),
                filiere: kept.filiere.0.clone(),
                state: wire::state(&candidature.standing).0.into(),
                school: seat.map(|seat| seat.0.clone()).unwrap_or_default(),
                logged_in_at: last_seen.in_period.map(Into::into),
                last_seen_at: last_seen.before.map(Into::into),
            });
        }
    }
    Ok(reply)
}

/// Who integrates a school, or every one: sous réserve, definitive, lapsed.
///
/// # Errors
/// Before the first opening, or no such school.
pub async fn final_list(
    conn: &mut PgConnection,
    regulation: &Regulation,
    school: Option<&str>,
    at: Timestamp,
) -> Result<api::FinalListReply, Refusal> {
    if let Some(school) = school.filter(|school| regulation.session.school(school).is_none()) {
        return Err(Refusal::not_found("NO_SCHOOL", school, "the session has no such school"));
    }
    let calendar = Calendar::load(conn, regulation.periods()).await?;
    published_period(conn, &calendar, at).await?;
    let mut deposits = titles::deposits(conn, None).await?;
    let received: std::collections::BTreeSet<_> = titles::received(conn, None).await?.into_iter().collect();
    let mut entries = Vec::new();
    for kept in store::all(conn).await? {
        let (Standing::Accepted(seat) | Standing::Admitted(seat) | Standing::Lapsed(seat)) = &kept.candidature.standing
        else {
            continue;
        };
        if school.is_some_and(|school| school != seat.0) {
            continue;
        }
        let dossier = kept.candidature.dossier.0;
        let file =
            settle_titles::file(regulation, &calendar, &kept.filiere.0, deposits.remove(&dossier).unwrap_or_default());
        entries.push(api::FinalEntry {
            dossier_id: dossier.to_string(),
            school: seat.0.clone(),
            filiere: kept.filiere.0.clone(),
            state: wire::state(&kept.candidature.standing).0.into(),
            titles: wire::titles(&file),
            integration_dossier_received: received.contains(&dossier),
            missing: missing_titles(&kept.candidature.standing, &file),
            rank: kept.candidature.rank_at(seat).unwrap_or(0),
        });
    }
    entries.sort_by(|a, b| (&a.school, &a.filiere, &a.dossier_id).cmp(&(&b.school, &b.filiere, &b.dossier_id)));
    Ok(api::FinalListReply { entries })
}

/// The school that a caller's list is limited to: their own, or the one asked for, or none.
///
/// # Errors
/// Staff asked for another school's list.
pub fn limited<'a>(asked: &'a str, own: Option<&'a str>) -> Result<Option<&'a str>, Refusal> {
    match own {
        Some(own) if asked.is_empty() || asked == own => Ok(Some(own)),
        Some(_) => Err(Refusal::denied("UNIT_NOT_ALLOWED", "school", "this role is limited to another school")),
        None => Ok(Some(asked).filter(|asked| !asked.is_empty())),
    }
}

/// A candidature is on a school's table, as last published: what lets that school's staff read it.
///
/// # Errors
/// It is not, or there is none; the two are not told apart.
pub async fn require_on_table(conn: &mut PgConnection, dossier: uuid::Uuid, school: &str) -> Result<(), Refusal> {
    let kept = store::find(conn, dossier).await?;
    let on_table = kept.is_some_and(|kept| {
        kept.candidature.choices.iter().any(|choice| choice.school.0 == school && choice.rank.is_some())
    });
    if on_table { Ok(()) } else { Err(refusals::no_candidature()) }
}
