//! Domain and contracts, both directions.

pub mod canonical;
pub mod reasons;
pub mod what_if;

use contracts::{integration as api, published};
use jiff::Timestamp;

use crate::{
    domain::{
        answers::{Allowed, Answer},
        candidature::{Reason, Standing},
        computation::Cell,
        explanation::{SchoolExplanation, Why},
        ids::{FiliereId, SchoolId},
        titles::{PieceState, TitleFile},
    },
    store::Kept,
};

/// A fact for other systems.
pub enum Published {
    /// A seat of the school is proposed.
    Proposed(published::SeatProposed),
    /// A seat of the school is held.
    Held(published::SeatHeld),
    /// A proposed or held seat is free again.
    Released(published::SeatReleased),
    /// Definitive.
    Admitted(published::Admitted),
    /// Lapsed.
    Lapsed(published::Lapsed),
}

/// What other systems hear of a step from one standing to the next: the one mapping.
#[must_use]
pub fn published(before: &Standing, kept: &Kept, period: u32, at: Timestamp) -> Vec<Published> {
    let (dossier_id, filiere) = (kept.candidature.dossier.to_string(), kept.filiere.0.clone());
    let after = &kept.candidature.standing;
    let mut facts = Vec::new();
    let lapses = matches!(after, Standing::Lapsed(_));
    if let Some(left) = before.seat().filter(|school| after.seat() != Some(school) && !lapses) {
        let (dossier_id, filiere) = (dossier_id.clone(), filiere.clone());
        facts.push(Published::Released(published::SeatReleased {
            dossier_id,
            school: left.0.clone(),
            filiere,
            period,
        }));
    }
    if before == after {
        return facts;
    }
    let held = |school: &SchoolId, definitive| {
        let (dossier_id, filiere) = (dossier_id.clone(), filiere.clone());
        Published::Held(published::SeatHeld { dossier_id, school: school.0.clone(), filiere, definitive })
    };
    match after {
        Standing::Proposed(school) => {
            let school = school.0.clone();
            facts.push(Published::Proposed(published::SeatProposed { dossier_id, school, filiere, period }));
        }
        Standing::Holding(school) => facts.push(held(school, false)),
        Standing::Accepted(school) => facts.push(held(school, true)),
        Standing::Admitted(school) => {
            let (school, at) = (school.0.clone(), Some(at.into()));
            facts.push(Published::Admitted(published::Admitted { dossier_id, school, filiere, at }));
        }
        Standing::Lapsed(school) => {
            let (school, at) = (school.0.clone(), Some(at.into()));
            facts.push(Published::Lapsed(published::Lapsed { dossier_id, school, filiere, at }));
        }
        Standing::NotRetained
        | Standing::Waiting
        | Standing::Resigned
        | Standing::Eliminated(_)
        | Standing::Annulled => {}
    }
    facts
}

/// The fact that a candidature stands where it does.
#[must_use]
pub fn situation_changed(kept: &Kept, answer: Option<Answer>, at: Timestamp) -> api::SituationChanged {
    let standing = &kept.candidature.standing;
    let (state, elimination_reason) = state(standing);
    api::SituationChanged {
        dossier_id: kept.candidature.dossier.to_string(),
        state: state.into(),
        school: school(standing).unwrap_or_default(),
        filiere: kept.filiere.0.clone(),
        period: kept.period,
        answer: answer.map_or(api::Answer::Unspecified, answer_out).into(),
        elimination_reason: elimination_reason.into(),
        at: Some(at.into()),
    }
}

/// The school of a proposal or seat, also of one that lapsed.
#[must_use]
pub fn school(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Lapsed(school) => Some(school.0.clone()),
        other => other.seat().map(|school| school.0.clone()),
    }
}

/// A standing as state and reason.
#[must_use]
pub fn state(standing: &Standing) -> (api::State, api::EliminationReason) {
    let state = match standing {
        Standing::NotRetained => api::State::NotRetained,
        Standing::Waiting => api::State::Waiting,
        Standing::Proposed(_) => api::State::Proposed,
        Standing::Holding(_) => api::State::Holding,
        Standing::Accepted(_) => api::State::Accepted,
        Standing::Admitted(_) => api::State::Admitted,
        Standing::Lapsed(_) => api::State::Lapsed,
        Standing::Resigned => api::State::Resigned,
        Standing::Eliminated(_) => api::State::Eliminated,
        Standing::Annulled => api::State::Annulled,
    };
    let reason = match standing {
        Standing::Eliminated(reason) => reason_out(*reason),
        _ => api::EliminationReason::Unspecified,
    };
    (state, reason)
}

