//! `cargo demo`: the whole session, with one command. The same executable runs the services it starts.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use campaign::{Plan, Played, campaign};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "campaign", about = "Plays an admission session on real services, and checks it")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays the session and checks it.
    Demo(Demo),
    /// Runs one of the services (the demo starts them this way).
    #[command(hide = true)]
    Service {
        /// Which.
        name: String,
        /// Its configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

#[derive(clap::Args)]
struct Demo {
    /// How many candidates take part.
    #[arg(long, default_value_t = 400)]
    candidates: usize,
    /// What the candidates are drawn from; the same seed gives the same report.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the report, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Leave everything running, and print the addresses.
    #[arg(long)]
    keep: bool,
    /// With --keep: play only up to this instant, a transition such as `period_1_opens` or a wall-clock time such as
    /// 2026-03-15T12:00 of the session's zone, and leave the platform as it stands then.
    #[arg(long, requires = "keep")]
    until: Option<String>,
    /// The session file; the 2026 session by default.
    #[arg(long)]
    session: Option<PathBuf>,
    /// Kill services and engines while the session is played, at points drawn from this seed.
    #[arg(long, value_name = "SEED")]
    chaos: Option<u64>,
    /// Run two processes of each service, and replace every one in turn (SIGTERM) while the session is played.
    #[arg(long, conflicts_with_all = ["chaos", "until"])]
    replace: bool,
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Demo(demo) => run(&demo),
        Command::Service { name, config } => service(&name, &config),
    }
}

fn service(name: &str, config: &Path) -> ExitCode {
    match name {
        "scheduler" => platform::serve::<scheduler::Scheduler>(config),
        "intake" => platform::serve::<intake::Intake>(config),
        "eligibility" => platform::serve::<eligibility::Eligibility>(config),
        "payments" => platform::serve::<payments::Payments>(config),
        "jury" => platform::serve::<jury::Jury>(config),
        "scheduling" => platform::serve::<scheduling::Scheduling>(config),
        "portal" => platform::serve::<portal::Portal>(config),
        "integration" => platform::serve::<integration::Integration>(config),
        "notifier" => platform::serve::<notifier::Notifier>(config),
        other => {
            eprintln!("{other} is none of {:?}", campaign::world::SERVICES);
            ExitCode::from(2)
        }
    }
}

fn run(demo: &Demo) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        let executable = match std::env::current_exe() {
            Ok(path) => path,
            Err(error) => {
                eprintln!("this executable cannot be found: {error}");
                return ExitCode::FAILURE;
            }
        };
        let session = demo.session.clone().unwrap_or_else(campaign::session_2026);
        let Demo { candidates, seed, chaos, replace, .. } = *demo;
        let plan = Plan { session, executable, candidates, seed, chaos, replace };
        eprintln!("seed {}, {} candidates", demo.seed, demo.candidates);
        if let Some(until) = &demo.until {
            return stop_at(&plan, until).await;
        }
        match campaign(&plan).await {
            Ok(played) => finish(demo, &played).await,
            Err(failure) => {
                eprintln!("\nthe session stopped: {failure}");
                ExitCode::FAILURE
            }
        }
    })
}

async fn stop_at(plan: &Plan, until: &str) -> ExitCode {
    let session = match notice::Session::load(&plan.session) {
        Ok(session) => session,
        Err(invalid) => {
            eprintln!("{invalid}");
            return ExitCode::from(2);
        }
    };
    let Some(instant) = campaign::instant(&session, until) else {
        let keys: Vec<&str> = session.transitions().iter().map(|t| t.key.as_str()).collect();
        eprintln!("--until {until}: neither a wall-clock time such as 2026-03-15T12:00 nor one of {keys:?}");
        return ExitCode::from(2);
    };
    match campaign::play_until(plan, instant).await {
        Ok(world) => {
            keep(&world).await;
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\nthe session stopped: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Leaves everything running, and says where.
async fn keep(world: &campaign::world::World) {
    println!("\nportal: {}/demo (its first page lists a sign-in for every role)", world.portal_url);
    for (name, address) in world.addresses() {
        println!("{name:<12} {address}");
    }
    println!("files in {}; end with Ctrl-C", world.dir().display());
    let _ = tokio::signal::ctrl_c().await;
}

async fn finish(demo: &Demo, played: &Played) -> ExitCode {
    println!("{}", played.report.tables());
    println!("{} requests that had to be refused were, each for its reason", played.refusals);
    if !played.killed.is_empty() {
        println!("killed and restarted {} times: {}", played.killed.len(), played.killed.join(" "));
    }
    if played.replaced > 0 {
        println!("{} processes replaced; {} requests had no answer", played.replaced, played.unanswered);
    }
    if let Some(path) = &demo.report {
        let written = played
            .report
            .json()
            .map_err(|e| e.to_string())
            .and_then(|text| std::fs::write(path, text).map_err(|e| e.to_string()));
        if let Err(error) = written {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    let violated: Vec<_> = played.invariants.iter().filter(|i| !i.holds()).collect();
    for invariant in &violated {
        eprintln!("VIOLATED: {} ({} of {})", invariant.name, invariant.violations.len(), invariant.checked);
        for violation in invariant.violations.iter().take(10) {
            eprintln!("  {violation}");
        }
    }
    if demo.keep {
        keep(&played.world).await;
    }
    if violated.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
