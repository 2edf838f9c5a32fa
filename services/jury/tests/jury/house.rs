//! One jury on a database of its own, with the calendar of the 2026 file and a few candidatures.

use ::jury::{
    Jury,
    commands::Regulation,
    grpc::JuryGrpc,
    listen::{AtTransitions, Heard},
    names::Names,
    store,
};
use contracts::{Fact, eligibility, intake, jury, roles};
use engines::Postgres;
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::{
    Service as _,
    auth::Caller,
    calendar::Effects as _,
    db::Db,
    inbox::{Envelope, Listener as _},
    refusal::{Decoded, Refusal},
};
use sqlx::Row as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub const MS: SignedDuration = SignedDuration::from_millis(1);

pub struct House {
    pub db: Db,
    pub grpc: JuryGrpc,
    pub session: Session,
    pub database: String,
}

/// Intake as the tests need it: everyone named "Match" is the dossier whose number is the given name.
struct Book;

#[tonic::async_trait]
impl Names for Book {
    async fn find(&self, name: String) -> Result<Vec<Uuid>, Refusal> {
        match name.split_once(' ') {
            Some(("Match", number)) => Ok(vec![dossier(number.parse().unwrap())]),
            Some(("Down", _)) => Err(Refusal::retry_later("INTAKE_UNAVAILABLE", "intake", "down")),
            _ => Ok(Vec::new()),
        }
    }
}

pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(0xd055_0000_0000_0000 + n)
}

pub fn id(n: u128) -> String {
    dossier(n).to_string()
}

