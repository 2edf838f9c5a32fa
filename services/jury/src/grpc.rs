//! Wire → command → wire, nothing else. Every call names the caller first, then checks the fields, then acts.

mod acting;
mod reading;

use contracts::{
    jury::{self, jury_server},
    roles,
};
use platform::{
    audit,
    auth::Caller,
    db::{Db, Tx},
    refusal::Refusal,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    commands::{self, Asked, Refused, Regulation},
    domain::{Member, Transfer},
    names::Names,
    queries::Reader,
    wire,
};

/// Bytes of the largest request: a CSV of 1 MiB, or a merit list of a large session.
pub const LARGEST_REQUEST: usize = 4 * 1024 * 1024;
/// Characters of a reason.
const REASON: usize = 2000;

/// The gRPC face of the jury.
pub struct JuryGrpc {
    db: Db,
    regulation: Regulation,
    names: Box<dyn Names>,
}

type Answer<T> = Result<Response<T>, Status>;

impl JuryGrpc {
    /// Over that database.
    #[must_use]
    pub fn new(db: Db, regulation: Regulation, names: impl Names) -> Self {
        Self { db, regulation, names: Box::new(names) }
    }

    async fn begin(&self, name: &'static str) -> Result<Tx, Refusal> {
        Ok(self.db.begin(name).await?)
    }

    /// Prepares an act of two people.
    async fn prepare<T>(
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
}

/// The caller, a member of the jury.
fn caller<T>(request: &Request<T>) -> Result<(Caller, Member), Status> {
    let caller = Caller::of(request)?;
    let member = wire::member(&caller)?;
    Ok((caller, member))
}

/// Whoever may read a result after its publication.
fn reader<'a>(caller: &'a Caller, dossier: Uuid) -> Result<Reader<'a>, Refusal> {
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
fn matching_for(caller: &Caller) -> Result<Option<&str>, Refusal> {
    caller.require(&[roles::JURY, roles::JURY_PRESIDENT, roles::STAFF])?;
    if caller.role != roles::STAFF {
        return Ok(None);
    }
    let denied = || Refusal::denied("UNIT_NOT_ALLOWED", "caller", "staff read for their school");
    caller.unit.as_deref().map(Some).ok_or_else(denied)
}

#[tonic::async_trait]
impl jury_server::Jury for JuryGrpc {
    async fn list_candidatures(
        &self,
        request: Request<jury::ListCandidaturesRequest>,
    ) -> Answer<jury::ListCandidaturesReply> {
        caller(&request)?;
        Ok(Response::new(reading::list_candidatures(self, request.into_inner()).await?))
    }

    async fn get_candidature(&self, request: Request<jury::GetCandidatureRequest>) -> Answer<jury::Candidature> {
        caller(&request)?;
        Ok(Response::new(reading::get_candidature(self, &request.into_inner().dossier_id).await?))
    }

    async fn list_other_route_matches(
        &self,
        request: Request<jury::ListOtherRouteMatchesRequest>,
    ) -> Answer<jury::ListOtherRouteMatchesReply> {
        let caller = Caller::of(&request)?;
        let school = matching_for(&caller)?;
        Ok(Response::new(reading::list_other_route_matches(self, school, request.into_inner()).await?))
    }

    async fn get_table(&self, request: Request<jury::GetTableRequest>) -> Answer<jury::Table> {
        caller(&request)?;
        Ok(Response::new(reading::get_table(self, request.into_inner()).await?))
    }

    async fn list_seats(&self, request: Request<jury::ListSeatsRequest>) -> Answer<jury::ListSeatsReply> {
        caller(&request)?;
        Ok(Response::new(reading::list_seats(self).await?))
    }

    async fn list_acts(&self, request: Request<jury::ListActsRequest>) -> Answer<jury::ListActsReply> {
        caller(&request)?;
        Ok(Response::new(reading::list_acts(self, request.into_inner()).await?))
    }

