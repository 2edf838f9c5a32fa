//! A dossier that its candidate gives up while it is open: nothing is left of it, and nothing stays open behind it.

use crate::{
    sweep::objects,
    world::{FIRST, World, candidate, ms, pdf, refusal, sha},
};
use contracts::{intake as pb, roles};
use intake::{
    commands::{Swept, sweep},
    domain::upload::SWEPT_AFTER,
};
use jiff::Timestamp;
use notice::keys;
use tonic::Status;

async fn abandon(w: &World, n: u128, at: Timestamp) -> Result<pb::AbandonDossierReply, Status> {
    let message = pb::AbandonDossierRequest { dossier_id: candidate(n).to_string() };
    Ok(w.client.clone().abandon_dossier(World::me(n, at, message)).await?.into_inner())
}

/// Everything the database holds outside the platform's own tables, as text.
async fn dump(w: &World) -> String {
    let mut conn = w.db.read().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_schema || '.' || table_name from information_schema.tables
                            where table_schema in ('public', 'platform')",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let mut all = String::new();
    for table in tables {
        let text = sqlx::AssertSqlSafe(format!("select coalesce(string_agg(t::text, ' '), '') from {table} t"));
        all += &sqlx::query_scalar::<_, String>(text).fetch_one(&mut *conn).await.unwrap();
    }
    all
}

#[tokio::test]
async fn what_is_given_up_is_erased_with_its_files_and_its_links() {
    let w = World::new("intake_abandoned").await;
    let mut client = w.client.clone();
    w.ready(1).await;
    let referee = pb::NameRefereeRequest {
        dossier_id: candidate(1).to_string(),
        name: "Mme Roux".into(),
        email: "roux@univ.example".into(),
        capacity: "Responsable".into(),
    };
    client.name_referee(World::me(1, w.day(), referee)).await.unwrap();
    let take = pb::TakeInvitationsRequest::default();
    let invitation = client
        .take_invitations(World::notifier(w.day(), take.clone()))
        .await
        .unwrap()
        .into_inner()
        .invitations
        .remove(0);
    // A fiche as a file, and an upload in the middle of its bytes.
    let anyone = |message| World::ask("anonymous", "", None, w.day(), message);
    let fiche = pdf(50);
    let begun =
        pb::BeginFicheUploadRequest { link: invitation.link.clone(), size: fiche.len() as u64, name: "f.pdf".into() };
    let upload = client
        .begin_fiche_upload(World::ask("anonymous", "", None, w.day(), begun))
        .await
        .unwrap()
        .into_inner()
        .upload_id;
    let chunk =
        pb::UploadChunk { upload_id: upload.clone(), offset: 0, data: fiche.clone(), link: invitation.link.clone() };
    client.upload_chunks(World::ask("anonymous", "", None, w.day(), tokio_stream::iter([chunk]))).await.unwrap();
    let file = pb::FicheFile { upload_id: upload, sha256: sha(&fiche) };
    let deposit = pb::DepositFicheRequest {
        link: invitation.link.clone(),
        content: Some(pb::deposit_fiche_request::Content::File(file)),
    };
    client.deposit_fiche(World::ask("anonymous", "", None, w.day(), deposit.clone())).await.unwrap();
    let half = w.begin(1, "diploma", 500, pb::Purpose::Piece, w.day()).await.unwrap().upload_id;
    w.send(1, &half, 0, &[&pdf(100)]).await.unwrap();
    // Someone else's stays.
    w.open(2, w.day()).await.unwrap();
    let kept = w.piece(2, "motivation_letter", pb::Purpose::Piece, w.day()).await.unwrap();

    let at = w.day() + ms(5);
    let first = abandon(&w, 1, at).await.unwrap();
    assert_eq!((first.abandoned_at, first.already_applied), (Some(at.into()), false));
    for again in [at + ms(1), w.closes, w.titles_due] {
        let again = abandon(&w, 1, again).await.unwrap();
        assert_eq!((again.abandoned_at, again.already_applied), (Some(at.into()), true));
    }
    let left = dump(&w).await;
    for gone in ["Lefèvre-1", "lefevre 1", "eloise1@", "Roux", "roux@", "Responsable", "pièce.pdf", "f.pdf"] {
        let elsewhere = if gone == "pièce.pdf" { 2 } else { 0 }; // the other candidate's piece and its session
        assert!(left.matches(gone).count() <= elsewhere, "{gone:?} is left");
    }
    let seen = w.dossier(1).await;
    let expected = pb::Dossier {
        dossier_id: candidate(1).to_string(),
        number: 1,
        state: pb::DossierState::Abandoned.into(),
        opened_at: seen.opened_at,
        ended_at: Some(at.into()),
        ..Default::default()
    };
    assert_eq!(seen, expected);
    let last = w.told(1).await.pop().unwrap();
    assert_eq!(last.0, "facts.v1.intake.dossier_abandoned");
    assert_eq!(last.2, serde_json::json!({ "dossierId": candidate(1).to_string(), "at": at.to_string() }));
    assert_eq!(w.told(1).await.iter().filter(|(s, ..)| s.ends_with("abandoned")).count(), 1);

    // Nothing behind it is open any more.
    assert_eq!(refusal(w.send(1, &half, 0, &[&pdf(100)]).await).reason, "UPLOAD_UNKNOWN");
    assert_eq!(refusal(w.begin(1, "diploma", 500, pb::Purpose::Piece, at).await).reason, "WRONG_STATE");
    assert_eq!(refusal(w.open(1, at).await).reason, "DOSSIER_EXISTS", "id and number stay taken");
    assert_eq!(refusal(w.close(1, at).await).reason, "DOSSIER_NOT_EDITABLE");
    assert_eq!(refusal(w.claim(1).await).reason, "DOSSIER_NOT_EDITABLE");
    let request = pb::GetFicheRequestRequest { link: invitation.link.clone() };
    assert_eq!(refusal(client.get_fiche_request(anyone(request)).await).reason, "LINK_REVOKED");
    let deposit = client.deposit_fiche(World::ask("anonymous", "", None, w.day(), deposit)).await;
    assert_eq!(refusal(deposit).reason, "LINK_REVOKED");
    let confirm = pb::ConfirmInvitationSentRequest { invitation_id: invitation.invitation_id };
    client.confirm_invitation_sent(World::notifier(at, confirm)).await.unwrap();
    let contacts = pb::ContactOfRequest { dossier_ids: vec![candidate(1).to_string()] };
    assert_eq!(client.contact_of(World::notifier(at, contacts)).await.unwrap().into_inner().contacts, []);
    // The window's end and its reopening pass it by, and two that were given up do not look alike.
    abandon(&w, 2, at).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    w.move_on(keys::DEPOSITS_CLOSE, w.closes + ms(1)).await;
    w.calendar_heard().await;
    assert_eq!(w.dossier(1).await.state(), pb::DossierState::Abandoned);
    let alike = client.look_alikes(World::jury(at, pb::LookAlikesRequest::default())).await.unwrap().into_inner();
    assert_eq!(alike.groups, []);

    // Its bytes go once no request that knew it open can still be under way, listed or not.
    assert!(objects(w.folder()).iter().any(|o| o.contains(&kept.piece_id)));
    assert_eq!(sweep(&w.app, at + SWEPT_AFTER).await.unwrap(), Swept::default());
    let swept = sweep(&w.app, at + SWEPT_AFTER + ms(1)).await.unwrap();
    assert!(swept.forgotten > 3, "{swept:?}");
    assert_eq!(objects(w.folder()), Vec::<String>::new());
    assert!(!dump(&w).await.contains(&half));
}

