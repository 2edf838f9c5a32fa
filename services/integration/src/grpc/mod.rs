//! Wire to command to wire, nothing else. Every call names its caller first, then reads its fields, then acts.

mod access;

use std::sync::Arc;

use contracts::{
    integration::{self as api, integration_server::Integration},
    roles,
};
use platform::{auth::Caller, db::Db, refusal::Refusal};
use tonic::{Request, Response, Status};

use crate::{
    commands::{
        Regulation, answer, mandates, outages, override_publication, receive_integration_dossier, recompute,
        review_title, settle_titles,
    },
    domain::titles::Review,
    queries::{lists, periods, situation, what_if},
    refusals, store, wire,
};
use access::{OVERSEERS, id};

type Answered<T> = Result<Response<T>, Status>;

/// The gRPC face of the integration.
#[derive(Debug)]
pub struct Grpc {
    db: Db,
    regulation: Arc<Regulation>,
}

impl Grpc {
    /// Over that database.
    #[must_use]
    pub fn new(db: Db, regulation: Arc<Regulation>) -> Self {
        Self { db, regulation }
    }
}

#[tonic::async_trait]
impl Integration for Grpc {
    async fn record_login(&self, request: Request<api::RecordLoginRequest>) -> Answered<api::RecordLoginReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        let actor = self.authorise_own(&caller, dossier).await?;
        let period = self.seen(&caller, dossier, &actor).await?;
        let received_at = Some(caller.received_at.into());
        Ok(Response::new(api::RecordLoginReply { period: period.unwrap_or(0), received_at }))
    }

    async fn get_situation(&self, request: Request<api::GetSituationRequest>) -> Answered<api::Situation> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        self.reader(&caller, dossier).await?;
        let mut conn = self.db.read().await?;
        let situation = situation::situation(&mut conn, &self.regulation, dossier, caller.received_at).await?;
        Ok(Response::new(situation))
    }

    async fn list_allowed(&self, request: Request<api::ListAllowedRequest>) -> Answered<api::ListAllowedReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        self.reader(&caller, dossier).await?;
        let mut conn = self.db.read().await?;
        let page = situation::page(&mut conn, &self.regulation, dossier, caller.received_at).await?;
        let allowed = page.kept.candidature.allowed(page.phase).iter().map(wire::allowed).collect();
        Ok(Response::new(api::ListAllowedReply { allowed }))
    }

    async fn answer(&self, request: Request<api::AnswerRequest>) -> Answered<api::AnswerReceipt> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        let actor = self.authorise_own(&caller, dossier).await?;
        let answer = wire::answer_in(request.answer).ok_or_else(|| {
            Refusal::invalid("ANSWER_UNKNOWN").field("answer", "is none of the notice's five answers")
        })?;
        let (confirmed, at) = (request.confirmed, caller.received_at);
        let mut tx = self.begin("answer").await?;
        let command = answer::GiveAnswer { dossier, answer, confirmed, actor: actor.clone(), at };
        let receipt = match answer::answer(&mut tx, &self.regulation, command).await {
            Ok(receipt) => receipt,
            Err(refused) => {
                // Refused or not, it is an authenticated request: they were seen (R31).
                drop(tx);
                self.seen(&caller, dossier, &actor).await?;
                return Err(refused.into());
            }
        };
        tx.commit().await?;
        let given = receipt.given;
        Ok(Response::new(api::AnswerReceipt {
            dossier_id: dossier.to_string(),
            answer: wire::answer_out(given.answer).into(),
            school: given.school.unwrap_or_default(),
            period: receipt.period,
            received_at: Some(given.at.into()),
            takes_effect_at: Some(receipt.takes_effect_at.into()),
            version: given.version,
            already_applied: receipt.already_applied,
            gives_up: given.gives_up,
        }))
    }

    async fn explain(&self, request: Request<api::ExplainRequest>) -> Answered<api::Explanation> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        self.reader(&caller, dossier).await?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(situation::explain(&mut conn, &self.regulation, dossier, caller.received_at).await?))
    }

    async fn history(&self, request: Request<api::HistoryRequest>) -> Answered<api::HistoryReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        self.reader(&caller, dossier).await?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(situation::history(&mut conn, &self.regulation, dossier, caller.received_at).await?))
    }

    async fn create_mandate(&self, request: Request<api::CreateMandateRequest>) -> Answered<api::CreateMandateReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        caller.require(&[roles::CANDIDATE])?;
        self.own(&caller, dossier).await?;
        let mut tx = self.begin("create_mandate").await?;
        let (mandate, code) = mandates::create(&mut tx, dossier, &request.label, caller.received_at).await?;
        tx.commit().await?;
        Ok(Response::new(api::CreateMandateReply { mandate_id: mandate.id.to_string(), code }))
    }

    async fn revoke_mandate(&self, request: Request<api::RevokeMandateRequest>) -> Answered<api::RevokeMandateReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        let mandate = id(&request.mandate_id, "mandate_id")?;
        caller.require(&[roles::CANDIDATE])?;
        self.own(&caller, dossier).await?;
        let mut tx = self.begin("revoke_mandate").await?;
        let revoked_at = mandates::revoke(&mut tx, dossier, mandate, caller.received_at).await?;
        tx.commit().await?;
        Ok(Response::new(api::RevokeMandateReply { revoked_at: Some(revoked_at.into()) }))
    }

    async fn list_mandates(&self, request: Request<api::ListMandatesRequest>) -> Answered<api::ListMandatesReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        caller.require(&[roles::CANDIDATE])?;
        self.own(&caller, dossier).await?;
        let mut conn = self.db.read().await?;
        let mandates = store::mandates::of(&mut conn, dossier).await?.into_iter().map(|mandate| api::Mandate {
            mandate_id: mandate.id.to_string(),
            label: mandate.label,
            created_at: Some(mandate.created_at.into()),
            revoked_at: mandate.revoked_at.map(Into::into),
        });
        Ok(Response::new(api::ListMandatesReply { mandates: mandates.collect() }))
    }

    async fn exchange_mandate(
        &self,
        request: Request<api::ExchangeMandateRequest>,
    ) -> Answered<api::ExchangeMandateReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&[roles::SERVICE])?;
        let mut conn = self.db.read().await?;
        let known = store::mandates::by_code(&mut conn, &mandates::hash(&request.code)).await?;
        let (mandate, dossier) = known.ok_or_else(|| {
            Refusal::not_found("NO_MANDATE", "code", "this code is not in force; ask whoever gave it to you")
        })?;
        let reply = api::ExchangeMandateReply { mandate_id: mandate.to_string(), dossier_id: dossier.to_string() };
        Ok(Response::new(reply))
    }

    async fn list_periods(&self, request: Request<api::ListPeriodsRequest>) -> Answered<api::ListPeriodsReply> {
        Caller::of(&request)?.require(&OVERSEERS)?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(periods::list(&mut conn).await?))
    }

    async fn period_results(&self, request: Request<api::PeriodResultsRequest>) -> Answered<api::PeriodResultsReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let school = Self::school_of(&caller, "", &[])?;
        let mut conn = self.db.read().await?;
        let results = periods::results(&mut conn, &self.regulation, request.period, school, caller.received_at).await?;
        Ok(Response::new(results))
    }

    async fn list_table(&self, request: Request<api::ListTableRequest>) -> Answered<api::ListTableReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        Self::school_of(&caller, &request.school, &[])?;
        let mut conn = self.db.read().await?;
        let (school, filiere) = (&request.school, &request.filiere);
        Ok(Response::new(lists::table(&mut conn, &self.regulation, school, filiere, caller.received_at).await?))
    }

    async fn recompute(&self, request: Request<api::RecomputeRequest>) -> Answered<api::RecomputeReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&OVERSEERS)?;
        let mut conn = self.db.read().await?;
        let (number, at) = (request.period, caller.received_at);
        let period = periods::require_published(&mut conn, &self.regulation, number, at).await?;
        let again = recompute::recompute(&mut conn, number).await.map_err(Refusal::from)?;
        let again = again.ok_or_else(|| refusals::no_period(number))?;
        Ok(Response::new(api::RecomputeReply {
            identical: again.identical,
            inputs_digest: period.inputs_digest.unwrap_or_default(),
            stored_outputs_digest: period.outputs_digest.unwrap_or_default(),
            recomputed_outputs_digest: again.outputs_digest,
            objections: again.objections,
            inputs_json: again.stored.inputs,
            outputs_json: again.stored.outputs,
        }))
    }

    async fn prepare_publication_override(
        &self,
        request: Request<api::PreparePublicationOverrideRequest>,
    ) -> Answered<api::PreparePublicationOverrideReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&[roles::JURY_PRESIDENT])?;
        let mut tx = self.begin("prepare_publication_override").await?;
        let who = (caller.subject.as_str(), caller.received_at);
        let outputs_digest = override_publication::prepare(&mut tx, request.period, &request.reason, who).await?;
        tx.commit().await?;
        Ok(Response::new(api::PreparePublicationOverrideReply { outputs_digest }))
    }

    async fn confirm_publication_override(
        &self,
        request: Request<api::ConfirmPublicationOverrideRequest>,
    ) -> Answered<api::ConfirmPublicationOverrideReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&[roles::JURY_PRESIDENT])?;
        let mut tx = self.begin("confirm_publication_override").await?;
        let who = (caller.subject.as_str(), caller.received_at);
        let (period, digest) = (request.period, &request.outputs_digest);
        let opened = override_publication::confirm(&mut tx, &self.regulation, period, digest, who).await?;
        tx.commit().await?;
        Ok(Response::new(api::ConfirmPublicationOverrideReply { opened }))
    }

    async fn report_outage(&self, request: Request<api::ReportOutageRequest>) -> Answered<api::ReportOutageReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&[roles::OPERATOR])?;
        let instant = |at: Option<contracts::Timestamp>, field: &'static str| {
            at.and_then(|at| at.try_into().ok())
                .ok_or_else(|| Refusal::invalid("OUTAGE_NOT_USABLE").field(field, "must be an instant"))
        };
        let (from, until) = (instant(request.from, "from")?, instant(request.until, "until")?);
        let mut tx = self.begin("report_outage").await?;
        let who = (caller.subject.as_str(), caller.received_at);
        let outage_id = outages::report(&mut tx, from, until, &request.reason, who).await?.to_string();
        tx.commit().await?;
        Ok(Response::new(api::ReportOutageReply { outage_id }))
    }

    async fn list_outages(&self, request: Request<api::ListOutagesRequest>) -> Answered<api::ListOutagesReply> {
        Caller::of(&request)?.require(&OVERSEERS)?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(periods::list_outages(&mut conn, &self.regulation).await?))
    }

    async fn what_if(&self, request: Request<api::WhatIfRequest>) -> Answered<api::WhatIfReply> {
        Caller::of(&request)?.require(&[roles::JURY, roles::JURY_PRESIDENT])?;
        let session = &self.regulation.session;
        let asked = wire::what_if::asked(session, request.into_inner())?;
        let mut conn = self.db.read().await?;
        let what_if = what_if::what_if(&mut conn, &self.regulation, asked).await?;
        Ok(Response::new(wire::what_if::reply(session, what_if)))
    }

    async fn resolve_close(&self, request: Request<api::ResolveCloseRequest>) -> Answered<api::ResolveCloseReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        caller.require(&[roles::JURY_PRESIDENT])?;
        let spare = match request.decision() {
            api::CloseDecision::Eliminate => false,
            api::CloseDecision::Spare => true,
            api::CloseDecision::Unspecified => {
                return Err(Refusal::invalid("DECISION_REQUIRED").field("decision", "ELIMINATE or SPARE").into());
            }
        };
        let mut tx = self.begin("resolve_close").await?;
        let who = (caller.subject.as_str(), caller.received_at);
        let eliminated =
            outages::resolve(&mut tx, &self.regulation, request.period, spare, &request.reason, who).await?;
        tx.commit().await?;
        Ok(Response::new(api::ResolveCloseReply { eliminated: u32::try_from(eliminated).unwrap_or(u32::MAX) }))
    }

    async fn not_logged_in(&self, request: Request<api::NotLoggedInRequest>) -> Answered<api::NotLoggedInReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let school = Self::school_of(&caller, &request.school, &[roles::SERVICE])?;
        let mut conn = self.db.read().await?;
        let reply =
            lists::not_logged_in(&mut conn, &self.regulation, request.period, school, caller.received_at).await?;
        Ok(Response::new(reply))
    }

    async fn review_title(&self, request: Request<api::ReviewTitleRequest>) -> Answered<api::ReviewTitleReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        caller.require(&[roles::STAFF])?;
        let mut tx = self.begin("review_title").await?;
        let command = review_title::ReviewTitle {
            dossier,
            piece: request.piece,
            review: if request.accepted { Review::Accepted } else { Review::Refused(request.reason) },
            in_closed_dossier: request.in_closed_dossier,
            unit: caller.unit,
            actor: caller.subject,
            at: caller.received_at,
        };
        let kept = review_title::review(&mut tx, &self.regulation, command).await?;
        let calendar = crate::calendar::Calendar::load(tx.conn(), self.regulation.periods()).await?;
        let file = settle_titles::file_of(tx.conn(), &self.regulation, &calendar, &kept).await?;
        tx.commit().await?;
        let state = wire::state(&kept.candidature.standing).0.into();
        Ok(Response::new(api::ReviewTitleReply { state, titles: wire::titles(&file) }))
    }

    async fn receive_integration_dossier(
        &self,
        request: Request<api::ReceiveIntegrationDossierRequest>,
    ) -> Answered<api::ReceiveIntegrationDossierReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let dossier = id(&request.dossier_id, "dossier_id")?;
        caller.require(&[roles::STAFF])?;
        let mut tx = self.begin("receive_integration_dossier").await?;
        let who = (caller.subject.as_str(), caller.received_at);
        let received = receive_integration_dossier::receive(&mut tx, dossier, caller.unit.as_deref(), who).await?;
        tx.commit().await?;
        let (school, received_at, already_received) = received;
        let received_at = Some(received_at.into());
        Ok(Response::new(api::ReceiveIntegrationDossierReply { received_at, already_received, school }))
    }

    async fn final_list(&self, request: Request<api::FinalListRequest>) -> Answered<api::FinalListReply> {
        let (caller, request) = (Caller::of(&request)?, request.into_inner());
        let school = Self::school_of(&caller, &request.school, &[])?;
        let mut conn = self.db.read().await?;
        Ok(Response::new(lists::final_list(&mut conn, &self.regulation, school, caller.received_at).await?))
    }
}