    async fn get_act(&self, _request: Request<jury::GetActRequest>) -> Answer<jury::ActDetail> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn get_minutes(&self, _request: Request<jury::GetMinutesRequest>) -> Answer<jury::Minutes> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn set_readers(&self, _request: Request<jury::SetReadersRequest>) -> Answer<jury::SetReadersReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn list_readers(&self, _request: Request<jury::ListReadersRequest>) -> Answer<jury::ListReadersReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn assign_shares(&self, _request: Request<jury::AssignSharesRequest>) -> Answer<jury::AssignSharesReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn declare_conflict(
        &self,
        _request: Request<jury::DeclareConflictRequest>,
    ) -> Answer<jury::DeclareConflictReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn record_marks(&self, _request: Request<jury::RecordMarksRequest>) -> Answer<jury::RecordMarksReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn check_merit(&self, _request: Request<jury::ImportMeritRequest>) -> Answer<jury::CheckMeritReply> {
        Err(Status::unimplemented("the contract is here first"))
    }

    async fn get_progress(&self, request: Request<jury::GetProgressRequest>) -> Answer<jury::Progress> {
        caller(&request)?;
        Ok(Response::new(reading::get_progress(self).await?))
    }

    async fn list_missing(&self, request: Request<jury::ListMissingRequest>) -> Answer<jury::ListMissingReply> {
        caller(&request)?;
        Ok(Response::new(reading::list_missing(self, &request.into_inner()).await?))
    }

    async fn open_seal(&self, request: Request<jury::OpenSealRequest>) -> Answer<jury::SealedRecord> {
        caller(&request)?;
        Ok(Response::new(reading::open_seal(self, &request.into_inner().seal).await?))
    }

    async fn record_opinion(&self, request: Request<jury::RecordOpinionRequest>) -> Answer<jury::RecordOpinionReply> {
        let (caller, member) = caller(&request)?;
        let asked = request.into_inner();
        let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
        let text = wire::text("text", &asked.text, REASON)?;
        let mut tx = self.begin("record_opinion").await?;
        let changed =
            commands::record_opinion(&mut tx, caller.received_at, &member.subject, dossier, asked.favourable, &text)
                .await?;
        tx.commit().await?;
        Ok(Response::new(jury::RecordOpinionReply { already_applied: !changed }))
    }

    async fn record_determination(
        &self,
        request: Request<jury::RecordDeterminationRequest>,
    ) -> Answer<jury::RecordDeterminationReply> {
        let (caller, member) = caller(&request)?;
        let changed = acting::record_determination(self, &caller, &member, request.into_inner()).await?;
        Ok(Response::new(jury::RecordDeterminationReply { already_applied: !changed }))
    }

    async fn draft_admissibility(
        &self,
        request: Request<jury::DraftAdmissibilityRequest>,
    ) -> Answer<jury::DraftAdmissibilityReply> {
        let (caller, member) = caller(&request)?;
        let changed = acting::draft(self, &caller, &member, &[request.into_inner()], |_| String::new()).await?;
        Ok(Response::new(jury::DraftAdmissibilityReply { already_applied: changed == 0 }))
    }

    async fn draft_admissibility_batch(
        &self,
        request: Request<jury::DraftAdmissibilityBatchRequest>,
    ) -> Answer<jury::DraftAdmissibilityBatchReply> {
        let (caller, member) = caller(&request)?;
        let changed = acting::draft_batch(self, &caller, &member, &request.into_inner().decisions).await?;
        Ok(Response::new(jury::DraftAdmissibilityBatchReply { changed }))
    }

    async fn prepare_admissibility(&self, request: Request<jury::PrepareAdmissibilityRequest>) -> Answer<jury::Act> {
        self.prepare(&request, |_| Ok((Asked::Admissibility {}, String::new()))).await
    }

    async fn prepare_admissibility_publication(
        &self,
        request: Request<jury::PrepareAdmissibilityPublicationRequest>,
    ) -> Answer<jury::Act> {
        self.prepare(&request, |_| Ok((Asked::AdmissibilityPublication {}, String::new()))).await
    }

