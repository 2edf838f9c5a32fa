//! The queue of a school's staff: filters, search, order, totals; notes; who checked what.

use crate::world::{FIRST, SECOND, THIRD, World, candidate, ms, refusal};
use contracts::{intake as pb, roles};
use jiff::SignedDuration;
use notice::keys;
use tonic::Code;

type Asked = pb::ListDossiersToVerifyRequest;

/// Everyone of the school that verifies the dossiers of this world.
fn all() -> Asked {
    Asked { school: FIRST.into(), include_verified: true, ..Default::default() }
}

async fn page(w: &World, asked: &Asked) -> pb::ListDossiersToVerifyReply {
    let request = World::staff(FIRST, w.closes, asked.clone());
    w.client.clone().list_dossiers_to_verify(request).await.unwrap().into_inner()
}

/// Every page, one line each; totals must be the same on all.
async fn lines(w: &World, asked: &Asked) -> Vec<u64> {
    let mut asked = Asked { page_size: 1, ..asked.clone() };
    let (mut seen, mut totals) = (Vec::new(), None);
    loop {
        let reply = page(w, &asked).await;
        seen.extend(reply.dossiers.iter().map(|d| d.number));
        let now = (reply.not_yet, reply.complete, reply.correction_requested, reply.incomplete);
        assert_eq!(*totals.get_or_insert(now), now);
        if reply.next_page_token.is_empty() {
            return seen;
        }
        asked.page_token = reply.next_page_token;
    }
}

async fn closed(w: &World, n: u128, family: &str, first: &str, at: jiff::Timestamp) {
    w.ready(n).await;
    let identity = pb::Identity { family_name: family.into(), first_names: first.into(), ..World::identity(n) };
    let message =
        pb::UpdateFormRequest { dossier_id: candidate(n).to_string(), identity: Some(identity), ..Default::default() };
    w.client.clone().update_form(World::me(n, w.day(), message)).await.unwrap();
    w.close(n, at).await.unwrap();
}

async fn verdict(w: &World, n: u128, verdict: pb::Verdict) {
    let message = pb::RecordVerdictRequest {
        school: FIRST.into(),
        dossier_id: candidate(n).to_string(),
        verdict: verdict.into(),
        note: "vu".into(),
    };
    w.client.clone().record_verdict(World::staff(FIRST, w.closes, message)).await.unwrap();
}

