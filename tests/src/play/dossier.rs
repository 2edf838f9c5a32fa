//! One candidate makes a dossier (§3.2): form, order, pieces, fiche, fee.

use contracts::intake as api;
use notice::{Depositor, Due, Piece};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha12Rng;
use sha2::{Digest, Sha256};

use super::{Stage, candidate, mail};
use crate::{
    ask,
    cast::{Candidate, Finish, Money},
    failure::Failure,
    files, must, refused,
    world::{Who, World, away},
};

/// Bytes of one message of an upload.
const CHUNK: usize = 256 * 1024;

/// Makes the dossier up to, and without, its clôture.
pub async fn make(stage: &Stage<'_>, who: &Candidate, number: usize) -> Result<(), Failure> {
    let world = stage.world;
    let me = candidate(who);
    let id = who.id.to_string();
    let identity = api::Identity {
        family_name: who.family.clone(),
        first_names: who.first.clone(),
        birth_date: who.birth.to_string(),
        birth_place: "Lille".into(),
        email: format!("{}@example.org", who.label),
        nationality: "FR".into(),
        phone: String::new(),
        postal_address: "1 rue des Écoles\n59000 Lille".into(),
    };
    let open = api::OpenDossierRequest {
        dossier_id: id.clone(),
        identity: Some(identity),
        request_id: who.id.to_string(),
        ..Default::default()
    };
    must!(world.intake, &me, open_dossier, open.clone())?;
    if number.is_multiple_of(10) {
        refused!(
            world.intake,
            &me,
            open_dossier,
            api::OpenDossierRequest { request_id: uuid::Uuid::from_u128(who.id.as_u128() ^ 1).to_string(), ..open },
            "DOSSIER_EXISTS"
        )?;
    }
    let title = api::Title {
        diploma: who.title.diploma.clone(),
        mention: who.title.mention.clone(),
        equivalent_to: who.title.equivalent_to.clone(),
    };
    let studies = api::Studies {
        years: vec![api::StudyYear {
            year: "2025-2026".into(),
            institution: "Université de Lille".into(),
            formation: who.filiere.clone(),
            result: String::new(),
        }],
        earlier_graduate: false,
    };
    let form = api::UpdateFormRequest {
        dossier_id: id.clone(),
        identity: None,
        studies: Some(studies),
        title: Some(title),
        other_route_declared: Some(who.other_route),
    };
    let reply = must!(world.intake, &me, update_form, form)?;
    if reply.filiere != who.filiere {
        return Err(Failure::unexpected(&who.label, "filière of the title", &who.filiere, reply.filiere));
    }
    set_order(stage, who, &me, &reply.schools).await?;
    let pieces = due_at_closing(stage, who);
    let incomplete = who.finish == Finish::Incomplete;
    for (i, piece) in pieces.iter().enumerate() {
        // Whoever does not complete the dossier lacks the last piece.
        if incomplete && i + 1 == pieces.len() {
            break;
        }
        upload(
            world,
            &me,
            &id,
            &piece.id,
            api::Purpose::Piece,
            "",
            &files::pdf(&format!("{} {}", who.label, piece.id)),
            number + i,
        )
        .await?;
    }
    if who.by_referee {
        fiche(stage, who, &me, number).await?;
    }
    claim_fee(stage, who, &me).await
}

async fn set_order(
    stage: &Stage<'_>,
    who: &Candidate,
    me: &Who,
    schools: &[api::SchoolRecevabilite],
) -> Result<(), Failure> {
    let world = stage.world;
    let closed = |s: &&api::SchoolRecevabilite| s.recevabilite() == api::Recevabilite::Closed;
    let mut open: Vec<String> = schools.iter().filter(|s| !closed(s)).map(|s| s.school.clone()).collect();
    if let Some(closed) = schools.iter().find(closed) {
        let order = api::SetOrderRequest { dossier_id: who.id.to_string(), schools: vec![closed.school.clone()] };
        refused!(world.intake, me, set_order, order, "SCHOOL_CLOSED_BY_TABLE")?;
    }
    open.shuffle(&mut ChaCha12Rng::seed_from_u64(who.order_seed));
    open.truncate(who.wishes);
    must!(world.intake, me, set_order, api::SetOrderRequest { dossier_id: who.id.to_string(), schools: open.clone() })?;
    stage.story().orders.insert(who.id.to_string(), open);
    Ok(())
}

