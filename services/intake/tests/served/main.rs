//! The executable on a real broker and a real database, killed at random moments while candidates build their dossiers:
//! no acknowledged byte, piece or receipt is lost, no fact is told twice (R3, R12).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod house;
#[path = "../database/tables.rs"]
mod tables;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_nats::jetstream;
use contracts::{
    Fact,
    intake::{self as pb, DossierClosed, DossierNotClosed, DossierOpened},
    machinery, subjects,
};
use futures::{StreamExt as _, TryStreamExt as _};
use house::{House, PATIENCE};
use jiff::{SignedDuration, Timestamp};
use notice::{Depositor, Due, Session, keys};
use platform::refusal::Refusal;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};
use tables::{FIRST, SECOND, THIRD};
use tonic::{Response, Status};
use uuid::Uuid;

const CLOSED: u128 = 8;
const LEFT_OPEN: u128 = 3;

fn candidate(n: u128) -> Uuid {
    Uuid::from_u128(0xbeef_0000 + n)
}

/// Sends the calendar as the scheduler would; `fired` are the transitions that have.
async fn calendar(jetstream: &jetstream::Context, session: &Session, version: u64, fired: &[&str]) {
    let transition = |t: &notice::Transition| machinery::Transition {
        key: t.key.clone(),
        due_at: Some(t.at.into()),
        fired_at: fired.contains(&t.key.as_str()).then(|| t.at.into()),
    };
    let changed = machinery::CalendarChanged {
        version,
        zone: session.zone_name.clone(),
        transitions: session.transitions().iter().map(transition).collect(),
        moves: Vec::new(),
    };
    let mut headers = async_nats::HeaderMap::new();
    let id = Uuid::new_v4().to_string();
    for (name, value) in [
        ("Nats-Msg-Id", id.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-id", id.as_str()),
        ("ce-source", "scheduler"),
        ("ce-type", "scheduler.calendar_changed"),
        ("ce-time", "2026-01-20T00:00:00Z"),
        ("ce-subject", "calendar"),
        ("ce-aggregateversion", version.to_string().as_str()),
    ] {
        headers.insert(name, value);
    }
    let payload = serde_json::to_vec(&changed).unwrap();
    let subject = machinery::CalendarChanged::subject();
    jetstream.publish_with_headers(subject, headers, payload.into()).await.unwrap().await.unwrap();
}

fn pdf(seed: u128, size: usize) -> Vec<u8> {
    [format!("%PDF-1.7\n{seed}").as_bytes(), &vec![b'x'; size], b"\n%%EOF\n"].concat()
}

struct Candidate {
    house: Arc<House>,
    id: Uuid,
}

impl Candidate {
    /// `retry`: a reply to a repetition of what was applied already is as good; any other refusal fails the test.
    async fn must<T, F>(&self, ask: impl Fn() -> F) -> T
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        self.house.until_answered(ask).await.unwrap_or_else(|status| panic!("{status:?}\n{}", self.house.log()))
    }

    /// Sends a file in small messages, going on where the service says it stands, and checks that this is never before
    /// what it acknowledged.
    async fn upload(&self, kind: &str, file: &[u8]) -> String {
        let begin = pb::BeginUploadRequest {
            dossier_id: self.id.to_string(),
            piece: kind.into(),
            size: file.len() as u64,
            name: format!("{kind}.pdf"),
            purpose: pb::Purpose::Piece.into(),
            correction_id: String::new(),
        };
        let begin = || async { self.house.client().begin_upload(self.house.candidate(self.id, begin.clone())).await };
        let upload = self.must(begin).await.upload_id;
        let mut acknowledged = 0;
        loop {
            let get = pb::GetUploadRequest { upload_id: upload.clone(), link: String::new() };
            let get = || async { self.house.client().get_upload(self.house.candidate(self.id, get.clone())).await };
            let stands = self.must(get).await.offset;
            assert!(stands >= acknowledged, "{acknowledged} was acknowledged, {stands} stands");
            if stands == file.len() as u64 {
                break;
            }
            let from = usize::try_from(stands).unwrap();
            let mut at = stands;
            let chunks: Vec<pb::UploadChunk> = file[from..]
                .chunks(40_000)
                .take(2)
                .map(|data| {
                    let chunk = pb::UploadChunk {
                        upload_id: upload.clone(),
                        offset: at,
                        data: data.to_vec(),
                        link: String::new(),
                    };
                    at += data.len() as u64;
                    chunk
                })
                .collect();
            let request = self.house.candidate(self.id, tokio_stream::iter(chunks));
            if let Ok(reply) = self.house.client().upload_chunks(request).await {
                acknowledged = reply.into_inner().offset;
            }
        }
        let commit = pb::CommitUploadRequest { upload_id: upload.clone(), sha256: hex::encode(Sha256::digest(file)) };
        let commit =
            || async { self.house.client().commit_upload(self.house.candidate(self.id, commit.clone())).await };
        self.must(commit).await.piece.unwrap().piece_id
    }

    /// Everything up to the clôture; the ids of the pieces and their content.
    async fn build(&self, n: u128, kinds: &[String]) -> BTreeMap<String, Vec<u8>> {
        let open = pb::OpenDossierRequest {
            dossier_id: self.id.to_string(),
            identity: Some(pb::Identity {
                family_name: format!("Nom{n}"),
                first_names: "Anne".into(),
                birth_date: "2004-05-06".into(),
                email: "anne@exemple.fr".into(),
                nationality: "FR".into(),
                ..Default::default()
            }),
            request_id: self.id.to_string(),
            local_public: String::new(),
        };
        self.must(|| async { self.house.client().open_dossier(self.house.candidate(self.id, open.clone())).await })
            .await;
        let year = pb::StudyYear {
            year: "2025-2026".into(),
            institution: "Université".into(),
            formation: "L3".into(),
            result: String::new(),
        };
        let form = pb::UpdateFormRequest {
            dossier_id: self.id.to_string(),
            studies: Some(pb::Studies { years: vec![year], earlier_graduate: false }),
            title: Some(pb::Title {
                diploma: "licence".into(),
                mention: "Chimie".into(),
                equivalent_to: String::new(),
            }),
            ..Default::default()
        };
        self.must(|| async { self.house.client().update_form(self.house.candidate(self.id, form.clone())).await })
            .await;
        let schools = [THIRD, FIRST, SECOND].map(str::to_owned).to_vec();
        let order = pb::SetOrderRequest { dossier_id: self.id.to_string(), schools };
        self.must(|| async { self.house.client().set_order(self.house.candidate(self.id, order.clone())).await }).await;
        let mut pieces = BTreeMap::new();
        for (i, kind) in kinds.iter().enumerate() {
            let file = pdf(n * 100 + i as u128, if i == 0 { 200_000 } else { 900 });
            pieces.insert(self.upload(kind, &file).await, file);
        }
        let claim = pb::ClaimFeeRequest {
            dossier_id: self.id.to_string(),
            claim: pb::FeeClaim::Transfer.into(),
            attestation_piece_id: String::new(),
        };
        self.must(|| async { self.house.client().claim_fee(self.house.candidate(self.id, claim.clone())).await }).await;
        pieces
    }

    async fn close(&self) -> pb::Receipt {
        let close = pb::CloseDossierRequest { dossier_id: self.id.to_string() };
        let reply = self
            .must(|| async { self.house.client().close_dossier(self.house.candidate(self.id, close.clone())).await });
        reply.await.receipt.unwrap()
    }
}

