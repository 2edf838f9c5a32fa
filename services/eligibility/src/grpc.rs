//! Wire to query and back.

use std::sync::Arc;

use contracts::{
    eligibility::{
        GetRecevabiliteReply, GetRecevabiliteRequest, ListTitlesReply, ListTitlesRequest, OpenSchoolsReply,
        OpenSchoolsRequest, eligibility_server::Eligibility,
    },
    roles,
};
use notice::Session;
use platform::{auth::Caller, db::Db, refusal::Refusal};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    domain::{Viewer, assess},
    queries::{Recevabilites, recevabilites},
    wire,
};

/// The gRPC service.
pub struct Grpc {
    db: Db,
    session: Arc<Session>,
}

impl Grpc {
    /// Answers from `db` and `session`.
    #[must_use]
    pub const fn new(db: Db, session: Arc<Session>) -> Self {
        Self { db, session }
    }
}

/// The same answer for a dossier that does not exist, is not closed, or did not apply to the caller's school.
fn unknown(dossier: Uuid) -> Refusal {
    Refusal::not_found("RECEVABILITE_UNKNOWN", dossier.to_string(), "no closed dossier of that id is known here")
}

#[tonic::async_trait]
impl Eligibility for Grpc {
    async fn open_schools(&self, request: Request<OpenSchoolsRequest>) -> Result<Response<OpenSchoolsReply>, Status> {
        let title = request.into_inner().title.map(wire::title).unwrap_or_default();
        let assessment = assess(&self.session, &title).map_err(|refused| wire::refusal(&refused))?;
        let schools = wire::schools(&assessment);
        Ok(Response::new(OpenSchoolsReply { filiere: assessment.filiere, schools }))
    }

    async fn list_titles(&self, _request: Request<ListTitlesRequest>) -> Result<Response<ListTitlesReply>, Status> {
        let diplomas = self.session.diplomas.iter().map(|d| wire::diploma(&self.session, d)).collect();
        Ok(Response::new(ListTitlesReply { diplomas }))
    }

    async fn get_recevabilite(
        &self,
        request: Request<GetRecevabiliteRequest>,
    ) -> Result<Response<GetRecevabiliteReply>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::CANDIDATE, roles::MANDATE, roles::STAFF, roles::JURY, roles::JURY_PRESIDENT])?;
        let dossier: Uuid = request
            .into_inner()
            .dossier_id
            .parse()
            .map_err(|_| Refusal::invalid("INVALID_ID").field("dossier_id", "not a UUID"))?;
        let viewer = match caller.role.as_str() {
            roles::JURY | roles::JURY_PRESIDENT => Viewer::Jury,
            roles::STAFF => Viewer::Other,
            _ => {
                caller.require_own(dossier)?;
                Viewer::Other
            }
        };
        let mut conn = self.db.read().await.map_err(Refusal::from)?;
        let known = recevabilites(&mut conn, dossier, viewer, caller.received_at).await.map_err(Refusal::from)?;
        let staff = caller.role == roles::STAFF;
        let applied = |k: &Recevabilites| k.assessment.schools.iter().any(|s| Some(&s.school) == caller.unit.as_ref());
        let known = known.filter(|k| !staff || applied(k)).ok_or_else(|| unknown(dossier))?;
        Ok(Response::new(wire::recevabilite_reply(dossier, known)))
    }
}