#[tokio::test]
async fn only_what_is_open_is_given_up_by_its_candidate_inside_the_window() {
    let w = World::new("intake_abandon_refused").await;
    for n in 1..=2 {
        w.ready(n).await;
    }
    w.close(1, w.day()).await.unwrap();
    let message = || pb::AbandonDossierRequest { dossier_id: candidate(2).to_string() };
    for (role, subject, reason) in [
        (roles::CANDIDATE, candidate(1).to_string(), "NOT_YOURS"),
        (roles::STAFF, "staff".into(), "ROLE_NOT_ALLOWED"),
        (roles::MANDATE, candidate(2).to_string(), "ROLE_NOT_ALLOWED"),
        (roles::OPERATOR, "op".into(), "ROLE_NOT_ALLOWED"),
    ] {
        let asked = World::ask(role, &subject, Some(FIRST), w.day(), message());
        assert_eq!(refusal(w.client.clone().abandon_dossier(asked).await).reason, reason, "{role}");
    }
    assert_eq!(refusal(abandon(&w, 3, w.day()).await).reason, "DOSSIER_UNKNOWN");
    for at in [w.day(), w.closes] {
        let closed = refusal(abandon(&w, 1, at).await);
        assert_eq!((closed.reason.as_str(), closed.metadata["instead"].as_str()), ("WRONG_STATE", "NON"));
    }
    let before = w.dossier(2).await;
    assert_eq!(refusal(abandon(&w, 2, w.closes).await).reason, "WINDOW_CLOSING");
    assert_eq!(w.dossier(2).await, before);
    // The database keeps it empty, and what was not given up whole.
    abandon(&w, 2, w.closes - ms(1)).await.unwrap();
    let mut conn = w.db.read().await.unwrap();
    for statement in [
        "update dossiers set email = 'x' where state = 'abandoned'",
        "update dossiers set state = 'abandoned', abandoned_at = now() where state = 'closed'",
        "update dossiers set birth_date = null where state = 'closed'",
        "delete from pieces",
    ] {
        assert!(sqlx::query(statement).execute(&mut *conn).await.is_err(), "{statement}");
    }
}
