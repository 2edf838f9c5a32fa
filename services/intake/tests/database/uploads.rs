//! Files: upload sessions that resume at an offset and commit create-only, told by content (issue 2, item 3).

use std::sync::Arc;

use crate::world::{World, candidate, ms, pdf, refusal, sha};
use contracts::intake as pb;
use futures::{StreamExt as _, TryStreamExt as _};
use notice::keys;
use tonic::Code;

const KIND: &str = "motivation_letter";

async fn begun(w: &World, size: usize) -> String {
    w.begin(1, KIND, size as u64, pb::Purpose::Piece, w.day()).await.unwrap().upload_id
}

async fn content(w: &World, n: u128, piece: &str) -> Vec<u8> {
    let message = pb::GetPieceRequest { dossier_id: candidate(n).to_string(), piece_id: piece.into() };
    let chunks: Vec<pb::PieceChunk> = w
        .client
        .clone()
        .get_piece(World::me(n, w.day(), message))
        .await
        .unwrap()
        .into_inner()
        .try_collect()
        .await
        .unwrap();
    assert!(chunks[0].piece.is_some());
    chunks.into_iter().flat_map(|c| c.data).collect()
}

#[tokio::test]
async fn an_upload_resumes_where_it_stands_and_becomes_one_piece() {
    let w = World::new("intake_resume").await;
    w.open(1, w.day()).await.unwrap();
    // More than a part and many messages.
    let file = pdf(5_500_000);
    let upload = begun(&w, file.len()).await;
    let cuts: Vec<&[u8]> = file.chunks(700_000).collect();
    let first = w.send(1, &upload, 0, &cuts[..3]).await.unwrap();
    assert_eq!(first.offset, 2_100_000);
    let message = pb::GetUploadRequest { upload_id: upload.clone(), link: String::new() };
    let stands = w.client.clone().get_upload(World::me(1, w.day(), message)).await.unwrap().into_inner();
    assert_eq!((stands.offset, stands.size), (2_100_000, file.len() as u64));

    // Too early to commit; and bytes from elsewhere are refused with the next offset.
    let incomplete = refusal(w.commit(1, &upload, &sha(&file), w.day()).await);
    assert_eq!((incomplete.reason.as_str(), incomplete.metadata["offset"].as_str()), ("UPLOAD_INCOMPLETE", "2100000"));
    for wrong in [0, 2_099_999, 2_100_001] {
        let refused = refusal(w.send(1, &upload, wrong, &[b"xyz"]).await);
        assert_eq!((refused.reason.as_str(), refused.metadata["offset"].as_str()), ("OFFSET_MISMATCH", "2100000"));
    }
    // What came before a bad message of the same stream is kept.
    let bad: Vec<pb::UploadChunk> = [(2_100_000u64, cuts[3]), (0, cuts[0])]
        .into_iter()
        .map(|(offset, data)| pb::UploadChunk {
            upload_id: upload.clone(),
            offset,
            data: data.to_vec(),
            link: String::new(),
        })
        .collect();
    let refused = refusal(w.client.clone().upload_chunks(World::me(1, w.day(), tokio_stream::iter(bad))).await);
    assert_eq!(refused.metadata["offset"], "2800000");
    let done = w.send(1, &upload, 2_800_000, &cuts[4..]).await.unwrap();
    assert_eq!(done.offset, done.size);

    let wrong = refusal(w.commit(1, &upload, &sha(b"other"), w.day()).await);
    assert_eq!(wrong.reason, "DIGEST_MISMATCH");
    let piece = w.commit(1, &upload, &sha(&file), w.day()).await.unwrap();
    let again = w.commit(1, &upload, &sha(&file), w.day()).await.unwrap();
    assert!(!piece.already_applied && again.already_applied);
    assert_eq!(piece.piece, again.piece);
    assert_eq!(refusal(w.commit(1, &upload, &sha(b"other"), w.day()).await).reason, "DIGEST_MISMATCH");
    assert_eq!(refusal(w.send(1, &upload, 0, &[b"x"]).await).reason, "UPLOAD_COMMITTED");
    let piece = piece.piece.unwrap();
    assert_eq!(
        (piece.size, piece.sha256.as_str(), piece.media_type.as_str()),
        (file.len() as u64, sha(&file).as_str(), "application/pdf")
    );
    assert_eq!(content(&w, 1, &piece.piece_id).await, file);

    // The parts are spent; the piece stays.
    assert_eq!(intake::commands::sweep(&w.app, w.day()).await.unwrap().spent, 1);
    assert_eq!(intake::commands::sweep(&w.app, w.day()).await.unwrap().spent, 0);
    assert_eq!(content(&w, 1, &piece.piece_id).await, file);
}

