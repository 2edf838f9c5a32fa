//! Verification by the school of choice 1 (R14), and what other readers see.

use crate::world::{FIRST, SECOND, THIRD, World, candidate, ms, pdf, refusal, sha};
use contracts::{intake as pb, roles};
use futures::TryStreamExt as _;
use notice::keys;
use tonic::{Code, Status};

async fn list(w: &World, school: &str, page_size: u32, page_token: &str) -> pb::ListDossiersToVerifyReply {
    let message = pb::ListDossiersToVerifyRequest {
        school: school.into(),
        page_size,
        page_token: page_token.into(),
        ..Default::default()
    };
    w.client.clone().list_dossiers_to_verify(World::staff(school, w.day(), message)).await.unwrap().into_inner()
}

async fn whole(w: &World, school: &str, n: u128) -> Result<pb::SchoolDossier, Status> {
    let message = pb::GetDossierForSchoolRequest { school: school.into(), dossier_id: candidate(n).to_string() };
    Ok(w.client.clone().get_dossier_for_school(World::staff(school, w.day(), message)).await?.into_inner())
}

async fn check(w: &World, school: &str, piece: &str, verdict: pb::PieceVerdict) -> Result<pb::Piece, Status> {
    let message = pb::CheckPieceRequest {
        school: school.into(),
        dossier_id: candidate(1).to_string(),
        piece_id: piece.into(),
        verdict: verdict.into(),
    };
    Ok(w.client.clone().check_piece(World::staff(school, w.day(), message)).await?.into_inner())
}

async fn correct(
    w: &World,
    piece: &str,
    until: jiff::Timestamp,
    at: jiff::Timestamp,
) -> Result<pb::Correction, Status> {
    let message = pb::RequestCorrectionRequest {
        school: FIRST.into(),
        dossier_id: candidate(1).to_string(),
        piece_id: piece.into(),
        until: Some(until.into()),
        reason: "illisible".into(),
    };
    Ok(w.client.clone().request_correction(World::staff(FIRST, at, message)).await?.into_inner())
}

async fn verdict(w: &World, verdict: pb::Verdict, at: jiff::Timestamp) -> Result<pb::RecordVerdictReply, Status> {
    let message = pb::RecordVerdictRequest {
        school: FIRST.into(),
        dossier_id: candidate(1).to_string(),
        verdict: verdict.into(),
        note: String::new(),
    };
    Ok(w.client.clone().record_verdict(World::staff(FIRST, at, message)).await?.into_inner())
}

#[tokio::test]
async fn the_school_of_choice_1_alone_sees_the_dossier_and_no_order_in_it() {
    let w = World::new("intake_school").await;
    for n in 1..=3 {
        w.ready(n).await;
        w.close(n, w.day()).await.unwrap();
    }
    w.ready(4).await; // never closed: no school sees it
    let first = list(&w, FIRST, 2, "").await;
    let second = list(&w, FIRST, 2, &first.next_page_token).await;
    let seen: Vec<_> = first.dossiers.iter().chain(&second.dossiers).map(|d| d.dossier_id.clone()).collect();
    assert_eq!(seen, [1, 2, 3].map(|n| candidate(n).to_string()));
    assert!(second.next_page_token.is_empty());
    assert_eq!(list(&w, SECOND, 50, "").await.dossiers, []);

    let dossier = whole(&w, FIRST, 1).await.unwrap();
    for other in [SECOND, THIRD] {
        assert!(!format!("{dossier:?}").contains(&format!("\"{other}\"")), "{other} shows in {dossier:?}");
        assert!(!format!("{first:?}").contains(other));
        assert_eq!(refusal(whole(&w, other, 1).await).reason, "DOSSIER_UNKNOWN");
    }
    assert_eq!(refusal(whole(&w, FIRST, 4).await).reason, "DOSSIER_UNKNOWN");
    // Staff of one school in the name of another.
    let message = pb::GetDossierForSchoolRequest { school: FIRST.into(), dossier_id: candidate(1).to_string() };
    let asked = World::staff(SECOND, w.day(), message);
    assert_eq!(refusal(w.client.clone().get_dossier_for_school(asked).await).reason, "UNIT_NOT_ALLOWED");
    // The recipe of the digest is public and the order is all of it that a school does not know: trying every order
    // against the digest would tell which it is.
    let receipt = dossier.receipt.as_ref().unwrap();
    assert_eq!((receipt.closed_at, receipt.digest.as_str()), (Some(w.day().into()), ""));
    assert_eq!(w.dossier(1).await.receipt.unwrap().digest.len(), 64, "the candidate's own has it");
    let piece = &dossier.pieces[0].piece_id;
    assert_eq!(refusal(check(&w, SECOND, piece, pb::PieceVerdict::Ok).await).reason, "DOSSIER_UNKNOWN");
    let get = pb::GetPieceRequest { dossier_id: candidate(1).to_string(), piece_id: piece.clone() };
    let elsewhere = w.client.clone().get_piece(World::staff(SECOND, w.day(), get)).await.map(|_| ());
    assert_eq!(refusal(elsewhere).reason, "PIECE_UNKNOWN");
}

