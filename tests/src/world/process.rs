//! One service as a child process of this executable.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use contracts::roles;
use engines::Child;

use crate::failure::Failure;

/// A running service; dropped, it is ended in good order.
#[derive(Debug)]
pub struct Process {
    command: Vec<String>,
    dir: PathBuf,
    address: String,
    filter: String,
    child: Mutex<Option<Child>>,
}

impl Process {
    /// Starts `service` from its configuration file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        executable: &Path,
        service: &str,
        config: &Path,
        dir: &Path,
        filter: Option<&str>,
    ) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir).map_err(Failure::io(format!("making {}", dir.display())))?;
        let command =
            [&executable.display().to_string(), "service", service, "--config", &config.display().to_string()]
                .map(String::from)
                .to_vec();
        let text = std::fs::read_to_string(config).unwrap_or_default();
        let address =
            text.lines().find_map(|l| l.strip_prefix("listen = ")).unwrap_or_default().trim_matches('"').to_owned();
        let filter = filter.map(str::to_owned).or_else(|| std::env::var("ADMIS_LOG").ok());
        let filter = filter.unwrap_or_else(|| "warn".into());
        let process = Self { command, dir: dir.to_owned(), address, filter, child: Mutex::new(None) };
        process.resume()?;
        Ok(process)
    }

    /// SIGKILL, then start again.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn kill_and_restart(&self) -> Result<(), Failure> {
        let old = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(old) = old {
            old.signal("KILL");
            old.stop();
        }
        self.resume()
    }

    /// SIGTERM, and once it has drained, another in its place. Blocks for as long as that takes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn replace(&self) -> Result<(), Failure> {
        let old = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(old) = old {
            old.stop();
        }
        self.resume()
    }

    /// host:port.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Child::log_tail).unwrap_or_default()
    }

    /// All of its log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log(&self) -> Result<String, Failure> {
        let bytes = std::fs::read(self.dir.join("log")).map_err(Failure::io("reading a log"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether it runs.
    pub fn alive(&self) -> bool {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(Child::alive)
    }

    fn resume(&self) -> Result<(), Failure> {
        let child = Child::spawn("TERM", &self.dir, &self.command, &[("RUST_LOG".into(), self.filter.clone())])?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }
}

/// What a configuration is made of.
pub struct Setting<'a> {
    /// Name of the service.
    pub service: &'a str,
    /// Which of its processes, from 0.
    pub replica: usize,
    /// Where the processes of every service listen.
    pub addresses: &'a BTreeMap<&'static str, Vec<String>>,
    /// URL of its database.
    pub database: &'a str,
    /// URL of the broker.
    pub nats: &'a str,
    /// The file with the password of its user there.
    pub nats_password: &'a Path,
    /// The session file.
    pub session: &'a Path,
    /// The world's directory.
    pub dir: &'a Path,
    /// Where the simulated clock starts.
    pub clock_file: &'a Path,
    /// Where people reach the portal.
    pub portal_url: &'a str,
    /// host:port of this process' pages, if it is a portal.
    pub door: &'a str,
    /// Schools of the session, each with people of its own.
    pub schools: &'a [notice::School],
    /// Further tables of the portal's configuration.
    pub portal: Option<&'a str>,
    /// Further tables of every configuration.
    pub everywhere: Option<&'a str>,
}

