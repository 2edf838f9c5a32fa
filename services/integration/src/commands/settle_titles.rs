//! Admissions sous réserve become definitive or lapse (R34).

use jiff::Timestamp;
use platform::db::{DbError, Tx};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Regulation,
    tell::{Step, tell},
};
use crate::{
    calendar::Calendar,
    domain::{
        candidature::Standing,
        titles::{Deposit, Outcome, PieceId, TitleFile},
    },
    store::{self, Kept, answers::Actor, titles},
};

/// The title deadline's instant has come. Until this has run nobody lapses, whatever the clock says.
///
/// # Errors
/// The database does not answer.
pub async fn due(tx: &mut Tx, regulation: &Regulation, due: Timestamp) -> Result<(), DbError> {
    store::lock_round(tx).await?;
    titles::pass_deadline(tx, due).await?;
    settle_all(tx, regulation, due).await
}

/// Settles everyone: at a close, and at the title deadline.
///
/// # Errors
/// The database does not answer.
pub async fn settle_all(tx: &mut Tx, regulation: &Regulation, at: Timestamp) -> Result<(), DbError> {
    let all = store::all_for_update(tx).await?;
    settle(tx, regulation, all, at).await.map(drop)
}

/// Settles one candidature, locked by this, after a deposit or a review.
///
/// # Errors
/// The database does not answer.
pub async fn settle_one(
    tx: &mut Tx,
    regulation: &Regulation,
    dossier: Uuid,
    at: Timestamp,
) -> Result<Option<Kept>, DbError> {
    let Some(kept) = store::find_for_update(tx, dossier).await? else { return Ok(None) };
    let settled = settle(tx, regulation, vec![kept.clone()], at).await?;
    Ok(Some(settled.into_iter().next().unwrap_or(kept)))
}

async fn settle(tx: &mut Tx, regulation: &Regulation, all: Vec<Kept>, at: Timestamp) -> Result<Vec<Kept>, DbError> {
    let calendar = Calendar::load(tx.conn(), regulation.periods()).await?;
    let passed = titles::passed_deadline(tx.conn()).await?.is_some();
    let only = if let [kept] = all.as_slice() { Some(kept.candidature.dossier.0) } else { None };
    let mut deposits = titles::deposits(tx.conn(), only).await?;
    let mut steps = Vec::new();
    for mut kept in all {
        let deposits = deposits.remove(&kept.candidature.dossier.0).unwrap_or_default();
        let file = file(regulation, &calendar, &kept.filiere.0, deposits);
        let before = kept.candidature.standing.clone();
        kept.candidature.standing = match (before.clone(), file.outcome(passed)) {
            (Standing::Accepted(school) | Standing::Lapsed(school), Outcome::Definitive) => Standing::Admitted(school),
            (Standing::Accepted(school), Outcome::Lapses(_)) => Standing::Lapsed(school),
            // The deposit was made in time and heard of only now.
            (Standing::Lapsed(school), Outcome::Pending) => Standing::Accepted(school),
            (unsettled, _) => unsettled,
        };
        if kept.candidature.standing != before {
            steps.push(Step::to(kept, before, None));
        }
    }
    tell(tx, steps, at, &Actor::calendar()).await
}

/// The title file of one candidate.
///
/// # Errors
/// The database does not answer.
pub async fn file_of(
    conn: &mut PgConnection,
    regulation: &Regulation,
    calendar: &Calendar,
    kept: &Kept,
) -> Result<TitleFile, DbError> {
    let dossier = kept.candidature.dossier.0;
    let deposits = titles::deposits(conn, Some(dossier)).await?.remove(&dossier).unwrap_or_default();
    Ok(file(regulation, calendar, &kept.filiere.0, deposits))
}

/// A title file from deposits; before the calendar is known, all of them count.
#[must_use]
pub fn file(
    regulation: &Regulation,
    calendar: &Calendar,
    filiere: &str,
    deposits: Vec<(PieceId, Deposit)>,
) -> TitleFile {
    let deadline = calendar.titles_due().unwrap_or(Timestamp::MAX);
    TitleFile::new(regulation.required_titles(filiere), deposits, deadline)
}
