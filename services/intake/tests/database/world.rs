//! Intake on a real PostgreSQL and a real folder, asked over gRPC; who is asking comes as test metadata, where the
//! platform's gate would have put what a token says. Eligibility is a double that answers for two titles.

use std::sync::Arc;

use contracts::{
    eligibility::{eligibility_client::EligibilityClient, eligibility_server},
    intake::{self as pb, intake_client::IntakeClient, intake_server::IntakeServer},
    roles,
};
use engines::Postgres;
use intake::{
    Intake,
    app::App,
    domain::catalogue::Catalogue,
    files::{Files, Settings},
    grpc::Grpc,
    listen::{Annulments, Moves, Transitions, windows},
};
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::{
    Service as _,
    auth::{Caller, Issuer},
    calendar::{Effects as _, WindowGuard},
    clock::Clock,
    db::Db,
    inbox::{Envelope, Listener as _},
    peers::{Attach, Balanced},
    refusal::{Decoded, Refusal},
};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tonic::{
    Request, Status,
    service::{Routes, interceptor::InterceptedService},
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use uuid::Uuid;

pub use crate::tables::{FIRST, SECOND, THIRD};

pub struct World {
    pub db: Db,
    pub app: Arc<App>,
    pub client: IntakeClient<Channel>,
    pub opens: Timestamp,
    pub closes: Timestamp,
    pub commission: Timestamp,
    pub titles_due: Timestamp,
    /// Goes when the world goes.
    folder: tempfile::TempDir,
}

/// Nth candidate, and so the Nth dossier.
pub fn candidate(n: u128) -> Uuid {
    Uuid::from_u128(0xcafe_0000 + n)
}

pub fn ms(n: i64) -> SignedDuration {
    SignedDuration::from_millis(n)
}

/// The refusal behind a status.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Status>) -> Decoded {
    Refusal::from_status(&result.unwrap_err()).expect("a refusal of ours")
}

pub fn pdf(size: usize) -> Vec<u8> {
    [b"%PDF-1.7\n".as_slice(), &vec![b'x'; size], b"\n%%EOF\n"].concat()
}

pub fn sha(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Stands in for the platform's gate.
#[allow(clippy::result_large_err, reason = "an interceptor's signature")]
fn gate(mut request: Request<()>) -> Result<Request<()>, Status> {
    let text = |name: &str| request.metadata().get(name).map(|v| v.to_str().unwrap().to_owned());
    let at: Timestamp = text("test-at").unwrap().parse().unwrap();
    let role = text("test-role").unwrap_or_else(|| "anonymous".into());
    let subject = text("test-subject").unwrap_or_default();
    let caller = Caller { subject, role, unit: text("test-unit"), ..Caller::anonymous(at) };
    request.extensions_mut().insert(caller);
    Ok(request)
}

async fn serve(routes: Routes) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));
    address
}

impl World {
    pub async fn new(name: &'static str) -> Self {
        let url = Postgres::shared().unwrap().create_database(name).unwrap();
        let db = Db::open(url.parse().unwrap(), 6, Intake::NAME, Intake::migrations()).await.unwrap();
        let session = Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0;
        let mut conn = db.read().await.unwrap();
        for (i, t) in session.transitions().iter().enumerate() {
            sqlx::query("insert into platform.transitions (key, position, due_at) values ($1, $2, $3)")
                .bind(&t.key)
                .bind(i32::try_from(i).unwrap())
                .bind(jiff_sqlx::Timestamp::from(session.instant(&t.key).unwrap()))
                .execute(&mut *conn)
                .await
                .unwrap();
        }
        for w in windows() {
            sqlx::query(
                "insert into platform.windows (name, opens, closes, opening_effect) values ($1, $2, $3, false)",
            )
            .bind(w.name)
            .bind(w.opens)
            .bind(w.closes)
            .execute(&mut *conn)
            .await
            .unwrap();
        }
        drop(conn);
        let folder = tempfile::tempdir().unwrap();
        let at = |key: &str| session.instant(key).unwrap();
        let (opens, closes) = (at(keys::PLATFORM_OPENS), at(keys::DEPOSITS_CLOSE));
        let (commission, titles_due) = (at(keys::ADMISSION_COMMISSION), at(keys::TITLES_DUE));
        let peer = serve(Routes::new(eligibility_server::EligibilityServer::new(crate::tables::Tables))).await;
        let issuer = Issuer::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", None).unwrap();
        let attach = Attach::new(Intake::NAME, issuer, "test".into(), Clock::simulated(opens));
        let place = peer.trim_start_matches("http://").to_owned();
        let channel = InterceptedService::new(Balanced::to("eligibility", vec![place]), attach);
        let app = Arc::new(App {
            db: db.clone(),
            windows: WindowGuard::new(),
            catalogue: Catalogue::of(&session),
            session: Arc::new(session),
            files: Files::open(&Settings::Folder { folder: folder.path().into() }).unwrap(),
            eligibility: EligibilityClient::new(channel),
        });
        let server = IntakeServer::with_interceptor(Grpc(app.clone()), gate);
        let address = serve(Routes::new(server)).await;
        let client = IntakeClient::new(Endpoint::from_shared(address).unwrap().connect().await.unwrap());
        Self { db, app, client, opens, closes, commission, titles_due, folder }
    }

