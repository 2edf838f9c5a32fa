//! Hears the calendar, keeps it, acknowledges it.

use std::sync::Arc;

use contracts::{Fact, calendar_acknowledged_subject, machinery, subjects};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
    outbox::{self, Outgoing},
};

/// The listener that keeps this service's calendar.
pub(crate) struct Projection {
    clock: Clock,
    /// Wakes the driver once a version is stored.
    changed: Arc<Notify>,
}

impl Projection {
    pub fn new(clock: Clock, changed: Arc<Notify>) -> Self {
        Self { clock, changed }
    }
}

/// A fact that is told by every service, under its own name.
const ACKNOWLEDGED: &str = "calendar_acknowledged";

#[tonic::async_trait]
impl Listener for Projection {
    fn subjects(&self) -> Vec<String> {
        vec![machinery::CalendarChanged::subject()]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let calendar: machinery::CalendarChanged = event.decode()?;
        if !newer(tx, &calendar).await? {
            return Ok(());
        }
        store(tx, &calendar).await?;
        let service = tx.service();
        let acknowledged = machinery::CalendarAcknowledged { service: service.to_owned(), version: calendar.version };
        let told = Outgoing {
            stream: subjects::FACTS,
            subject: calendar_acknowledged_subject(service),
            kind: format!("{service}.{ACKNOWLEDGED}"),
            aggregate: service.to_owned(),
            version: calendar.version,
            at: self.clock.now(),
        };
        outbox::insert(tx, told, &acknowledged).await?;
        let changed = self.changed.clone();
        tx.after_commit(move |_| changed.notify_one());
        Ok(())
    }
}

/// Takes the version as this service's own, unless it has that or a later one.
async fn newer(tx: &mut Tx, calendar: &machinery::CalendarChanged) -> Result<bool, HandleError> {
    let taken = sqlx::query!(
        "insert into platform.calendar as mine (version, zone) values ($1, $2)
         on conflict (single) do update set version = excluded.version, zone = excluded.zone
         where mine.version < excluded.version",
        calendar.version.cast_signed(),
        calendar.zone,
    )
    .execute(tx.conn())
    .await?;
    Ok(taken.rows_affected() == 1)
}

async fn store(tx: &mut Tx, calendar: &machinery::CalendarChanged) -> Result<(), HandleError> {
    let mut keys = Vec::new();
    let mut positions = Vec::new();
    let mut due = Vec::new();
    let mut fired = Vec::new();
    for (transition, position) in calendar.transitions.iter().zip(0i32..) {
        let instant = transition.due_at.ok_or_else(|| HandleError::reject("a transition without an instant"))?;
        keys.push(transition.key.clone());
        positions.push(position);
        due.push(Timestamp::try_from(instant).map_err(HandleError::reject)?.to_sqlx());
        let instant = transition.fired_at.map(Timestamp::try_from).transpose().map_err(HandleError::reject)?;
        fired.push(instant.map(|i| i.to_sqlx()));
    }
    // A transition that was handled and is now due later was reopened: it is due again, and its windows are open.
    let reopened = sqlx::query_scalar!(
        "with new as (select * from unnest($1::text[], $2::timestamptz[]) as n (key, due_at))
         update platform.transitions t set handled_at = null from new
         where t.key = new.key and t.handled_at is not null and new.due_at > t.due_at
         returning t.key",
        &keys,
        &due as &[jiff_sqlx::Timestamp],
    )
    .fetch_all(tx.conn())
    .await?;
    if !reopened.is_empty() {
        sqlx::query!("update platform.windows set closed = false where closes = any($1)", &reopened)
            .execute(tx.conn())
            .await?;
    }
    sqlx::query!(
        "insert into platform.transitions (key, position, due_at, fired_at)
         select * from unnest($1::text[], $2::integer[], $3::timestamptz[], $4::timestamptz[])
         on conflict (key) do update
         set position = excluded.position, due_at = excluded.due_at, fired_at = excluded.fired_at",
        &keys,
        &positions,
        &due as &[jiff_sqlx::Timestamp],
        &fired as &[Option<jiff_sqlx::Timestamp>],
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from platform.transitions where key <> all($1)", &keys).execute(tx.conn()).await?;
    Ok(())
}
