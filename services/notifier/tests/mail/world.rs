//! The service on a database of its own, with a simulated clock; events are handed over, rounds are run by hand.

use std::sync::Arc;

use contracts::{
    Fact, intake, intake::intake_client::IntakeClient, integration::integration_client::IntegrationClient,
    portal::accounts_client::AccountsClient,
};
use engines::{Nats, Postgres};
use jiff::{SignedDuration, Timestamp};
use notice::Session;
use notifier::{
    Notifier,
    app::App,
    commands::{remind, send},
    listen::Facts,
    settings::Settings,
    store,
    transport::Transport,
};
use platform::{
    Service as _,
    auth::KeyPair,
    clock::Clock,
    config,
    db::Db,
    inbox::{Envelope, HandleError, Listener as _},
    peers::{Attach, Balanced},
    streams,
};
use tonic::service::interceptor::InterceptedService;
use uuid::Uuid;

use crate::stand::Stand;

pub const SESSION: &str = include_str!("../../../../infra/sessions/2026.toml");
pub const MAILBOX: &str = "portal_url = 'http://portal.test'\ntransport = { via = 'mailbox' }\n";

pub struct World {
    pub app: App,
    pub stand: Stand,
    pub clock: Clock,
    url: String,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub async fn world(name: &'static str, now: &str) -> World {
    world_with(name, now, MAILBOX).await
}

pub async fn world_with(name: &'static str, now: &str, settings: &str) -> World {
    let url = tokio::task::spawn_blocking(move || {
        Postgres::shared().unwrap().create_database(&format!("notifier_{name}")).unwrap()
    });
    let (url, stand, clock) = (url.await.unwrap(), Stand::default(), Clock::simulated(at(now)));
    let app = app(&url, &stand, &clock, settings).await;
    World { app, stand, clock, url }
}

async fn app(url: &str, stand: &Stand, clock: &Clock, settings: &str) -> App {
    let settings = toml::from_str::<Settings>(settings).unwrap().check(config::Environment::Demo).unwrap();
    let db = Db::open(url.parse().unwrap(), 6, Notifier::NAME, Notifier::migrations()).await.unwrap();
    let issuer = KeyPair::generate(false).unwrap().issuer().unwrap();
    let place = stand.serve().await.trim_start_matches("http://").to_owned();
    let channel = Balanced::to("stand", vec![place]);
    let peer = InterceptedService::new(channel, Attach::new(Notifier::NAME, issuer, "services".into(), clock.clone()));
    let nats = tokio::task::spawn_blocking(|| Nats::shared().unwrap().url()).await.unwrap();
    App {
        transport: Arc::new(Transport::open(&settings, &db).unwrap()),
        db,
        clock: clock.clone(),
        session: Arc::new(Session::parse(SESSION).unwrap().0),
        portal_url: settings.portal_url.into(),
        deposit_reminders: notifier::settings::spans(&settings.deposit_reminders).into(),
        period_reminders: notifier::settings::spans(&settings.period_reminders).into(),
        intake: IntakeClient::new(peer.clone()),
        integration: IntegrationClient::new(peer.clone()),
        accounts: AccountsClient::new(peer),
        broker: streams::context(async_nats::connect(nats).await.unwrap()),
    }
}

impl World {
    /// Another replica on the same database.
    pub async fn replica(&self, settings: &str) -> App {
        app(&self.url, &self.stand, &self.clock, settings).await
    }

    /// The calendar as the session file prints it.
    pub async fn calendar(&self) {
        let transitions: Vec<(String, Timestamp)> =
            self.app.session.transitions().iter().map(|t| (t.key.clone(), t.at)).collect();
        for (key, due) in transitions {
            self.moved(&key, due).await;
        }
        self.sql("insert into platform.calendar (version, zone) values (1, 'Europe/Paris')").await;
    }

    /// One transition is due then.
    pub async fn moved(&self, key: &str, due: Timestamp) {
        self.sql(&format!(
            "insert into platform.transitions (key, position, due_at) values ('{key}', 0, '{due}')
             on conflict (key) do update set due_at = excluded.due_at"
        ))
        .await;
    }

    pub async fn sql(&self, text: &str) {
        let mut tx = self.app.db.begin("test").await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn contact(&self, n: u128, email: &str) {
        let contact = intake::Contact {
            dossier_id: dossier(n).to_string(),
            number: u64::try_from(n).unwrap(),
            family_name: "Martin".into(),
            first_names: "Jeanne".into(),
            email: email.into(),
        };
        self.stand.facts().contacts.insert(contact.dossier_id.clone(), contact);
    }

    pub async fn hear<F: Fact>(&self, fact: &F, version: u64, time: Timestamp) -> Result<(), HandleError> {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time,
            aggregate: fact.aggregate(),
            version,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.app.db.begin("hear").await.unwrap();
        Facts { clock: self.clock.clone() }.handle(&mut tx, &event).await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    pub async fn opened(&self, n: u128) {
        let opened_at = Some(self.clock.now().into());
        let fact = intake::DossierOpened { dossier_id: dossier(n).to_string(), number: 1, opened_at };
        self.hear(&fact, 1, self.clock.now()).await.unwrap();
    }

    pub async fn closed(&self, n: u128) {
        let closed_at = Some(self.clock.now().into());
        let fact = intake::DossierClosed { dossier_id: dossier(n).to_string(), closed_at, ..Default::default() };
        self.hear(&fact, 2, self.clock.now()).await.unwrap();
    }

    /// The clock goes on, and everything that can be done is.
    pub async fn advance(&self, to: Timestamp) {
        self.clock.advance(to).unwrap();
        self.work().await;
    }

    pub async fn work(&self) {
        remind::round(&self.app).await.unwrap();
        while send::round(&self.app, false).await.unwrap() + send::round(&self.app, true).await.unwrap() > 0 {}
    }

    pub async fn later(&self, by: SignedDuration) {
        self.advance(self.clock.now() + by).await;
    }

    /// Every mail, oldest first: kind, state, dossier's number.
    pub async fn mails(&self) -> Vec<(String, String, u128)> {
        let mut conn = self.app.db.read().await.unwrap();
        let rows = store::list(&mut conn, "", "", i64::MAX, 1000).await.unwrap();
        rows.into_iter().rev().map(|r| (r.kind, r.state, r.dossier.map_or(0, |d| d.as_u128()))).collect()
    }

    /// Kinds and states of the mails of a kind.
    pub async fn states(&self, kind: &str) -> Vec<String> {
        self.mails().await.into_iter().filter(|(k, ..)| k == kind).map(|(_, state, _)| state).collect()
    }

    /// What lies in the mailbox, oldest first.
    pub async fn mailbox(&self) -> Vec<store::Message> {
        let mut conn = self.app.db.read().await.unwrap();
        let entries = store::entries(&mut conn, "", i64::MAX, 1000).await.unwrap();
        let mut found = Vec::new();
        for entry in entries.iter().rev() {
            found.push(store::message(&mut conn, entry.mail).await.unwrap().unwrap());
        }
        found
    }
}

/// `[service]` for a mail server at that port.
pub fn smtp(port: u16, more: &str) -> String {
    format!(
        "portal_url = 'http://portal.test'\n[transport]\nvia = 'smtp'\nhost = 'localhost'\nport = {port}\n\
         from = 'Admissions <no-reply@portal.test>'\ntimeout = '2s'\n{more}\n"
    )
}