/// The candidate's own pieces due at clôture: one of each group of alternatives, and none of a group that the referee fills.
fn due_at_closing<'s>(stage: &'s Stage<'_>, who: &Candidate) -> Vec<&'s Piece> {
    let mut groups = std::collections::BTreeSet::new();
    let session = stage.session();
    let by_referee: Vec<&str> =
        session.pieces.iter().filter(|p| p.by == Depositor::Referee).filter_map(|p| p.group.as_deref()).collect();
    session
        .pieces_for(&who.filiere)
        .filter(|p| p.due == Due::Closing && p.by == Depositor::Candidate)
        .filter(|p| match p.group.as_deref() {
            Some(group) if who.by_referee && by_referee.contains(&group) => false,
            Some(group) => groups.insert(group.to_owned()),
            None => true,
        })
        .collect()
}

/// Uploads one file and commits it; some break off and resume, some try with the wrong kind of file first.
#[allow(clippy::too_many_arguments, reason = "one upload is these things")]
pub async fn upload(
    world: &World,
    me: &Who,
    dossier: &str,
    piece: &str,
    purpose: api::Purpose,
    correction: &str,
    file: &[u8],
    variant: usize,
) -> Result<String, Failure> {
    let begin = |size: usize, name: &str| api::BeginUploadRequest {
        dossier_id: dossier.into(),
        piece: piece.into(),
        size: size as u64,
        name: name.into(),
        purpose: purpose.into(),
        correction_id: correction.into(),
    };
    if variant.is_multiple_of(31) {
        let wrong = files::html();
        let session = must!(world.intake, me, begin_upload, begin(wrong.len(), "cv.pdf"))?;
        let mut sent = send(world, me, &session.upload_id, "", &wrong, 0).await;
        for _ in 0..200 {
            if !sent.as_ref().is_err_and(away) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            sent = send(world, me, &session.upload_id, "", &wrong, 0).await;
        }
        let refused = match sent {
            Err(status) => Err(status),
            Ok(()) => ask!(
                world.intake,
                me,
                commit_upload,
                api::CommitUploadRequest { upload_id: session.upload_id.clone(), sha256: digest(&wrong) }
            )
            .map(drop),
        };
        expect_reason(world, &me.label, "a page of HTML named cv.pdf", refused, "FILE_TYPE_REFUSED")?;
    }
    let session = must!(world.intake, me, begin_upload, begin(file.len(), &format!("{piece}.pdf")))?;
    let mut from = 0;
    if variant.is_multiple_of(7) {
        // The line drops after the first half: only what the platform acknowledged counts.
        let half = file.get(..file.len() / 2).unwrap_or_default();
        send_all(world, me, &session.upload_id, "", half, 0).await?;
        let stands = api::GetUploadRequest { upload_id: session.upload_id.clone(), link: String::new() };
        from = usize::try_from(must!(world.intake, me, get_upload, stands)?.offset).unwrap_or(usize::MAX);
    }
    send_all(world, me, &session.upload_id, "", file, from).await?;
    let commit = api::CommitUploadRequest { upload_id: session.upload_id, sha256: digest(file) };
    let reply = must!(world.intake, me, commit_upload, commit)?;
    let piece_id = reply.piece.map(|p| p.piece_id).unwrap_or_default();
    Ok(piece_id)
}

/// Sends a file; after a break, from wherever the platform says that it stands.
async fn send_all(world: &World, me: &Who, upload: &str, link: &str, file: &[u8], from: usize) -> Result<(), Failure> {
    let mut offset = from;
    for _ in 0..200 {
        match send(world, me, upload, link, file, offset).await {
            Ok(()) => return Ok(()),
            Err(status) if away(&status) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(status) => return Err(Failure::refused(&me.label, "upload_chunks", &status)),
        }
        let where_it_stands = api::GetUploadRequest { upload_id: upload.into(), link: link.into() };
        let stands = must!(world.intake, me, get_upload, where_it_stands)?;
        if stands.offset == file.len() as u64 {
            return Ok(());
        }
        offset = usize::try_from(stands.offset).unwrap_or(usize::MAX);
    }
    Err(Failure::unexpected(&me.label, "upload", "the whole file", "no end"))
}