#[tokio::test]
async fn a_queue_is_filtered_searched_sorted_and_counted() {
    let w = World::new("intake_queue").await;
    let later = |hours| w.day() + SignedDuration::from_hours(hours);
    closed(&w, 1, "Zola", "Ève", later(4)).await;
    closed(&w, 2, "Álvarez", "Inès Ma", later(3)).await;
    closed(&w, 3, "Dupont", "Anne-Lise", later(2)).await;
    closed(&w, 4, "DUPONT", "anne lise", later(1)).await;
    closed(&w, 5, "Éluard", "Paul", later(1)).await;
    // Looks like the first, and is no candidature: shown beside it, listed nowhere.
    let twin = pb::Identity { family_name: "zola".into(), first_names: "Eve".into(), ..World::identity(6) };
    let message =
        pb::OpenDossierRequest { dossier_id: candidate(6).to_string(), identity: Some(twin), ..Default::default() };
    w.client.clone().open_dossier(World::me(6, w.day(), message)).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    for (n, v) in [(2, pb::Verdict::Complete), (5, pb::Verdict::Incomplete)] {
        verdict(&w, n, v).await;
    }
    let correction = pb::RequestCorrectionRequest {
        school: FIRST.into(),
        dossier_id: candidate(3).to_string(),
        piece_id: w.dossier(3).await.pieces[0].piece_id.clone(),
        until: Some((w.closes + ms(1)).into()),
        reason: "flou".into(),
    };
    w.client.clone().request_correction(World::staff(FIRST, w.closes, correction)).await.unwrap();
    verdict(&w, 3, pb::Verdict::CorrectionRequested).await;

    let sorted = |sort: pb::VerificationSort| Asked { sort: sort.into(), ..all() };
    for (asked, expected) in [
        (sorted(pb::VerificationSort::Unspecified), vec![1, 2, 3, 4, 5]),
        (sorted(pb::VerificationSort::Number), vec![1, 2, 3, 4, 5]),
        (sorted(pb::VerificationSort::Name), vec![2, 3, 4, 5, 1]),
        (sorted(pb::VerificationSort::ClosedAt), vec![4, 5, 3, 2, 1]),
        (Asked { include_verified: false, ..all() }, vec![1, 3, 4]),
        (Asked { verdicts: vec![pb::Verdict::Unspecified.into()], ..all() }, vec![1, 4]),
        (Asked { verdicts: vec![pb::Verdict::Complete.into(), pb::Verdict::Incomplete.into()], ..all() }, vec![2, 5]),
        (Asked { open_corrections_only: true, ..all() }, vec![3]),
        (Asked { look_alikes_only: true, ..all() }, vec![1, 3, 4]),
        (Asked { text: "4".into(), ..all() }, vec![4]),
        (Asked { text: "lise DUPÖNT".into(), ..all() }, vec![3, 4]),
        (Asked { text: "elu".into(), ..all() }, vec![5]),
        (Asked { text: "dupont paul".into(), ..all() }, vec![]),
        (Asked { text: "--".into(), ..all() }, vec![]),
        (Asked { text: "%".into(), ..all() }, vec![]),
        (Asked { filiere: "L3".into(), ..all() }, vec![1, 2, 3, 4, 5]),
        (Asked { filiere: w.app.session.filieres[1].id.clone(), ..all() }, vec![]),
        (Asked { text: "dupont".into(), sort: pb::VerificationSort::ClosedAt.into(), ..all() }, vec![4, 3]),
    ] {
        assert_eq!(lines(&w, &asked).await, expected, "{asked:?}");
    }
    let totals = |r: &pb::ListDossiersToVerifyReply| [r.not_yet, r.complete, r.correction_requested, r.incomplete];
    let one = Asked { verdicts: vec![pb::Verdict::Complete.into()], page_size: 1, ..all() };
    assert_eq!(totals(&page(&w, &one).await), [2, 1, 1, 1], "counted whatever verdicts are wanted");
    assert_eq!(totals(&page(&w, &Asked { text: "dupont".into(), ..all() }).await), [1, 0, 1, 0]);
    assert_eq!(totals(&page(&w, &Asked { text: "nobody".into(), ..all() }).await), [0; 4]);
    let shown = page(&w, &all()).await.dossiers;
    assert_eq!(shown.iter().map(|d| d.looks_alike).collect::<Vec<_>>(), [true, false, true, true, false]);
    // At its end a correction is open no more.
    let ended = World::staff(FIRST, w.closes + ms(1), Asked { open_corrections_only: true, ..all() });
    assert_eq!(w.client.clone().list_dossiers_to_verify(ended).await.unwrap().into_inner().dossiers, []);
    // A page's token names nobody, and that of a dossier which is not theirs leads nowhere.
    let first = page(&w, &Asked { page_size: 1, ..sorted(pb::VerificationSort::Name) }).await;
    assert_eq!(first.next_page_token, "2");
    let astray = Asked { page_token: "6".into(), ..sorted(pb::VerificationSort::Name) };
    assert_eq!(page(&w, &astray).await.dossiers, []);
    for (asked, reason) in [
        (Asked { page_token: "x".into(), ..all() }, "PAGE_TOKEN_INVALID"),
        (Asked { filiere: "X9".into(), ..all() }, "FILIERE_UNKNOWN"),
        (Asked { text: "x".repeat(101), ..all() }, "FORM_INVALID"),
        (Asked { school: SECOND.into(), ..all() }, "UNIT_NOT_ALLOWED"),
    ] {
        let refused = w.client.clone().list_dossiers_to_verify(World::staff(FIRST, w.closes, asked)).await;
        assert_eq!(refusal(refused).reason, reason);
    }
    let answers = format!("{:?}", page(&w, &all()).await);
    assert!(![SECOND, THIRD].iter().any(|other| answers.contains(other)), "an order shows in {answers}");
}

fn note(school: &str, n: u128, text: &str, request: &str) -> pb::AddNoteRequest {
    pb::AddNoteRequest {
        school: school.into(),
        dossier_id: candidate(n).to_string(),
        text: text.into(),
        request_id: request.into(),
    }
}

async fn whole(w: &World) -> pb::SchoolDossier {
    let message = pb::GetDossierForSchoolRequest { school: FIRST.into(), dossier_id: candidate(1).to_string() };
    w.client.clone().get_dossier_for_school(World::staff(FIRST, w.closes, message)).await.unwrap().into_inner()
}

