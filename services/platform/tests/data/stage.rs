//! What every test stands on: databases and a broker of its own, a fact, a listener that writes down what it hears.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use contracts::Fact;
use engines::{Nats, Postgres};
use jiff::Timestamp;
use platform::{
    calendar::{Effects, Window},
    clock::Clock,
    config,
    db::{Db, Tx},
    inbox::{Envelope, HandleError, Listener, Patience},
    machinery::{Machinery, Parts, start_with},
    operations::OwnWork,
    outbox, streams,
};
use sqlx::migrate::Migrator;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A fact of a service `teller`: the `n`th of its aggregate.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Counted {
    pub of: String,
    pub n: u64,
}

impl Fact for Counted {
    const SERVICE: &'static str = "teller";
    const NAME: &'static str = "counted";
    const EMBARGOED: bool = false;
    fn aggregate(&self) -> String {
        self.of.clone()
    }
}

pub fn patience() -> Patience {
    Patience { tries: 3, first: Duration::from_millis(5), longest: Duration::from_millis(20) }
}

/// A broker of its own for a test; starting it blocks.
pub async fn broker() -> Nats {
    // `RUST_LOG=debug cargo test … -- --nocapture` shows what happened.
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    let _again = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    tokio::task::spawn_blocking(|| Nats::start(&[]).unwrap()).await.unwrap()
}

/// A new database in the shared cluster.
pub async fn database(name: &'static str) -> String {
    tokio::task::spawn_blocking(move || Postgres::shared().unwrap().create_database(name).unwrap()).await.unwrap()
}

pub async fn open(url: &str, service: &'static str) -> Db {
    let db = Db::open(url.parse().unwrap(), 5, service, Migrator::with_migrations(Vec::new())).await.unwrap();
    let mut tx = db.begin("heard").await.unwrap();
    sqlx::raw_sql(
        "select pg_advisory_xact_lock(1);
         create table if not exists heard (id bigint generated always as identity, of text, n bigint);",
    )
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    db
}

pub async fn client(nats: &Nats) -> async_nats::Client {
    client_at(&nats.url()).await
}

pub async fn client_at(url: &str) -> async_nats::Client {
    let settings = config::Nats {
        url: url.to_owned(),
        user: None,
        password: None,
        password_file: None,
        ca_file: None,
        replicas: 1,
    };
    streams::connect(&settings, "test").await.unwrap()
}

/// A running machinery, ended with [`Running::stop`].
pub struct Running {
    pub machinery: Machinery,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(Duration::from_secs(20), self.tracker.wait()).await.expect("drains in time");
    }
}

#[derive(Default)]
pub struct Doing {
    pub listeners: Vec<Arc<dyn Listener>>,
    pub windows: Vec<Window>,
    pub effects: Vec<Arc<dyn Effects>>,
    pub own_work: Vec<OwnWork>,
    pub clock: Option<Clock>,
    pub grace: Duration,
}

pub async fn run(db: &Db, nats: async_nats::Client, doing: Doing) -> Running {
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let grace = config::Span::from_millis(u64::try_from(doing.grace.as_millis()).unwrap());
    let parts = Parts {
        service: db.service(),
        db: db.clone(),
        nats,
        clock: doing.clock.unwrap_or_else(Clock::system),
        settings: config::Data {
            calendar: config::Calendar { grace },
            environment: config::Environment::Demo,
            replicas: 1,
        },
        windows: doing.windows,
        listeners: doing.listeners,
        effects: doing.effects,
        own_work: doing.own_work,
    };
    let machinery = start_with(parts, &tracker, stop.clone(), patience()).await.unwrap();
    Running { machinery, tracker, stop }
}

/// Writes what it hears into `heard`; fails for one aggregate while told to.
#[derive(Default)]
pub struct Scribe {
    pub failing: AtomicBool,
    pub tries: AtomicU32,
}

#[tonic::async_trait]
impl Listener for Scribe {
    fn subjects(&self) -> Vec<String> {
        vec![Counted::subject()]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let counted: Counted = event.decode()?;
        sqlx::query("insert into heard (of, n) values ($1, $2)")
            .bind(&counted.of)
            .bind(counted.n.cast_signed())
            .execute(tx.conn())
            .await?;
        if counted.of == "stubborn" && self.failing.load(Ordering::SeqCst) {
            self.tries.fetch_add(1, Ordering::SeqCst);
            return Err(HandleError::retry("told to fail"));
        }
        Ok(())
    }
}

/// Tells `n` facts of an aggregate, numbered on from `from`, in one transaction.
pub async fn tell(db: &Db, of: &str, from: u64, n: u64) {
    let mut tx = db.begin("tell").await.unwrap();
    for n in from..from + n {
        let fact = Counted { of: of.to_owned(), n };
        outbox::append(&mut tx, &fact, n, at("2026-02-01T08:00:00Z")).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub async fn heard(db: &Db, of: &str) -> Vec<i64> {
    let mut conn = db.read().await.unwrap();
    sqlx::query_scalar("select n from heard where of = $1 order by id").bind(of).fetch_all(&mut *conn).await.unwrap()
}

pub async fn count(db: &Db, sql: &'static str) -> i64 {
    let mut conn = db.read().await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap()
}

pub async fn execute(db: &Db, sql: &'static str) {
    let mut tx = db.begin("test").await.unwrap();
    sqlx::raw_sql(sql).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Asks again until the answer is `wanted`; fails with the last answer after thirty seconds.
pub async fn eventually<T, F>(wanted: T, mut ask: impl FnMut() -> F)
where
    T: PartialEq + std::fmt::Debug,
    F: Future<Output = T>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let found = ask().await;
        if found == wanted {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "still {found:?}, wanted {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub const UNPUBLISHED: &str = "select count(*) from platform.outbox where published_at is null";