    /// Where the bytes are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// In the middle of the window.
    pub fn day(&self) -> Timestamp {
        self.opens + SignedDuration::from_hours(48)
    }

    pub fn ask<T>(role: &str, subject: &str, unit: Option<&str>, at: Timestamp, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("test-role", role.parse().unwrap());
        metadata.insert("test-subject", subject.parse().unwrap());
        metadata.insert("test-at", at.to_string().parse().unwrap());
        if let Some(unit) = unit {
            metadata.insert("test-unit", unit.parse().unwrap());
        }
        request
    }

    /// As the Nth candidate, at an instant.
    pub fn me<T>(n: u128, at: Timestamp, message: T) -> Request<T> {
        Self::ask(roles::CANDIDATE, &candidate(n).to_string(), None, at, message)
    }

    pub fn staff<T>(school: &str, at: Timestamp, message: T) -> Request<T> {
        Self::ask(roles::STAFF, &format!("staff@{school}"), Some(school), at, message)
    }

    pub fn jury<T>(at: Timestamp, message: T) -> Request<T> {
        Self::ask(roles::JURY, "member", None, at, message)
    }

    pub fn notifier<T>(at: Timestamp, message: T) -> Request<T> {
        Self::ask(roles::SERVICE, "notifier", None, at, message)
    }