#[tokio::test]
async fn what_a_file_is_is_told_by_its_content() {
    let w = World::new("intake_types").await;
    w.open(1, w.day()).await.unwrap();
    // By its first bytes, while streaming, even cut into single bytes.
    for cut in [1, 3, 100] {
        let exe = [b"MZ\x90\0\x03\0\0\0\x04".as_slice(), &[0; 500]].concat();
        let upload = begun(&w, exe.len()).await;
        let cuts: Vec<&[u8]> = exe.chunks(cut).collect();
        let refused = refusal(w.send(1, &upload, 0, &cuts).await);
        assert_eq!((refused.code, refused.reason.as_str()), (Code::InvalidArgument, "FILE_TYPE_REFUSED"));
        assert_eq!(refused.allowed, ["application/pdf", "image/jpeg", "image/png"]);
    }
    // Cut short.
    let whole = pdf(4000);
    let cut = &whole[..whole.len() - 10];
    let upload = begun(&w, cut.len()).await;
    w.send(1, &upload, 0, &[cut]).await.unwrap();
    assert_eq!(refusal(w.commit(1, &upload, &sha(cut), w.day()).await).reason, "FILE_TYPE_REFUSED");
    // A size that lies.
    let upload = begun(&w, 100).await;
    let refused = refusal(w.send(1, &upload, 0, &[&whole]).await);
    assert_eq!((refused.reason.as_str(), refused.metadata["most"].as_str()), ("FILE_TOO_LARGE", "100"));
    assert_eq!(w.dossier(1).await.pieces, []);
}

#[tokio::test]
async fn sizes_kinds_and_names_are_refused_before_a_byte_is_sent() {
    let w = World::new("intake_begin").await;
    w.open(1, w.day()).await.unwrap();
    let most = w.app.catalogue.kind(KIND).unwrap().max_bytes;
    let begin = |kind: &'static str, size, purpose| w.begin(1, kind, size, purpose, w.day());
    assert!(begin(KIND, most, pb::Purpose::Piece).await.is_ok());
    for size in [0, most + 1, u64::MAX] {
        let refused = refusal(begin(KIND, size, pb::Purpose::Piece).await);
        assert_eq!((refused.reason.as_str(), refused.metadata["most"].clone()), ("FILE_TOO_LARGE", most.to_string()));
    }
    let unknown = refusal(begin("passport_of_my_cat", 10, pb::Purpose::Piece).await);
    assert_eq!(unknown.reason, "PIECE_UNKNOWN");
    assert!(unknown.allowed.iter().any(|k| k == KIND));
    // What the person in charge of studies deposits a candidate cannot (R11).
    let fiche = w.app.catalogue.fiche().unwrap().id.clone();
    let message = pb::BeginUploadRequest {
        dossier_id: candidate(1).to_string(),
        piece: fiche,
        size: 10,
        name: "f.pdf".into(),
        purpose: pb::Purpose::Piece.into(),
        correction_id: String::new(),
    };
    let mut client = w.client.clone();
    assert_eq!(refusal(client.begin_upload(World::me(1, w.day(), message.clone())).await).reason, "PIECE_UNKNOWN");
    // However long: a refusal that repeated it would not fit into its own headers.
    let long = pb::BeginUploadRequest { piece: "é".repeat(100_000), ..message.clone() };
    assert_eq!(refusal(client.begin_upload(World::me(1, w.day(), long)).await).reason, "PIECE_UNKNOWN");
    w.title(1, "Chimie").await.unwrap();
    assert_eq!(refusal(w.order(1, &["x".repeat(100_000).as_str()], w.day()).await).reason, "ORDER_INVALID");
    let path = pb::BeginUploadRequest { piece: KIND.into(), name: "../../etc/passwd".into(), ..message.clone() };
    assert_eq!(refusal(client.begin_upload(World::me(1, w.day(), path)).await).reason, "FILE_NAME_INVALID");
    let purpose = pb::BeginUploadRequest { piece: KIND.into(), purpose: pb::Purpose::Fiche.into(), ..message };
    assert_eq!(refusal(client.begin_upload(World::me(1, w.day(), purpose)).await).reason, "PURPOSE_INVALID");
    assert_eq!(refusal(begin("diploma", 10, pb::Purpose::Late).await).reason, "WRONG_STATE", "nothing is late yet");
}

