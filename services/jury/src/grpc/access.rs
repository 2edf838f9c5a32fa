//! Who may: the jury, candidates for themselves, staff for their school.

use contracts::{jury, roles};
use platform::{audit, auth::Caller, db::Tx, refusal::Refusal};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Answer, JuryGrpc};
use crate::{
    commands::{self, Asked},
    domain::Member,
    queries::Reader,
    wire,
};

impl JuryGrpc {
    pub(super) async fn begin(&self, name: &'static str) -> Result<Tx, Refusal> {
        Ok(self.db.begin(name).await?)
    }

    /// Prepares an act of two people.
    pub(super) async fn prepare<T>(
        &self,
        request: &Request<T>,
        asked: impl FnOnce(&T) -> Result<(Asked, String), Refusal> + Send,
    ) -> Answer<jury::Act>
    where
        T: Sync,
    {
        let (caller, member) = caller(request)?;
        let (asked, reason) = asked(request.get_ref())?;
        let mut tx = self.begin("prepare_act").await?;
        let stored = commands::prepare(&mut tx, &self.regulation, caller.received_at, member, asked, &reason).await?;
        tx.commit().await?;
        Ok(Response::new(wire::act(&stored)))
    }

    /// The head of the audit chain goes into the log at each confirmed act, so that a tail cut off later shows.
    pub(super) async fn note_head(&self) {
        let Ok(mut conn) = self.db.read().await else { return };
        if let Ok(head) = audit::head(&mut conn).await {
            tracing::info!(entries = head.entries, head = %hex::encode(&head.hash), "audit chain");
        }
    }
}

/// The caller, a member of the jury.
pub(super) fn caller<T>(request: &Request<T>) -> Result<(Caller, Member), Status> {
    let caller = Caller::of(request)?;
    let member = wire::member(&caller)?;
    Ok((caller, member))
}

/// Whoever may read a result after its publication.
pub(super) fn reader<'a>(caller: &'a Caller, dossier: Uuid) -> Result<Reader<'a>, Refusal> {
    match caller.role.as_str() {
        roles::JURY | roles::JURY_PRESIDENT => Ok(Reader::Cleared),
        roles::STAFF => match &caller.unit {
            Some(school) => Ok(Reader::School(school)),
            None => Err(Refusal::denied("UNIT_NOT_ALLOWED", "caller", "staff read for their school")),
        },
        _ => {
            caller.require(&[roles::CANDIDATE, roles::MANDATE])?;
            caller.require_own(dossier)?;
            Ok(Reader::Cleared)
        }
    }
}

/// Whose matches with other routes' lists the caller may see: everyone's for the jury, those of one school for its staff.
pub(super) fn matching_for(caller: &Caller) -> Result<Option<&str>, Refusal> {
    caller.require(&[roles::JURY, roles::JURY_PRESIDENT, roles::STAFF])?;
    if caller.role != roles::STAFF {
        return Ok(None);
    }
    let denied = || Refusal::denied("UNIT_NOT_ALLOWED", "caller", "staff read for their school");
    caller.unit.as_deref().map(Some).ok_or_else(denied)
}