#[tokio::test]
async fn notes_are_the_schools_own_and_stay() {
    let w = World::new("intake_notes").await;
    w.ready(1).await;
    w.ready(2).await;
    w.close(1, w.day()).await.unwrap();
    let add = |caller: &str, message| {
        let (mut client, request) = (w.client.clone(), World::staff(caller, w.closes, message));
        async move { client.add_note(request).await.map(tonic::Response::into_inner) }
    };
    let (id, other) = (candidate(77).to_string(), candidate(78).to_string());
    let first = add(FIRST, note(FIRST, 1, "  Appeler l'université.\r\nLundi. ", &id)).await.unwrap();
    assert_eq!((first.already_applied, first.note.as_ref().unwrap().note_id.as_str()), (false, id.as_str()));
    let again = add(FIRST, note(FIRST, 1, "Appeler l'université.\nLundi.", &id)).await.unwrap();
    assert_eq!((again.already_applied, &again.note), (true, &first.note), "a retry adds nothing");
    for (caller, message, reason) in [
        (FIRST, note(FIRST, 1, "Autre chose", &id), "REQUEST_ID_USED"),
        (FIRST, note(FIRST, 1, " ", &other), "FORM_INVALID"),
        (FIRST, note(FIRST, 1, &"x".repeat(2001), &other), "FORM_INVALID"),
        (FIRST, note(FIRST, 2, "pas close", &other), "DOSSIER_UNKNOWN"),
        (SECOND, note(SECOND, 1, "pas la nôtre", &other), "DOSSIER_UNKNOWN"),
        (SECOND, note(FIRST, 1, "pas la nôtre", &other), "UNIT_NOT_ALLOWED"),
    ] {
        assert_eq!(refusal(add(caller, message).await).reason, reason);
    }
    for role in [roles::CANDIDATE, roles::JURY, roles::FINANCE, roles::PLANNER, roles::OPERATOR] {
        let asked = World::ask(role, "x", Some(FIRST), w.closes, note(FIRST, 1, "x", ""));
        assert_eq!(refusal(w.client.clone().add_note(asked).await).code, Code::PermissionDenied, "{role}");
    }
    // An annulled candidature is verified no more; what the school notes of it is its own.
    w.annulled(1, w.closes).await;
    add(FIRST, note(FIRST, 1, "Annulée.", "")).await.unwrap();
    let seen = whole(&w).await;
    let texts: Vec<_> = seen.notes.iter().map(|n| (n.author.as_str(), n.text.as_str())).collect();
    assert_eq!(texts, [("staff@albi", "Appeler l'université.\nLundi."), ("staff@albi", "Annulée.")]);
    assert_eq!((seen.notes[0].at, seen.annulled_at), (Some(w.closes.into()), Some(w.closes.into())));
    let message = pb::ReadDossierRequest { dossier_id: candidate(1).to_string() };
    let jury = w.client.clone().read_dossier(World::jury(w.closes, message)).await.unwrap().into_inner();
    assert_eq!(jury.dossier.unwrap().notes, [], "not the jury's");
    assert!(!format!("{:?}", w.dossier(1).await).contains("université.\\nLundi"), "not the candidate's");
    let mut conn = w.db.read().await.unwrap();
    for statement in ["update notes set text = 'x'", "delete from notes", "truncate notes"] {
        assert!(sqlx::query(statement).execute(&mut *conn).await.is_err(), "{statement}");
    }
    let audited: Vec<String> =
        sqlx::query_scalar("select details::text from platform.audit where action = 'note_added'")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    assert_eq!(audited.len(), 2);
    assert!(!audited.concat().contains("Appeler"));
}

