//! What a service hears: events of the stream of facts, each taken once.
//!
//! One durable pull consumer per service, one process at a time (a session's advisory lock, so that replicas stand
//! by), one queue per aggregate: order within an aggregate, aggregates side by side. The inbox row is inserted in the
//! transaction of the effect; acknowledgements only tell the broker.

use std::any::Any;

use async_nats::HeaderMap;
use bytes::Bytes;
use contracts::Fact;
use jiff::Timestamp;
use uuid::Uuid;

use crate::db::{DbError, Tx};

mod consumer;
mod hearing;
mod session;

pub use consumer::{Consumer, Patience, delivers};
pub(crate) use hearing::{Hearing, Outcome};

/// An error of any kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// One event as it was heard: CloudEvents 1.0, binary mode.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Unique for all time; what deduplication goes by.
    pub id: Uuid,
    /// `<service>.<fact>`.
    pub kind: String,
    /// The subject it travelled on.
    pub subject: String,
    /// The service that told it.
    pub source: String,
    /// When it became true, UTC.
    pub time: Timestamp,
    /// What it is about; order is kept per aggregate of one source.
    pub aggregate: String,
    /// The aggregate's version; apply only what is newer.
    pub version: u64,
    /// W3C trace context of the request that caused it.
    pub traceparent: Option<String>,
    /// The message as canonical proto3 JSON.
    pub data: Bytes,
}

/// A message whose headers or payload are not what its subject promises.
#[derive(Debug, thiserror::Error)]
#[error("{kind} on {subject} cannot be read: {why}")]
pub struct Unreadable {
    /// The type it claims.
    pub kind: String,
    /// The subject it travelled on.
    pub subject: String,
    /// What was wrong.
    pub why: String,
}

impl Envelope {
    /// It travels on `F`'s subject.
    #[must_use]
    pub fn is<F: Fact>(&self) -> bool {
        self.subject == F::subject()
    }

    /// Reads the fact; fields and enum values of a later version are ignored.
    ///
    /// # Errors
    /// It is not an `F`, or not in its shape.
    pub fn decode<F: Fact>(&self) -> Result<F, Unreadable> {
        if !self.is::<F>() {
            return Err(self.unreadable(format!("expected {}", F::subject())));
        }
        self.decode_as()
    }

    pub(crate) fn decode_as<M: serde::de::DeserializeOwned>(&self) -> Result<M, Unreadable> {
        serde_json::from_slice(&self.data).map_err(|e| self.unreadable(e.to_string()))
    }

    fn unreadable(&self, why: String) -> Unreadable {
        Unreadable { kind: self.kind.clone(), subject: self.subject.clone(), why }
    }

    /// Order is kept, and later events wait behind one that was set aside, per this.
    pub(crate) fn lane(&self) -> String {
        format!("{}/{}", self.source, self.aggregate)
    }

    /// Reads the `ce-*` headers. What cannot be read comes back with the reason and an id of its own, to be set aside.
    pub(crate) fn read(
        subject: &str,
        headers: Option<&HeaderMap>,
        data: Bytes,
        stream_seq: u64,
    ) -> Result<Self, Box<(Self, Unreadable)>> {
        let text = |name: &str| headers.and_then(|h| h.get(name)).map(|v| v.as_str().to_owned());
        let kind = text("ce-type");
        let fallback = |why: &str, data: Bytes| {
            let seed = [subject.as_bytes(), &stream_seq.to_be_bytes(), &data].concat();
            let envelope = Self {
                id: Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed),
                kind: kind.clone().unwrap_or_default(),
                subject: subject.to_owned(),
                source: text("ce-source").unwrap_or_default(),
                time: Timestamp::UNIX_EPOCH,
                aggregate: text("ce-subject").unwrap_or_else(|| format!("unreadable/{stream_seq}")),
                version: 0,
                traceparent: None,
                data,
            };
            let unreadable = envelope.unreadable(why.to_owned());
            (envelope, unreadable)
        };
        let Some(id) = text("ce-id").and_then(|t| t.parse().ok()) else {
            return Err(fallback("ce-id is not a UUID", data).into());
        };
        let Some(time) = text("ce-time").and_then(|t| t.parse().ok()) else {
            return Err(fallback("ce-time is not an RFC 3339 instant", data).into());
        };
        let (Some(kind), Some(source), Some(aggregate)) = (kind.clone(), text("ce-source"), text("ce-subject")) else {
            return Err(fallback("ce-type, ce-source or ce-subject is missing", data).into());
        };
        let version = text("ce-aggregateversion").and_then(|t| t.parse().ok()).unwrap_or(0);
        let traceparent = text("traceparent");
        Ok(Self { id, kind, subject: subject.to_owned(), source, time, aggregate, version, traceparent, data })
    }
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// Something else was not ready: tried again with back-off, a bounded number of times, then set aside.
    #[error("to be tried again: {0}")]
    Retry(BoxError),
    /// It will never be handled as it is: set aside at once, for a person.
    #[error("rejected: {0}")]
    Reject(BoxError),
    /// The database. Tried again without counting while that is transient.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl HandleError {
    /// See [`HandleError::Retry`].
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry(error.into())
    }
    /// See [`HandleError::Reject`].
    pub fn reject(error: impl Into<BoxError>) -> Self {
        Self::Reject(error.into())
    }
}

impl From<sqlx::Error> for HandleError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Unreadable> for HandleError {
    fn from(error: Unreadable) -> Self {
        Self::reject(error)
    }
}

/// Someone who acts on events.
#[tonic::async_trait]
pub trait Listener: Send + Sync + 'static {
    /// Subjects it hears; `*` stands for one token, a final `>` for the rest.
    fn subjects(&self) -> Vec<String>;

    /// Acts on one event. The inbox row is in `tx` already; commit and acknowledgement follow.
    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError>;

    /// Network calls that `handle` depends on, outside the transaction; the result is [`Tx::prepared`]. May run more
    /// than once for an event: the event's id is the idempotency key.
    async fn before(&self, event: &Envelope) -> Result<Option<Box<dyn Any + Send>>, HandleError> {
        let _ = event;
        Ok(None)
    }
}