/// Everything told on a subject: aggregate, version, payload.
async fn heard<F: Fact>(jetstream: &jetstream::Context, expected: usize) -> Vec<(String, u64, F)> {
    let stream = jetstream.get_stream(subjects::FACTS).await.unwrap();
    let config = jetstream::consumer::pull::OrderedConfig { filter_subject: F::subject(), ..Default::default() };
    let mut messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < expected {
        let next = tokio::time::timeout(PATIENCE, messages.next()).await.expect("facts are missing");
        let message = next.unwrap().unwrap();
        let header = |name: &str| message.headers.as_ref().and_then(|h| h.get(name)).unwrap().as_str().to_owned();
        let version = header("ce-aggregateversion").parse().unwrap();
        heard.push((header("ce-subject"), version, serde_json::from_slice(&message.payload).unwrap()));
    }
    let extra = tokio::time::timeout(Duration::from_millis(300), messages.next()).await;
    assert!(extra.is_err(), "told twice: {extra:?}");
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    let seed = std::env::var("ADMIS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(2_026);
    println!("seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let session = Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0;
    let opens = session.instant(keys::PLATFORM_OPENS).unwrap();
    let closes = session.instant(keys::DEPOSITS_CLOSE).unwrap();
    let kinds: Vec<String> = session
        .pieces_for("L3")
        .filter(|p| p.due == Due::Closing && p.by == Depositor::Candidate)
        .map(|p| p.id.clone())
        .collect();

    let nats = engines::Nats::start(&[]).unwrap();
    let house = Arc::new(House::new(&nats.url(), opens + SignedDuration::from_hours(24)).await);
    house.start().await;
    let jetstream = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    while jetstream.get_stream(subjects::FACTS).await.is_err() {
        // The service makes it once it is up.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    calendar(&jetstream, &session, 1, &[keys::PLATFORM_OPENS]).await;

    let candidates: Vec<_> = (0..CLOSED + LEFT_OPEN)
        .map(|n| {
            let (me, kinds) = (Candidate { house: house.clone(), id: candidate(n) }, kinds.clone());
            tokio::spawn(async move {
                let pieces = me.build(n, &kinds).await;
                let receipt = if n < CLOSED { Some(me.close().await) } else { None };
                (me, pieces, receipt)
            })
        })
        .collect();
    let mut kills = 0;
    while candidates.iter().any(|c| !c.is_finished()) && kills < 12 {
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..900))).await;
        house.kill();
        house.start().await;
        kills += 1;
    }
    println!("killed {kills} times");
    assert!(kills > 2, "everything was done before anything was killed");

    let mut receipts = BTreeMap::new();
    for task in candidates {
        let (me, pieces, receipt) = task.await.unwrap();
        // Every piece that was committed is there, byte for byte, and there is no other.
        let get = pb::GetDossierRequest { dossier_id: me.id.to_string() };
        let dossier = house.client().get_dossier(house.candidate(me.id, get)).await.unwrap().into_inner();
        let mut listed: Vec<_> = dossier.pieces.iter().map(|p| p.piece_id.clone()).collect();
        listed.sort();
        assert_eq!(listed, pieces.keys().cloned().collect::<Vec<_>>());
        for (piece_id, file) in pieces {
            let get = pb::GetPieceRequest { dossier_id: me.id.to_string(), piece_id };
            let chunks = house.client().get_piece(house.candidate(me.id, get)).await.unwrap().into_inner();
            let chunks: Vec<pb::PieceChunk> = chunks.try_collect().await.unwrap();
            assert_eq!(chunks.into_iter().flat_map(|c| c.data).collect::<Vec<_>>(), file);
        }
        assert_eq!(dossier.receipt, receipt);
        if let Some(receipt) = receipt {
            assert_eq!(me.close().await, receipt, "the receipt changed");
            receipts.insert(me.id.to_string(), receipt);
        }
    }
    house.settled().await;
    let opened = heard::<DossierOpened>(&jetstream, usize::try_from(CLOSED + LEFT_OPEN).unwrap()).await;
    assert!(opened.iter().all(|(_, version, _)| *version == 1));
    for (aggregate, version, closed) in heard::<DossierClosed>(&jetstream, receipts.len()).await {
        let receipt = &receipts[&aggregate];
        assert_eq!((version, &closed.digest, closed.closed_at), (3, &receipt.digest, receipt.closed_at));
        assert_eq!(closed.first_school, THIRD);
    }

    // The deposits close; killed in the middle of it, each open dossier is told of once.
    house.kill();
    house.set_clock(closes + SignedDuration::from_secs(5));
    house.start().await;
    calendar(&jetstream, &session, 2, &[keys::PLATFORM_OPENS, keys::DEPOSITS_CLOSE]).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..400))).await;
        house.kill();
        house.start().await;
    }
    let late = Candidate { house: house.clone(), id: candidate(CLOSED) };
    let close = pb::CloseDossierRequest { dossier_id: late.id.to_string() };
    let refused = house
        .until_answered(|| async { house.client().close_dossier(house.candidate(late.id, close.clone())).await })
        .await
        .unwrap_err();
    assert_eq!(Refusal::from_status(&refused).unwrap().reason, "NOT_A_CANDIDATURE");
    house.settled().await;
    let ended = heard::<DossierNotClosed>(&jetstream, usize::try_from(LEFT_OPEN).unwrap()).await;
    for (aggregate, _, fact) in ended {
        assert!(!receipts.contains_key(&aggregate));
        assert_eq!(Timestamp::try_from(fact.at.unwrap()).unwrap(), closes);
    }
    for n in 0..CLOSED {
        let me = Candidate { house: house.clone(), id: candidate(n) };
        assert_eq!(me.close().await, receipts[&me.id.to_string()], "the receipt outlives the window");
    }
}
