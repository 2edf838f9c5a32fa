//! The fiche d'appréciation, through a link that only its reader has (R11).

use crate::world::{FIRST, World, candidate, ms, pdf, refusal, sha};
use contracts::{intake as pb, roles};
use futures::TryStreamExt as _;
use notice::keys;
use tonic::{Code, Request, Status};

async fn name(w: &World, email: &str) -> Result<pb::Referee, Status> {
    let message = pb::NameRefereeRequest {
        dossier_id: candidate(1).to_string(),
        name: "Mme Roux".into(),
        email: email.into(),
        capacity: "Responsable de la L3".into(),
    };
    Ok(w.client.clone().name_referee(World::me(1, w.day(), message)).await?.into_inner())
}

async fn take(w: &World) -> Vec<pb::Invitation> {
    let message = pb::TakeInvitationsRequest { dossier_id: candidate(1).to_string(), limit: 0 };
    w.client.clone().take_invitations(World::notifier(w.day(), message)).await.unwrap().into_inner().invitations
}

fn anyone<T>(at: jiff::Timestamp, message: T) -> Request<T> {
    World::ask("anonymous", "", None, at, message)
}

async fn shown(w: &World, link: &str) -> Result<pb::FicheRequest, Status> {
    let message = pb::GetFicheRequestRequest { link: link.into() };
    Ok(w.client.clone().get_fiche_request(anyone(w.day(), message)).await?.into_inner())
}

fn answers(comment: &str) -> pb::deposit_fiche_request::Content {
    pb::deposit_fiche_request::Content::Answers(pb::FicheAnswers {
        known_as: "responsable de l'année".into(),
        rank: 4,
        cohort: 120,
        appreciation: pb::Appreciation::VeryFavourable.into(),
        comment: comment.into(),
    })
}

async fn deposit(
    w: &World,
    link: &str,
    content: pb::deposit_fiche_request::Content,
    at: jiff::Timestamp,
) -> Result<pb::FicheReceipt, Status> {
    let message = pb::DepositFicheRequest { link: link.into(), content: Some(content) };
    Ok(w.client.clone().deposit_fiche(anyone(at, message)).await?.into_inner())
}

#[tokio::test]
async fn a_link_opens_one_deposit_and_its_content_stays_from_the_candidate() {
    let w = World::new("intake_fiche").await;
    w.ready(1).await;
    assert_eq!(refusal(name(&w, "eloise1@exemple.fr").await).fields[0].0, "email", "the candidate's own address");
    assert_eq!(name(&w, "roux@univ.example").await.unwrap().state(), pb::InvitationState::Pending);
    let invitation = take(&w).await.pop().unwrap();
    assert_eq!((invitation.link.len(), invitation.referee_email.as_str()), (64, "roux@univ.example"));

    // The token is kept nowhere: neither as text nor as bytes.
    let mut conn = w.db.read().await.unwrap();
    for table in ["dossiers", "invitations", "invitation_tokens", "platform.outbox", "platform.audit"] {
        let dump: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select coalesce(string_agg(t::text, ''), '') from {table} t"
        )))
        .fetch_one(&mut *conn)
        .await
        .unwrap();
        assert!(!dump.contains(&invitation.link), "the link stands in {table}");
    }
    drop(conn);

    let request = shown(&w, &invitation.link).await.unwrap();
    assert_eq!((request.candidate_family_name.as_str(), request.referee_name.as_str()), ("Lefèvre-1", "Mme Roux"));
    assert_eq!(jiff::Timestamp::try_from(request.due.unwrap()).unwrap(), w.closes);

    let receipt = deposit(&w, &invitation.link, answers("Excellente étudiante."), w.day()).await.unwrap();
    let again = deposit(&w, &invitation.link, answers("Excellente étudiante."), w.day() + ms(9)).await.unwrap();
    assert!(again.already_applied && !receipt.already_applied);
    assert_eq!((&again.digest, &again.deposited_at), (&receipt.digest, &receipt.deposited_at));
    assert_eq!(refusal(deposit(&w, &invitation.link, answers("Finalement non."), w.day()).await).reason, "LINK_USED");
    assert_eq!(refusal(shown(&w, &invitation.link).await).reason, "LINK_USED");

    let mine = w.dossier(1).await;
    assert_eq!(mine.referee.as_ref().unwrap().state(), pb::InvitationState::Deposited);
    assert!(!format!("{mine:?}").contains("Excellente"), "the candidate sees that it arrived, not what it says");
    assert_eq!(refusal(name(&w, "autre@univ.example").await).reason, "FICHE_DEPOSITED");

    w.close(1, w.day()).await.unwrap();
    let message = pb::ReadDossierRequest { dossier_id: candidate(1).to_string() };
    let whole = w.client.clone().read_dossier(World::jury(w.day(), message)).await.unwrap().into_inner();
    assert_eq!(whole.dossier.unwrap().fiche.unwrap().comment, "Excellente étudiante.");
    assert_eq!(whole.order[0].school, FIRST);
}