/// The reason of an elimination.
#[must_use]
pub fn reason_out(reason: Reason) -> api::EliminationReason {
    match reason {
        Reason::NoLogin => api::EliminationReason::NoLogin,
        Reason::NoAnswer => api::EliminationReason::NoAnswer,
    }
}

/// An answer, out.
#[must_use]
pub fn answer_out(answer: Answer) -> api::Answer {
    match answer {
        Answer::OuiDefinitif => api::Answer::OuiDefinitif,
        Answer::OuiMais => api::Answer::OuiMais,
        Answer::NonMais => api::Answer::NonMais,
        Answer::Attente => api::Answer::Attente,
        Answer::Non => api::Answer::Non,
    }
}

/// An answer, in; none if unspecified or of a later version.
#[must_use]
pub fn answer_in(answer: i32) -> Option<Answer> {
    match api::Answer::try_from(answer).ok()? {
        api::Answer::OuiDefinitif => Some(Answer::OuiDefinitif),
        api::Answer::OuiMais => Some(Answer::OuiMais),
        api::Answer::NonMais => Some(Answer::NonMais),
        api::Answer::Attente => Some(Answer::Attente),
        api::Answer::Non => Some(Answer::Non),
        api::Answer::Unspecified => None,
    }
}

/// Names of schools.
pub fn names<'a>(schools: impl IntoIterator<Item = &'a SchoolId>) -> Vec<String> {
    schools.into_iter().map(|school| school.0.clone()).collect()
}

/// An allowed answer.
#[must_use]
pub fn allowed(allowed: &Allowed) -> api::AllowedAnswer {
    api::AllowedAnswer {
        answer: answer_out(allowed.answer).into(),
        holds: allowed.holds.as_ref().map(|school| school.0.clone()).unwrap_or_default(),
        keeps: names(&allowed.keeps),
        gives_up: names(&allowed.gives_up),
        needs_confirmation: allowed.needs_confirmation,
        better_proposal_releases: allowed.better_proposal_releases(),
    }
}

/// One school of an explanation; `choice` is its 1-based place in the order.
#[must_use]
pub fn explained(explained: &SchoolExplanation, choice: u32) -> api::SchoolExplanation {
    let reason = match explained.why {
        Why::Proposed => api::Reason::Proposed,
        Why::Held => api::Reason::Held,
        Why::BetterObtained => api::Reason::BetterObtained,
        Why::RankNotReached => api::Reason::RankNotReached,
        Why::NotOnTable => api::Reason::NotOnTable,
        Why::GivenUp => api::Reason::GivenUp,
        Why::Out => api::Reason::Out,
    };
    api::SchoolExplanation {
        school: explained.school.0.clone(),
        choice,
        rank: explained.rank.unwrap_or(0),
        seats: explained.cell.seats,
        last_called: explained.cell.last_called,
        reason: reason.into(),
    }
}

/// The cell of a school in a filière.
#[must_use]
pub fn cell(school: &SchoolId, filiere: &FiliereId, cell: Cell) -> api::CellResult {
    api::CellResult {
        school: school.0.clone(),
        filiere: filiere.0.clone(),
        seats: cell.seats,
        taken: cell.taken,
        last_called: cell.last_called,
    }
}

/// The title pieces of a candidate.
#[must_use]
pub fn titles(file: &TitleFile) -> Vec<api::TitlePiece> {
    let pieces = file.pieces().map(|(piece, state)| {
        let (state, deposited_at, reason) = match state {
            PieceState::Missing => (api::TitlePieceState::Missing, None, String::new()),
            PieceState::Deposited(at) => (api::TitlePieceState::Deposited, Some(at.into()), String::new()),
            PieceState::Accepted(at) => (api::TitlePieceState::Accepted, Some(at.into()), String::new()),
            PieceState::Refused(at, why) => (api::TitlePieceState::Refused, Some(at.into()), why),
        };
        // What was in the dossier at clôture bears a name-based id of ours: intake knows nothing by it.
        let deposit = file.deposits.get(piece).filter(|deposit| deposit.id.get_version_num() != 5);
        let piece_id = deposit.map(|deposit| deposit.id.to_string()).unwrap_or_default();
        api::TitlePiece { piece: piece.clone(), state: state.into(), deposited_at, reason, piece_id }
    });
    pieces.collect()
}
