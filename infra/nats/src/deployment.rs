//! The directory that one deployment's nats-server includes, and the passwords beside it.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, Permissions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    Refused,
    access::{self, ADMINISTRATOR, Schools},
    hears::Hears,
};

/// A password and what the server keeps of it.
#[derive(Clone)]
pub struct Password {
    /// What its owner says.
    pub clear: String,
    /// bcrypt of it.
    pub hash: String,
}

impl Password {
    /// A new one of 256 random bits. `cost` is bcrypt's, 4 to 31; each step doubles what a connection costs the server.
    ///
    /// # Errors
    /// The cost is none.
    pub fn new(cost: u32) -> Result<Self, Refused> {
        let clear = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Ok(Self { hash: bcrypt::hash(&clear, cost)?, clear })
    }
}

/// A deployment's files: `access.conf` and what it includes.
#[derive(Debug, Clone)]
pub struct Deployment {
    dir: PathBuf,
    cost: u32,
}

/// Which schools there are and who subscribes: what the configuration is written from.
const STATE: &str = "schools.toml";

impl Deployment {
    /// The deployment in `dir`.
    #[must_use]
    pub fn in_dir(dir: impl Into<PathBuf>, cost: u32) -> Self {
        Self { dir: dir.into(), cost }
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// bcrypt's cost for new passwords.
    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// The file that holds the password of a user of ours, for whoever configures that user.
    #[must_use]
    pub fn password_file(&self, user: &str) -> PathBuf {
        self.dir.join("secrets").join(format!("{user}.password"))
    }

    /// Writes the files for a session of these schools, and a password for each user that has none. Doing it again keeps
    /// every password and every subscriber; a school that is gone takes its subscribers along.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn write<S: AsRef<str>>(&self, hears: &Hears, schools: &[S]) -> Result<(), Refused> {
        let secrets = self.dir.join("secrets");
        fs::create_dir_all(&secrets).map_err(Refused::file(secrets.display().to_string()))?;
        let private = fs::set_permissions(&secrets, Permissions::from_mode(0o700));
        private.map_err(Refused::file(secrets.display().to_string()))?;
        for user in hears.services().chain([ADMINISTRATOR]) {
            let hash = self.hash_of(user)?;
            self.put(&access::hash_file(user), &format!("password: \"{hash}\"\n"))?;
        }
        let mut known = if self.dir.join(STATE).exists() { self.schools()? } else { Schools::new() };
        let stays = |school: &S| (school.as_ref().to_owned(), known.remove(school.as_ref()).unwrap_or_default());
        self.lay(hears, &schools.iter().map(stays).collect())
    }

    /// The hash of a user's password: the one that is there if it fits, else a new one, of a new password if there is none.
    fn hash_of(&self, user: &str) -> Result<String, Refused> {
        let file = self.password_file(user);
        let Ok(clear) = fs::read_to_string(&file) else {
            let new = Password::new(self.cost)?;
            secret(&file, &new.clear)?;
            return Ok(new.hash);
        };
        let known = fs::read_to_string(self.dir.join(access::hash_file(user))).unwrap_or_default();
        let known = known.trim().strip_prefix("password: \"").and_then(|rest| rest.strip_suffix('"'));
        match known {
            Some(hash) if bcrypt::verify(clear.trim(), hash).unwrap_or(false) => Ok(hash.to_owned()),
            _ => Ok(bcrypt::hash(clear.trim(), self.cost)?),
        }
    }

    /// Which schools there are, and who subscribes to each.
    ///
    /// # Errors
    /// The directory cannot be read, or was not written by `init`.
    pub fn schools(&self) -> Result<Schools, Refused> {
        let file = self.dir.join(STATE);
        let text = fs::read_to_string(&file).map_err(Refused::file(file.display().to_string()))?;
        let read = toml::from_str(&text).map_err(std::io::Error::other);
        read.map_err(Refused::file(file.display().to_string()))
    }

    /// Who subscribes.
    ///
    /// # Errors
    /// As [`Deployment::schools`].
    pub fn subscribers(&self) -> Result<BTreeSet<String>, Refused> {
        Ok(self.schools()?.into_values().flatten().collect())
    }

    pub(crate) fn add(&self, hears: &Hears, name: &str, school: &str, password: &Password) -> Result<(), Refused> {
        let mut schools = self.schools()?;
        let known = schools.keys().cloned().collect();
        let there = schools.get_mut(school).ok_or_else(|| Refused::School { given: school.to_owned(), known })?;
        there.insert(name.to_owned());
        self.put(&format!("{}.conf", access::subscriber_key(name)), &access::subscriber_file(name, &password.hash))?;
        self.lay(hears, &schools)
    }

    pub(crate) fn remove(&self, hears: &Hears, name: &str) -> Result<(), Refused> {
        let mut schools = self.schools()?;
        for names in schools.values_mut() {
            names.remove(name);
        }
        // What names it first: a server that reads in between must find every file that is named.
        self.lay(hears, &schools)?;
        let file = self.dir.join(format!("{}.conf", access::subscriber_key(name)));
        fs::remove_file(&file).map_err(Refused::file(file.display().to_string()))
    }

    /// Writes the configuration for these schools, and then what it was written from.
    fn lay(&self, hears: &Hears, schools: &Schools) -> Result<(), Refused> {
        for (name, text) in access::files(hears, schools) {
            self.put(&name, &text)?;
        }
        let text = toml::to_string(schools).map_err(|e| Refused::file(STATE)(std::io::Error::other(e)))?;
        self.put(STATE, &format!("# Written by `broker`.\n{text}"))
    }

    /// Writes a file whole or not at all: the server may read at any moment.
    fn put(&self, name: &str, text: &str) -> Result<(), Refused> {
        let file = self.dir.join(name);
        let partial = self.dir.join(format!("{name}.partial"));
        let written = File::create(&partial).and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()));
        written.and_then(|()| fs::rename(&partial, &file)).map_err(Refused::file(file.display().to_string()))
    }
}

/// Writes what only its owner may read.
fn secret(file: &Path, text: &str) -> Result<(), Refused> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    opened.and_then(|mut f| f.write_all(text.as_bytes())).map_err(Refused::file(file.display().to_string()))
}

/// Has the server whose process id is in `pid_file` read its configuration again (SIGHUP).
pub(crate) fn reload(pid_file: &Path) -> Result<(), Refused> {
    let what = || format!("reloading by {}", pid_file.display());
    let pid = fs::read_to_string(pid_file).map_err(Refused::file(what()))?;
    let sent = Command::new("kill").args(["-s", "HUP", pid.trim()]).output().map_err(Refused::file(what()))?;
    if sent.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&sent.stderr).into_owned();
    Err(Refused::File { what: what(), source: std::io::Error::other(said) })
}