    async fn prepare_admissibility_correction(
        &self,
        request: Request<jury::PrepareAdmissibilityCorrectionRequest>,
    ) -> Answer<jury::Act> {
        self.prepare(&request, acting::admissibility_correction).await
    }

    async fn record_mark(&self, request: Request<jury::RecordMarkRequest>) -> Answer<jury::RecordMarkReply> {
        let (caller, member) = caller(&request)?;
        let asked = request.into_inner();
        let result = wire::result_of(&asked.mark, false, &self.regulation.orals)?;
        let exam = (asked.dossier_id.as_str(), asked.exam.as_str(), asked.correction_reason.as_str());
        Ok(Response::new(acting::record(self, &caller, &member, exam, result).await?))
    }

    async fn record_absence(&self, request: Request<jury::RecordAbsenceRequest>) -> Answer<jury::RecordMarkReply> {
        let (caller, member) = caller(&request)?;
        let asked = request.into_inner();
        let result = wire::result_of("", true, &self.regulation.orals)?;
        let exam = (asked.dossier_id.as_str(), asked.exam.as_str(), asked.correction_reason.as_str());
        Ok(Response::new(acting::record(self, &caller, &member, exam, result).await?))
    }

    async fn prepare_mark_correction(&self, request: Request<jury::PrepareMarkCorrectionRequest>) -> Answer<jury::Act> {
        let rules = self.regulation.orals.clone();
        self.prepare(&request, |asked| acting::mark_correction(asked, &rules)).await
    }