#[tokio::test]
async fn a_new_invitation_ends_the_earlier_link_and_a_bounce_shows() {
    let w = World::new("intake_links").await;
    w.open(1, w.day()).await.unwrap();
    assert_eq!(refusal(shown(&w, &"0".repeat(64)).await).code, Code::NotFound);
    assert_eq!(refusal(shown(&w, "court").await).reason, "LINK_UNKNOWN");
    name(&w, "roux@univ.exemple").await.unwrap();
    let first = take(&w).await.pop().unwrap();
    // Not confirmed as sent: offered again, and both links are good.
    let second = take(&w).await.pop().unwrap();
    assert_ne!(first.link, second.link);
    for link in [&first.link, &second.link] {
        shown(&w, link).await.unwrap();
    }
    let sent = pb::ConfirmInvitationSentRequest { invitation_id: first.invitation_id.clone() };
    w.client.clone().confirm_invitation_sent(World::notifier(w.day(), sent)).await.unwrap();
    assert_eq!(take(&w).await, []);

    let bounce = pb::ReportBounceRequest {
        invitation_id: first.invitation_id.clone(),
        reason: "550 \u{1b}[2Jno such user".into(),
    };
    w.client.clone().report_bounce(World::notifier(w.day(), bounce)).await.unwrap();
    let referee = w.dossier(1).await.referee.unwrap();
    assert_eq!((referee.state(), referee.bounce.as_str()), (pb::InvitationState::Bounced, "550 [2Jno such user"));

    let message = pb::ResendInvitationRequest { dossier_id: candidate(1).to_string() };
    let resent = w.client.clone().resend_invitation(World::me(1, w.day(), message)).await.unwrap().into_inner();
    assert_eq!((resent.state(), resent.invitations), (pb::InvitationState::Pending, 2));
    for link in [&first.link, &second.link] {
        assert_eq!(refusal(shown(&w, link).await).reason, "LINK_REVOKED");
        assert_eq!(refusal(deposit(&w, link, answers("Bien."), w.day()).await).reason, "LINK_REVOKED");
    }
    name(&w, "blanc@univ.example").await.unwrap();
    let third = take(&w).await.pop().unwrap();
    assert_eq!(third.referee_email, "blanc@univ.example");
    deposit(&w, &third.link, answers("Bien."), w.closes - ms(1)).await.unwrap();
}