#[tokio::test]
async fn the_desk_shows_who_checked_what_and_the_candidate_what_was_found() {
    let w = World::new("intake_checked").await;
    w.ready(1).await;
    w.close(1, w.day()).await.unwrap();
    w.fire(keys::DEPOSITS_CLOSE, w.closes).await;
    let pieces = w.dossier(1).await.pieces;
    let check = |by: &str, at, v: pb::PieceVerdict| {
        let message = pb::CheckPieceRequest {
            school: FIRST.into(),
            dossier_id: candidate(1).to_string(),
            piece_id: pieces[0].piece_id.clone(),
            verdict: v.into(),
        };
        let (mut client, request) = (w.client.clone(), World::ask(roles::STAFF, by, Some(FIRST), at, message));
        async move { client.check_piece(request).await.unwrap().into_inner() }
    };
    check("anne", w.closes, pb::PieceVerdict::Ok).await;
    let same = check("paul", w.closes + ms(1), pb::PieceVerdict::Ok).await;
    assert_eq!((same.checked_by.as_str(), same.checked_at), ("anne", Some(w.closes.into())), "the first found it");
    let found = check("paul", w.closes + ms(2), pb::PieceVerdict::Unreadable).await;
    assert_eq!((found.checked_by.as_str(), found.checked_at), ("paul", Some((w.closes + ms(2)).into())));
    assert_eq!(whole(&w).await.pieces.iter().filter(|p| p.checked_at.is_some()).collect::<Vec<_>>(), [&found]);
    assert_eq!(w.dossier(1).await.pieces, pieces, "the candidate sees neither");

    // Complete and to be corrected are told; incomplete is for the jury to draw conclusions from.
    assert_eq!(w.dossier(1).await.verdict(), pb::Verdict::Unspecified);
    verdict(&w, 1, pb::Verdict::Incomplete).await;
    let hidden = w.dossier(1).await;
    assert_eq!((hidden.verdict(), hidden.verdict_at), (pb::Verdict::Unspecified, None));
    check("paul", w.closes, pb::PieceVerdict::Ok).await;
    verdict(&w, 1, pb::Verdict::Complete).await;
    let told = w.dossier(1).await;
    assert_eq!((told.verdict(), told.verdict_at), (pb::Verdict::Complete, Some(w.closes.into())));
    let school = whole(&w).await;
    assert_eq!((school.verdict_note.as_str(), school.verdict_at), ("vu", Some(w.closes.into())));
    let standings: Vec<_> =
        told.schools.iter().map(|s| (s.school.as_str(), s.recevabilite(), s.table.as_str())).collect();
    let open = pb::Recevabilite::Open;
    assert_eq!(standings, [(FIRST, open, "Tableau 5"), (SECOND, open, "Tableau 5"), (THIRD, open, "Tableau 5")]);
}

#[tokio::test]
async fn whoever_decides_on_an_exemption_reads_its_attestation_and_no_more() {
    let w = World::new("intake_attestation").await;
    w.ready(1).await;
    let kind = w.app.catalogue.attestation.clone();
    let attestation = w.piece(1, &kind, pb::Purpose::Piece, w.day()).await.unwrap().piece_id;
    let claim = pb::ClaimFeeRequest {
        dossier_id: candidate(1).to_string(),
        claim: pb::FeeClaim::Exemption.into(),
        attestation_piece_id: attestation.clone(),
    };
    let claimed = w.client.clone().claim_fee(World::me(1, w.day(), claim)).await.unwrap().into_inner();
    assert_eq!(claimed.attestation_piece_id, attestation);
    assert_eq!(w.dossier(1).await.fee.unwrap().attestation_piece_id, attestation);
    let told = w.told(1).await.pop().unwrap();
    assert_eq!(
        (told.0.as_str(), &told.2["attestationPieceId"]),
        ("facts.v1.intake.fee_claimed", &attestation.clone().into())
    );
    let letter = w.dossier(1).await.pieces.iter().find(|p| p.piece == "motivation_letter").unwrap().piece_id.clone();
    let read = |role: &str, school: &str, piece: &str| {
        let get = pb::GetPieceRequest { dossier_id: candidate(1).to_string(), piece_id: piece.into() };
        let (mut client, request) = (w.client.clone(), World::ask(role, "x", Some(school), w.day(), get));
        async move { client.get_piece(request).await.map(|_| ()) }
    };
    assert_eq!(refusal(read(roles::FINANCE, FIRST, &attestation).await).reason, "PIECE_UNKNOWN", "not closed yet");
    w.close(1, w.day()).await.unwrap();
    assert_eq!(whole(&w).await.attestation_piece_id, attestation);
    for (role, school, piece, sees) in [
        (roles::FINANCE, FIRST, &attestation, true),
        (roles::STAFF, FIRST, &attestation, true),
        (roles::FINANCE, FIRST, &letter, false),
        (roles::FINANCE, SECOND, &attestation, false),
        (roles::STAFF, SECOND, &attestation, false),
        (roles::PLANNER, FIRST, &attestation, false),
    ] {
        assert_eq!(read(role, school, piece).await.is_ok(), sees, "{role} {school}");
    }
}
