//! What an operator asks of any service: `platform.v1.Operations`.

use std::sync::Arc;

use async_nats::jetstream;
use contracts::{
    machinery::{
        AuditEntry, ListAuditReply, ListAuditRequest, ListSetAsideReply, ListSetAsideRequest, PendingReply,
        PendingRequest, ReplaySetAsideReply, ReplaySetAsideRequest, SetAsideMessage, VerifyAuditReply,
        VerifyAuditRequest, operations_server::Operations,
    },
    subjects,
};
use futures::future::BoxFuture;
use tonic::{Request, Response, Status};

use crate::{
    audit,
    auth::Caller,
    calendar,
    clock::Clock,
    db::{Db, DbError},
    inbox::{BoxError, Hearing},
    refusal::Refusal,
    set_aside,
};

/// The role these rpcs are for.
const OPERATOR: &str = "operator";
/// Audit entries per page when none or more are asked for.
const PAGE: u32 = 500;

/// Counts work of a service's own that could be done now and is not: nothing of the machinery's.
pub type OwnWork = Arc<dyn Fn() -> BoxFuture<'static, Result<u64, DbError>> + Send + Sync>;

/// Answers operators.
#[derive(Clone)]
pub struct Desk {
    db: Db,
    jetstream: jetstream::Context,
    clock: Clock,
    hearing: Hearing,
    keys: Arc<[String]>,
    own: Arc<[OwnWork]>,
}

impl Desk {
    pub(crate) fn new(
        db: Db,
        jetstream: jetstream::Context,
        clock: Clock,
        hearing: Hearing,
        keys: Arc<[String]>,
        own: Arc<[OwnWork]>,
    ) -> Self {
        Self { db, jetstream, clock, hearing, keys, own }
    }

    /// Messages waiting at the broker, and delivered ones not acknowledged.
    async fn consumer(&self) -> Result<(u64, u64), BoxError> {
        if self.hearing.subjects().is_empty() {
            return Ok((0, 0));
        }
        let stream = self.jetstream.get_stream_no_info(subjects::FACTS).await?;
        let info = stream.consumer_info(self.hearing.consumer()).await?;
        Ok((info.num_pending, info.num_ack_pending as u64))
    }
}

#[tonic::async_trait]
impl Operations for Desk {
    async fn pending(&self, request: Request<PendingRequest>) -> Result<Response<PendingReply>, Status> {
        Caller::of(&request)?.require(&[OPERATOR])?;
        // The broker first: what is handled between the two questions shows in the outbox, never in neither.
        let (consumer_pending, consumer_ack_pending) =
            self.consumer().await.map_err(|e| Refusal::retry_later("BROKER_UNREACHABLE", "broker", e.to_string()))?;
        let mut conn = self.db.read().await.map_err(Refusal::from)?;
        let counts = sqlx::query!(
            r#"select (select count(*) from platform.outbox where published_at is null) as "unpublished!",
                      (select count(*) from platform.outbox where published_at is not null) as "published!",
                      (select count(*) from platform.inbox) as "handled!",
                      (select count(*) from platform.set_aside where replayed_at is null) as "set_aside!""#
        )
        .fetch_one(&mut *conn)
        .await
        .map_err(|e| Refusal::from(DbError::from(e)))?;
        let effects_pending =
            calendar::due_unhandled(&mut conn, &self.keys, self.clock.now()).await.map_err(Refusal::from)?;
        drop(conn);
        let mut own_pending = 0;
        for count in self.own.iter() {
            own_pending += count().await.map_err(Refusal::from)?;
        }
        Ok(Response::new(PendingReply {
            outbox_unpublished: counts.unpublished.cast_unsigned(),
            outbox_published: counts.published.cast_unsigned(),
            inbox_handled: counts.handled.cast_unsigned(),
            consumer_pending,
            consumer_ack_pending,
            effects_pending,
            set_aside: counts.set_aside.cast_unsigned(),
            own_pending,
        }))
    }

    async fn list_set_aside(
        &self,
        request: Request<ListSetAsideRequest>,
    ) -> Result<Response<ListSetAsideReply>, Status> {
        Caller::of(&request)?.require(&[OPERATOR])?;
        let waiting = set_aside::list(&self.db).await.map_err(Refusal::from)?;
        let messages = waiting.into_iter().map(|one| SetAsideMessage {
            event_id: one.event.id.to_string(),
            consumer: one.consumer,
            subject: one.event.subject,
            r#type: one.event.kind,
            aggregate: one.event.aggregate,
            tries: one.tries,
            error: one.error,
            set_aside_at: Some(one.set_aside_at.into()),
        });
        Ok(Response::new(ListSetAsideReply { messages: messages.collect() }))
    }

    async fn replay_set_aside(
        &self,
        request: Request<ReplaySetAsideRequest>,
    ) -> Result<Response<ReplaySetAsideReply>, Status> {
        Caller::of(&request)?.require(&[OPERATOR])?;
        let asked = request.into_inner();
        if asked.consumer != self.hearing.consumer() {
            let why = format!("this service's consumer is {}", self.hearing.consumer());
            let refused = Refusal::invalid("UNKNOWN_CONSUMER").field("consumer", why);
            return Err(refused.allowed([self.hearing.consumer()]).into());
        }
        let only = match asked.event_id.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| Refusal::invalid("NOT_A_UUID").field("event_id", "is not a UUID"))?),
        };
        let done = set_aside::replay(&self.hearing, only).await.map_err(Refusal::from)?;
        Ok(Response::new(ReplaySetAsideReply { replayed: done.replayed, still_set_aside: done.still_set_aside }))
    }

    async fn verify_audit(&self, request: Request<VerifyAuditRequest>) -> Result<Response<VerifyAuditReply>, Status> {
        Caller::of(&request)?.require(&[OPERATOR])?;
        // What was committed before the question is part of the answer.
        audit::chain(&self.db).await.map_err(Refusal::from)?;
        let mut conn = self.db.read().await.map_err(Refusal::from)?;
        let verdict = audit::verify(&mut conn, None).await.map_err(Refusal::from)?;
        Ok(Response::new(VerifyAuditReply {
            entries: verdict.entries,
            intact: verdict.first_broken.is_none(),
            first_broken: verdict.first_broken.unwrap_or(0),
            head: hex::encode(verdict.head.hash),
        }))
    }

    async fn list_audit(&self, request: Request<ListAuditRequest>) -> Result<Response<ListAuditReply>, Status> {
        Caller::of(&request)?.require(&[OPERATOR])?;
        let asked = request.into_inner();
        let limit = if asked.limit == 0 { PAGE } else { asked.limit.min(PAGE) };
        let mut conn = self.db.read().await.map_err(Refusal::from)?;
        let page = if asked.newest_first {
            let before = if asked.before == 0 { u64::MAX } else { asked.before };
            audit::newest(&mut conn, before, &asked.actor, &asked.action, limit).await
        } else {
            audit::page(&mut conn, asked.after, limit).await
        };
        let page = page.map_err(Refusal::from)?;
        let entries = page.into_iter().map(|entry| AuditEntry {
            sequence: entry.position,
            at: Some(entry.at.into()),
            actor: entry.actor,
            action: entry.action,
            details_json: entry.details,
            hash: hex::encode(entry.hash),
        });
        Ok(Response::new(ListAuditReply { entries: entries.collect() }))
    }
}