async fn send(
    world: &World,
    me: &Who,
    upload: &str,
    link: &str,
    file: &[u8],
    from: usize,
) -> Result<(), tonic::Status> {
    let rest = file.get(from..).unwrap_or_default();
    let mut offset = from;
    let chunks: Vec<api::UploadChunk> = rest
        .chunks(CHUNK)
        .map(|data| {
            let chunk = api::UploadChunk {
                upload_id: upload.into(),
                offset: offset as u64,
                data: data.to_vec(),
                link: link.into(),
            };
            offset += data.len();
            chunk
        })
        .collect();
    let request = world.request(me, futures::stream::iter(chunks))?;
    world.intake().upload_chunks(request).await.map(drop)
}

/// The fiche d'appréciation (R11): the candidate names a person, who follows the link.
async fn fiche(stage: &Stage<'_>, who: &Candidate, me: &Who, number: usize) -> Result<(), Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    let address = format!("referent.{}@example.org", who.label);
    let referee = api::NameRefereeRequest {
        dossier_id: id.clone(),
        name: "Camille Référent".into(),
        email: address.clone(),
        capacity: "Responsable de la formation".into(),
    };
    must!(world.intake, me, name_referee, referee)?;
    let mut link = mail::fiche_link(world, &address, 1).await?;
    let nobody = Who { label: format!("referee of {}", who.label), ..Who::default() };
    if number.is_multiple_of(12) {
        // Sent again: the earlier link ends.
        must!(world.intake, me, resend_invitation, api::ResendInvitationRequest { dossier_id: id.clone() })?;
        let old = std::mem::replace(&mut link, mail::fiche_link(world, &address, 2).await?);
        let old = api::GetFicheRequestRequest { link: old };
        refused!(world.intake, &nobody, get_fiche_request, old, "LINK_REVOKED")?;
    }
    must!(world.intake, &nobody, get_fiche_request, api::GetFicheRequestRequest { link: link.clone() })?;
    let content = if number.is_multiple_of(2) {
        let file = files::pdf(&format!("fiche {}", who.label));
        let begin =
            api::BeginFicheUploadRequest { link: link.clone(), size: file.len() as u64, name: "fiche.pdf".into() };
        let upload = must!(world.intake, &nobody, begin_fiche_upload, begin)?.upload_id;
        send_all(world, &nobody, &upload, &link, &file, 0).await?;
        api::deposit_fiche_request::Content::File(api::FicheFile { upload_id: upload, sha256: digest(&file) })
    } else {
        let mut answers = api::FicheAnswers {
            known_as: "Enseignant".into(),
            rank: 3,
            cohort: 40,
            comment: "Travail régulier.".into(),
            ..Default::default()
        };
        answers.set_appreciation(api::Appreciation::Favourable);
        api::deposit_fiche_request::Content::Answers(answers)
    };
    must!(
        world.intake,
        &nobody,
        deposit_fiche,
        api::DepositFicheRequest { link: link.clone(), content: Some(content) }
    )?;
    Ok(())
}

/// The fee (R22): a transfer declared, or the exemption with its attestation.
async fn claim_fee(stage: &Stage<'_>, who: &Candidate, me: &Who) -> Result<(), Failure> {
    let world = stage.world;
    let id = who.id.to_string();
    let mut claim = api::ClaimFeeRequest { dossier_id: id.clone(), ..Default::default() };
    if matches!(who.money, Money::Exempt | Money::ExemptionRefused) {
        let piece = &stage.session().fee.exemption_piece;
        claim.attestation_piece_id =
            upload(world, me, &id, piece, api::Purpose::Piece, "", &files::pdf(&format!("bourse {}", who.label)), 1)
                .await?;
        claim.set_claim(api::FeeClaim::Exemption);
    } else {
        claim.set_claim(api::FeeClaim::Transfer);
    }
    must!(world.intake, me, claim_fee, claim)?;
    Ok(())
}

fn digest(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}

/// Holds a refusal to its reason.
pub fn expect_reason(
    world: &World,
    who: &str,
    what: &str,
    result: Result<(), tonic::Status>,
    reason: &str,
) -> Result<(), Failure> {
    let got = match result {
        Ok(()) => "accepted".to_owned(),
        Err(status) => {
            platform::refusal::Refusal::from_status(&status).map_or_else(|| format!("{status:?}"), |d| d.reason)
        }
    };
    if got == reason {
        world.count_refusal();
        return Ok(());
    }
    Err(Failure::unexpected(who, what, reason, got))
}
