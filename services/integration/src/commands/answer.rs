//! A candidate answers (R30): kept as the answer that stands, in effect at the close; NON at once.

use jiff::Timestamp;
use platform::{calendar::WindowRefused, db::Tx, refusal::Refusal};
use uuid::Uuid;

use super::{
    Regulation, compute, record_login,
    tell::{Step, tell},
};
use crate::{
    calendar::Calendar,
    domain::answers::{Answer, AnswerRefused, Phase},
    queries, refusals,
    store::{
        self, Kept,
        answers::{self, Actor, Given},
        history, titles,
    },
};

/// The command.
#[derive(Debug, Clone)]
pub struct GiveAnswer {
    /// Whose.
    pub dossier: Uuid,
    /// Which.
    pub answer: Answer,
    /// What cannot be taken back was confirmed.
    pub confirmed: bool,
    /// By whom.
    pub actor: Actor,
    /// When it was received (R3).
    pub at: Timestamp,
}

/// What the candidate gets for it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The answer as it stands.
    pub given: Given,
    /// Last period that opened.
    pub period: u32,
    /// When it takes effect.
    pub takes_effect_at: Timestamp,
    /// It stood already.
    pub already_applied: bool,
}

/// Answers.
///
/// # Errors
/// What the situation does not allow, with what it does; nothing has changed then.
pub async fn answer(tx: &mut Tx, regulation: &Regulation, command: GiveAnswer) -> Result<Receipt, Refusal> {
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    let period = queries::published_period(tx.conn(), &calendar, command.at).await?;
    let phase = phase(tx, regulation, &calendar, &command, period).await?;
    if command.answer == Answer::Non {
        // It may change a computation that is not published yet: one at a time, and before the row's lock.
        store::lock_round(tx).await?;
    }
    if let Phase::Open { .. } = phase {
        record_login::record_login(tx, regulation, command.dossier, command.at, &command.actor).await?;
    }
    let kept = store::find_for_update(tx, command.dossier).await?.ok_or_else(refusals::no_candidature)?;
    if let Some(receipt) = repeated(tx, &calendar, &kept, &command, period, phase).await? {
        return Ok(receipt);
    }
    let meant = kept.candidature.answer(phase, command.answer, command.confirmed).map_err(|refused| match refused {
        AnswerRefused::NotAllowed { .. } if phase == Phase::Over => refusals::integration_over(),
        AnswerRefused::NotAllowed { allowed, .. } if phase == Phase::Between => {
            refusals::period_not_open(calendar.next_opening(command.at), &allowed)
        }
        other => other.into(),
    })?;

    let school = kept.candidature.standing.seat().map(|school| school.0.clone());
    let before = kept.candidature.standing.clone();
    let mut after = kept;
    after.period = after.period.max(period);
    let resigns = command.answer == Answer::Non;
    let step = if resigns {
        after.candidature = after.candidature.resign();
        Step { gives_up: meant.gives_up.clone(), ..Step::to(after, before, Some(command.answer)) }
    } else {
        Step { before, kept: after, what: "answered", answer: Some(command.answer), gives_up: meant.gives_up.clone() }
    };
    let told = tell(tx, vec![step], command.at, &command.actor).await?;
    let given = Given {
        dossier: command.dossier,
        answer: command.answer,
        school,
        at: command.at,
        actor: command.actor,
        version: told.first().map_or(0, |kept| kept.version),
        gives_up: crate::wire::names(&meant.gives_up),
    };
    if let Phase::Open { .. } = phase {
        answers::keep(tx, period, &given).await?;
    }
    if resigns {
        compute::try_compute(tx, regulation, command.at).await?;
    }
    let takes_effect_at = takes_effect(&calendar, period, &given);
    Ok(Receipt { given, period, takes_effect_at, already_applied: false })
}

/// Where the calendar stands for this answer. Everything but NON needs its period open; NON is heard at any time.
async fn phase(
    tx: &mut Tx,
    regulation: &Regulation,
    calendar: &Calendar,
    command: &GiveAnswer,
    published: u32,
) -> Result<Phase, Refusal> {
    // After a period's close it is that period's window that says whether the close is stored.
    let number = calendar.period_at(command.at).unwrap_or(published);
    if number != published {
        // Its proposals are held back: there is nothing to answer yet, but anyone may leave.
        let why = "this period's proposals are not published yet; try again later";
        let held_back = || Refusal::retry_later("PERIOD_HELD_BACK", format!("period/{number}"), why);
        return if command.answer == Answer::Non { Ok(Phase::Between) } else { Err(held_back()) };
    }
    match regulation.windows.guard(tx, &Regulation::window(number), command.at).await {
        Ok(()) => Ok(Phase::Open { last: number == regulation.periods() }),
        Err(WindowRefused::Closed { .. }) => {
            let over = titles::passed_deadline(tx.conn()).await?.is_some();
            Ok(if over { Phase::Over } else { Phase::Between })
        }
        Err(WindowRefused::Opening | WindowRefused::Closing) if command.answer == Answer::Non => Ok(Phase::Between),
        Err(refused) => Err(refused.into()),
    }
}

/// The same answer stands already: the same receipt, and nothing changes.
async fn repeated(
    tx: &mut Tx,
    calendar: &Calendar,
    kept: &Kept,
    command: &GiveAnswer,
    period: u32,
    phase: Phase,
) -> Result<Option<Receipt>, Refusal> {
    let standing = if matches!(phase, Phase::Open { .. }) || command.answer == Answer::Non {
        answers::standing(tx.conn(), period, command.dossier).await?
    } else {
        None
    };
    // An answer of someone who is out since (annulled, say) stands no more; a NON is what they are out by.
    let stands = |given: &Given| given.answer == Answer::Non || !kept.candidature.standing.is_out();
    let mut standing = standing.filter(|given| given.answer == command.answer && stands(given));
    if command.answer == Answer::Non && standing.is_none() {
        standing = resigned(tx, kept, command.dossier).await?;
    }
    Ok(standing.map(|given| {
        let takes_effect_at = takes_effect(calendar, period, &given);
        Receipt { given, period, takes_effect_at, already_applied: true }
    }))
}

/// The NON by which a candidate resigned between periods.
async fn resigned(tx: &mut Tx, kept: &Kept, dossier: Uuid) -> Result<Option<Given>, Refusal> {
    use crate::domain::candidature::Standing;
    if kept.candidature.standing != Standing::Resigned {
        return Ok(None);
    }
    let history = history::history(tx.conn(), dossier).await?;
    let entry = history.into_iter().rfind(|entry| entry.answer == Some(Answer::Non));
    Ok(entry.map(|entry| Given {
        dossier,
        answer: Answer::Non,
        school: entry.standing.1,
        at: entry.at,
        actor: entry.actor,
        version: entry.version,
        gives_up: Vec::new(),
    }))
}

fn takes_effect(calendar: &Calendar, period: u32, given: &Given) -> Timestamp {
    let close = calendar.closes(period).filter(|_| given.answer != Answer::Non);
    close.unwrap_or(given.at)
}
