//! One integration on a database of its own, with the calendar of the 2026 file and a small filière L3: one seat at each
//! school.

use std::sync::Arc;

use contracts::{
    Fact, intake,
    integration::{self as api, Answer, State},
    jury, roles,
};
use engines::Postgres;
use integration::{
    Integration,
    commands::Regulation,
    grpc::Grpc,
    listen::Listen,
    store::periods,
    transitions::{AtTransitions, windows},
};
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::{
    Service as _,
    auth::Caller,
    calendar::{Effects as _, WindowGuard},
    db::Db,
    inbox::{Envelope, Listener as _},
    refusal::{Decoded, Refusal},
};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub const MS: SignedDuration = SignedDuration::from_millis(1);
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub struct House {
    pub db: Db,
    pub grpc: Grpc,
    pub session: Session,
    pub database: String,
    listen: Listen,
    transitions: AtTransitions,
}

pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(0xd055_0000_0000_0000 + n)
}

pub fn id(n: u128) -> String {
    dossier(n).to_string()
}

impl House {
    pub async fn open(name: &str) -> Self {
        let database = format!("integration_{name}_{}", std::process::id());
        let url = Postgres::shared().unwrap().create_database(&database).unwrap();
        let db = Db::open(url.parse().unwrap(), 6, Integration::NAME, Integration::migrations()).await.unwrap();
        let (session, _) = Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap();
        let regulation =
            Arc::new(Regulation { session: session.clone(), windows: WindowGuard::new(), outage_percent: 10 });
        let mut tx = db.begin("seed").await.unwrap();
        periods::declare(&mut tx, regulation.periods()).await.unwrap();
        for (position, transition) in (0_i32..).zip(session.transitions()) {
            sqlx::query("insert into platform.transitions (key, position, due_at) values ($1, $2, $3)")
                .bind(&transition.key)
                .bind(position)
                .bind(jiff_sqlx::Timestamp::from(transition.at))
                .execute(tx.conn())
                .await
                .unwrap();
        }
        for window in windows(regulation.periods()) {
            sqlx::query("insert into platform.windows (name, opens, closes, opening_effect) values ($1, $2, $3, true)")
                .bind(window.name)
                .bind(window.opens)
                .bind(window.closes)
                .execute(tx.conn())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        Self {
            grpc: Grpc::new(db.clone(), regulation.clone()),
            listen: Listen { regulation: regulation.clone() },
            transitions: AtTransitions { regulation },
            db,
            session,
            database,
        }
    }

    /// Everything up to the eve of period 1: closed dossiers and their orders, tables signed and confirmed, one seat per
    /// school. 1 and 2 want albi then ales, 3 the other way round, 4 nord-europe only; 5 is on no table.
    pub async fn eve(name: &str) -> Self {
        let house = Self::open(name).await;
        house.dossier(1, &["albi", "ales"]).await;
        house.dossier(2, &["albi", "ales"]).await;
        house.dossier(3, &["ales", "albi"]).await;
        house.dossier(4, &["nord-europe"]).await;
        house.dossier(5, &["albi"]).await;
        house.one_seat_each().await;
        house.sign(1, &usual_tables()).await;
        house.hear(&jury::AdmissionPublicationConfirmed { signature: 1 }, 2).await;
        house
    }

    pub async fn dossier(&self, n: u128, order: &[&str]) {
        let schools: Vec<String> = order.iter().map(|school| (*school).to_owned()).collect();
        let closed = intake::DossierClosed {
            dossier_id: id(n),
            filiere: "L3".into(),
            schools: schools.clone(),
            closed_at: Some((self.instant(keys::DEPOSITS_CLOSE) - MS).into()),
            ..Default::default()
        };
        self.hear(&closed, 1).await;
        self.hear(&intake::PreferencesReleased { dossier_id: id(n), filiere: "L3".into(), schools }, 2).await;
    }

    pub async fn one_seat_each(&self) {
        for school in ["albi", "ales", "nord-europe"] {
            self.seats(school, 1, 1, 1).await;
        }
    }

    pub async fn seats(&self, school: &str, seats: u32, from_period: u32, version: u64) {
        let seats = vec![jury::FiliereSeats { filiere: "L3".into(), seats }];
        self.hear(&jury::SeatsSet { school: school.into(), seats, from_period }, version).await;
    }

    /// A sign-off with these tables of L3.
    pub async fn sign(&self, signature: u64, tables: &[(&str, &[u128])]) {
        for (school, table) in tables {
            self.hear(&table_signed(signature, school, table), signature).await;
        }
        self.hear(&self.admission_signed(signature, tables), signature).await;
    }

    pub fn admission_signed(&self, signature: u64, tables: &[(&str, &[u128])]) -> jury::AdmissionSigned {
        let mut hash = Sha256::new();
        for (school, table) in tables {
            let ids: Vec<String> = table.iter().map(|n| id(*n)).collect();
            hash.update(format!("{school}/L3:{}\n", ids.join(",")));
        }
        let cell = |school: &&str| jury::Cell { school: (*school).into(), filiere: "L3".into() };
        jury::AdmissionSigned {
            signature,
            cells: tables.iter().map(|(school, _)| cell(school)).collect(),
            signed_at: Some((self.instant(keys::ADMISSION_COMMISSION) + HOUR).into()),
            digest: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    pub fn instant(&self, key: &str) -> Timestamp {
        self.session.instant(key).unwrap()
    }

    pub fn opens(&self, period: u32) -> Timestamp {
        self.instant(&keys::period_opens(period))
    }

    pub fn closes(&self, period: u32) -> Timestamp {
        self.instant(&keys::period_closes(period))
    }

    pub async fn hear<F: Fact>(&self, fact: &F, version: u64) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time: self.instant(keys::ADMISSION_COMMISSION) + HOUR,
            aggregate: fact.aggregate(),
            version,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        self.listen.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The calendar moved an instant that had come: what the platform stores, then the event as this service hears it.
    pub async fn reopen(&self, key: &str, to: Timestamp) {
        self.sql(&format!("update platform.windows set closed = false where closes = '{key}'"));
        let moved = "update platform.transitions set fired_at = null, handled_at = null, due_at";
        self.sql(&format!("{moved} = '{to}' where key = '{key}'"));
        self.hear(&contracts::machinery::CalendarChanged { version: 2, ..Default::default() }, 2).await;
    }

    pub async fn close_at(&self, period: u32, due: Timestamp) {
        self.fire_at(&keys::period_closes(period), due).await;
    }

    /// What the platform's driver does at a transition: windows that close at it are flipped, then the effect runs.
    pub async fn fire(&self, key: &str) {
        self.fire_at(key, self.instant(key)).await;
    }

    async fn fire_at(&self, key: &str, due: Timestamp) {
        let mut tx = self.db.begin("fire").await.unwrap();
        let lock = "select pg_advisory_xact_lock(hashtextextended('platform.window:' || name, 0))
                    from platform.windows where closes = $1";
        sqlx::query(lock).bind(key).execute(tx.conn()).await.unwrap();
        sqlx::query("update platform.windows set closed = true where closes = $1")
            .bind(key)
            .execute(tx.conn())
            .await
            .unwrap();
        self.transitions.at(&mut tx, key, due).await.unwrap();
        sqlx::query("update platform.transitions set fired_at = due_at, handled_at = due_at where key = $1")
            .bind(key)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn open_period(&self, period: u32) {
        self.fire(&keys::period_opens(period)).await;
    }

    pub async fn close_period(&self, period: u32) {
        self.fire(&keys::period_closes(period)).await;
    }

    pub async fn situation(&self, n: u128, at: Timestamp) -> Result<api::Situation, Decoded> {
        ask!(self, get_situation, api::GetSituationRequest { dossier_id: id(n) }, candidate(n, at))
    }

    pub async fn state(&self, n: u128, at: Timestamp) -> (State, String) {
        let situation =
            ask!(self, get_situation, api::GetSituationRequest { dossier_id: id(n) }, president(at)).unwrap();
        (situation.state(), situation.school)
    }

    pub async fn login(&self, n: u128, at: Timestamp) -> u32 {
        ask!(self, record_login, api::RecordLoginRequest { dossier_id: id(n) }, candidate(n, at)).unwrap().period
    }

    pub async fn answer(&self, n: u128, answer: Answer, at: Timestamp) -> Result<api::AnswerReceipt, Decoded> {
        self.answer_as(candidate(n, at), n, answer, answer == Answer::Non).await
    }

    pub async fn answer_as(
        &self,
        who: Caller,
        n: u128,
        answer: Answer,
        confirmed: bool,
    ) -> Result<api::AnswerReceipt, Decoded> {
        ask!(self, answer, api::AnswerRequest { dossier_id: id(n), answer: answer.into(), confirmed }, who)
    }

    pub async fn results(&self, period: u32) -> api::PeriodResultsReply {
        let at = self.instant(keys::TITLES_DUE) + HOUR;
        ask!(self, period_results, api::PeriodResultsRequest { period }, president(at)).unwrap()
    }

    /// Who got what in a period, by candidate's number.
    pub async fn placed(&self, period: u32) -> Vec<(u128, String)> {
        let mut placed: Vec<_> = (self.results(period).await.proposals.into_iter())
            .map(|proposal| (number(&proposal.dossier_id), proposal.school))
            .collect();
        placed.sort();
        placed
    }

    pub async fn periods(&self) -> Vec<api::PeriodStatus> {
        let at = self.opens(1);
        ask!(self, list_periods, api::ListPeriodsRequest {}, president(at)).unwrap().periods
    }

    /// Events told on a subject: aggregate, version, payload.
    pub async fn told(&self, subject: &str) -> Vec<(String, i64, serde_json::Value)> {
        let mut conn = self.db.read().await.unwrap();
        let rows = sqlx::query(
            "select aggregate, version, payload::text as payload from platform.outbox where subject like $1 order by seq",
        )
        .bind(subject)
        .fetch_all(&mut *conn)
        .await
        .unwrap();
        (rows.iter())
            .map(|row| {
                let payload: String = row.get("payload");
                (row.get("aggregate"), row.get("version"), serde_json::from_str(&payload).unwrap())
            })
            .collect()
    }

    pub fn sql(&self, sql: &str) -> String {
        Postgres::shared().unwrap().sql(&self.database, sql).unwrap().trim().to_owned()
    }
}

pub fn usual_tables() -> Vec<(&'static str, &'static [u128])> {
    vec![("albi", &[1, 2, 3]), ("ales", &[2, 1, 3]), ("nord-europe", &[4])]
}

pub fn table_signed(signature: u64, school: &str, table: &[u128]) -> jury::TableSigned {
    let dossier_ids = table.iter().map(|n| id(*n)).collect();
    jury::TableSigned { school: school.into(), filiere: "L3".into(), signature, dossier_ids }
}

pub fn number(dossier: &str) -> u128 {
    dossier.parse::<Uuid>().unwrap().as_u128() - dossier_zero()
}

fn dossier_zero() -> u128 {
    dossier(0).as_u128()
}

fn someone(subject: &str, role: &str, at: Timestamp) -> Caller {
    Caller { subject: subject.into(), role: role.into(), ..Caller::anonymous(at) }
}

pub fn candidate(n: u128, at: Timestamp) -> Caller {
    someone(&id(n), roles::CANDIDATE, at)
}

pub fn president(at: Timestamp) -> Caller {
    someone("president", roles::JURY_PRESIDENT, at)
}

pub fn secretary(at: Timestamp) -> Caller {
    someone("secretary", roles::JURY_PRESIDENT, at)
}

pub fn operator(at: Timestamp) -> Caller {
    someone("operator", roles::OPERATOR, at)
}

pub fn service(at: Timestamp) -> Caller {
    someone("portal", roles::SERVICE, at)
}

pub fn staff(school: &str, at: Timestamp) -> Caller {
    Caller { unit: Some(school.into()), ..someone("clerk", roles::STAFF, at) }
}

pub fn relative(mandate: &str, n: u128, at: Timestamp) -> Caller {
    Caller { act_for: Some(id(n)), ..someone(mandate, roles::MANDATE, at) }
}

pub fn request<T>(message: T, who: Caller) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(who);
    request
}

pub fn answered<T>(answer: Result<Response<T>, Status>) -> Result<T, Decoded> {
    answer.map(Response::into_inner).map_err(|status| {
        Refusal::from_status(&status).unwrap_or_else(|| panic!("a refusal without details: {status:?}"))
    })
}

/// Asks the integration as `$who`.
macro_rules! ask {
    ($house:expr, $rpc:ident, $message:expr, $who:expr) => {{
        use ::contracts::integration::integration_server::Integration as _;
        $crate::house::answered($house.grpc.$rpc($crate::house::request($message, $who)).await)
    }};
}
pub(crate) use ask;
