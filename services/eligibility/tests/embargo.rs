//! The service on a real PostgreSQL: what it keeps, tells and shows, and from which millisecond on (R19).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use contracts::{
    Fact,
    eligibility::{
        GetRecevabiliteReply, GetRecevabiliteRequest, OpenSchoolsRequest, Recevabilite, Title,
        eligibility_server::Eligibility as _,
    },
    intake, jury, roles,
};
use eligibility::{Eligibility, grpc::Grpc, listen::Facts};
use engines::Postgres;
use jiff::{SignedDuration, Timestamp};
use notice::{Session, keys};
use platform::{
    Service as _,
    auth::Caller,
    db::Db,
    inbox::{Envelope, Listener as _},
    refusal::Refusal,
};
use tonic::{Request, Status};
use uuid::Uuid;

const DOSSIER: Uuid = Uuid::from_u128(0x1234);

struct World {
    db: Db,
    grpc: Grpc,
    facts: Facts,
    results: Timestamp,
}

async fn world(name: &str) -> World {
    let url = Postgres::shared().unwrap().create_database(name).unwrap();
    let db = Db::open(url.parse().unwrap(), 3, Eligibility::NAME, Eligibility::migrations()).await.unwrap();
    let session = Arc::new(Session::parse(include_str!("../../../infra/sessions/2026.toml")).unwrap().0);
    let results = session.instant(keys::ADMISSIBILITY_RESULTS).unwrap();
    let mut conn = db.read().await.unwrap();
    sqlx::query("insert into platform.transitions (key, position, due_at) values ($1, 1, $2::timestamptz)")
        .bind(keys::ADMISSIBILITY_RESULTS)
        .bind(jiff_sqlx::Timestamp::from(results))
        .execute(&mut *conn)
        .await
        .unwrap();
    drop(conn);
    World { grpc: Grpc::new(db.clone(), session.clone()), facts: Facts::new(session), db, results }
}