    /// What the platform's driver does at a transition: windows that close at it are flipped, then the effect runs.
    pub async fn fire(&self, key: &str, due: Timestamp) {
        let mut tx = self.db.begin("fire").await.unwrap();
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('platform.window:' || name, 0)) from platform.windows where closes = $1")
            .bind(key)
            .execute(tx.conn())
            .await
            .unwrap();
        sqlx::query("update platform.windows set closed = true where closes = $1")
            .bind(key)
            .execute(tx.conn())
            .await
            .unwrap();
        if Transitions.keys().iter().any(|k| k == key) {
            Transitions.at(&mut tx, key, due).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What the platform stores of a calendar in which a transition that had come is due later.
    pub async fn move_on(&self, key: &str, due: Timestamp) {
        let mut conn = self.db.read().await.unwrap();
        sqlx::query("update platform.transitions set due_at = $2, handled_at = null where key = $1")
            .bind(key)
            .bind(jiff_sqlx::Timestamp::from(due))
            .execute(&mut *conn)
            .await
            .unwrap();
        sqlx::query("update platform.windows set closed = false where closes = $1")
            .bind(key)
            .execute(&mut *conn)
            .await
            .unwrap();
    }

    /// The jury annulled the Nth candidature.
    pub async fn annulled(&self, n: u128, at: Timestamp) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: "jury.candidature_annulled".into(),
            subject: Annulments.subjects()[0].clone(),
            source: "jury".into(),
            time: at,
            aggregate: candidate(n).to_string(),
            version: 7,
            traceparent: None,
            data: format!(r#"{{"dossierId":"{}","at":"{at}"}}"#, candidate(n)).into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        Annulments.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Intake's own listener hears that the calendar changed.
    pub async fn calendar_heard(&self) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: "scheduler.calendar_changed".into(),
            subject: Moves.subjects()[0].clone(),
            source: "scheduler".into(),
            time: self.closes,
            aggregate: "calendar".into(),
            version: 1,
            traceparent: None,
            data: b"{}".as_slice().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        Moves.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn identity(n: u128) -> pb::Identity {
        pb::Identity {
            family_name: format!("Lefèvre-{n}"),
            first_names: "Éloïse, Marie".into(),
            birth_date: "2004-02-29".into(),
            email: format!("eloise{n}@exemple.fr"),
            nationality: "FR".into(),
            ..Default::default()
        }
    }

    pub async fn open(&self, n: u128, at: Timestamp) -> Result<pb::OpenDossierReply, Status> {
        let message = pb::OpenDossierRequest {
            dossier_id: candidate(n).to_string(),
            identity: Some(Self::identity(n)),
            ..Default::default()
        };
        Ok(self.client.clone().open_dossier(Self::me(n, at, message)).await?.into_inner())
    }

    pub async fn title(&self, n: u128, mention: &str) -> Result<pb::UpdateFormReply, Status> {
        let year = pb::StudyYear {
            year: "2025-2026".into(),
            institution: "Université".into(),
            formation: "L3".into(),
            result: "en cours".into(),
        };
        let message = pb::UpdateFormRequest {
            dossier_id: candidate(n).to_string(),
            studies: Some(pb::Studies { years: vec![year], earlier_graduate: false }),
            title: Some(pb::Title { diploma: "licence".into(), mention: mention.into(), equivalent_to: String::new() }),
            ..Default::default()
        };
        Ok(self.client.clone().update_form(Self::me(n, self.day(), message)).await?.into_inner())
    }

    pub async fn order(&self, n: u128, schools: &[&str], at: Timestamp) -> Result<pb::SetOrderReply, Status> {
        let schools = schools.iter().map(|s| (*s).to_owned()).collect();
        let message = pb::SetOrderRequest { dossier_id: candidate(n).to_string(), schools };
        Ok(self.client.clone().set_order(Self::me(n, at, message)).await?.into_inner())
    }

    pub async fn begin(
        &self,
        n: u128,
        kind: &str,
        size: u64,
        purpose: pb::Purpose,
        at: Timestamp,
    ) -> Result<pb::Upload, Status> {
        let message = pb::BeginUploadRequest {
            dossier_id: candidate(n).to_string(),
            piece: kind.into(),
            size,
            name: "pièce.pdf".into(),
            purpose: purpose.into(),
            correction_id: String::new(),
        };
        Ok(self.client.clone().begin_upload(Self::me(n, at, message)).await?.into_inner())
    }

    pub async fn send(&self, n: u128, upload: &str, offset: u64, parts: &[&[u8]]) -> Result<pb::Upload, Status> {
        let mut at = offset;
        let mut messages = Vec::new();
        for part in parts {
            messages.push(pb::UploadChunk {
                upload_id: upload.into(),
                offset: at,
                data: part.to_vec(),
                link: String::new(),
            });
            at += part.len() as u64;
        }
        let stream = tokio_stream::iter(messages);
        Ok(self.client.clone().upload_chunks(Self::me(n, self.day(), stream)).await?.into_inner())
    }

    pub async fn commit(
        &self,
        n: u128,
        upload: &str,
        sha256: &str,
        at: Timestamp,
    ) -> Result<pb::CommitUploadReply, Status> {
        let message = pb::CommitUploadRequest { upload_id: upload.into(), sha256: sha256.into() };
        Ok(self.client.clone().commit_upload(Self::me(n, at, message)).await?.into_inner())
    }

    pub async fn piece(&self, n: u128, kind: &str, purpose: pb::Purpose, at: Timestamp) -> Result<pb::Piece, Status> {
        let file = pdf(64 + kind.len());
        let upload = self.begin(n, kind, file.len() as u64, purpose, at).await?;
        self.send(n, &upload.upload_id, 0, &[&file]).await?;
        Ok(self.commit(n, &upload.upload_id, &sha(&file), at).await?.piece.unwrap())
    }

    pub async fn claim(&self, n: u128) -> Result<pb::ClaimFeeReply, Status> {
        let message = pb::ClaimFeeRequest {
            dossier_id: candidate(n).to_string(),
            claim: pb::FeeClaim::Transfer.into(),
            attestation_piece_id: String::new(),
        };
        Ok(self.client.clone().claim_fee(Self::me(n, self.day(), message)).await?.into_inner())
    }

    pub async fn missing(&self, n: u128) -> Vec<pb::MissingThing> {
        let message = pb::MissingRequest { dossier_id: candidate(n).to_string() };
        self.client.clone().missing(Self::me(n, self.day(), message)).await.unwrap().into_inner().things
    }

    pub async fn close(&self, n: u128, at: Timestamp) -> Result<pb::CloseDossierReply, Status> {
        let message = pb::CloseDossierRequest { dossier_id: candidate(n).to_string() };
        Ok(self.client.clone().close_dossier(Self::me(n, at, message)).await?.into_inner())
    }

    pub async fn dossier(&self, n: u128) -> pb::Dossier {
        let message = pb::GetDossierRequest { dossier_id: candidate(n).to_string() };
        self.client.clone().get_dossier(Self::me(n, self.day(), message)).await.unwrap().into_inner()
    }

    /// A dossier that lacks nothing, with pieces as the session's own list of what is missing asks for them; the last
    /// alternative of each, so that the candidate can deposit it.
    pub async fn ready(&self, n: u128) {
        self.open(n, self.day()).await.unwrap();
        self.title(n, "Chimie").await.unwrap();
        self.order(n, &[FIRST, THIRD, SECOND], self.day()).await.unwrap();
        for thing in self.missing(n).await.into_iter().filter(|t| t.what == "piece") {
            self.piece(n, thing.any_of.last().unwrap(), pb::Purpose::Piece, self.day()).await.unwrap();
        }
        self.claim(n).await.unwrap();
        assert_eq!(self.missing(n).await, []);
    }

    /// Subjects, versions and payloads told of a dossier, in the order told.
    pub async fn told(&self, n: u128) -> Vec<(String, i64, serde_json::Value)> {
        let mut conn = self.db.read().await.unwrap();
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "select subject, version, payload::text from platform.outbox where aggregate = $1 order by seq",
        )
        .bind(candidate(n).to_string())
        .fetch_all(&mut *conn)
        .await
        .unwrap();
        rows.into_iter().map(|(s, v, p)| (s, v, serde_json::from_str(&p).unwrap())).collect()
    }
}
