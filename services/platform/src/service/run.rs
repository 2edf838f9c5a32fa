//! A process from its first line to its last: config, trace, build, spawn, signal, drain.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use contracts::machinery::{operations_server::OperationsServer, simulated_clock_server::SimulatedClockServer};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::pb::health_server::HealthServer;

use crate::{
    auth::{Issuer, KeySet, Verifier},
    calendar::WindowGuard,
    clock::{Clock, SimulatedClockService},
    config::{self, ClockMode, Config},
    db::{self, Db},
    health::Health,
    machinery::{self, Machinery, Parts, vital},
    peers::Peers,
    refusal,
    server::Gate,
    service::{Context, Service, StartError, Wiring, skew},
    streams, telemetry, tls,
};

/// Exit status for a configuration that cannot be used.
const BAD_CONFIGURATION: u8 = 2;
/// How long the last spans and metrics may take to leave.
const FLUSH: Duration = Duration::from_secs(3);

/// `main` of a service: `NAME serve --config FILE`, `NAME migrate --config FILE`.
#[must_use]
pub fn main<S: Service>() -> ExitCode {
    let config = clap::Arg::new("config")
        .long("config")
        .env("ADMIS_CONFIG")
        .required(true)
        .value_parser(clap::value_parser!(PathBuf))
        .help("The configuration, a TOML file");
    let command = |name: &'static str, about| clap::Command::new(name).about(about).arg(config.clone());
    let matches = clap::Command::new(S::NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(command("serve", "Serves until told to stop"))
        .subcommand(command("migrate", "Brings the tables up to date and ends"))
        .get_matches();
    let given = matches.subcommand().and_then(|(name, given)| Some((name, given.get_one::<PathBuf>("config")?)));
    match given {
        Some(("migrate", file)) => migrate::<S>(file),
        Some((_, file)) => serve::<S>(file),
        None => ExitCode::from(BAD_CONFIGURATION),
    }
}

/// Brings the tables up to date with the configuration in `config`. Exit status as of [`serve`].
#[must_use]
pub fn migrate<S: Service>(config: &Path) -> ExitCode {
    with::<S, _>(config, async |config, _| {
        db::migrate(&config.database, S::NAME, S::migrations()).await?;
        tracing::info!("the tables are up to date");
        Ok(())
    })
}

/// Serves with the configuration in `config`, until SIGTERM or SIGINT. Exit status: 0 after a complete drain, 1 when
/// something failed, 2 when the configuration cannot be used (every problem is printed first).
#[must_use]
pub fn serve<S: Service>(config: &Path) -> ExitCode {
    with::<S, _>(config, run::<S>)
}

/// Does something with the configuration in a file, once there are a runtime and logs.
fn with<S: Service, A>(config: &Path, act: A) -> ExitCode
where
    A: AsyncFnOnce(Config, S::Settings) -> Result<(), StartError>,
{
    let (config, settings) = match config::load::<S::Settings>(config) {
        Ok(loaded) => loaded,
        Err(problems) => {
            for problem in problems {
                eprintln!("{}: {}: {problem}", S::NAME, config.display());
            }
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    refusal::set_domain(S::NAME);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().thread_name(S::NAME).build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{}: no runtime: {error}", S::NAME);
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        let telemetry = telemetry::init(S::NAME, config.environment, &config.telemetry)?;
        let outcome = act(config, settings).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, "cannot go on");
        }
        let flushed = tokio::task::spawn_blocking(move || telemetry.flush());
        let _best_effort = tokio::time::timeout(FLUSH, flushed).await;
        outcome
    });
    runtime.shutdown_timeout(Duration::from_millis(500));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", S::NAME);
            ExitCode::FAILURE
        }
    }
}

async fn run<S: Service>(config: Config, settings: S::Settings) -> Result<(), StartError> {
    let interrupted = interrupted()?;
    let started = start::<S>(config, settings);
    let running = tokio::select! {
        running = started => running?,
        () = interrupted.cancelled() => return Ok(()),
    };
    tokio::select! {
        () = interrupted.cancelled() => tracing::info!("draining"),
        () = running.failed.cancelled() => tracing::error!("a task failed: draining"),
    }
    running.drain().await
}

/// SIGTERM or SIGINT; registered before anything else, so that none is missed.
fn interrupted() -> Result<CancellationToken, StartError> {
    let cannot = |e| StartError::from_source("signals", e);
    let (mut term, mut int) =
        (signal(SignalKind::terminate()).map_err(cannot)?, signal(SignalKind::interrupt()).map_err(cannot)?);
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        cancel.cancel();
    });
    Ok(token)
}

