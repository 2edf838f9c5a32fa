//! The service on a real PostgreSQL: its gRPC methods, its listener and its effect, without the network between.

use std::sync::Arc;

use contracts::{Fact, jury, roles, scheduling as proto, scheduling::scheduling_server::Scheduling as _};
use engines::Postgres;
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::{
    Service as _,
    auth::Caller,
    calendar::Effects as _,
    db::Db,
    inbox::{Envelope, Listener as _},
    refusal::Refusal,
};
use scheduling::{
    Scheduling,
    grpc::Grpc,
    listen::{Facts, Results},
};
use sqlx::Row as _;
use tonic::{Request, Status};
use uuid::Uuid;

pub struct World {
    pub name: &'static str,
    pub db: Db,
    pub grpc: Grpc,
    pub facts: Facts,
    pub effect: Results,
    /// The admissibility results.
    pub results: Timestamp,
}

/// Nth candidate.
pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(0xd055_0000 + n)
}

pub fn reason(status: &Status) -> String {
    Refusal::from_status(status).expect("a refusal of ours").reason
}

/// An instant of May 2026, when the zone is two hours ahead: local time.
pub fn may(day: i8, hour: i8, minute: i8) -> Timestamp {
    jiff::civil::date(2026, 5, day).at(hour, minute, 0, 0).in_tz("Europe/Paris").unwrap().timestamp()
}

impl World {
    pub async fn new(name: &'static str) -> Self {
        let url = Postgres::shared().unwrap().create_database(name).unwrap();
        let db = Db::open(url.parse().unwrap(), 4, Scheduling::NAME, Scheduling::migrations()).await.unwrap();
        let session = Arc::new(Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0);
        let results = session.instant(keys::ADMISSIBILITY_RESULTS).unwrap();
        let mut conn = db.read().await.unwrap();
        sqlx::query("insert into platform.transitions (key, position, due_at) values ($1, 1, $2)")
            .bind(keys::ADMISSIBILITY_RESULTS)
            .bind(jiff_sqlx::Timestamp::from(results))
            .execute(&mut *conn)
            .await
            .unwrap();
        drop(conn);
        Self {
            name,
            grpc: Grpc::new(db.clone(), session.clone()),
            facts: Facts::new(session.clone()),
            effect: Results::new(session),
            db,
            results,
        }
    }

    /// The evening after the commission: nothing is out yet.
    pub fn evening(&self) -> Timestamp {
        self.results - SignedDuration::from_hours(20)
    }

    pub async fn hear<F: Fact>(&self, fact: &F, version: u64, at: Timestamp) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time: at,
            aggregate: fact.aggregate(),
            version,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        self.facts.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn decided(&self, n: u128, admissible: bool, school: &str, version: u64) {
        let fact = jury::AdmissibilityDecided {
            dossier_id: dossier(n).to_string(),
            admissible,
            filiere: "L3".into(),
            first_school: school.into(),
            ..Default::default()
        };
        self.hear(&fact, version, self.evening() - SignedDuration::from_hours(2)).await;
    }

    pub async fn confirmed(&self) {
        let fact = jury::AdmissibilityPublicationConfirmed { publish_at: Some(self.results.into()) };
        self.hear(&fact, 1, self.evening() - SignedDuration::from_hours(1)).await;
    }