#[tokio::test]
async fn links_leave_for_the_notifier_alone() {
    let w = World::new("intake_notifier").await;
    w.open(1, w.day()).await.unwrap();
    name(&w, "roux@univ.example").await.unwrap();
    let message = pb::TakeInvitationsRequest::default();
    let mut client = w.client.clone();
    let payments = World::ask(roles::SERVICE, "payments", None, w.day(), message.clone());
    assert_eq!(refusal(client.take_invitations(payments).await).reason, "SERVICE_NOT_ALLOWED");
    for role in [roles::CANDIDATE, roles::STAFF, roles::JURY_PRESIDENT, roles::OPERATOR] {
        let asked = World::ask(role, "notifier", None, w.day(), message.clone());
        assert_eq!(refusal(client.take_invitations(asked).await).code, Code::PermissionDenied, "{role}");
    }
    assert_eq!(refusal(client.take_invitations(anyone(w.day(), message)).await).code, Code::Unauthenticated);
}

#[tokio::test]
async fn a_fiche_can_be_a_file_sent_through_the_link() {
    let w = World::new("intake_fiche_file").await;
    w.ready(1).await;
    name(&w, "roux@univ.example").await.unwrap();
    let link = take(&w).await.pop().unwrap().link;
    let file = pdf(200);
    let message = pb::BeginFicheUploadRequest { link: link.clone(), size: file.len() as u64, name: "fiche.pdf".into() };
    let upload = w.client.clone().begin_fiche_upload(anyone(w.day(), message)).await.unwrap().into_inner().upload_id;
    let chunk = |link: &str| {
        let chunk = pb::UploadChunk { upload_id: upload.clone(), offset: 0, data: file.clone(), link: link.into() };
        tokio_stream::iter(vec![chunk])
    };
    // Neither the candidate nor another link gets at the session.
    let refused = refusal(w.client.clone().upload_chunks(World::me(1, w.day(), chunk(""))).await);
    assert_eq!(refused.reason, "LINK_UNKNOWN");
    assert_eq!(refusal(w.commit(1, &upload, &sha(&file), w.day()).await).reason, "LINK_UNKNOWN");
    let sent = w.client.clone().upload_chunks(anyone(w.day(), chunk(&link))).await.unwrap().into_inner();
    assert_eq!(sent.offset, sent.size);
    let content =
        || pb::deposit_fiche_request::Content::File(pb::FicheFile { upload_id: upload.clone(), sha256: sha(&file) });
    let receipt = deposit(&w, &link, content(), w.day()).await.unwrap();
    assert_eq!(receipt.digest, sha(&file));
    assert!(deposit(&w, &link, content(), w.day()).await.unwrap().already_applied);

    w.close(1, w.day()).await.unwrap();
    let get = pb::GetPieceRequest { dossier_id: candidate(1).to_string(), piece_id: upload.clone() };
    let mut client = w.client.clone();
    let mine = client.get_piece(World::me(1, w.day(), get.clone())).await.map(|_| ());
    assert_eq!(refusal(mine).reason, "PIECE_UNKNOWN", "the candidate never sees the fiche");
    assert!(!w.dossier(1).await.pieces.iter().any(|p| p.piece_id == upload));
    for request in [World::jury(w.day(), get.clone()), World::staff(FIRST, w.day(), get)] {
        let chunks: Vec<pb::PieceChunk> =
            client.get_piece(request).await.unwrap().into_inner().try_collect().await.unwrap();
        assert_eq!(chunks.into_iter().flat_map(|c| c.data).collect::<Vec<_>>(), file);
    }
}

#[tokio::test]
async fn a_fiche_is_due_like_everything_else() {
    let w = World::new("intake_fiche_due").await;
    w.ready(1).await;
    w.ready(2).await;
    name(&w, "roux@univ.example").await.unwrap();
    let link = take(&w).await.pop().unwrap().link;
    assert_eq!(refusal(deposit(&w, &link, answers("Bien."), w.closes).await).reason, "WINDOW_CLOSING");
    w.close(1, w.day()).await.unwrap();
    // Closed with the other fiche: what was closed stays as it is.
    assert_eq!(refusal(deposit(&w, &link, answers("Bien."), w.day()).await).reason, "DOSSIER_NOT_EDITABLE");
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    assert_eq!(refusal(deposit(&w, &link, answers("Bien."), w.closes).await).reason, "WINDOW_CLOSED");
}
