//! The broker with the permission files of production, and who keeps it.

use std::path::{Path, PathBuf};

use broker::{Broker, Credentials, Deployment, From, access::ADMINISTRATOR, hears::Hears};
use engines::{EngineError, Nats};

use crate::failure::Failure;

/// bcrypt's cheapest: a session opens many connections, on loopback.
const COST: u32 = 4;

/// nats-server, its files, its administrator.
#[derive(Debug)]
pub struct Kept {
    /// The server.
    pub nats: Nats,
    deployment: Deployment,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Streams(error.to_string())
}

impl Kept {
    /// Starts a server that includes the files, which go beside its configuration; in `dir` for a server that is given.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(dir: &Path, schools: &[String]) -> Result<Self, Failure> {
        let hears = Hears::committed().map_err(failed)?;
        let mut deployment = Deployment::in_dir(dir.join("broker"), COST);
        let nats = Nats::configured(|own| {
            deployment = Deployment::in_dir(own.join("access"), COST);
            let written = deployment.write(&hears, schools);
            written.map_err(|e| EngineError::Failed {
                what: "writing the broker's files".into(),
                output: e.to_string(),
            })?;
            Ok("include \"access/access.conf\"\n".into())
        })?;
        deployment.write(&hears, schools).map_err(failed)?;
        Ok(Self { nats, deployment })
    }

    /// The file with the password of a user of ours.
    #[must_use]
    pub fn password_file(&self, user: &str) -> PathBuf {
        self.deployment.password_file(user)
    }

    /// Makes streams and consumers.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn prepare(&self) -> Result<(), Failure> {
        let hears = Hears::committed().map_err(failed)?;
        self.administrator().await?.prepare(&hears, 1).await.map_err(failed)
    }

    /// Loses everything the broker stored, and does what an operator does then.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn lose_everything(&self) -> Result<(), Failure> {
        self.nats.lose_everything()?;
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.prepare()))
    }

    /// Adds a subscriber to a school's facts.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn subscribe(&self, name: &str, school: &str) -> Result<Credentials, Failure> {
        let pid_file = self.nats.pid_file();
        let broker = self.administrator().await?;
        let added = broker.add(&self.deployment, name, school, From::Beginning, pid_file.as_deref()).await;
        added.map_err(failed)
    }

    /// Has a subscriber begin again with the first fact.
    ///
    /// # Errors
    /// When there is no such subscriber.
    pub async fn replay(&self, name: &str) -> Result<(), Failure> {
        let broker = self.administrator().await?;
        broker.replay(&self.deployment, name, From::Beginning).await.map(drop).map_err(failed)
    }

    /// The operator's own hands.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn administrator(&self) -> Result<Broker, Failure> {
        Broker::connect(&self.nats.url(), &self.password(ADMINISTRATOR)?, None).await.map_err(failed)
    }

    /// A connection that may read every stream and tell nothing.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn reader(&self) -> Result<async_nats::Client, Failure> {
        let options =
            async_nats::ConnectOptions::with_user_and_password(ADMINISTRATOR.into(), self.password(ADMINISTRATOR)?);
        let options = options.custom_inbox_prefix(platform::streams::inbox(ADMINISTRATOR));
        options.connect(self.nats.url()).await.map_err(failed)
    }

    fn password(&self, user: &str) -> Result<String, Failure> {
        let file = self.password_file(user);
        std::fs::read_to_string(&file).map_err(Failure::io(format!("reading {}", file.display())))
    }
}
