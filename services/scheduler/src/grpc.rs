//! Wire to command to wire, and nothing else.

use std::sync::Arc;

use contracts::{
    roles,
    scheduler::{
        Acknowledgement, ConfirmMoveReply, ConfirmMoveRequest, GetAcknowledgementsReply, GetAcknowledgementsRequest,
        GetCalendarReply, GetCalendarRequest, ListMovesReply, ListMovesRequest, PrepareMoveReply, PrepareMoveRequest,
        scheduler_server,
    },
};
use platform::{auth::Caller, clock::Clock, db::Db, refusal::Refusal};
use tokio::sync::Notify;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    commands::{self, ConfirmMoveRefused, PrepareMove, PrepareMoveRefused},
    domain::{Links, MoveState},
    queries, wire,
};

/// Longest reason of a move, in bytes.
const LONGEST_REASON: usize = 2000;

/// Longest name of a transition, in bytes.
const LONGEST_KEY: usize = 100;

/// The service as it is served.
pub struct Desk {
    /// The calendar's database.
    pub db: Db,
    /// The present instant.
    pub clock: Clock,
    /// What depends on what.
    pub links: Arc<Links>,
    /// Wakes the one who fires.
    pub changed: Arc<Notify>,
    /// Services that must acknowledge each version.
    pub expects: Arc<[String]>,
}

fn operator<T>(request: &Request<T>) -> Result<Caller, Status> {
    let caller = Caller::of(request)?;
    caller.require(&[roles::OPERATOR]).map_err(Status::from)?;
    Ok(caller)
}

#[tonic::async_trait]
impl scheduler_server::Scheduler for Desk {
    async fn get_calendar(&self, _: Request<GetCalendarRequest>) -> Result<Response<GetCalendarReply>, Status> {
        let now = self.clock.now();
        let (calendar, zone) = queries::calendar(&self.db).await.map_err(Refusal::from)?;
        Ok(Response::new(wire::get_calendar(&calendar, zone, now)))
    }

    async fn prepare_move(&self, request: Request<PrepareMoveRequest>) -> Result<Response<PrepareMoveReply>, Status> {
        let caller = operator(&request)?;
        let PrepareMoveRequest { key, to, reason } = request.into_inner();
        // What a refusal repeats has to fit into its headers.
        if key.len() > LONGEST_KEY {
            return Err(Refusal::invalid("INVALID_MOVE").field("key", format!("at most {LONGEST_KEY} bytes")).into());
        }
        let reason = reason.trim().to_owned();
        if reason.is_empty() || reason.len() > LONGEST_REASON || reason.chars().any(char::is_control) {
            let why = format!("is required, at most {LONGEST_REASON} bytes, without control characters");
            return Err(Refusal::invalid("INVALID_MOVE").field("reason", why).into());
        }
        let to = wire::instant("to", to)?;
        let command = PrepareMove { key, to, reason, by: caller.subject };
        let prepared =
            commands::prepare_move(&self.db, caller.received_at, &self.links, command).await.map_err(|refused| {
                match refused {
                    PrepareMoveRefused::Move(refused) => Refusal::from(refused),
                    PrepareMoveRefused::Db(error) => error.into(),
                }
            })?;
        Ok(Response::new(PrepareMoveReply { r#move: Some(wire::moved(&prepared)) }))
    }

    async fn confirm_move(&self, request: Request<ConfirmMoveRequest>) -> Result<Response<ConfirmMoveReply>, Status> {
        let caller = operator(&request)?;
        let id = &request.get_ref().move_id;
        let id: Uuid = id.parse().map_err(|_| Refusal::invalid("INVALID_MOVE").field("move_id", "is not a UUID"))?;
        let confirmed = commands::confirm_move(&self.db, caller.received_at, &self.links, id, caller.subject)
            .await
            .map_err(|refused| match refused {
                ConfirmMoveRefused::Unknown(id) => {
                    Refusal::not_found("UNKNOWN_MOVE", id.to_string(), "no move has that id")
                }
                ConfirmMoveRefused::Confirm(refused) => refused.into(),
                ConfirmMoveRefused::Db(error) => error.into(),
            })?;
        self.changed.notify_one();
        let version = match confirmed.state {
            MoveState::Confirmed { version, .. } => version,
            MoveState::Prepared => 0,
        };
        Ok(Response::new(ConfirmMoveReply { r#move: Some(wire::moved(&confirmed)), version }))
    }

    async fn list_moves(&self, request: Request<ListMovesRequest>) -> Result<Response<ListMovesReply>, Status> {
        operator(&request)?;
        let moves = queries::moves(&self.db).await.map_err(Refusal::from)?;
        Ok(Response::new(ListMovesReply { moves: moves.iter().map(wire::moved).collect() }))
    }

    async fn get_acknowledgements(
        &self,
        request: Request<GetAcknowledgementsRequest>,
    ) -> Result<Response<GetAcknowledgementsReply>, Status> {
        operator(&request)?;
        let (calendar, _) = queries::calendar(&self.db).await.map_err(Refusal::from)?;
        let acknowledged = queries::acknowledged(&self.db).await.map_err(Refusal::from)?;
        let services = self.expects.iter().map(|service| {
            let version = acknowledged.get(service).copied().unwrap_or(0);
            Acknowledgement { service: service.clone(), version, current: version >= calendar.version }
        });
        Ok(Response::new(GetAcknowledgementsReply { version: calendar.version, services: services.collect() }))
    }
}
