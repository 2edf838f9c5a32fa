//! Wire to command to wire, nothing else.

use std::sync::Arc;

use contracts::intake::{self as pb, deposit_fiche_request::Content, intake_server::Intake};
use platform::{auth::Caller, refusal::Refusal};
use tonic::{Request, Response, Status, Streaming};

use crate::{
    app::{App, id, in_microseconds, sha256},
    commands::{self, BeginUpload, Deposit, Patch},
    domain::dossier::{FeeClaim, Purpose},
    queries::{self, Page},
    store::uploads::Session,
    wire,
};

/// The gRPC service.
pub struct Grpc(pub Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

/// The caller, the receipt in microseconds, and the message.
fn asked<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    Ok((in_microseconds(Caller::of(&request)?), request.into_inner()))
}

fn answer<T>(message: T) -> Answer<T> {
    Ok(Response::new(message))
}

fn optional_id(field: &'static str, text: &str) -> Result<Option<uuid::Uuid>, Refusal> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

fn upload(s: &Session) -> pb::Upload {
    pb::Upload { upload_id: s.id.to_string(), offset: s.progress.offset, size: s.progress.size }
}

#[tonic::async_trait]
impl Intake for Grpc {
    async fn open_dossier(&self, request: Request<pb::OpenDossierRequest>) -> Answer<pb::OpenDossierReply> {
        let (caller, r) = asked(request)?;
        let dossier = id("dossier_id", &r.dossier_id)?;
        let identity = wire::identity(r.identity.as_ref(), caller.received_at)?;
        let request = optional_id("request_id", &r.request_id)?;
        let opened = commands::open_dossier(&self.0, &caller, dossier, &identity, request, &r.local_public).await?;
        answer(pb::OpenDossierReply {
            dossier_id: dossier.to_string(),
            number: opened.number,
            opened_at: wire::instant(opened.opened_at),
            already_applied: opened.already_applied,
        })
    }

    async fn update_form(&self, request: Request<pb::UpdateFormRequest>) -> Answer<pb::UpdateFormReply> {
        let (caller, r) = asked(request)?;
        let identity = match &r.identity {
            Some(_) => Some(wire::identity(r.identity.as_ref(), caller.received_at)?),
            None => None,
        };
        let patch = Patch {
            identity,
            studies: r.studies.map(wire::studies).transpose().map_err(Refusal::from)?,
            title: r.title.as_ref().map(wire::title).transpose().map_err(Refusal::from)?,
            other_route_declared: r.other_route_declared,
        };
        let dossier = id("dossier_id", &r.dossier_id)?;
        let (dossier, order_cleared) = commands::update_form(&self.0, &caller, dossier, patch).await?;
        let title = dossier.title.as_ref();
        answer(pb::UpdateFormReply {
            filiere: title.map(|t| t.filiere.clone()).unwrap_or_default(),
            schools: title.map(|t| t.standings.iter().map(wire::standing_out).collect()).unwrap_or_default(),
            order_cleared,
        })
    }

    async fn set_order(&self, request: Request<pb::SetOrderRequest>) -> Answer<pb::SetOrderReply> {
        let (caller, r) = asked(request)?;
        let dossier = commands::set_order(&self.0, &caller, id("dossier_id", &r.dossier_id)?, r.schools).await?;
        answer(pb::SetOrderReply { schools: wire::order_out(&dossier.order, dossier.title.as_ref()) })
    }

    async fn begin_upload(&self, request: Request<pb::BeginUploadRequest>) -> Answer<pb::Upload> {
        let (caller, r) = asked(request)?;
        let purpose = match r.purpose() {
            pb::Purpose::Piece => Purpose::Piece,
            pb::Purpose::Late => Purpose::Late,
            pb::Purpose::Correction => Purpose::Correction,
            pb::Purpose::Unspecified | pb::Purpose::Fiche => {
                let allowed = ["PIECE", "LATE", "CORRECTION"];
                return Err(Refusal::invalid("PURPOSE_INVALID").field("purpose", "what for").allowed(allowed).into());
            }
        };
        let begin = BeginUpload {
            kind: &r.piece,
            size: r.size,
            name: &r.name,
            purpose,
            correction: optional_id("correction_id", &r.correction_id)?,
        };
        let session = commands::begin_upload(&self.0, &caller, id("dossier_id", &r.dossier_id)?, begin).await?;
        answer(upload(&session))
    }

    async fn upload_chunks(&self, request: Request<Streaming<pb::UploadChunk>>) -> Answer<pb::Upload> {
        let (caller, stream) = asked(request)?;
        answer(upload(&commands::receive_chunks(&self.0, &caller, stream).await?))
    }

    async fn get_upload(&self, request: Request<pb::GetUploadRequest>) -> Answer<pb::Upload> {
        let (caller, r) = asked(request)?;
        answer(upload(&commands::authorised(&self.0, &caller, &r.upload_id, &r.link).await?))
    }

    async fn commit_upload(&self, request: Request<pb::CommitUploadRequest>) -> Answer<pb::CommitUploadReply> {
        let (caller, r) = asked(request)?;
        let digest = sha256("sha256", &r.sha256)?;
        let (piece, already_applied) = commands::commit_upload(&self.0, &caller, &r.upload_id, digest).await?;
        answer(pb::CommitUploadReply { piece: Some(wire::piece_out(&piece)), already_applied })
    }

    async fn remove_piece(&self, request: Request<pb::RemovePieceRequest>) -> Answer<pb::RemovePieceReply> {
        let (caller, r) = asked(request)?;
        let (dossier, piece) = (id("dossier_id", &r.dossier_id)?, id("piece_id", &r.piece_id)?);
        let was_there = commands::remove_piece(&self.0, &caller, dossier, piece).await?;
        answer(pb::RemovePieceReply { already_applied: !was_there })
    }

    async fn name_referee(&self, request: Request<pb::NameRefereeRequest>) -> Answer<pb::Referee> {
        let (caller, r) = asked(request)?;
        let named = (r.name.as_str(), r.email.as_str(), r.capacity.as_str());
        let invitation = commands::name_referee(&self.0, &caller, id("dossier_id", &r.dossier_id)?, named).await?;
        answer(wire::referee_out(&invitation))
    }

    async fn resend_invitation(&self, request: Request<pb::ResendInvitationRequest>) -> Answer<pb::Referee> {
        let (caller, r) = asked(request)?;
        let dossier = id("dossier_id", &r.dossier_id)?;
        answer(wire::referee_out(&commands::resend_invitation(&self.0, &caller, dossier).await?))
    }

    async fn claim_fee(&self, request: Request<pb::ClaimFeeRequest>) -> Answer<pb::ClaimFeeReply> {
        let (caller, r) = asked(request)?;
        let claim = match r.claim() {
            pb::FeeClaim::Transfer => FeeClaim::Transfer,
            pb::FeeClaim::Exemption => {
                FeeClaim::Exemption { attestation: id("attestation_piece_id", &r.attestation_piece_id)? }
            }
            pb::FeeClaim::Unspecified => {
                let allowed = ["TRANSFER", "EXEMPTION"];
                return Err(Refusal::invalid("CLAIM_MISSING").field("claim", "missing").allowed(allowed).into());
            }
        };
        let dossier = id("dossier_id", &r.dossier_id)?;
        let (dossier, changed) = commands::claim_fee(&self.0, &caller, dossier, claim).await?;
        answer(wire::fee_out(&dossier, !changed).ok_or_else(|| Refusal::internal("a claim that vanished"))?)
    }

    async fn missing(&self, request: Request<pb::MissingRequest>) -> Answer<pb::MissingReply> {
        let (caller, r) = asked(request)?;
        let things = queries::missing(&self.0, &caller, id("dossier_id", &r.dossier_id)?).await?;
        answer(pb::MissingReply { things })
    }

    async fn close_dossier(&self, request: Request<pb::CloseDossierRequest>) -> Answer<pb::CloseDossierReply> {
        let (caller, r) = asked(request)?;
        let dossier = id("dossier_id", &r.dossier_id)?;
        let (receipt, already_applied) = commands::close_dossier(&self.0, &caller, dossier).await?;
        answer(pb::CloseDossierReply { receipt: Some(receipt), already_applied })
    }

    async fn abandon_dossier(&self, request: Request<pb::AbandonDossierRequest>) -> Answer<pb::AbandonDossierReply> {
        let (caller, r) = asked(request)?;
        let dossier = id("dossier_id", &r.dossier_id)?;
        let (since, already_applied) = commands::abandon_dossier(&self.0, &caller, dossier).await?;
        answer(pb::AbandonDossierReply { abandoned_at: wire::instant(since), already_applied })
    }

    async fn get_dossier(&self, request: Request<pb::GetDossierRequest>) -> Answer<pb::Dossier> {
        let (caller, r) = asked(request)?;
        answer(queries::get_dossier(&self.0, &caller, id("dossier_id", &r.dossier_id)?).await?)
    }

    type GetPieceStream = queries::Content;

    async fn get_piece(&self, request: Request<pb::GetPieceRequest>) -> Answer<queries::Content> {
        let (caller, r) = asked(request)?;
        let (dossier, piece) = (id("dossier_id", &r.dossier_id)?, id("piece_id", &r.piece_id)?);
        answer(queries::get_piece(&self.0, &caller, dossier, piece).await?)
    }

    async fn get_fiche_request(&self, request: Request<pb::GetFicheRequestRequest>) -> Answer<pb::FicheRequest> {
        answer(queries::fiche_request(&self.0, &request.into_inner().link).await?)
    }

    async fn begin_fiche_upload(&self, request: Request<pb::BeginFicheUploadRequest>) -> Answer<pb::Upload> {
        let (caller, r) = asked(request)?;
        let file = (r.name.as_str(), r.size);
        answer(upload(&commands::begin_fiche_upload(&self.0, caller.received_at, &r.link, file).await?))
    }

    async fn deposit_fiche(&self, request: Request<pb::DepositFicheRequest>) -> Answer<pb::FicheReceipt> {
        let (caller, r) = asked(request)?;
        let deposit = match r.content {
            Some(Content::File(file)) => Deposit::File {
                upload: id("file.upload_id", &file.upload_id)?,
                sha256: sha256("file.sha256", &file.sha256)?,
            },
            Some(Content::Answers(answers)) => Deposit::Answers(wire::answers(&answers).map_err(Refusal::from)?),
            None => return Err(Refusal::invalid("FICHE_MISSING").field("content", "a file or answers").into()),
        };
        let receipt = commands::deposit_fiche(&self.0, &caller, &r.link, deposit).await?;
        answer(pb::FicheReceipt {
            deposited_at: wire::instant(receipt.deposited_at),
            digest: hex::encode(receipt.digest),
            already_applied: receipt.already_applied,
        })
    }

    async fn list_dossiers_to_verify(
        &self,
        request: Request<pb::ListDossiersToVerifyRequest>,
    ) -> Answer<pb::ListDossiersToVerifyReply> {
        let (caller, r) = asked(request)?;
        let page = Page::parse(r.page_size, &r.page_token, 50, 200)?;
        answer(queries::dossiers_to_verify(&self.0, &caller, &r, page).await?)
    }

    async fn get_dossier_for_school(
        &self,
        request: Request<pb::GetDossierForSchoolRequest>,
    ) -> Answer<pb::SchoolDossier> {
        let (caller, r) = asked(request)?;
        answer(queries::dossier_for_school(&self.0, &caller, &r.school, id("dossier_id", &r.dossier_id)?).await?)
    }

    async fn check_piece(&self, request: Request<pb::CheckPieceRequest>) -> Answer<pb::Piece> {
        let (caller, r) = asked(request)?;
        let which = (id("dossier_id", &r.dossier_id)?, id("piece_id", &r.piece_id)?);
        let verdict = wire::piece_verdict(r.verdict())?;
        answer(wire::piece_out(&commands::check_piece(&self.0, &caller, &r.school, which, verdict).await?))
    }

    async fn request_correction(&self, request: Request<pb::RequestCorrectionRequest>) -> Answer<pb::Correction> {
        let (caller, r) = asked(request)?;
        let which = (id("dossier_id", &r.dossier_id)?, id("piece_id", &r.piece_id)?);
        let until = r
            .until
            .and_then(|t| jiff::Timestamp::try_from(t).ok())
            .and_then(|t| jiff::Timestamp::from_microsecond(t.as_microsecond()).ok())
            .ok_or_else(|| Refusal::invalid("UNTIL_INVALID").field("until", "an instant"))?;
        let correction = commands::request_correction(&self.0, &caller, &r.school, which, until, &r.reason).await?;
        answer(wire::correction_out(&correction))
    }

    async fn record_verdict(&self, request: Request<pb::RecordVerdictRequest>) -> Answer<pb::RecordVerdictReply> {
        let (caller, r) = asked(request)?;
        let (dossier, verdict) = (id("dossier_id", &r.dossier_id)?, wire::verdict(r.verdict())?);
        let (at, already_applied) =
            commands::record_verdict(&self.0, &caller, &r.school, dossier, verdict, &r.note).await?;
        answer(pb::RecordVerdictReply { at: wire::instant(at), already_applied })
    }

    async fn add_note(&self, request: Request<pb::AddNoteRequest>) -> Answer<pb::AddNoteReply> {
        let (caller, r) = asked(request)?;
        let (dossier, request) = (id("dossier_id", &r.dossier_id)?, optional_id("request_id", &r.request_id)?);
        let (note, already_applied) =
            commands::add_note(&self.0, &caller, &r.school, dossier, &r.text, request).await?;
        answer(pb::AddNoteReply { note: Some(wire::note_out(note)), already_applied })
    }

    async fn look_alikes(&self, request: Request<pb::LookAlikesRequest>) -> Answer<pb::LookAlikesReply> {
        let (caller, r) = asked(request)?;
        let page = Page::parse(r.page_size, &r.page_token, 50, 200)?;
        let dossier = optional_id("dossier_id", &r.dossier_id)?;
        answer(queries::look_alikes(&self.0, &caller, &r.school, dossier, page).await?)
    }

    async fn read_dossier(&self, request: Request<pb::ReadDossierRequest>) -> Answer<pb::JuryDossier> {
        let (caller, r) = asked(request)?;
        answer(queries::read_dossier(&self.0, &caller, id("dossier_id", &r.dossier_id)?).await?)
    }

    async fn list_dossiers(&self, request: Request<pb::ListDossiersRequest>) -> Answer<pb::ListDossiersReply> {
        let (caller, r) = asked(request)?;
        let page = Page::parse(r.page_size, &r.page_token, 200, 1000)?;
        answer(queries::list_dossiers(&self.0, &caller, page).await?)
    }

    async fn names_of(&self, request: Request<pb::NamesOfRequest>) -> Answer<pb::NamesOfReply> {
        let (caller, r) = asked(request)?;
        answer(pb::NamesOfReply { names: queries::names_of(&self.0, &caller, &r.dossier_ids).await? })
    }

    async fn contact_of(&self, request: Request<pb::ContactOfRequest>) -> Answer<pb::ContactOfReply> {
        let (caller, r) = asked(request)?;
        answer(pb::ContactOfReply { contacts: queries::contact_of(&self.0, &caller, &r.dossier_ids).await? })
    }

    async fn find_by_name(&self, request: Request<pb::FindByNameRequest>) -> Answer<pb::FindByNameReply> {
        let (caller, r) = asked(request)?;
        answer(pb::FindByNameReply { contacts: queries::find_by_name(&self.0, &caller, &r.text).await? })
    }

    async fn search_names(&self, request: Request<pb::SearchNamesRequest>) -> Answer<pb::SearchNamesReply> {
        let (caller, r) = asked(request)?;
        answer(pb::SearchNamesReply { contacts: queries::search_names(&self.0, &caller, &r.text).await? })
    }

    async fn take_invitations(&self, request: Request<pb::TakeInvitationsRequest>) -> Answer<pb::TakeInvitationsReply> {
        let (caller, r) = asked(request)?;
        let dossier = optional_id("dossier_id", &r.dossier_id)?;
        let invitations = commands::take_invitations(&self.0, &caller, dossier, r.limit).await?;
        answer(pb::TakeInvitationsReply { invitations })
    }

    async fn confirm_invitation_sent(
        &self,
        request: Request<pb::ConfirmInvitationSentRequest>,
    ) -> Answer<pb::ConfirmInvitationSentReply> {
        let (caller, r) = asked(request)?;
        let already_applied = commands::confirm_sent(&self.0, &caller, id("invitation_id", &r.invitation_id)?).await?;
        answer(pb::ConfirmInvitationSentReply { already_applied })
    }

    async fn report_bounce(&self, request: Request<pb::ReportBounceRequest>) -> Answer<pb::ReportBounceReply> {
        let (caller, r) = asked(request)?;
        let invitation = id("invitation_id", &r.invitation_id)?;
        let already_applied = commands::report_bounce(&self.0, &caller, invitation, &r.reason).await?;
        answer(pb::ReportBounceReply { already_applied })
    }
}
