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
    domain::{Title, Viewer, assess},
    queries::{Recevabilites, recevabilites},
    wire,
};

/// Longest diploma, mention or claim, in characters; intake accepts no longer ones.
const LONGEST: usize = 300;

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

/// Anyone may ask, and a refusal repeats what was asked: it has to fit into the refusal's headers.
fn bounded(title: &Title) -> Result<(), Refusal> {
    let fields = [
        ("title.diploma", &title.diploma),
        ("title.mention", &title.mention),
        ("title.equivalent_to", &title.equivalent_to),
    ];
    let long = |(_, text): &&(&str, &String)| text.chars().count() > LONGEST;
    let mut refused = None;
    for (field, _) in fields.iter().filter(long) {
        let refusal = refused.unwrap_or_else(|| Refusal::invalid("TITLE_TOO_LONG"));
        refused = Some(refusal.field(*field, format!("at most {LONGEST} characters")));
    }
    refused.map_or(Ok(()), Err)
}

#[tonic::async_trait]
impl Eligibility for Grpc {
    async fn open_schools(&self, request: Request<OpenSchoolsRequest>) -> Result<Response<OpenSchoolsReply>, Status> {
        let title = request.into_inner().title.map(wire::title).unwrap_or_default();
        bounded(&title)?;
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
