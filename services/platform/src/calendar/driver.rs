//! Acts on fired transitions: one after another, each exactly once, across replicas and restarts.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Effects, Window};
use crate::{
    clock::Clock,
    db::{Db, Tx},
    inbox::HandleError,
    watchdog,
};

/// How often it looks without being woken: another replica may have stored the calendar.
const EVERY: Duration = Duration::from_millis(500);
/// The longest pause between tries of an effect that fails.
const LONGEST: Duration = Duration::from_secs(10);
/// From this try on, a failing effect is an alarm.
const ALARM_FROM: u32 = 3;

/// Runs a service's effects.
pub(crate) struct Driver {
    db: Db,
    clock: Clock,
    windows: Vec<Window>,
    effects: Vec<Arc<dyn Effects>>,
    keys: Vec<String>,
    /// Real time between a closing instant and the close, longer than the edge's request timeout.
    grace: Duration,
    changed: Arc<Notify>,
}

struct Due {
    key: String,
    due_at: Timestamp,
    fired: bool,
}

impl Driver {
    pub fn new(
        db: Db,
        clock: Clock,
        windows: Vec<Window>,
        effects: Vec<Arc<dyn Effects>>,
        grace: Duration,
        changed: Arc<Notify>,
    ) -> Self {
        let of_windows = windows.iter().flat_map(|w| [w.opens.clone(), w.closes.clone()]);
        let of_effects = effects.iter().flat_map(|e| e.keys());
        let keys: BTreeSet<String> = of_windows.chain(of_effects).collect();
        Self { db, clock, windows, effects, keys: keys.into_iter().collect(), grace, changed }
    }

    /// Transitions this service acts on.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Acts until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        if self.keys.is_empty() {
            return;
        }
        let (mut tries, mut pause) = (0, Duration::from_millis(50));
        while !stop.is_cancelled() {
            let stepped = tokio::select! {
                biased;
                () = stop.cancelled(), if tries == 0 => return,
                stepped = self.step(&stop) => stepped,
            };
            match stepped {
                Ok(true) => (tries, pause) = (0, Duration::from_millis(50)),
                Ok(false) => {
                    (tries, pause) = (0, Duration::from_millis(50));
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = self.changed.notified() => {}
                        () = tokio::time::sleep(EVERY) => {}
                    }
                }
                Err(error) => {
                    tries += 1;
                    if tries >= ALARM_FROM {
                        watchdog::alarm(
                            "effect_fails",
                            &format!("a transition cannot be handled (try {tries}): {error}"),
                        );
                    } else {
                        tracing::warn!(%error, tries, "a transition could not be handled; trying again");
                    }
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST);
                }
            }
        }
    }

    /// Handles the next transition if it has fired. Never one before an earlier one.
    async fn step(&self, stop: &CancellationToken) -> Result<bool, HandleError> {
        let Some(next) = self.next().await?.filter(|next| next.fired) else { return Ok(false) };
        // The scheduler's clock was there; stamps of this process's may not be yet.
        tokio::select! {
            () = stop.cancelled() => return Ok(false),
            () = self.clock.sleep_until(next.due_at) => {}
        }
        let mut closing: Vec<&str> =
            self.windows.iter().filter(|w| w.closes == next.key).map(|w| w.name.as_str()).collect();
        closing.sort_unstable();
        if !closing.is_empty() {
            // No lock is held: requests stamped in time come through, later ones are refused by their stamp.
            tokio::select! {
                () = stop.cancelled() => return Ok(false),
                () = tokio::time::sleep(self.grace) => {}
            }
        }
        self.handle(&next, &closing).await?;
        Ok(true)
    }

    async fn next(&self) -> Result<Option<Due>, HandleError> {
        let mut conn = self.db.read().await?;
        let row = sqlx::query!(
            r#"select key, due_at, fired_at is not null as "fired!" from platform.transitions
               where key = any($1) and handled_at is null order by due_at, position limit 1"#,
            &self.keys,
        )
        .fetch_optional(&mut *conn)
        .await?;
        Ok(row.map(|r| Due { key: r.key, due_at: r.due_at.to_jiff(), fired: r.fired }))
    }

    async fn handle(&self, next: &Due, closing: &[&str]) -> Result<(), HandleError> {
        let mut tx = self.db.begin("transition").await?;
        // Another replica may be at it, or have done it; or the calendar may have moved it meanwhile.
        let still = sqlx::query_scalar!(
            "select key from platform.transitions
             where key = $1 and due_at = $2 and fired_at is not null and handled_at is null for update",
            next.key,
            next.due_at.to_sqlx(),
        )
        .fetch_optional(tx.conn())
        .await?;
        if still.is_none() {
            return Ok(tx.rollback().await?);
        }
        for window in closing {
            sqlx::query!("select pg_advisory_xact_lock(hashtextextended('platform.window:' || $1, 0))", window)
                .fetch_one(tx.conn())
                .await?;
        }
        sqlx::query!("update platform.windows set closed = true where closes = $1", next.key)
            .execute(tx.conn())
            .await?;
        AssertUnwindSafe(self.act(&mut tx, next))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(HandleError::retry("the effect panicked")))?;
        sqlx::query!(
            "update platform.transitions set handled_at = $2 where key = $1",
            next.key,
            self.clock.now().to_sqlx(),
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        tracing::info!(key = %next.key, due = %next.due_at, "transition handled");
        Ok(())
    }

    async fn act(&self, tx: &mut Tx, next: &Due) -> Result<(), HandleError> {
        for effect in &self.effects {
            if effect.keys().contains(&next.key) {
                effect.at(tx, &next.key, next.due_at).await?;
            }
        }
        Ok(())
    }
}
