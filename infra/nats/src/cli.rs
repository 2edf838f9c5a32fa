//! The command line of an operator.

use std::{fs, io::Write as _, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use crate::{Broker, Deployment, From, Refused, access, hears::Hears};

/// Accounts, consumers and subscribers of the broker
#[derive(Parser)]
#[command(name = "broker", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the committed permission files from hears.toml
    #[command(hide = true)]
    Access {
        /// Where
        dir: PathBuf,
    },
    /// Writes a deployment's files for a session, and a password for each user of ours that has none
    Init {
        /// The session file
        #[arg(long, env = "ADMIS_SESSION")]
        session: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Makes the streams and the consumers of our services; to be repeated before each upgrade
    Prepare {
        #[command(flatten)]
        reached: Reached,
        /// On how many servers each stream is: 3 in a cluster
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
        replicas: u8,
    },
    /// Adds a subscriber to one school's facts and prints its credentials, once
    Add {
        /// Its name: its user's, its consumer's
        name: String,
        /// The school whose facts it reads, as the session file names it
        #[arg(long)]
        school: String,
        #[command(flatten)]
        begins: Begins,
        #[command(flatten)]
        with: Changing,
    },
    /// Takes a subscriber's access away, and its consumer
    Revoke {
        /// Its name
        name: String,
        #[command(flatten)]
        with: Changing,
    },
    /// Has a subscriber begin again from any point; its filter stays what it is
    Replay {
        /// Its name
        name: String,
        #[command(flatten)]
        begins: Begins,
        #[command(flatten)]
        with: Changing,
    },
    /// Lists subscribers with what they have not read and not acknowledged
    List(Reached),
}

/// The deployment's directory.
#[derive(Args)]
struct At {
    /// The directory that the server's configuration includes
    #[arg(long, env = "ADMIS_NATS_DIR")]
    dir: PathBuf,
    /// bcrypt's cost for new passwords; they are random, so a connection need not cost the server more
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(4..=15))]
    cost: u32,
}

/// The broker, as its administrator.
#[derive(Args)]
struct Reached {
    /// Its address
    #[arg(long, env = "ADMIS_NATS_URL")]
    url: String,
    /// File that holds the administrator's password
    #[arg(long, env = "ADMIS_NATS_PASSWORD_FILE")]
    password_file: PathBuf,
    /// PEM of the authority that signed the broker's certificate, if not a public one
    #[arg(long, env = "ADMIS_NATS_CA_FILE")]
    ca_file: Option<PathBuf>,
}

#[derive(Args)]
struct Changing {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    reached: Reached,
    /// The server's `pid_file`: it is told to read its configuration again. Without, that is yours to do
    #[arg(long, env = "ADMIS_NATS_PID_FILE")]
    pid_file: Option<PathBuf>,
}

#[derive(Args)]
#[group(multiple = false)]
struct Begins {
    /// From this sequence of the stream on
    #[arg(long, value_name = "N")]
    from_sequence: Option<u64>,
    /// From what was published at this instant on, e.g. 2026-05-28T12:00:00Z
    #[arg(long, value_name = "INSTANT")]
    from_time: Option<Timestamp>,
    /// From now on
    #[arg(long)]
    from_now: bool,
}

impl Begins {
    fn point(&self) -> From {
        match (self.from_sequence, self.from_time) {
            (Some(sequence), _) => From::Sequence(sequence),
            (_, Some(instant)) => From::Instant(instant),
            _ if self.from_now => From::Now,
            _ => From::Beginning,
        }
    }
}

impl At {
    fn deployment(&self) -> Deployment {
        Deployment::in_dir(&self.dir, self.cost)
    }
}

impl Reached {
    async fn broker(&self) -> Result<Broker, Refused> {
        let password = fs::read_to_string(&self.password_file);
        let password = password.map_err(Refused::file(self.password_file.display().to_string()))?;
        Broker::connect(&self.url, password.trim(), self.ca_file.as_deref()).await
    }
}

/// Does what the command line says. Exit status 1 with the reason when it is refused, 2 when it cannot be read.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("broker: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(said) => match std::io::stdout().write_all(said.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(refused) => {
            eprintln!("broker: {refused}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<String, Refused> {
    let hears = Hears::committed()?;
    match command {
        Command::Access { dir } => {
            for (name, text) in access::files(&hears, &access::Schools::new()) {
                fs::write(dir.join(&name), text).map_err(Refused::file(name))?;
            }
            Ok(String::new())
        }
        Command::Init { session, at } => {
            let deployment = at.deployment();
            deployment.write(&hears, &schools(&session)?)?;
            let secrets = deployment.password_file("USER");
            Ok(format!("written; the password of each user is in {}\n", secrets.display()))
        }
        Command::Prepare { reached, replicas } => {
            reached.broker().await?.prepare(&hears, replicas.into()).await?;
            Ok("streams and consumers are as they should be\n".into())
        }
        Command::Add { name, school, begins, with } => {
            let broker = with.reached.broker().await?;
            let pid_file = with.pid_file.as_deref();
            let made = broker.add(&with.at.deployment(), &name, &school, begins.point(), pid_file).await?;
            let text = serde_json::to_string_pretty(&made).map_err(crate::broker)?;
            Ok(format!("{text}\n"))
        }
        Command::Revoke { name, with } => {
            let broker = with.reached.broker().await?;
            broker.revoke(&with.at.deployment(), &name, with.pid_file.as_deref()).await?;
            Ok(format!("{name} reads nothing any more\n"))
        }
        Command::Replay { name, begins, with } => {
            let broker = with.reached.broker().await?;
            let first = broker.replay(&with.at.deployment(), &name, begins.point()).await?;
            Ok(format!("{name} begins again with sequence {first}\n"))
        }
        Command::List(reached) => {
            let mut text =
                format!("{:<32} {:>8} {:>8} {:>16}  reads\n", "subscriber", "waiting", "unacked", "acked / last");
            for lag in reached.broker().await?.list().await? {
                let seen = format!("{} / {}", lag.acknowledged, lag.last);
                let (waiting, unacked, subjects) = (lag.pending, lag.unacknowledged, lag.subjects.join(" "));
                text.push_str(&format!("{:<32} {waiting:>8} {unacked:>8} {seen:>16}  {subjects}\n", lag.name));
            }
            Ok(text)
        }
    }
}

fn schools(session: &std::path::Path) -> Result<Vec<String>, Refused> {
    let read = notice::Session::load(session);
    let what = session.display().to_string();
    let read = read.map_err(|e| Refused::file(what)(std::io::Error::other(e.to_string())))?;
    Ok(read.schools.into_iter().map(|school| school.id).collect())
}