impl World {
    async fn hear<F: Fact>(&self, fact: &F, version: u64) {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time: self.results - SignedDuration::from_hours(100),
            aggregate: fact.aggregate(),
            version,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        self.facts.handle(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn ask(
        &self,
        role: &str,
        subject: Uuid,
        unit: Option<&str>,
        at: Timestamp,
    ) -> Result<GetRecevabiliteReply, Status> {
        let mut request = Request::new(GetRecevabiliteRequest { dossier_id: DOSSIER.to_string() });
        request.extensions_mut().insert(Caller {
            subject: subject.to_string(),
            role: role.into(),
            unit: unit.map(Into::into),
            ..Caller::anonymous(at)
        });
        self.grpc.get_recevabilite(request).await.map(tonic::Response::into_inner)
    }

    async fn told(&self) -> i64 {
        let mut conn = self.db.read().await.unwrap();
        sqlx::query_scalar("select count(*) from platform.outbox").fetch_one(&mut *conn).await.unwrap()
    }
}

fn closed() -> intake::DossierClosed {
    intake::DossierClosed {
        dossier_id: DOSSIER.to_string(),
        number: 1,
        filiere: "L3".into(),
        title: Some(intake::Title {
            diploma: "foreign-licence".into(),
            mention: "Biology".into(),
            equivalent_to: "Biologie, Biochimie".into(),
        }),
        schools: vec!["albi".into(), "ales".into()],
        first_school: "ales".into(),
        ..Default::default()
    }
}

fn decided(reason: &str) -> jury::AdmissibilityDecided {
    let determination =
        |school: &str, recevable| jury::Determination { school: school.into(), recevable, reason: reason.into() };
    jury::AdmissibilityDecided {
        dossier_id: DOSSIER.to_string(),
        admissible: true,
        filiere: "L3".into(),
        first_school: "ales".into(),
        recevable_schools: vec!["ales".into()],
        determinations: vec![determination("albi", false), determination("ales", true)],
    }
}

fn reason(status: &Status) -> String {
    Refusal::from_status(status).expect("a refusal of ours").reason
}

#[tokio::test]
async fn a_closed_dossier_is_assessed_and_told_once() {
    let world = world("eligibility_assess").await;
    let soon = world.results - SignedDuration::from_hours(24);
    let unknown = world.ask(roles::JURY, DOSSIER, None, soon).await.unwrap_err();
    assert_eq!(reason(&unknown), "RECEVABILITE_UNKNOWN");
    world.hear(&closed(), 7).await;
    world.hear(&closed(), 7).await;
    assert_eq!(world.told().await, 1);
    let known = world.ask(roles::CANDIDATE, DOSSIER, None, soon).await.unwrap();
    assert_eq!(known.filiere, "L3");
    let said: Vec<_> = known.schools.iter().map(|s| (s.school.as_str(), s.recevabilite(), s.table.as_str())).collect();
    assert_eq!(said, [("albi", Recevabilite::ForJury, "Tableau 5"), ("ales", Recevabilite::ForJury, "Tableau 5")]);
}

#[tokio::test]
async fn nobody_reads_a_dossier_that_is_not_theirs() {
    let world = world("eligibility_access").await;
    let soon = world.results - SignedDuration::from_hours(24);
    world.hear(&closed(), 1).await;
    let stranger = world.ask(roles::CANDIDATE, Uuid::from_u128(9), None, soon).await.unwrap_err();
    assert_eq!(reason(&stranger), "NOT_YOURS");
    assert!(world.ask(roles::STAFF, Uuid::nil(), Some("albi"), soon).await.is_ok());
    let elsewhere = world.ask(roles::STAFF, Uuid::nil(), Some("nord-europe"), soon).await.unwrap_err();
    assert_eq!(reason(&elsewhere), "RECEVABILITE_UNKNOWN");
    let finance = world.ask(roles::FINANCE, Uuid::nil(), Some("albi"), soon).await.unwrap_err();
    assert_eq!(reason(&finance), "ROLE_NOT_ALLOWED");
}

#[tokio::test]
async fn determinations_show_from_the_very_millisecond_of_the_results() {
    let world = world("eligibility_embargo").await;
    world.hear(&closed(), 1).await;
    world.hear(&decided("programme trop éloigné"), 1).await;
    let millisecond = SignedDuration::from_millis(1);
    let before = world.results - millisecond;
    let found = |reply: GetRecevabiliteReply| reply.determinations.len();
    assert_eq!(found(world.ask(roles::JURY, Uuid::nil(), None, before).await.unwrap()), 2);

    let late = world.results + millisecond;
    assert_eq!(found(world.ask(roles::CANDIDATE, DOSSIER, None, late).await.unwrap()), 0, "nobody confirmed them");
    let confirmed = jury::AdmissibilityPublicationConfirmed { publish_at: Some(world.results.into()) };
    world.hear(&confirmed, 1).await;
    for (role, unit) in [(roles::CANDIDATE, None), (roles::STAFF, Some("albi"))] {
        assert_eq!(found(world.ask(role, DOSSIER, unit, before).await.unwrap()), 0, "{role}");
        assert_eq!(found(world.ask(role, DOSSIER, unit, world.results).await.unwrap()), 2, "{role}");
    }
}

#[tokio::test]
async fn a_milestone_moved_later_keeps_the_determinations_back() {
    let world = world("eligibility_moved").await;
    world.hear(&closed(), 1).await;
    world.hear(&decided("programme"), 1).await;
    world.hear(&jury::AdmissibilityPublicationConfirmed { publish_at: Some(world.results.into()) }, 1).await;
    let mut conn = world.db.read().await.unwrap();
    sqlx::query("update platform.transitions set due_at = due_at + interval '1 day'")
        .execute(&mut *conn)
        .await
        .unwrap();
    drop(conn);
    let moved = world.results + SignedDuration::from_hours(24);
    let found = |reply: GetRecevabiliteReply| reply.determinations.len();
    let before = world.ask(roles::CANDIDATE, DOSSIER, None, moved - SignedDuration::from_millis(1)).await.unwrap();
    assert_eq!(found(before), 0);
    assert_eq!(found(world.ask(roles::CANDIDATE, DOSSIER, None, moved).await.unwrap()), 2);
}

#[tokio::test]
async fn a_correction_replaces_what_the_jury_found_and_an_older_word_does_not() {
    let world = world("eligibility_correction").await;
    world.hear(&closed(), 1).await;
    world.hear(&decided("second"), 3).await;
    world.hear(&decided("first"), 2).await;
    let known = world.ask(roles::JURY, Uuid::nil(), None, world.results).await.unwrap();
    assert!(known.determinations.iter().all(|d| d.reason == "second"), "{known:?}");
}

#[tokio::test]
async fn anyone_may_ask_what_a_title_opens() {
    let world = world("eligibility_open").await;
    let ask = |diploma: &str, mention: &str| {
        let title = Title { diploma: diploma.into(), mention: mention.into(), equivalent_to: String::new() };
        world.grpc.open_schools(Request::new(OpenSchoolsRequest { title: Some(title) }))
    };
    let reply = ask("licence", "Biologie, Biochimie").await.unwrap().into_inner();
    assert_eq!((reply.filiere.as_str(), reply.schools.len()), ("L3", 3));
    assert_eq!(
        (reply.schools[2].recevabilite(), reply.schools[2].row.as_str()),
        (Recevabilite::Closed, "Biologie, Biochimie")
    );
    let refused = Refusal::from_status(&ask("but3", "Informatique").await.unwrap_err()).unwrap();
    assert_eq!(refused.reason, "MENTION_REFUSED");
    assert!(refused.allowed.contains(&"Mesures physiques".to_owned()), "{:?}", refused.allowed);
    // A refusal repeats what was asked: what does not fit into one is refused by its length.
    let long = Refusal::from_status(&ask(&"é".repeat(301), &"x".repeat(301)).await.unwrap_err()).unwrap();
    let fields: Vec<_> = long.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!((long.reason.as_str(), fields), ("TITLE_TOO_LONG", vec!["title.diploma", "title.mention"]));
    let longest = Refusal::from_status(&ask(&"é".repeat(300), "").await.unwrap_err()).unwrap();
    assert_eq!(longest.reason, "UNKNOWN_DIPLOMA");
}
