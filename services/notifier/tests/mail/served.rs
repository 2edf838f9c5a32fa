//! The executable, twice, on a real broker and a real database: facts told over the stream, replicas killed.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use async_nats::jetstream;
use contracts::{
    Fact, intake,
    machinery::{CalendarChanged, PendingRequest, Transition, operations_client::OperationsClient},
    notifier::{ListMailboxRequest, notifier_client::NotifierClient},
    roles, subjects,
};
use engines::{Nats, Postgres};
use jiff::Timestamp;
use platform::auth::{Caller, Claims, Issuer, KeyPair};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

use crate::{stand::Stand, world::SESSION};

/// Longest wait for anything, on a machine that tests share.
const PATIENCE: Duration = Duration::from_secs(60);
const CANDIDATES: u128 = 40;

fn now() -> Timestamp {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

struct House {
    dir: tempfile::TempDir,
    people: Issuer,
    replicas: [Option<Child>; 2],
}

impl House {
    fn new(nats: &str, peer: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (people, own) = (KeyPair::generate(false).unwrap(), KeyPair::generate(false).unwrap());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("own.key", &own.private);
        write("jwks.json", &KeyPair::jwks(&[people.jwk.clone(), own.jwk.clone()]));
        write("session.toml", SESSION);
        write("clock", &now().to_string());
        let database = Postgres::shared().unwrap().create_database("notifier_served").unwrap();
        for n in 0..2 {
            let config = format!(
                "environment = \"demo\"\nlisten = \"127.0.0.1:0\"\naddress_file = \"DIR/address{n}\"\n\
                 session_file = \"DIR/session.toml\"\n[database]\nurl = \"{database}\"\npool = 6\n[nats]\nurl = \"{nats}\"\n\
                 [auth]\njwks_file = \"DIR/jwks.json\"\nsigning_key_file = \"DIR/own.key\"\n\
                 [clock]\nmode = \"simulated\"\nstart_file = \"DIR/clock\"\n\
                 [peers]\nintake = \"{peer}\"\nintegration = \"{peer}\"\nportal = \"http://127.0.0.1:1\"\n\
                 [service]\n{}",
                crate::world::MAILBOX
            );
            write(&format!("config{n}.toml"), &config.replace("DIR", &dir.path().display().to_string()));
        }
        Self { people: people.issuer().unwrap(), dir, replicas: [None, None] }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    async fn start(&mut self, n: usize) {
        let address = self.file(&format!("address{n}"));
        let _absent_at_first = std::fs::remove_file(&address);
        let log = File::options().create(true).append(true).open(self.file("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_notifier"))
            .args(["serve", "--config"])
            .arg(self.file(&format!("config{n}.toml")))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.replicas[n] = Some(child);
        let until = Instant::now() + PATIENCE;
        while !address.exists() {
            let ended = self.replicas[n].as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "did not start: {ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL.
    fn kill(&mut self, n: usize) {
        if let Some(mut child) = self.replicas[n].take() {
            let _may_have_ended = child.kill();
            let _reaped = child.wait();
        }
    }

    fn channel(&self, n: usize) -> Channel {
        let address = std::fs::read_to_string(self.file(&format!("address{n}"))).unwrap();
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }

    fn by<T>(&self, role: &str, subject: &str, message: T) -> Request<T> {
        let caller = Caller { subject: subject.into(), role: role.into(), ..Caller::anonymous(now()) };
        let token = self.people.sign(&Claims::of(&caller, "services", now())).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    /// Waits until everything heard is handled and every mail is out, as an operator sees it.
    async fn settled(&self, n: usize) {
        let until = Instant::now() + PATIENCE;
        loop {
            let asked = self.by(roles::OPERATOR, "op", PendingRequest {});
            let pending = OperationsClient::new(self.channel(n)).pending(asked).await.map(tonic::Response::into_inner);
            if let Ok(pending) = &pending {
                assert_eq!(pending.set_aside, 0, "{pending:?}\n{}", self.log());
                if pending.consumer_pending + pending.consumer_ack_pending + pending.own_pending == 0 {
                    return;
                }
            }
            assert!(Instant::now() < until, "never settles: {pending:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill(0);
        self.kill(1);
    }
}

/// Tells a fact twice, as a broker may.
async fn tell<F: Fact>(jetstream: &jetstream::Context, fact: &F, version: u64) {
    let id = Uuid::new_v4().to_string();
    for copy in ["a", "b"] {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{id}{copy}").as_str());
        headers.insert("ce-specversion", "1.0");
        headers.insert("ce-id", id.as_str());
        headers.insert("ce-source", F::SERVICE);
        headers.insert("ce-type", format!("{}.{}", F::SERVICE, F::NAME).as_str());
        headers.insert("ce-time", now().to_string().as_str());
        headers.insert("ce-subject", fact.aggregate().as_str());
        headers.insert("ce-aggregateversion", version.to_string().as_str());
        let payload = serde_json::to_vec(fact).unwrap();
        jetstream.publish_with_headers(F::subject(), headers, payload.into()).await.unwrap().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_killed_send_each_mail_once_and_their_log_names_nobody() {
    let nats = tokio::task::spawn_blocking(|| Nats::start(&[]).unwrap()).await.unwrap();
    let stand = Stand::default();
    for n in 1..=CANDIDATES {
        let contact = intake::Contact {
            dossier_id: Uuid::from_u128(n).to_string(),
            number: u64::try_from(n).unwrap(),
            family_name: "Nomsecret".into(),
            first_names: "Jeanne".into(),
            email: format!("c{n}@secret.example.org"),
        };
        stand.facts().contacts.insert(contact.dossier_id.clone(), contact);
    }
    let mut house = House::new(&nats.url(), &stand.serve().await);
    house.start(0).await;
    house.start(1).await;
    let jetstream = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    while jetstream.get_stream(subjects::FACTS).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let session = notice::Session::parse(SESSION).unwrap().0;
    let transition =
        |t: &notice::Transition| Transition { key: t.key.clone(), due_at: Some(t.at.into()), fired_at: None };
    let transitions = session.transitions().iter().map(transition).collect();
    let calendar = CalendarChanged { version: 1, zone: session.zone_name.clone(), transitions, moves: Vec::new() };
    tell(&jetstream, &calendar, 1).await;
    for n in 1..=CANDIDATES {
        let dossier_id = Uuid::from_u128(n).to_string();
        let opened = intake::DossierOpened { dossier_id, number: 1, opened_at: Some(now().into()) };
        tell(&jetstream, &opened, 1).await;
        if n % 10 == 5 {
            let victim = usize::from(n % 20 == 5);
            house.kill(victim);
            house.start(victim).await;
        }
    }
    house.settled(0).await;
    house.settled(1).await;
    let list = house.by(roles::SERVICE, "portal", ListMailboxRequest { page_size: 200, ..Default::default() });
    let entries = NotifierClient::new(house.channel(1)).list_mailbox(list).await.unwrap().into_inner().entries;
    // The 14-day reminder was due when they came: to everyone, beside the welcome.
    for kind in ["dossier_opened", "deposit_reminder"] {
        let mut to: Vec<&str> = entries.iter().filter(|e| e.kind == kind).map(|e| e.to.as_str()).collect();
        let all = to.len();
        to.sort_unstable();
        to.dedup();
        assert_eq!(to.len(), all, "{kind} twice to someone");
        if kind == "dossier_opened" {
            assert_eq!(all, usize::try_from(CANDIDATES).unwrap());
        }
    }
    let log = house.log();
    assert!(!log.is_empty() && !log.contains("secret.example.org") && !log.contains("Nomsecret"), "{log}");
}
