//! What runs beside the rest: the sender, the reminders, and the two who take what others want sent.

use std::time::Duration;

use futures::{FutureExt as _, future::BoxFuture};
use platform::{Wiring, db::DbError};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    commands::{RoundError, remind, send, take_accounts, take_invitations},
    store,
};

/// The longest pause after rounds that failed; real time.
const LONGEST: Duration = Duration::from_secs(60);

/// How often each looks for work, in real time.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// In our own tables.
    own: Duration,
    /// At other services.
    others: Duration,
}

impl Pace {
    /// The demo's clock jumps, and people wait for it.
    pub fn of(demo: bool) -> Self {
        let (own, others) = if demo { (25, 100) } else { (500, 2_000) };
        Self { own: Duration::from_millis(own), others: Duration::from_millis(others) }
    }
}

/// What a round found.
enum Found {
    /// There may be more at once.
    More,
    /// Nothing is left.
    Nothing,
    /// Something is left that did not work: wait longer.
    Trouble,
}

/// Hangs every task onto `wiring`. Each goes round by itself: never two at once in a process.
pub fn add(wiring: Wiring, app: &App, pace: Pace) -> Wiring {
    let taken = |failed: u32| if failed == 0 { Found::Nothing } else { Found::Trouble };
    let sent = |claimed: usize| if claimed == 0 { Found::Nothing } else { Found::More };
    wiring
        .task(
            "sender",
            task("sender", app, pace.own, move |app| async move { send::round(&app, false).await.map(sent) }.boxed()),
        )
        .task(
            "silent",
            task("silent", app, pace.own, move |app| async move { send::round(&app, true).await.map(sent) }.boxed()),
        )
        .task(
            "reminders",
            task("reminders", app, pace.own, |app| {
                async move { remind::round(&app).await.map(|_| Found::Nothing) }.boxed()
            }),
        )
        .task(
            "invitations",
            task("invitations", app, pace.others, move |app| {
                async move { take_invitations::round(&app).await.map(taken) }.boxed()
            }),
        )
        .task(
            "accounts",
            task("accounts", app, pace.others, move |app| {
                async move { take_accounts::round(&app).await.map(taken) }.boxed()
            }),
        )
}

type Round = BoxFuture<'static, Result<Found, RoundError>>;

fn task(
    name: &'static str,
    app: &App,
    every: Duration,
    round: impl Fn(App) -> Round + Send + 'static,
) -> impl FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send + 'static {
    let app = app.clone();
    move |stop| turning(name, every, stop, move || round(app.clone())).boxed()
}

/// Goes round until `stop`. A round that has begun ends; one that failed is followed by a pause that doubles up to a
/// minute.
async fn turning(name: &'static str, every: Duration, stop: CancellationToken, round: impl Fn() -> Round + Send) {
    let mut pause = every;
    while !stop.is_cancelled() {
        match round().await {
            Ok(Found::More) => {
                pause = every;
                continue;
            }
            Ok(Found::Nothing) => pause = every,
            Ok(Found::Trouble) => pause = (pause * 2).min(LONGEST),
            Err(error) => {
                if error.passes() {
                    tracing::debug!(task = name, %error, "again in a while");
                } else {
                    tracing::warn!(task = name, %error, "again in a while");
                }
                pause = (pause * 2).min(LONGEST);
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

/// Mails whose turn has come, and reminders that have come and wait for nothing.
pub async fn pending(app: App) -> Result<u64, DbError> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let due = remind::due(&app, &mut conn, now).await?;
    Ok(store::pending(&mut conn, now).await? + due.iter().filter(|one| !one.held).count() as u64)
}