    /// What the calendar's driver does at the instant.
    pub async fn results_go_out(&self) {
        let mut tx = self.db.begin("effect").await.unwrap();
        self.effect.at(&mut tx, keys::ADMISSIBILITY_RESULTS, self.results).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn caller<T>(role: &str, subject: String, unit: Option<&str>, at: Timestamp, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let caller = Caller { subject, role: role.into(), unit: unit.map(Into::into), ..Caller::anonymous(at) };
        request.extensions_mut().insert(caller);
        request
    }

    pub fn planner<T>(&self, school: &str, message: T) -> Request<T> {
        Self::caller(roles::PLANNER, format!("planner@{school}"), Some(school), self.evening(), message)
    }

    pub fn candidate<T>(n: u128, at: Timestamp, message: T) -> Request<T> {
        Self::caller(roles::CANDIDATE, dossier(n).to_string(), None, at, message)
    }

    pub fn as_role<T>(&self, role: &str, message: T) -> Request<T> {
        Self::caller(role, format!("{role}@jury"), None, self.evening(), message)
    }

    pub async fn panel(&self, school: &str, panel: &str, exam: proto::Exam, examiners: &[&str]) -> Result<(), Status> {
        let message = proto::DefinePanelRequest {
            school: school.into(),
            panel: panel.into(),
            exam: exam.into(),
            examiners: examiners.iter().map(ToString::to_string).collect(),
        };
        self.grpc.define_panel(self.planner(school, message)).await.map(|_| ())
    }

    pub async fn day(&self, school: &str, day: &str, from: &str, to: &str) -> Result<(), Status> {
        let hours = |from: &str, to: &str| Some(proto::Hours { from: from.into(), to: to.into() });
        let message = proto::DefineDayRequest {
            school: school.into(),
            day: day.into(),
            hours: hours(from, to),
            lunch: hours("12:00", "13:00"),
            breaks: vec![proto::Hours { from: "10:15".into(), to: "10:30".into() }],
        };
        self.grpc.define_day(self.planner(school, message)).await.map(|_| ())
    }

    pub async fn room(&self, school: &str, room: &str) -> Result<(), Status> {
        let message = proto::DefineRoomRequest { school: school.into(), room: room.into() };
        self.grpc.define_room(self.planner(school, message)).await.map(|_| ())
    }

    /// Two juries and two English examiners with a room each, on one day from 9:00 to 17:00.
    pub async fn set_up(&self, school: &str, day: &str) {
        for (panel, exam, examiners) in [
            ("Jury A", proto::Exam::Interview, vec!["a", "b"]),
            ("Jury B", proto::Exam::Interview, vec!["c", "d"]),
            ("English A", proto::Exam::English, vec!["e"]),
            ("English B", proto::Exam::English, vec!["f"]),
        ] {
            let examiners: Vec<_> = examiners.into_iter().map(|e| format!("{e}@{school}")).collect();
            let examiners: Vec<_> = examiners.iter().map(String::as_str).collect();
            self.panel(school, panel, exam, &examiners).await.unwrap();
            self.room(school, &format!("Salle de {panel}")).await.unwrap();
        }
        self.day(school, day, "09:00", "17:00").await.unwrap();
    }

    pub async fn plan(&self, school: &str) -> proto::PlanReply {
        let request = self.planner(school, proto::PlanRequest { school: school.into() });
        self.grpc.plan(request).await.unwrap().into_inner()
    }

    pub async fn schedule(&self, school: &str) -> proto::ListScheduleReply {
        let request = self.planner(school, proto::ListScheduleRequest { school: school.into() });
        self.grpc.list_schedule(request).await.unwrap().into_inner()
    }

    pub async fn convocation(&self, n: u128, at: Timestamp) -> Result<proto::Convocation, Status> {
        let message = proto::GetConvocationRequest { dossier_id: dossier(n).to_string() };
        let reply = self.grpc.get_convocation(Self::candidate(n, at, message)).await?;
        Ok(reply.into_inner().convocation.unwrap())
    }

    pub async fn constraint(&self, n: u128, at: Timestamp) -> Result<(), Status> {
        let message =
            proto::StateConstraintRequest { dossier_id: dossier(n).to_string(), reason: "un examen à Lyon".into() };
        self.grpc.state_constraint(Self::candidate(n, at, message)).await.map(|_| ())
    }

    pub async fn move_to(
        &self,
        school: &str,
        n: u128,
        exam: proto::Exam,
        begins_at: Timestamp,
    ) -> Result<proto::Convocation, Status> {
        let message = proto::MoveSlotRequest {
            dossier_id: dossier(n).to_string(),
            exam: exam.into(),
            begins_at: Some(begins_at.into()),
            reason: "à la demande du candidat".into(),
            ..Default::default()
        };
        let reply = self.grpc.move_slot(self.planner(school, message)).await?;
        Ok(reply.into_inner().convocation.unwrap())
    }

    pub async fn remote(&self, school: &str, n: Option<u128>, remote: bool) -> Result<u32, Status> {
        let message = proto::SetRemoteRequest {
            school: school.into(),
            dossier_id: n.map(|n| dossier(n).to_string()).unwrap_or_default(),
            remote,
            link: if remote { "https://visio.example/salle".into() } else { String::new() },
        };
        Ok(self.grpc.set_remote(self.planner(school, message)).await?.into_inner().changed)
    }

    /// Subjects told so far, in order, since the last call with the same mark.
    pub async fn told(&self, from: &mut i64) -> Vec<String> {
        let mut conn = self.db.read().await.unwrap();
        let rows = sqlx::query("select seq, subject from platform.outbox where seq > $1 order by seq")
            .bind(*from)
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        if let Some(last) = rows.last() {
            *from = last.get("seq");
        }
        rows.iter().map(|r| r.get("subject")).collect()
    }

    /// Runs SQL as an outsider would; the error names what refused.
    pub fn sql(&self, sql: &str) -> Result<String, String> {
        Postgres::shared().unwrap().sql(self.name, sql).map_err(|e| e.to_string())
    }
}

pub const SET: &str = "facts.v1.embargo.scheduling.convocation_set";
pub const IMPOSSIBLE: &str = "facts.v1.embargo.scheduling.convocation_impossible";
pub const PUBLISHED: &str = "admissions.v1.albi.convocation_published";
