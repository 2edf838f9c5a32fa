//! Where a candidate stands and the next thing to do, by when: at every moment of the year something is said (R35).
//!
//! Decided from what the services answered to this one request, so that nothing can be told here that they hold back
//! (R19): what is not published is absent, and its absence reads the same for everyone. Pure: plain data in, plain data
//! out; it speaks of the services' own messages, so it does not live with the domain.

mod kinds;
#[cfg(test)]
mod tests;

use contracts::{
    intake::{Dossier, DossierState, MissingThing, Verdict},
    integration::{Answer, NextStep, Situation, State, TitlePieceState},
    jury::{AdmissibilityResult, Outcome, Result as JuryResult},
    payments::{Fee, FeeStatus},
    scheduling::Convocation,
};
use jiff::Timestamp;

pub use kinds::{Place, Silence, What};

/// The session's instants that a candidate goes by (R4), as they stand after any move (R5). UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dates {
    /// Dossiers can be begun from here.
    pub opens: Timestamp,
    /// Deposits close; this instant is out (R2).
    pub deposits_close: Timestamp,
    /// Fees still unsettled are listed (R22).
    pub fees_listed: Timestamp,
    /// Admissibility results.
    pub admissibility: Timestamp,
    /// Admission results.
    pub admission: Timestamp,
    /// Opening of the first period.
    pub first_period: Timestamp,
    /// Titles had to be deposited before this.
    pub titles_due: Timestamp,
}

/// What the services answered. What is absent is not there, not published, or not for whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Whoever looks is a relative with a mandate, who sees nothing of the dossier (R36).
    pub mandate: bool,
    /// Intake.
    pub dossier: Option<Dossier>,
    /// Intake: what an open dossier still lacks.
    pub missing: Vec<MissingThing>,
    /// Payments.
    pub fee: Option<Fee>,
    /// Jury, from the admissibility results on.
    pub admissibility: Option<AdmissibilityResult>,
    /// Scheduling, once convened.
    pub convocation: Option<Convocation>,
    /// Jury, from the admission results on.
    pub result: Option<JuryResult>,
    /// Integration, from the first opening on.
    pub situation: Option<Situation>,
}

/// One thing to do, by when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub what: What,
    /// By when, or from when on. UTC; none where no instant is known or it has passed.
    pub at: Option<Timestamp>,
}

/// What stands on the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where they stand.
    pub place: Place,
    /// The next thing to do.
    pub next: Step,
    /// What is to be done besides.
    pub also: Vec<Step>,
}

/// Where a candidate stands at `now`, and what to do.
#[must_use]
pub fn standing(known: &Known, dates: &Dates, now: Timestamp) -> Standing {
    let (place, what, at) = stand(known, dates, now);
    let main = Step { what, at: at.filter(|at| *at > now) };
    let mut steps = besides(known, dates, now, place);
    // Silence on a proposal eliminates: nothing goes before it. A piece that a school waits for goes before waiting.
    if matches!(main.what, What::Answer | What::Complete | What::Close)
        || steps.first().map(|s| s.what) != Some(What::Correct)
    {
        steps.insert(0, main);
    } else {
        steps.insert(1, main);
    }
    let next = steps.remove(0);
    Standing { place, next, also: steps }
}

type At = (Place, What, Option<Timestamp>);

fn stand(known: &Known, dates: &Dates, now: Timestamp) -> At {
    if known.dossier.as_ref().is_some_and(|dossier| dossier.annulled_at.is_some()) {
        return (Place::Annulled, What::Nothing, None);
    }
    match &known.dossier {
        Some(dossier) if dossier.state() != DossierState::Closed => return not_closed(known, dossier, dates, now),
        None if !known.mandate => return no_dossier(dates, now),
        _ => {}
    }
    if known.admissibility.as_ref().is_some_and(|a| a.annulled) {
        return (Place::Annulled, What::Nothing, None);
    }
    let outcome = known.result.as_ref().map(JuryResult::outcome);
    match (&known.situation, outcome) {
        // Integration knows only that there is no table; the jury says why.
        (Some(situation), _) if !matches!(situation.state(), State::NotRetained | State::Unspecified) => {
            integrated(situation, dates)
        }
        (_, Some(outcome)) => judged(outcome, dates),
        (Some(_), None) => (Place::NotRetained, What::Nothing, None),
        (None, None) => before_admission(known, dates, now),
    }
}

