//! The reminders' round: what the calendar says is due, queued once for those it concerns (R13, R35).

use std::collections::BTreeMap;

use jiff::Timestamp;
use notice::keys;
use platform::{calendar, db::DbError};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{RoundError, send::silence};
use crate::{
    app::App,
    domain::{
        Kind,
        reminders::{Moment, Subject, Window, current},
    },
    store::{self, About, Fired, NewMail},
};

/// A moment that has come and is not fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    key: String,
    moment: Moment,
    /// It was looked at, and its period was not published yet.
    pub held: bool,
}

/// What is due at `now` and was not fired.
///
/// # Errors
/// The database does not answer.
pub async fn due(app: &App, conn: &mut PgConnection, now: Timestamp) -> Result<Vec<Due>, DbError> {
    let mut windows = vec![(Subject::Deposits, keys::PLATFORM_OPENS.to_owned(), keys::DEPOSITS_CLOSE.to_owned())];
    windows.extend(app.session.periods.iter().map(|period| {
        let number = period.number;
        (Subject::Period(number), keys::period_opens(number), keys::period_closes(number))
    }));
    let all: Vec<String> = windows.iter().flat_map(|(_, opens, closes)| [opens.clone(), closes.clone()]).collect();
    let instants: BTreeMap<String, Timestamp> = calendar::instants(conn, &all).await?;
    let mut due = Vec::new();
    for (subject, opens, key) in windows {
        let (Some(&opens), Some(&closes)) = (instants.get(&opens), instants.get(&key)) else { continue };
        let before = if subject == Subject::Deposits { &app.deposit_reminders } else { &app.period_reminders };
        due.extend(current(Window { subject, opens, closes }, before, now).map(|moment| Due {
            key,
            moment,
            held: false,
        }));
    }
    if due.is_empty() {
        return Ok(due);
    }
    let fired = store::fired(conn).await?;
    let of = |due: &Due, fired: &Fired| {
        (fired.transition == due.key, fired.closes == due.moment.closes, fired.due == due.moment.due)
            == (true, true, true)
    };
    due.retain(|one| !fired.iter().any(|fired| fired.fired && of(one, fired)));
    for one in &mut due {
        one.held = fired.iter().any(|fired| of(one, fired));
    }
    Ok(due)
}

/// Queues the mails of every moment that has come. Gives how many.
///
/// # Errors
/// The database, or integration, was away.
pub async fn round(app: &App) -> Result<u64, RoundError> {
    let now = app.clock.now();
    let due = due(app, &mut *app.db.read().await?, now).await?;
    let mut queued = 0;
    for one in due {
        queued += match one.moment.subject {
            Subject::Deposits => deposits(app, &one, now).await?,
            Subject::Period(number) => period(app, &one, number, now).await?,
        };
    }
    Ok(queued)
}

fn mail(kind: Kind, dossier: Uuid, due: &Due, period: Option<u32>) -> NewMail {
    let cause = format!("{}@{}/{}", due.key, due.moment.closes, due.moment.due);
    NewMail { kind, dossier: Some(dossier), cause, at: due.moment.due, about: About { period, ..About::default() } }
}

async fn deposits(app: &App, due: &Due, now: Timestamp) -> Result<u64, RoundError> {
    let mut tx = app.db.begin("fire_reminder").await?;
    if !store::fire(&mut tx, &due.key, due.moment.closes, due.moment.due, now).await? {
        return Ok(0);
    }
    let open = store::open_dossiers(&mut tx).await?;
    let mails: Vec<NewMail> = open.into_iter().map(|id| mail(Kind::DepositReminder, id, due, None)).collect();
    let queued = store::queue(&mut tx, &mails, now).await?;
    tx.commit().await?;
    tracing::info!(transition = %due.key, due = %due.moment.due, queued, "reminder");
    Ok(queued)
}

async fn period(app: &App, due: &Due, number: u32, now: Timestamp) -> Result<u64, RoundError> {
    let Some(silent) = silence(app, number).await? else {
        // What it would tell is under embargo (R19); it is looked at again.
        let mut tx = app.db.begin("hold_reminder").await?;
        store::hold(&mut tx, &due.key, due.moment.closes, due.moment.due).await?;
        tx.commit().await?;
        return Ok(0);
    };
    let (unseen, unanswered) = (&silent.not_logged_in, &silent.not_answered);
    let mut tx = app.db.begin("fire_reminder").await?;
    if !store::fire(&mut tx, &due.key, due.moment.closes, due.moment.due, now).await? {
        return Ok(0);
    }
    let seen_to = if due.moment.opening { Kind::PeriodOpened } else { Kind::PeriodLogIn };
    // A proposal is told of when it is made; whoever has one unanswered is reminded of that rather than to sign in.
    let mut mails: Vec<NewMail> =
        unseen.difference(unanswered).map(|id| mail(seen_to, *id, due, Some(number))).collect();
    if !due.moment.opening {
        mails.extend(unanswered.iter().map(|id| mail(Kind::PeriodAnswer, *id, due, Some(number))));
    }
    let queued = store::queue(&mut tx, &mails, now).await?;
    tx.commit().await?;
    tracing::info!(transition = %due.key, due = %due.moment.due, queued, "reminder");
    Ok(queued)
}