impl House {
    pub async fn open(name: &str) -> Self {
        let database = format!("jury_{name}_{}", std::process::id());
        let url = Postgres::shared().unwrap().create_database(&database).unwrap();
        let db = Db::open(url.parse().unwrap(), 6, Jury::NAME, Jury::migrations()).await.unwrap();
        let (session, _) = Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap();
        let regulation = Regulation::of(&session);
        let mut tx = db.begin("seed").await.unwrap();
        store::seats::seed(tx.conn(), &regulation.cells).await.unwrap();
        for (position, transition) in (0_i32..).zip(session.transitions()) {
            sqlx::query("insert into platform.transitions (key, position, due_at) values ($1, $2, $3)")
                .bind(&transition.key)
                .bind(position)
                .bind(jiff_sqlx::Timestamp::from(transition.at))
                .execute(tx.conn())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        Self { grpc: JuryGrpc::new(db.clone(), regulation, Book), db, session, database }
    }

    pub fn instant(&self, key: &str) -> Timestamp {
        self.session.instant(key).unwrap()
    }

    pub async fn hear<F: Fact>(&self, fact: &F, version: u64) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time: self.instant(keys::DEPOSITS_CLOSE),
            aggregate: fact.aggregate(),
            version,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        Heard.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A closed dossier of filière L3 with these schools, the first of them choice 1, open everywhere but at
    /// `for_jury`.
    pub async fn closed(&self, n: u128, schools: &[&str], for_jury: &[&str]) {
        let fact = intake::DossierClosed {
            dossier_id: id(n),
            number: u64::try_from(n).unwrap(),
            filiere: "L3".into(),
            title: Some(intake::Title { diploma: "licence".into(), mention: "Physique".into(), ..Default::default() }),
            schools: schools.iter().map(|s| (*s).to_owned()).collect(),
            first_school: schools[0].into(),
            closed_at: Some((self.instant(keys::DEPOSITS_CLOSE) - MS).into()),
            digest: "00".into(),
            fee_claim: intake::FeeClaim::Transfer.into(),
            other_route_declared: n % 2 == 1,
        };
        let assessed = eligibility::RecevabiliteAssessed {
            dossier_id: id(n),
            filiere: "L3".into(),
            schools: schools
                .iter()
                .map(|school| eligibility::SchoolRecevabilite {
                    school: (*school).into(),
                    recevabilite: if for_jury.contains(school) {
                        eligibility::Recevabilite::ForJury.into()
                    } else {
                        eligibility::Recevabilite::Open.into()
                    },
                    table: "Tableau 5".into(),
                    row: "Physique".into(),
                })
                .collect(),
        };
        // The assessment may well be heard first.
        self.hear(&assessed, 1).await;
        self.hear(&fact, 1).await;
    }

    /// Admits these dossiers and publishes: everything up to the orals.
    pub async fn admitted(&self, dossiers: &[u128]) {
        let at = self.instant(keys::ADMISSIBILITY_COMMISSION);
        for n in dossiers {
            self.closed(*n, &["albi", "ales"], &[]).await;
            let draft = jury::DraftAdmissibilityRequest { dossier_id: id(*n), admissible: true, reason: "bon".into() };
            ask!(self, draft_admissibility, draft, secretary(at)).unwrap();
        }
        let act = ask!(self, prepare_admissibility, jury::PrepareAdmissibilityRequest {}, secretary(at)).unwrap();
        self.confirm(&act, president(at)).await.unwrap();
        let publication = jury::PrepareAdmissibilityPublicationRequest {};
        let act = ask!(self, prepare_admissibility_publication, publication, secretary(at)).unwrap();
        self.confirm(&act, president(at)).await.unwrap();
        self.due(keys::ADMISSIBILITY_RESULTS).await;
    }

    pub async fn mark(&self, n: u128, exam: &str, mark: &str, at: Timestamp) -> Result<jury::RecordMarkReply, Decoded> {
        let request = jury::RecordMarkRequest {
            dossier_id: id(n),
            exam: exam.into(),
            mark: mark.into(),
            correction_reason: String::new(),
        };
        ask!(self, record_mark, request, secretary(at))
    }

    /// Good marks for these, and one merit list.
    pub async fn ranked(&self, dossiers: &[u128]) {
        let at = self.instant(keys::ADMISSION_COMMISSION);
        for n in dossiers {
            for exam in ["interview", "english"] {
                self.mark(*n, exam, "12.5", at).await.unwrap();
            }
        }
        let list = jury::SubmitMeritListRequest {
            filiere: "L3".into(),
            dossier_ids: dossiers.iter().map(|n| id(*n)).collect(),
        };
        ask!(self, submit_merit_list, list, secretary(at)).unwrap();
    }

    /// Signs the tables of these, best first.
    pub async fn signed(&self, dossiers: &[u128]) {
        let at = self.instant(keys::ADMISSION_COMMISSION);
        self.ranked(dossiers).await;
        let act = ask!(self, prepare_admission, jury::PrepareAdmissionRequest {}, secretary(at)).unwrap();
        self.confirm(&act, president(at)).await.unwrap();
    }

    pub async fn confirm(&self, act: &jury::Act, who: Caller) -> Result<jury::ConfirmReply, Decoded> {
        let request = jury::ConfirmRequest { act_id: act.act_id.clone(), digest: act.digest.clone() };
        ask!(self, confirm, request, who)
    }

    /// The transition's effect, as the calendar's driver runs it.
    pub async fn due(&self, key: &str) {
        let mut tx = self.db.begin("due").await.unwrap();
        AtTransitions.at(&mut tx, key, self.instant(key)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Facts told on that subject so far: aggregate, version, instant, payload.
    pub async fn told<F: Fact>(&self) -> Vec<(String, i64, Timestamp, F)> {
        self.told_on(&F::subject())
            .await
            .into_iter()
            .map(|(aggregate, version, at, payload)| (aggregate, version, at, serde_json::from_str(&payload).unwrap()))
            .collect()
    }

    pub async fn told_on(&self, subject: &str) -> Vec<(String, i64, Timestamp, String)> {
        let mut conn = self.db.read().await.unwrap();
        let rows = sqlx::query(
            "select aggregate, version, time, payload::text as payload from platform.outbox
             where subject like $1 order by seq",
        )
        .bind(subject)
        .fetch_all(&mut *conn)
        .await
        .unwrap();
        rows.iter()
            .map(|row| {
                let at: jiff_sqlx::Timestamp = row.get("time");
                (row.get("aggregate"), row.get("version"), at.to_jiff(), row.get("payload"))
            })
            .collect()
    }

    /// Looks at or breaks the database from outside. Off this thread: a refused transaction is rolled back by the
    /// runtime, and until then it holds its locks.
    pub async fn sql(&self, sql: &str) -> Result<String, engines::EngineError> {
        let (database, sql) = (self.database.clone(), sql.to_owned());
        tokio::task::spawn_blocking(move || Postgres::shared().unwrap().sql(&database, &sql)).await.unwrap()
    }
}

fn someone(subject: &str, role: &str, at: Timestamp) -> Caller {
    Caller { subject: subject.into(), role: role.into(), ..Caller::anonymous(at) }
}

pub fn secretary(at: Timestamp) -> Caller {
    someone("secretary", roles::JURY, at)
}

pub fn member(at: Timestamp) -> Caller {
    someone("member", roles::JURY, at)
}

pub fn president(at: Timestamp) -> Caller {
    someone("president", roles::JURY_PRESIDENT, at)
}

pub fn candidate(n: u128, at: Timestamp) -> Caller {
    someone(&id(n), roles::CANDIDATE, at)
}

pub fn staff(school: &str, at: Timestamp) -> Caller {
    Caller { unit: Some(school.into()), ..someone("clerk", roles::STAFF, at) }
}

pub fn request<T>(message: T, who: Caller) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(who);
    request
}

pub fn answer<T>(answer: Result<Response<T>, Status>) -> Result<T, Decoded> {
    answer.map(Response::into_inner).map_err(|status| {
        Refusal::from_status(&status).unwrap_or_else(|| panic!("a refusal without details: {status:?}"))
    })
}

/// Asks the jury as `$who`.
macro_rules! ask {
    ($house:expr, $rpc:ident, $message:expr, $who:expr) => {{
        use ::contracts::jury::jury_server::Jury as _;
        $crate::house::answer($house.grpc.$rpc($crate::house::request($message, $who)).await)
    }};
}
pub(crate) use ask;
