//! One event, one transaction: inbox row, effect, commit. Shared by delivery and by replay.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt as _;
use opentelemetry::{KeyValue, metrics::Counter};
use tracing::Instrument as _;

use super::{Envelope, HandleError, Listener};
use crate::{
    db::{Db, DbError, Tx},
    set_aside, telemetry,
};

/// A listener and the subjects it hears.
type Heard = (Vec<String>, Arc<dyn Listener>);

/// Everyone of this service who hears something.
#[derive(Clone)]
pub(crate) struct Hearing {
    pub db: Db,
    listeners: Arc<[Heard]>,
    events: Counter<u64>,
}

/// What became of an event.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Outcome {
    Handled,
    /// It was handled, or set aside, before.
    Duplicate,
    /// An earlier event of its aggregate waits for a person; it waits behind it now.
    Behind,
    /// Nobody here hears it.
    NotOurs,
}

impl Hearing {
    pub fn new(db: Db, listeners: Vec<Arc<dyn Listener>>) -> Self {
        let events = opentelemetry::global::meter("platform")
            .u64_counter("platform.inbox.events")
            .with_unit("{event}")
            .with_description("Tries to handle an event, by its type and what became of it")
            .build();
        Self { db, listeners: listeners.into_iter().map(|l| (l.subjects(), l)).collect(), events }
    }