#[tokio::test]
async fn another_candidate_learns_nothing_of_an_upload() {
    let w = World::new("intake_uploads_yours").await;
    w.open(1, w.day()).await.unwrap();
    let file = pdf(100);
    let upload = begun(&w, file.len()).await;
    assert_eq!(refusal(w.send(2, &upload, 0, &[&file]).await).reason, "NOT_YOURS");
    assert_eq!(refusal(w.commit(2, &upload, &sha(&file), w.day()).await).reason, "NOT_YOURS");
    w.send(1, &upload, 0, &[&file]).await.unwrap();
    let piece = w.commit(1, &upload, &sha(&file), w.day()).await.unwrap().piece.unwrap();
    for dossier in [1, 2] {
        let message =
            pb::GetPieceRequest { dossier_id: candidate(dossier).to_string(), piece_id: piece.piece_id.clone() };
        let refused = refusal(w.client.clone().get_piece(World::me(2, w.day(), message)).await.map(|_| ()));
        assert!(["NOT_YOURS", "PIECE_UNKNOWN"].contains(&refused.reason.as_str()), "{refused:?}");
    }
    let nothing = tokio_stream::iter(Vec::<pb::UploadChunk>::new());
    let refused = refusal(w.client.clone().upload_chunks(World::me(1, w.day(), nothing)).await);
    assert_eq!(refused.reason, "UPLOAD_MISSING");
}

#[tokio::test]
async fn two_senders_and_two_committers_make_one_file_and_one_piece() {
    let w = Arc::new(World::new("intake_upload_race").await);
    w.open(1, w.day()).await.unwrap();
    let file = Arc::new(pdf(300_000));
    let upload = begun(&w, file.len()).await;
    let send = |_| {
        let (w, file, upload) = (w.clone(), file.clone(), upload.clone());
        async move { w.send(1, &upload, 0, &file.chunks(50_000).collect::<Vec<_>>()).await }
    };
    let sent: Vec<_> = futures::stream::iter(0..4).map(send).buffer_unordered(4).collect().await;
    assert_eq!(sent.iter().filter(|s| s.is_ok()).count(), 1, "{sent:?}");
    for lost in sent.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(lost).reason, "OFFSET_MISMATCH");
    }
    let commit = |_| {
        let (w, file, upload) = (w.clone(), file.clone(), upload.clone());
        async move { w.commit(1, &upload, &sha(&file), w.day()).await.unwrap() }
    };
    let done: Vec<_> = futures::stream::iter(0..6).map(commit).buffer_unordered(6).collect().await;
    assert_eq!(done.iter().filter(|r| !r.already_applied).count(), 1);
    assert!(done.windows(2).all(|d| d[0].piece == d[1].piece));
    let pieces = w.dossier(1).await.pieces;
    assert_eq!(pieces.len(), 1);
    assert_eq!(content(&w, 1, &pieces[0].piece_id).await, *file);
}