    async fn submit_ranking(&self, request: Request<jury::SubmitRankingRequest>) -> Answer<jury::SubmitRankingReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(acting::submit_ranking(self, &caller, &member, request.into_inner()).await?))
    }

    async fn submit_merit_list(
        &self,
        request: Request<jury::SubmitMeritListRequest>,
    ) -> Answer<jury::SubmitMeritListReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(acting::submit_merit_list(self, &caller, &member, request.into_inner()).await?))
    }

    async fn import_merit(&self, request: Request<jury::ImportMeritRequest>) -> Answer<jury::SubmitMeritListReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(acting::import_merit(self, &caller, &member, request.into_inner()).await?))
    }

    async fn prepare_admission(&self, request: Request<jury::PrepareAdmissionRequest>) -> Answer<jury::Act> {
        self.prepare(&request, |_| Ok((Asked::Admission {}, String::new()))).await
    }

    async fn prepare_admission_publication(
        &self,
        request: Request<jury::PrepareAdmissionPublicationRequest>,
    ) -> Answer<jury::Act> {
        self.prepare(&request, |_| Ok((Asked::AdmissionPublication {}, String::new()))).await
    }

    async fn prepare_table_correction(
        &self,
        request: Request<jury::PrepareTableCorrectionRequest>,
    ) -> Answer<jury::Act> {
        self.prepare(&request, |asked| {
            let ranking = wire::dossiers("dossier_ids", &asked.dossier_ids)?;
            let (school, filiere) = (asked.school.clone(), asked.filiere.clone());
            Ok((Asked::TableCorrection { school, filiere, ranking }, wire::text("reason", &asked.reason, REASON)?))
        })
        .await
    }

    async fn transfer_seats(&self, request: Request<jury::TransferSeatsRequest>) -> Answer<jury::TransferSeatsReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::JURY_PRESIDENT])?;
        let asked = request.into_inner();
        let request = wire::dossier("request_id", &asked.request_id)?;
        let reason = wire::text("reason", &asked.reason, REASON)?;
        let transfer = Transfer { from: asked.from_filiere, to: asked.to_filiere, count: asked.count };
        let asked = commands::AskedTransfer { request, school: asked.school, transfer, reason };
        let mut tx = self.begin("transfer_seats").await?;
        let (done, already_applied) =
            commands::transfer_seats(&mut tx, &self.regulation, caller.received_at, &caller.subject, asked).await?;
        tx.commit().await?;
        Ok(Response::new(jury::TransferSeatsReply {
            school: done.school,
            from_seats: done.from_seats,
            to_seats: done.to_seats,
            from_period: done.from_period,
            already_applied,
        }))
    }

    async fn prepare_supernumerary(&self, request: Request<jury::PrepareSupernumeraryRequest>) -> Answer<jury::Act> {
        self.prepare(&request, |asked| {
            let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
            let reason = wire::text("reason", &asked.reason, REASON)?;
            Ok((Asked::Supernumerary { dossier, school: asked.school.clone() }, reason))
        })
        .await
    }

    async fn prepare_annulment(&self, request: Request<jury::PrepareAnnulmentRequest>) -> Answer<jury::Act> {
        self.prepare(&request, |asked| {
            let dossier = wire::dossier("dossier_id", &asked.dossier_id)?;
            Ok((Asked::Annulment { dossier }, wire::text("reason", &asked.reason, REASON)?))
        })
        .await
    }

    async fn confirm(&self, request: Request<jury::ConfirmRequest>) -> Answer<jury::ConfirmReply> {
        let (caller, member) = caller(&request)?;
        let asked = request.into_inner();
        let id = wire::dossier("act_id", &asked.act_id)?;
        let mut tx = self.begin("confirm_act").await?;
        let (stored, already_applied) =
            commands::confirm(&mut tx, &self.regulation, caller.received_at, member, id, &asked.digest).await?;
        tx.commit().await?;
        self.note_head().await;
        Ok(Response::new(jury::ConfirmReply {
            act: Some(wire::act(&stored)),
            already_applied,
            signature: stored.signature,
            publish_at: stored.publish_at.map(Into::into),
        }))
    }

    async fn withdraw(&self, request: Request<jury::WithdrawRequest>) -> Answer<jury::Act> {
        let (caller, member) = caller(&request)?;
        let id = wire::dossier("act_id", &request.into_inner().act_id)?;
        let mut tx = self.begin("withdraw_act").await?;
        let stored = commands::withdraw(&mut tx, caller.received_at, &member, id).await?;
        tx.commit().await?;
        Ok(Response::new(wire::act(&stored)))
    }

    async fn import_other_routes(
        &self,
        request: Request<jury::ImportOtherRoutesRequest>,
    ) -> Answer<jury::ImportOtherRoutesReply> {
        let caller = Caller::of(&request)?;
        let school = matching_for(&caller)?;
        Ok(Response::new(acting::import_other_routes(self, &caller, school, request.into_inner()).await?))
    }

    async fn get_admissibility(
        &self,
        request: Request<jury::GetAdmissibilityRequest>,
    ) -> Answer<jury::AdmissibilityResult> {
        let caller = Caller::of(&request)?;
        let dossier = wire::dossier("dossier_id", &request.into_inner().dossier_id)?;
        let reader = reader(&caller, dossier)?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(crate::queries::admissibility(&mut conn, reader, dossier, caller.received_at).await?))
    }

    async fn get_result(&self, request: Request<jury::GetResultRequest>) -> Answer<jury::Result> {
        let caller = Caller::of(&request)?;
        let dossier = wire::dossier("dossier_id", &request.into_inner().dossier_id)?;
        let reader = reader(&caller, dossier)?;
        let mut conn = self.db.read().await?;
        let at = caller.received_at;
        Ok(Response::new(crate::queries::result(&mut conn, &self.regulation, reader, dossier, at).await?))
    }
}

impl JuryGrpc {
    /// The head of the audit chain goes into the log at each confirmed act, so that a tail cut off later shows.
    async fn note_head(&self) {
        let Ok(mut conn) = self.db.read().await else { return };
        if let Ok(head) = audit::head(&mut conn).await {
            tracing::info!(entries = head.entries, head = %hex::encode(&head.hash), "audit chain");
        }
    }
}

/// A refusal of the store, where there is no command.
fn refusal(error: impl Into<Refused>) -> Refusal {
    error.into().into()
}