/// A process that serves.
struct Running {
    config: Arc<Config>,
    tracker: TaskTracker,
    health: Health,
    /// Tells probes "not serving".
    draining: CancellationToken,
    /// Tells everything to finish what it has in hand.
    stop: CancellationToken,
    /// Something that must not end has ended.
    failed: CancellationToken,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

async fn start<S: Service>(config: Config, settings: S::Settings) -> Result<Running, StartError> {
    let config = Arc::new(config);
    let clock = match (config.clock.mode, &config.clock.start_file) {
        (ClockMode::Simulated, Some(file)) => Clock::simulated_from(file)?,
        _ => Clock::system(),
    };
    let verifier = Verifier::new(KeySet::load(&config.auth.jwks_file)?, config.auth.audience.clone());
    let issuer = Issuer::load(&config.auth.signing_key_file, config.auth.signing_key_id.as_deref())?;
    let peers = Peers::new(S::NAME, &config, &issuer, &clock)?;
    let db = Db::connect(&config.database, S::NAME, S::migrations()).await?;
    let nats = streams::connect(&config.nats, S::NAME).await?;
    let context = Context {
        db: db.clone(),
        clock: clock.clone(),
        session_file: config.session_file.clone(),
        peers,
        windows: WindowGuard::new(),
        issuer,
        broker: nats.clone(),
        config: Arc::clone(&config),
    };
    let Wiring { routes, names, listeners, windows, effects, tasks, own_work } = S::wire(&context, settings).await?;

    let listener = TcpListener::bind(&config.listen)
        .await
        .map_err(|e| StartError::from_source(format!("listen {}", config.listen), e))?;
    let address = listener.local_addr().map_err(|e| StartError::from_source("listen", e))?;

    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let draining = CancellationToken::new();
    let data =
        config::Data { calendar: config.calendar, environment: config.environment, replicas: config.nats.replicas };
    let parts = Parts {
        service: S::NAME,
        db: db.clone(),
        nats,
        clock: clock.clone(),
        settings: data,
        windows,
        listeners,
        effects,
        own_work,
    };
    let machinery = machinery::start(parts, &tracker, stop.clone()).await?;
    let failed = machinery.failed();
    for (name, task) in tasks {
        tracker.spawn(vital(name, &failed, task(stop.clone())));
    }
    if !clock.is_simulated() {
        tracker.spawn(vital("skew", &failed, skew::watch(db, clock.clone(), stop.clone())));
    }

    let (reporter, health_server) = tonic_health::server::health_reporter();
    let health = Health::new(reporter, S::NAME).await;
    tracker.spawn(health.clone().follow(machinery.clone(), draining.clone()));
    if let Some(place) = &config.probes {
        let probes = probes(place, health_server.clone(), stop.clone()).await?;
        tracker.spawn(vital("probes", &failed, probes));
    }
    let routes = platform_routes(routes.add_service(health_server), names, &machinery, &clock)?;
    let gate = Gate::new(verifier, clock, &config.limits);
    let server = listen(listener, routes, gate, &config, stop.clone())?;
    if let Some(file) = &config.address_file {
        announce(file, &address.to_string())?;
    }
    tracing::info!(%address, "listening");
    Ok(Running { config, tracker, health, draining, stop, failed, server })
}

/// A second server, in the clear, that tells our health and nothing else.
async fn probes<H: tonic_health::pb::health_server::Health>(
    place: &str,
    health: HealthServer<H>,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()> + use<H>, StartError> {
    let listener = TcpListener::bind(place).await.map_err(|e| StartError::from_source(format!("probes {place}"), e))?;
    let server = Server::builder().add_service(health);
    Ok(async move {
        let served = server.serve_with_incoming_shutdown(TcpIncoming::from(listener), stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "probes are answered no more");
        }
    })
}

/// Operations, reflection, and the simulated clock where there is one.
fn platform_routes(
    routes: Routes,
    mut names: Vec<&'static str>,
    machinery: &Machinery,
    clock: &Clock,
) -> Result<Routes, StartError> {
    use tonic::server::NamedService;
    fn name_of<S: NamedService>(_: &S) -> &'static str {
        S::NAME
    }
    let operations = OperationsServer::new(machinery.operations());
    names.push(name_of(&operations));
    let mut routes = routes.add_service(operations);
    if clock.is_simulated() {
        let simulated = SimulatedClockServer::new(SimulatedClockService { clock: clock.clone() });
        names.push(name_of(&simulated));
        routes = routes.add_service(simulated);
    }
    let mut reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(contracts::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    for name in names {
        reflection = reflection.with_service_name(name);
    }
    let reflection = reflection.build_v1().map_err(|e| StartError::from_source("reflection", e))?;
    Ok(routes.add_service(reflection))
}

fn listen(
    listener: TcpListener,
    routes: Routes,
    gate: Gate,
    config: &Config,
    stop: CancellationToken,
) -> Result<JoinHandle<Result<(), tonic::transport::Error>>, StartError> {
    let router = Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_concurrent_streams(1024)
        .layer(gate)
        .add_routes(routes);
    let until = stop.clone().cancelled_owned();
    Ok(match &config.tls {
        Some(certificates) => {
            let incoming = ReceiverStream::new(tls::Reloading::load(certificates)?.accept(listener, stop));
            tokio::spawn(router.serve_with_incoming_shutdown(incoming, until))
        }
        None => {
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            tokio::spawn(router.serve_with_incoming_shutdown(incoming, until))
        }
    })
}

/// Writes the bound address, whole or not at all.
fn announce(file: &Path, address: &str) -> Result<(), StartError> {
    let cannot = |e| StartError::from_source(format!("address_file {}", file.display()), e);
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, address).map_err(cannot)?;
    std::fs::rename(&partial, file).map_err(cannot)
}

impl Running {
    /// Not ready; a moment for others to notice; stop taking on work; finish what is in hand.
    async fn drain(mut self) -> Result<(), StartError> {
        self.draining.cancel();
        tokio::time::sleep(self.config.drain.settle.get()).await;
        self.health.close().await;
        self.stop.cancel();
        self.tracker.close();
        let mut server = self.server;
        let finish = async {
            // A stream that its reader never ends must not cost the rest its time: the server gets half of it.
            let half = self.config.drain.finish.get() / 2;
            if tokio::time::timeout(half, &mut server).await.is_err() {
                server.abort();
            }
            self.tracker.wait().await;
        };
        if tokio::time::timeout(self.config.drain.finish.get(), finish).await.is_err() {
            return Err(StartError::new(
                "what was in hand did not finish in time; it will be taken up at the next start",
            ));
        }
        if self.failed.is_cancelled() {
            return Err(StartError::new("a task failed"));
        }
        tracing::info!("drained");
        Ok(())
    }
}