    /// The consumer's name: this service.
    pub fn consumer(&self) -> &'static str {
        self.db.service()
    }

    /// What to ask the broker for, sorted.
    pub fn subjects(&self) -> Vec<String> {
        let mut all: Vec<String> = self.listeners.iter().flat_map(|(subjects, _)| subjects.clone()).collect();
        all.sort();
        all.dedup();
        // The broker refuses overlapping filters.
        let copy = all.clone();
        all.retain(|s| !copy.iter().any(|wider| wider != s && matches(wider, s)));
        all
    }

    /// Whether some of these subjects were not heard so far.
    pub async fn hears_more(&self, subjects: &[String]) -> Result<bool, DbError> {
        let mut conn = self.db.read().await?;
        let more = sqlx::query_scalar!(
            r#"select exists (select unnest($2::text[]) except select subject from platform.heard where consumer = $1)
               as "more!""#,
            self.consumer(),
            subjects,
        )
        .fetch_one(&mut *conn)
        .await?;
        Ok(more)
    }

    /// From here on exactly these subjects are heard.
    pub async fn remember(&self, subjects: &[String]) -> Result<(), DbError> {
        let mut tx = self.db.begin("hear_these").await?;
        sqlx::query!(
            "with gone as (delete from platform.heard where consumer = $1 and subject <> all ($2))
             insert into platform.heard (consumer, subject) select $1, unnest($2::text[]) on conflict do nothing",
            self.consumer(),
            subjects,
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Handles an event that the broker delivered.
    pub async fn handle(&self, event: &Envelope) -> Result<Outcome, HandleError> {
        let span = tracing::info_span!("hear", otel.kind = "consumer", event = %event.kind, id = %event.id);
        telemetry::adopt(&span, event.traceparent.as_deref());
        let handled = guarded(self.once(event)).instrument(span).await;
        let outcome = match &handled {
            Ok(Outcome::Handled) => "handled",
            Ok(Outcome::Duplicate) => "duplicate",
            Ok(Outcome::Behind) => "behind",
            Ok(Outcome::NotOurs) => "not_ours",
            Err(HandleError::Reject(_)) => "rejected",
            Err(HandleError::Retry(_) | HandleError::Db(_)) => "failed",
        };
        self.events.add(1, &[KeyValue::new("event", event.kind.clone()), KeyValue::new("outcome", outcome)]);
        handled
    }

    async fn once(&self, event: &Envelope) -> Result<Outcome, HandleError> {
        let hearing: Vec<&Arc<dyn Listener>> = self.hearing(&event.subject).collect();
        if hearing.is_empty() {
            // For a newer version, which will ask for it: no row may say that it was handled.
            return Ok(Outcome::NotOurs);
        }
        let mut prepared = Vec::with_capacity(hearing.len());
        for listener in &hearing {
            prepared.push(listener.before(event).await?);
        }
        let mut tx = self.db.begin("hear").await?;
        let found = sqlx::query!(
            r#"with waiting as (select 1 from platform.set_aside
                                where consumer = $1 and aggregate = $3 and replayed_at is null limit 1),
                    known as (select 1 from platform.set_aside where consumer = $1 and event_id = $2),
                    fresh as (insert into platform.inbox (consumer, event_id)
                              select $1, $2 where not exists (select from waiting) and not exists (select from known)
                              on conflict do nothing returning 1)
               select exists (select from waiting) as "waiting!", exists (select from known) as "known!",
                      exists (select from fresh) as "fresh!""#,
            self.consumer(),
            event.id,
            event.lane(),
        )
        .fetch_one(tx.conn())
        .await?;
        if found.fresh {
            for (listener, prepared) in hearing.into_iter().zip(prepared) {
                tx.prepare(prepared);
                listener.handle(&mut tx, event).await?;
            }
            tx.commit().await?;
            return Ok(Outcome::Handled);
        }
        if found.waiting && !found.known {
            let outcome = set_aside::behind(&mut tx, self.consumer(), event).await?;
            tx.commit().await?;
            return Ok(outcome);
        }
        tx.rollback().await?;
        Ok(Outcome::Duplicate)
    }

    /// Handles an event again in a transaction that knows it as set aside. `before` has run.
    pub async fn again(&self, event: &Envelope) -> Result<(), HandleError> {
        guarded(async {
            let hearing: Vec<&Arc<dyn Listener>> = self.hearing(&event.subject).collect();
            let mut prepared = Vec::with_capacity(hearing.len());
            for listener in &hearing {
                prepared.push(listener.before(event).await?);
            }
            let mut tx = self.db.begin("replay").await?;
            if set_aside::take(&mut tx, self.consumer(), event).await? {
                for (listener, prepared) in hearing.into_iter().zip(prepared) {
                    tx.prepare(prepared);
                    listener.handle(&mut tx, event).await?;
                }
            }
            set_aside::done(&mut tx, self.consumer(), event).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    fn hearing<'a>(&'a self, subject: &'a str) -> impl Iterator<Item = &'a Arc<dyn Listener>> {
        self.listeners.iter().filter(move |(subjects, _)| subjects.iter().any(|s| matches(s, subject))).map(|(_, l)| l)
    }

    /// Sets an event aside with the error that it met.
    pub async fn set_aside(&self, event: &Envelope, tries: u32, error: &str) -> Result<(), HandleError> {
        let mut tx: Tx = self.db.begin("set_aside").await?;
        set_aside::store(&mut tx, self.consumer(), event, tries, error).await?;
        Ok(tx.commit().await?)
    }
}

/// A handler that panics has failed; the process goes on.
async fn guarded<T>(work: impl Future<Output = Result<T, HandleError>>) -> Result<T, HandleError> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(HandleError::retry(format!("the handler panicked: {said}")))
    })
}

/// A subject under a filter, as the broker compares them.
pub(crate) fn matches(filter: &str, subject: &str) -> bool {
    let mut tokens = subject.split('.');
    for wanted in filter.split('.') {
        match (wanted, tokens.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
    tokens.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn filters_match_as_the_broker_does() {
        assert!(matches("a.b", "a.b"));
        assert!(matches("a.*", "a.b"));
        assert!(matches("a.>", "a.b.c"));
        assert!(!matches("a.>", "a"));
        assert!(!matches("a.*", "a.b.c"));
        assert!(!matches("a.b", "a.c"));
        assert!(!matches("a.b.c", "a.b"));
    }
}
