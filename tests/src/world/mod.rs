//! Everything that runs during a campaign: engines, services as separate processes, the simulated clock, the issuer.

mod ask;
mod broker;
mod clock;
mod issuer;
mod process;
mod replace;
mod settle;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use engines::{Ports, Postgres};
use jiff::Timestamp;
use notice::Session;
use platform::peers::Balanced;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use crate::failure::Failure;
pub use ask::{Who, away};
use broker::Kept;
use issuer::Issuer;
use process::Process;

/// The services, in the order in which they are started.
pub const SERVICES: [&str; 9] =
    ["scheduler", "eligibility", "intake", "payments", "jury", "scheduling", "integration", "portal", "notifier"];

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The executable that can run any of the services (`campaign service NAME --config FILE`).
    pub executable: PathBuf,
    /// The session file.
    pub session: PathBuf,
    /// Where the services' logs go; the world's own directory if `None`.
    pub logs: Option<PathBuf>,
    /// What the portal's configuration says besides, such as where staff sign in: tables below `[service]`.
    pub portal: Option<String>,
    /// What every service's configuration says besides: tables of their own.
    pub everywhere: Option<String>,
    /// Which lines are logged and which spans are recorded; `ADMIS_LOG`, or warnings, if `None`.
    pub filter: Option<String>,
    /// Processes of each service.
    pub replicas: usize,
}

/// A service: its processes, and how they are reached.
struct Running {
    processes: Vec<Arc<Process>>,
    /// Each of them.
    each: Vec<Channel>,
    /// Whichever serves.
    any: Balanced,
}

/// A running platform.
pub struct World {
    /// The session it runs.
    pub session: Session,
    /// Where people reach the portal, e.g. `http://127.0.0.1:4711`.
    pub portal_url: String,
    /// Where a play is to stop, if before its end.
    pub until: Option<Timestamp>,
    services: BTreeMap<&'static str, Running>,
    now: Mutex<Timestamp>,
    refusals: AtomicU64,
    unanswered: Mutex<Vec<String>>,
    calm: AtomicBool,
    issuer: Issuer,
    clock_file: PathBuf,
    /// PostgreSQL; after the processes, which must end first.
    pub postgres: Postgres,
    /// The broker.
    pub broker: Kept,
    _ports: Ports,
    dir: TempDir,
}

impl World {
    /// Starts engines and services, a day before the platform opens.
    ///
    /// # Errors
    /// When anything of it does not come up.
    pub async fn start(options: &Options) -> Result<Self, Failure> {
        let session = Session::load(&options.session)?;
        let began = session.instant(notice::keys::PLATFORM_OPENS).unwrap_or(Timestamp::UNIX_EPOCH)
            - jiff::SignedDuration::from_hours(24);
        let dir =
            tempfile::Builder::new().prefix("admis-campaign-").tempdir().map_err(Failure::io("making a directory"))?;
        let beside = dir.path().to_owned();
        let schools: Vec<String> = session.schools.iter().map(|school| school.id.clone()).collect();
        let engines = tokio::task::spawn_blocking(move || {
            Ok::<_, Failure>((Postgres::start()?, Kept::start(&beside, &schools)?))
        });
        let (postgres, broker) = engines.await.map_err(|e| Failure::Streams(e.to_string()))??;
        broker.prepare().await?;
        let mut ports = Ports::reserve()?;
        let clock_file = dir.path().join("clock");
        std::fs::write(&clock_file, began.to_string()).map_err(Failure::io("writing the clock"))?;
        let issuer = Issuer::new(dir.path())?;
        let replicas = options.replicas.max(1);
        let mut take = || (0..replicas).map(|_| format!("127.0.0.1:{}", ports.take())).collect::<Vec<_>>();
        let addresses: BTreeMap<&'static str, Vec<String>> = SERVICES.iter().map(|s| (*s, take())).collect();
        let doors = take();
        let portal_url = format!("http://{}", doors.first().map_or("", String::as_str));
        let logs = options.logs.clone().unwrap_or_else(|| dir.path().join("logs"));
        std::fs::create_dir_all(&logs).map_err(Failure::io("making the log directory"))?;
        let mut services = BTreeMap::new();
        for (service, places) in &addresses {
            services.insert(*service, Running::of(service, places)?);
        }
        for service in SERVICES {
            let database = postgres.create_database(service)?;
            for (replica, door) in doors.iter().enumerate() {
                let config = process::config(&process::Setting {
                    service,
                    replica,
                    addresses: &addresses,
                    database: &database,
                    nats: &broker.nats.url(),
                    nats_password: &broker.password_file(service),
                    session: &options.session,
                    dir: dir.path(),
                    clock_file: &clock_file,
                    portal_url: &portal_url,
                    door,
                    schools: &session.schools,
                    portal: options.portal.as_deref(),
                    everywhere: options.everywhere.as_deref(),
                });
                let name = if replica == 0 { service.to_owned() } else { format!("{service}-{replica}") };
                let path = dir.path().join(format!("{name}.toml"));
                std::fs::write(&path, config).map_err(Failure::io(format!("writing {}", path.display())))?;
                let (dir, filter) = (logs.join(&name), options.filter.as_deref());
                let process = Process::start(&options.executable, service, &path, &dir, filter)?;
                if let Some(running) = services.get_mut(service) {
                    running.processes.push(Arc::new(process));
                }
            }
        }
        let world = Self {
            session,
            portal_url,
            until: None,
            services,
            now: Mutex::new(began),
            refusals: AtomicU64::new(0),
            unanswered: Mutex::default(),
            calm: AtomicBool::new(false),
            issuer,
            clock_file,
            postgres,
            broker,
            _ports: ports,
            dir,
        };
        world.ready().await?;
        Ok(world)
    }