#[tokio::test]
async fn a_correction_opens_one_piece_until_its_instant() {
    let w = World::new("intake_correction").await;
    w.ready(1).await;
    w.close(1, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let before = w.dossier(1).await.pieces;
    let piece = &before[0];
    check(&w, FIRST, &piece.piece_id, pb::PieceVerdict::Unreadable).await.unwrap();
    // What the school found is its own until it asks for a correction, in the piece as in the dossier.
    let get = pb::GetPieceRequest { dossier_id: candidate(1).to_string(), piece_id: piece.piece_id.clone() };
    for (request, seen) in [
        (World::me(1, w.closes, get.clone()), pb::PieceVerdict::Unspecified),
        (World::staff(FIRST, w.closes, get), pb::PieceVerdict::Unreadable),
    ] {
        let mut read = w.client.clone().get_piece(request).await.unwrap().into_inner();
        assert_eq!(read.message().await.unwrap().unwrap().piece.unwrap().verdict(), seen);
    }
    assert_eq!(w.dossier(1).await.pieces, before);
    assert_eq!(refusal(verdict(&w, pb::Verdict::Complete, w.closes).await).reason, "PIECES_UNREADABLE");
    assert_eq!(refusal(verdict(&w, pb::Verdict::CorrectionRequested, w.closes).await).reason, "NO_CORRECTION");

    let until = w.closes + jiff::SignedDuration::from_hours(72);
    assert_eq!(refusal(correct(&w, &piece.piece_id, w.closes, w.closes).await).reason, "UNTIL_INVALID");
    let correction = correct(&w, &piece.piece_id, until, w.closes).await.unwrap();
    let same = correct(&w, &piece.piece_id, until, w.closes + ms(1)).await.unwrap();
    assert_eq!(same, correction, "asked twice, opened once");
    let longer = refusal(correct(&w, &piece.piece_id, until + ms(1), w.closes).await);
    assert_eq!(
        (longer.reason.as_str(), &longer.metadata["correction_id"]),
        ("CORRECTION_OPEN", &correction.correction_id)
    );
    verdict(&w, pb::Verdict::CorrectionRequested, w.closes).await.unwrap();
    assert_eq!(w.dossier(1).await.corrections.len(), 1);

    let file = pdf(90);
    let begin = |correction_id: String, at| {
        let message = pb::BeginUploadRequest {
            dossier_id: candidate(1).to_string(),
            size: file.len() as u64,
            name: "mieux.pdf".into(),
            purpose: pb::Purpose::Correction.into(),
            correction_id,
            ..Default::default()
        };
        let mut client = w.client.clone();
        async move { client.begin_upload(World::me(1, at, message)).await.map(tonic::Response::into_inner) }
    };
    assert_eq!(refusal(begin(String::new(), w.closes).await).reason, "CORRECTION_MISSING");
    assert_eq!(refusal(begin(candidate(9).to_string(), w.closes).await).reason, "CORRECTION_UNKNOWN");
    assert_eq!(refusal(begin(correction.correction_id.clone(), until).await).reason, "CORRECTION_NOT_OPEN");
    let upload = begin(correction.correction_id.clone(), until - ms(1)).await.unwrap().upload_id;
    w.send(1, &upload, 0, &[&file]).await.unwrap();
    assert_eq!(refusal(w.commit(1, &upload, &sha(&file), until).await).reason, "CORRECTION_NOT_OPEN");
    let mended = w.commit(1, &upload, &sha(&file), until - ms(1)).await.unwrap().piece.unwrap();
    assert_eq!((&mended.corrects, &mended.piece), (&piece.piece_id, &piece.piece));
    assert_eq!(refusal(begin(correction.correction_id, until - ms(1)).await).reason, "CORRECTION_NOT_OPEN");

    // The first piece stays; the receipt is the first one's.
    let after = w.dossier(1).await;
    assert_eq!(after.pieces[..before.len()], before[..]);
    let complete = verdict(&w, pb::Verdict::Complete, until).await.unwrap();
    assert!(verdict(&w, pb::Verdict::Complete, until + ms(1)).await.unwrap().already_applied);
    assert!(!complete.already_applied);
    let verdicts: Vec<_> = w
        .told(1)
        .await
        .iter()
        .filter(|(s, ..)| s.ends_with("verified"))
        .map(|(_, _, p)| p["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["VERDICT_CORRECTION_REQUESTED", "VERDICT_COMPLETE"]);
    assert_eq!(list(&w, FIRST, 0, "").await.dossiers, []);
    let mut conn = w.db.read().await.unwrap();
    let actions: Vec<String> =
        sqlx::query_scalar("select action from platform.audit where actor like 'staff@%' order by seq")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    assert_eq!(actions, ["piece_checked", "correction_requested", "dossier_verified", "dossier_verified"]);
}

#[tokio::test]
async fn a_school_applied_to_reads_title_and_transcript_whenever_deposited_and_nothing_else() {
    let w = World::new("intake_late_school").await;
    w.ready(1).await;
    // Deposited before the clôture: the school that ends up holding the seat accepts it like a late one (R34).
    let transcript = w.piece(1, "second_semester_transcript", pb::Purpose::Piece, w.day()).await.unwrap();
    w.close(1, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let late = w.piece(1, "diploma", pb::Purpose::Late, w.closes + ms(1)).await.unwrap();
    let early = w.dossier(1).await.pieces.iter().find(|p| p.piece == "motivation_letter").unwrap().piece_id.clone();
    let mut client = w.client.clone();
    let get = |piece_id: &str| pb::GetPieceRequest { dossier_id: candidate(1).to_string(), piece_id: piece_id.into() };
    for school in [FIRST, SECOND, THIRD] {
        let read = client.get_piece(World::staff(school, w.day(), get(&late.piece_id))).await.unwrap();
        let chunks: Vec<pb::PieceChunk> = read.into_inner().try_collect().await.unwrap();
        assert_eq!(sha(&chunks.into_iter().flat_map(|c| c.data).collect::<Vec<_>>()), late.sha256);
        client.get_piece(World::staff(school, w.day(), get(&transcript.piece_id))).await.unwrap();
        let read = client.get_piece(World::staff(school, w.day(), get(&early))).await;
        assert_eq!(read.is_ok(), school == FIRST, "{school}");
    }
}

#[tokio::test]
async fn the_same_person_under_two_accounts_is_shown() {
    let w = World::new("intake_alike").await;
    w.ready(1).await;
    w.close(1, w.day()).await.unwrap();
    w.open(3, w.day()).await.unwrap();
    // Another account, another spelling, the same birth date.
    let identity =
        pb::Identity { family_name: "LEFEVRE 1".into(), first_names: "eloise marie".into(), ..World::identity(2) };
    let message =
        pb::OpenDossierRequest { dossier_id: candidate(2).to_string(), identity: Some(identity), ..Default::default() };
    w.client.clone().open_dossier(World::me(2, w.day(), message)).await.unwrap();
    let ask = |school: &str| pb::LookAlikesRequest { school: school.into(), ..Default::default() };
    let mut client = w.client.clone();
    for request in [World::staff(FIRST, w.day(), ask(FIRST)), World::jury(w.day(), ask(""))] {
        let groups = client.look_alikes(request).await.unwrap().into_inner().groups;
        assert_eq!(groups.len(), 1);
        let ids: Vec<_> = groups[0].dossiers.iter().map(|d| d.dossier_id.clone()).collect();
        assert_eq!(ids, [candidate(1).to_string(), candidate(2).to_string()]);
    }
    let elsewhere = client.look_alikes(World::staff(SECOND, w.day(), ask(SECOND))).await.unwrap().into_inner();
    assert_eq!(elsewhere.groups, []);
    for nowhere in ["atlantis", "\0"] {
        let refused = refusal(client.look_alikes(World::jury(w.day(), ask(nowhere))).await);
        assert_eq!((refused.reason.as_str(), refused.allowed.len()), ("SCHOOL_UNKNOWN", 3), "{nowhere:?}");
    }
}

#[tokio::test]
async fn services_read_names_when_they_need_them_and_others_do_not() {
    let w = World::new("intake_contacts").await;
    for n in 1..=3 {
        w.open(n, w.day()).await.unwrap();
    }
    let mut client = w.client.clone();
    let contacts = pb::ContactOfRequest { dossier_ids: vec![candidate(2).to_string(), candidate(99).to_string()] };
    let service = |message| World::ask(roles::SERVICE, "payments", None, w.day(), message);
    let found = client.contact_of(service(contacts.clone())).await.unwrap().into_inner().contacts;
    assert_eq!(found.iter().map(|c| c.email.as_str()).collect::<Vec<_>>(), ["eloise2@exemple.fr"]);
    for role in [roles::CANDIDATE, roles::STAFF, roles::FINANCE, roles::JURY] {
        let asked = World::ask(role, "x", Some(FIRST), w.day(), contacts.clone());
        assert_eq!(refusal(client.contact_of(asked).await).code, Code::PermissionDenied, "{role}");
    }
    let by =
        |text: &str| World::ask(roles::SERVICE, "payments", None, w.day(), pb::FindByNameRequest { text: text.into() });
    for (text, expected) in [
        ("LEFEVRE-2_ELOISE_admission sur titre 2026", vec![2]),
        ("VIR M OU MME ELOISE LEFEVRE 3", vec![3]),
        ("LEFEVRE ELOISE", vec![]),
        ("LEFEVRE-22 ELOISE", vec![]),
        ("ELOISE", vec![]),
    ] {
        let found = client.find_by_name(by(text)).await.unwrap().into_inner().contacts;
        let ids: Vec<_> = found.iter().map(|c| c.dossier_id.clone()).collect();
        assert_eq!(ids, expected.iter().map(|n| candidate(*n).to_string()).collect::<Vec<_>>(), "{text}");
    }
}

#[tokio::test]
async fn the_list_of_all_says_where_each_stands_and_hides_the_order() {
    let w = World::new("intake_list").await;
    w.ready(1).await;
    w.ready(2).await;
    w.close(2, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let message = pb::ListDossiersRequest { page_size: 1, page_token: String::new() };
    let mut client = w.client.clone();
    let operator = |message| World::ask(roles::OPERATOR, "op", None, w.day(), message);
    let first = client.list_dossiers(operator(message)).await.unwrap().into_inner();
    let message = pb::ListDossiersRequest { page_size: 1, page_token: first.next_page_token.clone() };
    let second = client.list_dossiers(operator(message)).await.unwrap().into_inner();
    assert_eq!(first.dossiers[0].state(), pb::DossierState::NotClosed);
    assert_eq!((second.dossiers[0].state(), second.next_page_token.as_str()), (pb::DossierState::Closed, ""));
    assert_eq!(second.dossiers[0].schools, [FIRST, SECOND, THIRD]);
    assert_eq!(second.dossiers[0].first_school, FIRST);
    assert!(first.dossiers[0].first_school.is_empty());
}