fn no_dossier(dates: &Dates, now: Timestamp) -> At {
    if now < dates.opens {
        (Place::BeforeOpening, What::AwaitOpening, Some(dates.opens))
    } else if now < dates.deposits_close {
        (Place::NoDossier, What::OpenDossier, Some(dates.deposits_close))
    } else {
        (Place::TooLate, What::Nothing, None)
    }
}

fn not_closed(known: &Known, dossier: &Dossier, dates: &Dates, now: Timestamp) -> At {
    match dossier.state() {
        DossierState::Abandoned => (Place::Abandoned, What::Nothing, None),
        DossierState::Open if now < dates.deposits_close => {
            let what = if known.missing.is_empty() { What::Close } else { What::Complete };
            (Place::Open, what, Some(dates.deposits_close))
        }
        // The window is over; that it is also stored as over is a matter of moments.
        _ => (Place::NotClosed, What::Nothing, None),
    }
}

fn before_admission(known: &Known, dates: &Dates, now: Timestamp) -> At {
    match &known.admissibility {
        None if known.mandate => (Place::NothingPublic, What::AwaitAdmissibility, Some(dates.admissibility)),
        None => {
            let verdict = known.dossier.as_ref().map_or(Verdict::Unspecified, Dossier::verdict);
            let place = if correction_until(known, now).is_some() {
                Place::Correction
            } else if verdict == Verdict::Complete {
                Place::Verified
            } else {
                Place::ToVerify
            };
            (place, What::AwaitAdmissibility, Some(dates.admissibility))
        }
        Some(result) if !result.admissible => (Place::NotAdmissible, What::Nothing, None),
        Some(_) => match known.convocation.as_ref().and_then(span) {
            None => (Place::Admissible, What::AwaitConvocation, None),
            Some((begins, ends)) if now < ends => (Place::Convened, What::Come, Some(begins)),
            Some(_) => (Place::AfterOrals, What::AwaitAdmission, Some(dates.admission)),
        },
    }
}

fn judged(outcome: Outcome, dates: &Dates) -> At {
    match outcome {
        Outcome::Ranked => (Place::Ranked, What::AwaitProposals, Some(dates.first_period)),
        Outcome::NotRetained | Outcome::Unspecified => (Place::NotRetained, What::Nothing, None),
        Outcome::Eliminated => (Place::EliminatedAtOrals, What::Nothing, None),
        Outcome::NotAdmissible => (Place::NotAdmissible, What::Nothing, None),
        Outcome::Annulled => (Place::Annulled, What::Nothing, None),
    }
}

fn integrated(situation: &Situation, dates: &Dates) -> At {
    let closes = instant(situation.period_closes_at);
    let next_opens = instant(situation.next_period_opens_at);
    let open = situation.period_open;
    let answered = situation.answer() != Answer::Unspecified;
    match situation.state() {
        State::Proposed if open && !answered => (Place::Proposed, What::Answer, closes),
        State::Proposed if open => (Place::Answered, What::MayChange, closes),
        State::Holding if open => (Place::Holding, What::MayChange, closes),
        State::Waiting if open => match next_opens {
            Some(at) => (Place::Waiting, What::LogIn, Some(at)),
            None => (Place::Waiting, What::Nothing, None),
        },
        State::Holding if next_opens.is_some() => (Place::HoldingBetween, What::LogIn, next_opens),
        State::Waiting if next_opens.is_some() => (Place::WaitingBetween, What::LogIn, next_opens),
        // After the last close, or after one that is not carried out yet.
        State::Proposed | State::Holding => (Place::Closing, What::LookAgain, None),
        State::Waiting => (Place::NoSeat, What::Nothing, None),
        State::Accepted => match situation.next_step() {
            NextStep::DepositTitles => (
                Place::Reserve,
                What::DepositTitles,
                Some(instant(situation.titles_due_at).unwrap_or(dates.titles_due)),
            ),
            _ => (Place::ReserveAtSchool, What::AwaitSchool, None),
        },
        State::Admitted => (Place::Admitted, What::Nothing, None),
        State::Lapsed => (Place::Lapsed, What::Nothing, None),
        State::Resigned => (Place::Resigned, What::Nothing, None),
        State::Eliminated => (Place::Eliminated, What::Nothing, None),
        State::Annulled => (Place::Annulled, What::Nothing, None),
        State::NotRetained | State::Unspecified => (Place::NotRetained, What::Nothing, None),
    }
}