/// The configuration file of a service.
pub fn config(of: &Setting<'_>) -> String {
    let addresses = |service: &str| of.addresses.get(service).map(Vec::as_slice).unwrap_or_default();
    let mut text = format!(
        "environment = \"demo\"\nlisten = \"{listen}\"\nsession_file = \"{session}\"\n\n[database]\nurl = \"{database}\"\npool = 8\n\n\
         [nats]\nurl = \"{nats}\"\nuser = \"{user}\"\npassword_file = \"{password}\"\n\n[auth]\njwks_file = \"{dir}/jwks.json\"\nsigning_key_file = \"{dir}/{key}.key\"\n\n\
         [clock]\nmode = \"simulated\"\nstart_file = \"{clock}\"\n\n[calendar]\ngrace = \"50ms\"\n\n[limits]\ntimeout = \"30s\"\npeer_timeout = \"20s\"\n\n{drain}[peers]\n",
        // One that is not alone gives the others' clients the time that it gives them in production, if shorter.
        drain = if addresses(of.service).len() > 1 { "[drain]\nsettle = \"1s\"\nfinish = \"20s\"\n\n" } else { "" },
        listen = addresses(of.service).get(of.replica).map_or("127.0.0.1:1", String::as_str),
        session = of.session.display(),
        database = of.database,
        nats = of.nats,
        user = of.service,
        password = of.nats_password.display(),
        dir = of.dir.display(),
        // The portal is the edge: its key may say when a request was received (R3).
        key = if of.service == "portal" { "edge" } else { "services" },
        clock = of.clock_file.display(),
    );
    for peer in peers(of.service) {
        let all: Vec<String> = addresses(peer).iter().map(|place| format!("http://{place}")).collect();
        let _ = writeln!(text, "{peer} = {all:?}");
    }
    text.push_str("\n[service]\n");
    if of.service == "scheduler" {
        text.push_str(
            "expects = [\"eligibility\", \"intake\", \"payments\", \"jury\", \"scheduling\", \"integration\", \"notifier\", \"portal\"]\n",
        );
    }
    if of.service == "notifier" {
        let _ = writeln!(text, "portal_url = \"{}\"\ntransport = {{ via = \"mailbox\" }}", of.portal_url);
    }
    if of.service == "intake" {
        let _ = writeln!(text, "pieces = {{ store = \"folder\", folder = \"{}/pieces\" }}", of.dir.display());
    }
    if of.service == "portal" {
        portal(&mut text, of);
    }
    text.push('\n');
    text.push_str(of.everywhere.unwrap_or_default());
    text
}

/// Whom a service calls.
fn peers(service: &str) -> &'static [&'static str] {
    match service {
        "portal" => &[
            "intake",
            "eligibility",
            "payments",
            "jury",
            "scheduling",
            "integration",
            "scheduler",
            "notifier",
            "portal",
        ],
        "notifier" => &["intake", "integration", "portal"],
        "intake" => &["eligibility"],
        "eligibility" => &["intake"],
        _ => &["intake", "eligibility"],
    }
}

/// The portal's own table: a demo with people of every role, who sign in with the name and password that its page shows.
fn portal(text: &mut String, of: &Setting<'_>) {
    let _ =
        writeln!(text, "http = \"{}\"\npublic_url = \"{}\"\nsecret = \"{}\"", of.door, of.portal_url, "demo".repeat(8));
    text.push_str("\n[service.demo]\n");
    let mut person = |subject: String, name: String, role: &str, school: Option<&str>| {
        let _ = writeln!(
            text,
            "[[service.demo.staff]]\nsubject = \"{subject}\"\nname = \"{name}\"\nrole = \"{role}\"\npassword = \"demo-{subject}\""
        );
        if let Some(school) = school {
            let _ = writeln!(text, "school = \"{school}\"");
        }
    };
    for school in of.schools {
        let (id, name) = (school.id.as_str(), school.name.as_str());
        person(format!("staff@{id}"), format!("Camille Aubert, {name}"), roles::STAFF, Some(id));
        person(format!("finance@{id}"), format!("Dominique Faure, {name}"), roles::FINANCE, Some(id));
        person(format!("planner@{id}"), format!("Sacha Morel, {name}"), roles::PLANNER, Some(id));
    }
    person("jury-secretary".into(), "Maxime Lambert".into(), roles::JURY, None);
    person("jury-member".into(), "Noa Girard".into(), roles::JURY, None);
    person("jury-president".into(), "Andrea Perrin".into(), roles::JURY_PRESIDENT, None);
    person("operator-1".into(), "Lou Renaud".into(), roles::OPERATOR, None);
    person("operator-2".into(), "Eden Colin".into(), roles::OPERATOR, None);
    text.push_str(of.portal.unwrap_or_default());
}
