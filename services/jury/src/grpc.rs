//! Wire → command → wire, nothing else. Every call names the caller first, then checks the fields, then acts.

mod access;
mod acting;
mod acts;
mod reading;
mod shares;
mod tables;

use contracts::{
    jury::{self, jury_server},
    roles,
};
use platform::{auth::Caller, db::Db, refusal::Refusal};
use tonic::{Request, Response, Status};

use crate::{
    commands::{self, Asked, Refused, Regulation},
    names::Names,
    wire,
};
use access::{caller, matching_for, reader};

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
}

#[tonic::async_trait]
impl jury_server::Jury for JuryGrpc {
    async fn list_candidatures(
        &self,
        request: Request<jury::ListCandidaturesRequest>,
    ) -> Answer<jury::ListCandidaturesReply> {
        let (_, member) = caller(&request)?;
        Ok(Response::new(reading::list_candidatures(self, member, request.into_inner()).await?))
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

    async fn get_act(&self, request: Request<jury::GetActRequest>) -> Answer<jury::ActDetail> {
        caller(&request)?;
        Ok(Response::new(reading::get_act(self, &request.into_inner().act_id).await?))
    }

    async fn get_minutes(&self, request: Request<jury::GetMinutesRequest>) -> Answer<jury::Minutes> {
        caller(&request)?;
        Ok(Response::new(reading::get_minutes(self, request.get_ref()).await?))
    }

    async fn set_readers(&self, request: Request<jury::SetReadersRequest>) -> Answer<jury::SetReadersReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::JURY_PRESIDENT])?;
        Ok(Response::new(shares::set_readers(self, &caller, request.into_inner()).await?))
    }

    async fn list_readers(&self, request: Request<jury::ListReadersRequest>) -> Answer<jury::ListReadersReply> {
        caller(&request)?;
        Ok(Response::new(shares::list_readers(self).await?))
    }

    async fn assign_shares(&self, request: Request<jury::AssignSharesRequest>) -> Answer<jury::AssignSharesReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::JURY_PRESIDENT])?;
        Ok(Response::new(shares::assign_shares(self, &caller, request.into_inner()).await?))
    }

    async fn declare_conflict(
        &self,
        request: Request<jury::DeclareConflictRequest>,
    ) -> Answer<jury::DeclareConflictReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(shares::declare_conflict(self, &caller, &member, request.get_ref()).await?))
    }

    async fn record_marks(&self, request: Request<jury::RecordMarksRequest>) -> Answer<jury::RecordMarksReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(acting::record_many(self, &caller, &member, request.into_inner().rows).await?))
    }

    async fn check_merit(&self, request: Request<jury::ImportMeritRequest>) -> Answer<jury::CheckMeritReply> {
        caller(&request)?;
        Ok(Response::new(tables::check_merit(self, request.into_inner()).await?))
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
        self.prepare(&request, acts::admissibility_correction).await
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
        self.prepare(&request, |asked| acts::mark_correction(asked, &rules)).await
    }

    async fn submit_ranking(&self, request: Request<jury::SubmitRankingRequest>) -> Answer<jury::SubmitRankingReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(tables::submit_ranking(self, &caller, &member, request.into_inner()).await?))
    }

    async fn submit_merit_list(
        &self,
        request: Request<jury::SubmitMeritListRequest>,
    ) -> Answer<jury::SubmitMeritListReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(tables::submit_merit_list(self, &caller, &member, request.into_inner()).await?))
    }

    async fn import_merit(&self, request: Request<jury::ImportMeritRequest>) -> Answer<jury::SubmitMeritListReply> {
        let (caller, member) = caller(&request)?;
        Ok(Response::new(tables::import_merit(self, &caller, &member, request.into_inner()).await?))
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
        Ok(Response::new(acting::transfer_seats(self, &caller, request.into_inner()).await?))
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
        Ok(Response::new(acts::confirm(self, &caller, member, &request.into_inner()).await?))
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

/// A refusal of the store, where there is no command.
fn refusal(error: impl Into<Refused>) -> Refusal {
    error.into().into()
}