/// What is to be done besides, the most pressing first.
fn besides(known: &Known, dates: &Dates, now: Timestamp, place: Place) -> Vec<Step> {
    let mut steps = Vec::new();
    if !matches!(place, Place::Annulled)
        && let Some(until) = correction_until(known, now)
    {
        steps.push(Step { what: What::Correct, at: Some(until) });
    }
    let candidature = matches!(
        place,
        Place::ToVerify | Place::Verified | Place::Correction | Place::Admissible | Place::Convened | Place::AfterOrals
    );
    let owes = |fee: &Fee| matches!(fee.status(), FeeStatus::Due | FeeStatus::Short | FeeStatus::ExemptionRefused);
    if candidature && known.fee.as_ref().is_some_and(owes) {
        steps.push(Step { what: What::Pay, at: Some(dates.fees_listed).filter(|at| *at > now) });
    }
    if let Some(situation) = &known.situation {
        let says_yes = matches!(situation.answer(), Answer::OuiDefinitif | Answer::OuiMais);
        let seat = matches!(
            place,
            Place::Holding | Place::HoldingBetween | Place::Reserve | Place::ReserveAtSchool | Place::Admitted
        ) || (place == Place::Answered && says_yes);
        let lacks = |state| matches!(state, TitlePieceState::Missing | TitlePieceState::Refused);
        let titles = situation.titles.iter().any(|title| lacks(title.state()));
        if seat && titles && now < dates.titles_due && place != Place::Reserve {
            steps.push(Step { what: What::DepositTitles, at: Some(dates.titles_due) });
        }
        if seat && !situation.integration_dossier_received {
            steps.push(Step { what: What::IntegrationDossier, at: None });
        }
    }
    steps
}

/// What follows from saying nothing more in the open period; none when no period is open or nothing hangs on it.
/// Whoever reads it has been seen by that (R31).
#[must_use]
pub fn silence(situation: &Situation) -> Option<Silence> {
    if !situation.period_open {
        return None;
    }
    let answered = situation.answer() != Answer::Unspecified;
    match situation.state() {
        State::Proposed | State::Holding | State::Waiting if answered => Some(Silence::AnswerStands),
        State::Proposed => Some(Silence::Eliminates),
        State::Holding if situation.last_period => Some(Silence::BecomesAdmission),
        State::Holding => Some(Silence::KeepsSeat),
        State::Waiting => Some(Silence::CountsAsWaiting),
        _ => None,
    }
}

/// Still in the running, or with a seat: there is something that a NON would give up.
#[must_use]
pub fn in_the_running(known: &Known) -> bool {
    let closed = known.dossier.as_ref().is_some_and(|d| d.state() == DossierState::Closed && d.annulled_at.is_none());
    let out = match (&known.situation, &known.result, &known.admissibility) {
        (Some(situation), ..) => matches!(
            situation.state(),
            State::NotRetained | State::Resigned | State::Eliminated | State::Annulled | State::Lapsed
        ),
        (None, Some(result), _) => result.outcome() != Outcome::Ranked,
        (None, None, Some(admissibility)) => !admissibility.admissible,
        (None, None, None) => false,
    };
    closed && !out
}

/// The earliest instant by which a piece that is asked for again has to be deposited.
fn correction_until(known: &Known, now: Timestamp) -> Option<Timestamp> {
    let corrections = known.dossier.iter().flat_map(|dossier| &dossier.corrections);
    let waiting = corrections.filter(|c| c.deposited_piece_id.is_empty());
    waiting.filter_map(|c| instant(c.until)).filter(|until| *until > now).min()
}

/// Begin of the first exam and end of the last.
fn span(convocation: &Convocation) -> Option<(Timestamp, Timestamp)> {
    let slots = [convocation.interview.as_ref()?, convocation.english.as_ref()?];
    let begins = slots.iter().filter_map(|slot| instant(slot.begins_at)).min()?;
    let ends = slots.iter().filter_map(|slot| instant(slot.ends_at)).max()?;
    Some((begins, ends))
}

/// An instant of a message.
#[must_use]
pub fn instant(at: Option<contracts::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::try_from(at).ok())
}
