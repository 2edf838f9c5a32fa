//! One candidate's page: where they stand, what they may answer, why (R30, R35, R37).

use std::collections::BTreeMap;

use contracts::integration as api;
use jiff::Timestamp;
use platform::refusal::Refusal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::published_period;
use crate::{
    calendar::Calendar,
    commands::{Regulation, settle_titles},
    domain::{
        answers::{Answer, Phase},
        candidature::Standing,
        explanation::explain as explain_candidature,
        titles::{Outcome, PieceId, PieceState, TitleFile},
    },
    refusals,
    store::{self, Kept, answers, computations, titles},
    wire,
};

/// A candidature as it is published at some instant.
pub struct Page {
    /// The candidature.
    pub kept: Kept,
    /// Last period published.
    pub period: u32,
    /// Where the calendar stands.
    pub phase: Phase,
    /// The calendar itself.
    pub calendar: Calendar,
}

/// Reads it.
///
/// # Errors
/// Before the first opening, or without such a candidature.
pub async fn page(
    conn: &mut PgConnection,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
) -> Result<Page, Refusal> {
    let calendar = Calendar::load(conn, regulation.periods()).await?;
    let period = published_period(conn, &calendar, at).await?;
    let kept = store::find(conn, dossier).await?.ok_or_else(refusals::no_candidature)?;
    let phase = if calendar.period_at(at) == Some(period) {
        Phase::Open { last: period == regulation.periods() }
    } else if calendar.titles_are_due(at) {
        Phase::Over
    } else {
        Phase::Between
    };
    Ok(Page { kept, period, phase, calendar })
}

/// Where a candidate stands and the next thing to do.
///
/// # Errors
/// Before the first opening, or without such a candidature.
pub async fn situation(
    conn: &mut PgConnection,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
) -> Result<api::Situation, Refusal> {
    let page = page(conn, regulation, dossier, at).await?;
    let Page { kept, period, phase, calendar } = &page;
    let candidature = &kept.candidature;
    let given = match phase {
        Phase::Open { .. } => answers::standing(conn, *period, dossier).await?,
        Phase::Between | Phase::Over => None,
    };
    let answer = given.as_ref().map(|given| given.answer);
    let next = calendar.next_period(at);
    let elimination = match candidature.standing {
        Standing::Eliminated(_) => answers::elimination_of(conn, dossier).await?,
        _ => None,
    };
    let (eliminated_in_period, elimination_rule) = elimination.unwrap_or_default();
    let file = settle_titles::file_of(conn, regulation, calendar, kept).await?;
    let (state, elimination_reason) = wire::state(&candidature.standing);
    let open = matches!(phase, Phase::Open { .. });
    Ok(api::Situation {
        dossier_id: dossier.to_string(),
        state: state.into(),
        filiere: kept.filiere.0.clone(),
        school: wire::school(&candidature.standing).unwrap_or_default(),
        period: *period,
        period_open: open,
        period_closes_at: calendar.closes(*period).filter(|_| open).map(Into::into),
        next_period_opens_at: next.map(|(_, opens)| opens.into()),
        answer: answer.map_or(api::Answer::Unspecified, wire::answer_out).into(),
        better_schools: if candidature.standing.in_the_running() {
            wire::names(candidature.better())
        } else {
            Vec::new()
        },
        allowed: candidature.allowed(*phase).iter().map(wire::allowed).collect(),
        next_step: next_step(&page, answer, &file, at).into(),
        elimination_reason: elimination_reason.into(),
        titles: wire::titles(&file),
        integration_dossier_received: !titles::received(conn, Some(dossier)).await?.is_empty(),
        logged_in: open && answers::logged_in(conn, *period, dossier).await?,
        version: kept.version,
        answered_at: given.as_ref().map(|given| given.at.into()),
        answered_by_mandate: given.is_some_and(|given| given.actor.by_mandate),
        state_since: store::history::standing_since(conn, dossier).await?.map(Into::into),
        last_period: *period == regulation.periods(),
        next_period: next.map_or(0, |(number, _)| number),
        titles_due_at: calendar.titles_due().map(Into::into),
        missing_titles: missing_titles(&candidature.standing, &file),
        elimination_rule,
        eliminated_in_period,
    })
}

