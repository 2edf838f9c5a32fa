//! A broker with the deployment's files, its administrator, and whoever subscribes.

use std::{collections::BTreeMap, path::PathBuf};

use broker::{Broker, Credentials, Deployment, From, access::ADMINISTRATOR, hears::Hears};
use engines::{EngineError, Nats};

/// The cheapest that bcrypt has.
pub const COST: u32 = 4;

pub struct House {
    pub nats: Nats,
    pub deployment: Deployment,
    pub broker: Broker,
    pub hears: Hears,
}

impl House {
    pub async fn open() -> Self {
        let hears = Hears::committed().unwrap();
        let wanted = hears.clone();
        let started = tokio::task::spawn_blocking(move || {
            let mut deployment = None;
            let nats = Nats::configured(|dir| {
                let own = Deployment::in_dir(dir.join("access"), COST);
                own.write(&wanted, &["albi", "ales"])
                    .map_err(|e| EngineError::Failed { what: "init".into(), output: e.to_string() })?;
                deployment = Some(own);
                Ok("include \"access/access.conf\"\n".into())
            });
            (nats.unwrap(), deployment.expect("a broker of our own"))
        });
        let (nats, deployment) = started.await.unwrap();
        let password = std::fs::read_to_string(deployment.password_file(ADMINISTRATOR)).unwrap();
        let broker = Broker::connect(&nats.url(), &password, None).await.unwrap();
        broker.prepare(&hears, 1).await.unwrap();
        Self { nats, deployment, broker, hears }
    }

    pub fn pid_file(&self) -> PathBuf {
        self.nats.pid_file().unwrap()
    }

    pub async fn add(&self, name: &str, school: &str) -> Credentials {
        self.broker.add(&self.deployment, name, school, From::Beginning, Some(&self.pid_file())).await.unwrap()
    }

    /// Every user of ours with its password.
    pub fn users(&self) -> BTreeMap<String, String> {
        let all = self.hears.services().chain([ADMINISTRATOR]);
        all.map(|user| (user.to_owned(), std::fs::read_to_string(self.deployment.password_file(user)).unwrap()))
            .collect()
    }

    /// A client of one of our users.
    pub async fn client(&self, user: &str) -> async_nats::Client {
        let password = self.users().remove(user).unwrap();
        let options = async_nats::ConnectOptions::with_user_and_password(user.into(), password);
        options.custom_inbox_prefix(platform::streams::inbox(user)).connect(self.nats.url()).await.unwrap()
    }
}

/// A client of a subscriber.
pub async fn client(of: &Credentials) -> async_nats::Client {
    let options = async_nats::ConnectOptions::with_user_and_password(of.user.clone(), of.password.clone());
    options.custom_inbox_prefix(of.inbox_prefix.clone()).connect(of.url.clone()).await.unwrap()
}
