//! A named, measured transaction.

use std::{any::Any, time::Instant};

use opentelemetry::KeyValue;
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;

use super::{Db, DbError};

/// What waits for a commit to succeed.
type AfterCommit = Box<dyn FnOnce(&Db) + Send>;

/// A named transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    pub(super) inner: Transaction<'static, Postgres>,
    pub(super) db: Db,
    pub(super) name: &'static str,
    pub(super) begun: Instant,
    pub(super) span: Span,
    pub(super) after: Vec<AfterCommit>,
    pub(super) prepared: Option<Box<dyn Any + Send>>,
    pub(super) _permit: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tx {
    /// The connection, for this service's own statements.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// The service whose database this is.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.db.service()
    }

    /// Runs `f` once the commit has succeeded.
    pub(crate) fn after_commit(&mut self, f: impl FnOnce(&Db) + Send + 'static) {
        self.after.push(Box::new(f));
    }

    /// What [`crate::inbox::Listener::before`] returned, once.
    pub fn prepared<T: Any + Send>(&mut self) -> Option<Box<T>> {
        match self.prepared.take()?.downcast() {
            Ok(found) => Some(found),
            Err(other) => {
                self.prepared = Some(other);
                None
            }
        }
    }

    pub(crate) fn prepare(&mut self, prepared: Option<Box<dyn Any + Send>>) {
        self.prepared = prepared;
    }

    /// Commits. After an error the outcome may be unknown (the connection broke while committing): repeat the
    /// command, it answers "already applied" if it was.
    ///
    /// # Errors
    /// A deferred constraint refused, or the connection broke.
    pub async fn commit(self) -> Result<(), DbError> {
        let Self { inner, db, name, begun, span, after, .. } = self;
        let done = inner.commit().await;
        measure(&db, name, begun, if done.is_ok() { "commit" } else { "error" });
        drop(span);
        done?;
        for f in after {
            f(&db);
        }
        Ok(())
    }

    /// Rolls back now rather than when the connection is next used.
    ///
    /// # Errors
    /// The connection broke; the transaction is rolled back all the same.
    pub async fn rollback(self) -> Result<(), DbError> {
        let done = self.inner.rollback().await;
        measure(&self.db, self.name, self.begun, "rollback");
        Ok(done?)
    }
}

fn measure(db: &Db, name: &'static str, begun: Instant, outcome: &'static str) {
    let labels = [KeyValue::new("transaction", name), KeyValue::new("outcome", outcome)];
    db.0.durations.record(begun.elapsed().as_secs_f64(), &labels);
}