/// The next thing to do (R35); who looks at this page has logged in by that.
fn next_step(page: &Page, answer: Option<Answer>, file: &TitleFile, at: Timestamp) -> api::NextStep {
    let log_in_again = || match page.calendar.next_opening(at) {
        Some(_) => api::NextStep::LogIn,
        None => api::NextStep::None,
    };
    let titles = || {
        let states: Vec<PieceState> = file.pieces().map(|(_, state)| state).collect();
        let over = page.phase == Phase::Over;
        let missing = |state: &PieceState| matches!(state, PieceState::Missing | PieceState::Refused(..));
        if states.iter().any(missing) && !over {
            api::NextStep::DepositTitles
        } else if states.iter().any(|state| matches!(state, PieceState::Deposited(_))) {
            api::NextStep::WaitForSchool
        } else {
            api::NextStep::None
        }
    };
    match (&page.kept.candidature.standing, answer) {
        (Standing::Proposed(_), None) if page.phase != Phase::Over => api::NextStep::Answer,
        (Standing::Proposed(_) | Standing::Holding(_), Some(Answer::OuiDefinitif)) | (Standing::Accepted(_), _) => {
            titles()
        }
        (Standing::Waiting | Standing::Proposed(_) | Standing::Holding(_), _) => log_in_again(),
        _ => api::NextStep::None,
    }
}

/// Pieces for want of which an admission lapsed; none if it did not.
#[must_use]
pub fn missing_titles(standing: &Standing, file: &TitleFile) -> Vec<PieceId> {
    match (standing, file.outcome(true)) {
        (Standing::Lapsed(_), Outcome::Lapses(missing)) => missing,
        _ => Vec::new(),
    }
}

/// Why, per school.
///
/// # Errors
/// Before the first opening, or without such a candidature.
pub async fn explain(
    conn: &mut PgConnection,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
) -> Result<api::Explanation, Refusal> {
    let Page { kept, period, .. } = page(conn, regulation, dossier, at).await?;
    let cells = computations::cells(conn, period).await?.into_iter();
    let cells: BTreeMap<_, _> =
        cells.filter(|(_, filiere, _)| *filiere == kept.filiere).map(|(school, _, cell)| (school, cell)).collect();
    let explained = explain_candidature(&kept.candidature, &cells);
    Ok(api::Explanation {
        dossier_id: dossier.to_string(),
        filiere: kept.filiere.0,
        period,
        schools: (1..).zip(&explained).map(|(choice, school)| wire::explained(school, choice)).collect(),
    })
}

/// Everything that happened, with who acted.
///
/// # Errors
/// Before the first opening, or without such a candidature.
pub async fn history(
    conn: &mut PgConnection,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
) -> Result<api::HistoryReply, Refusal> {
    page(conn, regulation, dossier, at).await?;
    let mut entries = Vec::new();
    for entry in store::history::history(conn, dossier).await? {
        let (word, school, reason) = entry.standing;
        // The school is kept with standings that have none as well: the one that was left.
        let standing = store::read_standing(&word, school.clone().filter(|_| has_school(&word)), reason.as_deref())?;
        let (state, elimination_reason) = wire::state(&standing);
        entries.push(api::HistoryEntry {
            at: Some(entry.at.into()),
            what: entry.what,
            actor: entry.actor.subject,
            by_mandate: entry.actor.by_mandate,
            period: entry.period,
            school: school.unwrap_or_default(),
            answer: entry.answer.map_or(api::Answer::Unspecified, wire::answer_out).into(),
            state: state.into(),
            elimination_reason: elimination_reason.into(),
            version: entry.version,
            gives_up: entry.gives_up,
        });
    }
    let log_ins = store::log_ins::of(conn, dossier).await?.into_iter().map(|log_in| api::LogIn {
        period: log_in.period,
        at: Some(log_in.at.into()),
        by_mandate: log_in.actor != dossier.to_string(),
        actor: log_in.actor,
    });
    Ok(api::HistoryReply { entries, log_ins: log_ins.collect() })
}

fn has_school(standing: &str) -> bool {
    matches!(standing, "proposed" | "holding" | "accepted" | "admitted" | "lapsed")
}
