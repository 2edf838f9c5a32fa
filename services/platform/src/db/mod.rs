//! The one way to PostgreSQL: a pool of fixed size, admission in front of it, every transaction named and measured.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};

use opentelemetry::metrics::Histogram;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{config, service::StartError, telemetry};

mod error;
mod migrations;
mod tx;

pub use error::DbError;
pub use tx::Tx;

/// How long a transaction may wait to be admitted, and then for its connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that is paused or whose machine is gone must not hold locks over the others: PostgreSQL notices within half
/// a minute, and ends a transaction that does nothing for one.
const SAFETY: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "60s"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("client_connection_check_interval", "5s"),
];

struct Inner {
    service: &'static str,
    pool: PgPool,
    options: PgConnectOptions,
    size: usize,
    admission: Arc<Semaphore>,
    told: Notify,
    audited: Notify,
    durations: Histogram<f64>,
}

/// A service's database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("service", &self.0.service).finish_non_exhaustive()
    }
}

/// Brings the tables of a service up to date and leaves.
///
/// # Errors
/// The address is wrong, PostgreSQL does not answer within ten seconds, or a migration fails; the next run tries it again.
pub async fn migrate(config: &config::Database, service: &'static str, own: Migrator) -> Result<(), StartError> {
    let (_, pool) = pool(parsed(config)?, 0, service).await?;
    migrations::run(&pool, own).await?;
    pool.close().await;
    Ok(())
}

fn parsed(config: &config::Database) -> Result<PgConnectOptions, StartError> {
    config.url.expose().parse().map_err(|e| StartError::from_source("database.url", e))
}

async fn pool(
    options: PgConnectOptions,
    size: u32,
    service: &'static str,
) -> Result<(PgConnectOptions, PgPool), StartError> {
    let options = options.application_name(service).options(SAFETY);
    let size = size.max(2);
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .min_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        // `begin` tells a dead connection by itself; testing each one costs a round trip.
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await
        .map_err(|e| StartError::from_source("connecting to the database", e))?;
    Ok((options, pool))
}

impl Db {
    /// Connects, and brings the tables up to date or, where [`config::Database::migrate`] says so, waits until they are.
    ///
    /// # Errors
    /// The address is wrong, PostgreSQL does not answer within ten seconds, or a migration fails.
    pub async fn connect(config: &config::Database, service: &'static str, own: Migrator) -> Result<Self, StartError> {
        let (options, pool) = pool(parsed(config)?, config.pool, service).await?;
        if config.migrate == Some(false) {
            migrations::wait(&pool, own).await?
        } else {
            migrations::run(&pool, own).await?
        }
        Ok(Self::over(options, pool, service))
    }

    /// Connects, from parsed options, and brings the tables up to date.
    ///
    /// # Errors
    /// PostgreSQL does not answer within ten seconds, or a migration fails.
    pub async fn open(
        options: PgConnectOptions,
        pool_size: u32,
        service: &'static str,
        own: Migrator,
    ) -> Result<Self, StartError> {
        let (options, pool) = pool(options, pool_size, service).await?;
        migrations::run(&pool, own).await?;
        Ok(Self::over(options, pool, service))
    }

    fn over(options: PgConnectOptions, pool: PgPool, service: &'static str) -> Self {
        let size = pool.options().get_max_connections() as usize;
        let durations = opentelemetry::global::meter("platform")
            .f64_histogram("platform.transaction.duration")
            .with_unit("s")
            .with_description("From begin to the end of each named transaction")
            .with_boundaries(telemetry::SECONDS.to_vec())
            .build();
        Self(Arc::new(Inner {
            service,
            pool,
            options,
            size,
            admission: Arc::new(Semaphore::new(size)),
            told: Notify::new(),
            audited: Notify::new(),
            durations,
        }))
    }

    /// The service whose database this is.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// Connections in the pool.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Begins a transaction. Every transaction has a name, under which it is traced and measured.
    ///
    /// # Errors
    /// No admission or no connection within ten seconds.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, DbError> {
        let begun = Instant::now();
        let permit = self.admit().await?;
        let span = tracing::info_span!("transaction", otel.name = name, db.system.name = "postgresql");
        let inner = self.until_alive(|pool| async move { pool.begin().await }).await?;
        Ok(Tx { inner, db: self.clone(), name, begun, span, after: Vec::new(), prepared: None, _permit: permit })
    }

    /// A connection for reading outside any transaction.
    ///
    /// # Errors
    /// No admission or no connection within ten seconds.
    pub async fn read(&self) -> Result<Conn, DbError> {
        let permit = self.admit().await?;
        let inner = self
            .until_alive(|pool| async move {
                let mut conn = pool.acquire().await?;
                conn.ping().await?;
                Ok(conn)
            })
            .await?;
        Ok(Conn { inner, _permit: permit })
    }

    /// A connection of its own, outside the pool: for those who hold an advisory lock as long as they lead.
    pub(crate) async fn dedicated(&self) -> Result<PgConnection, DbError> {
        let options = self.0.options.clone();
        match tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(DbError::Busy(PATIENCE)),
        }
    }

    /// Woken after a commit of this process that told a fact. A hint: other processes commit too.
    pub(crate) fn told(&self) -> &Notify {
        &self.0.told
    }

    /// Woken after a commit of this process that wrote to the audit log.
    pub(crate) fn audited(&self) -> &Notify {
        &self.0.audited
    }

    /// Closes every connection once it is back.
    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    async fn admit(&self) -> Result<OwnedSemaphorePermit, DbError> {
        match tokio::time::timeout(PATIENCE, self.0.admission.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed.into()),
            Err(_) => Err(DbError::Busy(PATIENCE)),
        }
    }

    /// Tries again as long as it meets connections that died in the pool: a restart of PostgreSQL is not the
    /// caller's error, and nothing was sent on them yet.
    async fn until_alive<T, F>(&self, open: impl Fn(PgPool) -> F) -> Result<T, DbError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(2);
        loop {
            match open(self.0.pool.clone()).await.map_err(DbError::from) {
                Err(error) if error.is_transient() && Instant::now() < deadline => {
                    if matches!(error, DbError::Sql(sqlx::Error::PoolClosed)) {
                        return Err(error);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(250));
                }
                other => return other,
            }
        }
    }
}

/// A pooled connection outside any transaction.
#[derive(Debug)]
pub struct Conn {
    inner: PoolConnection<Postgres>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Conn {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

/// Takes a lock of the whole session if it is free; it ends with the connection.
pub(crate) async fn try_lead(conn: &mut PgConnection, what: &str) -> Result<bool, DbError> {
    let taken = sqlx::query_scalar!(r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "taken!""#, what)
        .fetch_one(conn)
        .await?;
    Ok(taken)
}