#[tokio::test]
async fn a_piece_can_be_taken_out_until_cloture_and_not_after() {
    let w = World::new("intake_remove").await;
    w.ready(1).await;
    let extra = w.piece(1, KIND, pb::Purpose::Piece, w.day()).await.unwrap();
    let remove = |piece_id: String| {
        let message = pb::RemovePieceRequest { dossier_id: candidate(1).to_string(), piece_id };
        let mut client = w.client.clone();
        let request = World::me(1, w.day(), message);
        async move { client.remove_piece(request).await.map(|r| r.into_inner().already_applied) }
    };
    assert!(!remove(extra.piece_id.clone()).await.unwrap());
    assert!(remove(extra.piece_id.clone()).await.unwrap());
    let left = w.dossier(1).await.pieces;
    assert!(!left.iter().any(|p| p.piece_id == extra.piece_id));
    w.close(1, w.day()).await.unwrap();
    assert_eq!(refusal(remove(left[0].piece_id.clone()).await).reason, "DOSSIER_NOT_EDITABLE");
    assert_eq!(w.dossier(1).await.pieces, left);
}

#[tokio::test]
async fn late_pieces_are_accepted_until_the_titles_are_due() {
    let w = World::new("intake_late").await;
    w.ready(1).await;
    let kinds: Vec<String> = w.app.catalogue.late_kinds().map(str::to_owned).collect();
    assert_eq!(kinds.len(), 2);
    w.close(1, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;

    assert_eq!(refusal(w.piece(1, KIND, pb::Purpose::Piece, w.closes + ms(1)).await).reason, "WINDOW_CLOSED");
    assert_eq!(refusal(w.piece(1, KIND, pb::Purpose::Late, w.closes + ms(1)).await).reason, "PIECE_UNKNOWN");
    let piece = w.piece(1, &kinds[0], pb::Purpose::Late, w.titles_due - ms(1)).await.unwrap();
    assert_eq!(piece.purpose(), pb::Purpose::Late);
    let told = w.told(1).await;
    let (subject, _, fact) = told.last().unwrap();
    assert_eq!(subject, "facts.v1.intake.late_piece_deposited");
    assert_eq!(
        (fact["piece"].as_str(), fact["pieceId"].as_str()),
        (Some(kinds[0].as_str()), Some(piece.piece_id.as_str()))
    );
    assert_eq!(fact["depositedAt"], (w.titles_due - ms(1)).to_string());

    // Begun in time, committed at the instant: the deposit's instant decides.
    let file = pdf(80);
    let upload =
        w.begin(1, &kinds[1], file.len() as u64, pb::Purpose::Late, w.titles_due - ms(1)).await.unwrap().upload_id;
    w.send(1, &upload, 0, &[&file]).await.unwrap();
    assert_eq!(refusal(w.commit(1, &upload, &sha(&file), w.titles_due).await).reason, "WINDOW_CLOSING");
    w.fire(keys::TITLES_DUE, w.titles_due).await;
    assert_eq!(refusal(w.commit(1, &upload, &sha(&file), w.titles_due).await).reason, "WINDOW_CLOSED");
    assert_eq!(w.told(1).await.len(), told.len());
}

#[tokio::test]
async fn an_exemption_rests_on_its_attestation() {
    let w = World::new("intake_exempt").await;
    w.ready(1).await;
    let claim = |attestation_piece_id: String| {
        let message = pb::ClaimFeeRequest {
            dossier_id: candidate(1).to_string(),
            claim: pb::FeeClaim::Exemption.into(),
            attestation_piece_id,
        };
        let mut client = w.client.clone();
        let request = World::me(1, w.day(), message);
        async move { client.claim_fee(request).await.map(tonic::Response::into_inner) }
    };
    let letter = w.dossier(1).await.pieces[0].piece_id.clone();
    assert_eq!(refusal(claim(letter).await).reason, "ATTESTATION_MISSING");
    let kind = w.app.catalogue.attestation.clone();
    let attestation = w.piece(1, &kind, pb::Purpose::Piece, w.day()).await.unwrap().piece_id;
    assert_eq!(claim(attestation.clone()).await.unwrap().claim(), pb::FeeClaim::Exemption);
    let message = pb::RemovePieceRequest { dossier_id: candidate(1).to_string(), piece_id: attestation };
    w.client.clone().remove_piece(World::me(1, w.day(), message)).await.unwrap();
    let refused = refusal(w.close(1, w.day()).await);
    assert_eq!(refused.preconditions.iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>(), [kind.as_str()]);
}