    /// The instant every service holds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request that had to be refused was refused for the right reason.
    pub fn count_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Ordering::Relaxed)
    }

    /// What was said instead of an answer, of each request that was sent again.
    #[must_use]
    pub fn unanswered(&self) -> Vec<String> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks chaos to kill nothing for a while, or to go on.
    pub fn keep_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    /// Whether nothing may be killed now.
    #[must_use]
    pub fn calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }

    /// The world's directory: files, logs, configurations.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Kills a service with SIGKILL and starts it again.
    ///
    /// # Errors
    /// When it does not start.
    pub fn kill_and_restart(&self, service: &str) -> Result<(), Failure> {
        self.first(service).map_or(Ok(()), Process::kill_and_restart)
    }

    /// The first process of a service.
    fn first(&self, service: &str) -> Option<&Process> {
        Some(self.services.get(service)?.processes.first()?.as_ref())
    }

    /// Every process of every service: its name, the process, how it is reached.
    fn each(&self) -> impl Iterator<Item = (&'static str, &Arc<Process>, &Channel)> {
        let all = SERVICES.iter().filter_map(|service| Some((*service, self.services.get(service)?)));
        all.flat_map(|(service, of)| {
            std::iter::zip(&of.processes, &of.each).map(move |(process, channel)| (service, process, channel))
        })
    }

    /// Where each service listens, for people who want to look.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, String)> {
        let mut all =
            vec![("postgres".to_owned(), self.postgres.url("postgres")), ("nats".to_owned(), self.broker.nats.url())];
        all.extend(self.each().map(|(name, process, _)| (name.to_owned(), process.address())));
        all
    }

    /// Prints the end of every service's log: what a person wants to see when a session stopped.
    pub fn keep_logs(&self) {
        for (name, process, _) in self.each() {
            let tail = process.log_tail();
            if !tail.is_empty() {
                eprintln!("--- {name}\n{tail}");
            }
        }
    }

    /// Everything that a service has logged.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub fn log(&self, service: &str) -> Result<String, Failure> {
        let processes = self.services.get(service).map(|running| running.processes.as_slice()).unwrap_or_default();
        processes.iter().map(|process| process.log()).collect()
    }

    /// A connection to whichever process of a service is ready.
    #[must_use]
    pub fn channel(&self, service: &'static str) -> Balanced {
        self.services.get(service).map_or_else(|| Balanced::to(service, Vec::new()), |running| running.any.clone())
    }
}

impl Running {
    fn of(service: &'static str, places: &[String]) -> Result<Self, Failure> {
        let channel = |place: &String| {
            let endpoint = Endpoint::from_shared(format!("http://{place}"))
                .map_err(|e| Failure::unexpected("campaign", service, "an address", e.to_string()))?;
            Ok(endpoint.connect_timeout(std::time::Duration::from_secs(2)).connect_lazy())
        };
        let each = places.iter().map(channel).collect::<Result<_, Failure>>()?;
        Ok(Self { processes: Vec::new(), each, any: Balanced::to(service, places.to_vec()) })
    }
}

macro_rules! clients {
    ($($name:ident: $client:ty;)*) => {
        impl World {$(
            #[doc = concat!("A client of ", stringify!($name), ".")]
            #[must_use]
            pub fn $name(&self) -> $client {
                <$client>::new(self.channel(stringify!($name))).max_decoding_message_size(64 * 1024 * 1024).max_encoding_message_size(64 * 1024 * 1024)
            }
        )*}
    };
}

clients! {
    intake: contracts::intake::intake_client::IntakeClient<Balanced>;
    eligibility: contracts::eligibility::eligibility_client::EligibilityClient<Balanced>;
    payments: contracts::payments::payments_client::PaymentsClient<Balanced>;
    jury: contracts::jury::jury_client::JuryClient<Balanced>;
    scheduling: contracts::scheduling::scheduling_client::SchedulingClient<Balanced>;
    integration: contracts::integration::integration_client::IntegrationClient<Balanced>;
    scheduler: contracts::scheduler::scheduler_client::SchedulerClient<Balanced>;
    notifier: contracts::notifier::notifier_client::NotifierClient<Balanced>;
}
