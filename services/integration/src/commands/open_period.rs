//! A period opens: what was computed and checked becomes visible (R19, R29, R32), or is held back with an alarm.

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;

use super::{
    Fault, Regulation, alarm, compute,
    compute::Standings,
    tell::{Step, tell},
};
use crate::store::{
    self, Kept,
    answers::Actor,
    computations,
    periods::{self, Period},
    signed,
};

/// Why a period whose opening is due stays closed to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// Tables or orders of schools of the latest sign-off are missing.
    NotComputed,
    /// The independent checker objects (R38).
    CheckerObjects,
    /// Nobody confirmed the first publication (R19).
    NotConfirmed,
}

impl HeldBack {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotComputed => "NOT_COMPUTED",
            Self::CheckerObjects => "CHECKER_OBJECTS",
            Self::NotConfirmed => "NOT_CONFIRMED",
        }
    }
}

/// What keeps a period back, if anything: the first publication is confirmed by the jury, later ones go out once the
/// checker agrees, and two people can let out any.
///
/// # Errors
/// The database does not answer.
pub async fn held_back(conn: &mut PgConnection, period: &Period) -> Result<Option<HeldBack>, DbError> {
    let (Some(digest), Some(signature)) = (&period.outputs_digest, period.signature) else {
        return Ok(Some(HeldBack::NotComputed));
    };
    if period.override_confirmed.is_some() && period.override_digest.as_ref() == Some(digest) {
        return Ok(None);
    }
    // A correction is signed and its tables or orders are on their way: what it corrects must not go out meanwhile.
    let latest = signed::sign_offs(conn).await?.first().map(|sign_off| sign_off.signature);
    if latest != Some(signature) {
        return Ok(Some(HeldBack::NotComputed));
    }
    if !period.objections.is_empty() {
        return Ok(Some(HeldBack::CheckerObjects));
    }
    let confirmed = period.number > 1 || signed::is_published(conn, signature).await?;
    Ok((!confirmed).then_some(HeldBack::NotConfirmed))
}

/// The opening's instant has come.
///
/// # Errors
/// The database does not answer.
pub async fn due(tx: &mut Tx, regulation: &Regulation, number: u32, due: Timestamp) -> Result<(), Fault> {
    store::lock_round(tx).await?;
    periods::opening_is_due(tx, number, due).await?;
    // Computes what is missing and opens what can be opened.
    compute::try_compute(tx, regulation, due).await?;
    if let Some(period) = periods::find(tx.conn(), number).await?
        && period.opened_at.is_none()
    {
        let why = held_back(tx.conn(), &period).await?.map_or("PREDECESSOR_NOT_CLOSED", HeldBack::word);
        alarm("period_held_back", number, why);
    }
    Ok(())
}

/// Opens the period in preparation if its instant has come and nothing keeps it back.
///
/// # Errors
/// The database does not answer.
pub async fn try_open(tx: &mut Tx, regulation: &Regulation, standings: Standings, at: Timestamp) -> Result<(), Fault> {
    let Some(period) = periods::in_preparation(tx.conn()).await? else { return Ok(()) };
    let Some(due) = period.opening_due else { return Ok(()) };
    if held_back(tx.conn(), &period).await?.is_some() {
        return Ok(());
    }
    open(tx, regulation, &period, standings, at.max(due)).await
}

async fn open(
    tx: &mut Tx,
    regulation: &Regulation,
    period: &Period,
    standings: Standings,
    at: Timestamp,
) -> Result<(), Fault> {
    let proposals = computations::proposals(tx.conn(), period.number).await?;
    let proposals: std::collections::BTreeMap<_, _> =
        proposals.into_iter().map(|proposal| (proposal.dossier, proposal.school)).collect();
    // Read again under their locks: an answer may be on its way, a rank and a proposal may not.
    let locked = store::all_for_update(tx).await?;
    let Standings { signed, .. } = standings;
    let before = locked.clone();
    let prepared = compute::prepare(tx.conn(), locked, signed, period.number).await?;
    let (mut steps, mut quiet) = (Vec::new(), Vec::new());
    for (before, mut kept) in before.into_iter().zip(prepared.all) {
        let proposal = proposals.get(&kept.candidature.dossier);
        kept.candidature = kept.candidature.open_period(proposal);
        let told = kept.candidature.standing != before.candidature.standing
            || (period.number == 1 && !kept.candidature.standing.is_out());
        if told {
            kept.period = period.number;
            steps.push(Step::to(kept, before.candidature.standing, None));
        } else if kept != before {
            quiet.push(kept);
        }
    }
    store::save(tx, &quiet.iter().collect::<Vec<&Kept>>()).await?;
    let told = steps.len();
    tell(tx, steps, at, &Actor::calendar()).await?;
    periods::opened(tx, period.number, at).await?;
    tracing::info!(period = period.number, of = regulation.periods(), told, "period opened");
    Ok(())
}
