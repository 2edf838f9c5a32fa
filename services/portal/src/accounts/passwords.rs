//! Hashes and verifies passwords, a few at a time.
//!
//! Argon2id at OWASP's recommended cost takes tens of milliseconds of a core. In a pool of its own it cannot starve the
//! pages of people who are signed in already: whoever does not get a worker in time is asked to come back.

use std::{
    io::{BufRead as _, BufReader, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use platform::StartError;
use sha2::Digest as _;
use tokio::sync::Semaphore;

use super::Denied;
use crate::{
    domain::password::{self, Weak},
    web::Fault,
};

/// OWASP: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How long somebody waits for a worker before being asked to come back.
const PATIENCE: Duration = Duration::from_secs(8);

/// The pool.
#[derive(Clone)]
pub struct Passwords {
    workers: Arc<Semaphore>,
    argon: Argon2<'static>,
    /// What is verified against when there is no account: takes as long.
    nobody: Arc<str>,
    breached: Option<PathBuf>,
}

impl Passwords {
    /// With so many workers.
    ///
    /// # Errors
    /// The parameters are refused, or the list of breached passwords cannot be read.
    pub fn new(workers: usize, breached: Option<PathBuf>) -> Result<Self, StartError> {
        let fault = |e: argon2::Error| StartError::from_source("argon2", e);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(fault)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody =
            argon.hash_password(&rand::random::<[u8; 32]>()).map_err(|e| StartError::from_source("argon2", e))?;
        if let Some(file) = &breached {
            std::fs::File::open(file)
                .map_err(|e| StartError::from_source(format!("breached_passwords_file {}", file.display()), e))?;
        }
        Ok(Self { workers: Arc::new(Semaphore::new(workers)), argon, nobody: nobody.to_string().into(), breached })
    }

    /// A PHC string for a password that is good enough for this account.
    ///
    /// # Errors
    /// It is weak, or no worker is free.
    pub async fn hash(&self, password: &str, email_key: &str) -> Result<String, Denied> {
        password::check(password, email_key).map_err(Denied::Weak)?;
        let (argon, breached, password) = (self.argon.clone(), self.breached.clone(), password.to_owned());
        self.work(move || {
            if let Some(file) = breached
                && listed(&file, &password).map_err(Fault::internal)?
            {
                return Err(Denied::Weak(Weak::Breached));
            }
            let hash = argon.hash_password(password.as_bytes()).map_err(Fault::internal)?;
            Ok(hash.to_string())
        })
        .await?
    }

    /// Whether a password is the one of this PHC string. Without one it takes as long, and is false.
    ///
    /// # Errors
    /// No worker is free.
    pub async fn verify(&self, password: &str, phc: Option<&str>) -> Result<bool, Denied> {
        let known = phc.is_some();
        let phc = phc.map_or_else(|| self.nobody.to_string(), str::to_owned);
        // Longer than any that was taken: cut, so that it cannot cost more.
        let password: String = password.chars().take(password::LONGEST + 1).collect();
        let argon = self.argon.clone();
        let right = self.work(move || argon.verify_password(password.as_bytes(), phc.as_str()).is_ok()).await?;
        Ok(right && known)
    }

    async fn work<T: Send + 'static>(&self, f: impl FnOnce() -> T + Send + 'static) -> Result<T, Denied> {
        let Ok(Ok(worker)) = tokio::time::timeout(PATIENCE, self.workers.clone().acquire_owned()).await else {
            tracing::warn!("no worker for a password");
            return Err(Denied::Busy);
        };
        let done = tokio::task::spawn_blocking(move || {
            let _worker = worker;
            f()
        });
        done.await.map_err(|e| Denied::Fault(Fault::internal(e)))
    }
}

/// Whether a sorted file of SHA-1 digests holds this password's, by binary search over its bytes.
fn listed(file: &Path, password: &str) -> std::io::Result<bool> {
    let wanted = hex::encode_upper(sha1::Sha1::digest(password.as_bytes()));
    let mut reader = BufReader::new(std::fs::File::open(file)?);
    let (mut low, mut high) = (0, reader.get_ref().metadata()?.len());
    // The first offset from which on the next whole line is not before what is wanted.
    while low < high {
        let middle = low + (high - low) / 2;
        match digest_from(&mut reader, middle)? {
            Some(found) if found < wanted => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(digest_from(&mut reader, low)? == Some(wanted))
}

/// The digest on the first line that begins at this offset or after it.
fn digest_from(reader: &mut BufReader<std::fs::File>, offset: u64) -> std::io::Result<Option<String>> {
    reader.seek(SeekFrom::Start(offset.saturating_sub(1)))?;
    if offset > 0 {
        reader.read_until(b'\n', &mut Vec::new())?;
    }
    let mut line = String::new();
    let length = reader.read_line(&mut line)?;
    Ok((length > 0).then(|| line.split(':').next().unwrap_or_default().trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[tokio::test]
    async fn a_password_is_its_own_and_nobody_has_one() {
        let pool = Passwords::new(1, None).unwrap();
        let phc = pool.hash("correct horse battery", "a@x.fr").await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(pool.verify("correct horse battery", Some(&phc)).await.unwrap());
        assert!(!pool.verify("correct horse batterz", Some(&phc)).await.unwrap());
        assert!(!pool.verify("correct horse battery", None).await.unwrap());
        assert!(matches!(pool.hash("short", "a@x.fr").await, Err(Denied::Weak(Weak::TooShort))));
    }

    #[tokio::test]
    async fn a_breached_password_is_refused_wherever_it_stands_in_the_list() {
        let passwords: Vec<String> = (0..200).map(|i| format!("breached password {i}")).collect();
        let mut lines: Vec<String> = passwords
            .iter()
            .map(|p| format!("{}:{}", hex::encode_upper(sha1::Sha1::digest(p.as_bytes())), p.len()))
            .collect();
        lines.sort();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(lines.join("\n").as_bytes()).unwrap();
        for password in &passwords {
            assert!(listed(file.path(), password).unwrap(), "{password}");
        }
        assert!(!listed(file.path(), "correct horse battery").unwrap());
        let pool = Passwords::new(1, Some(file.path().to_owned())).unwrap();
        assert!(matches!(pool.hash("breached password 7", "a@x.fr").await, Err(Denied::Weak(Weak::Breached))));
    }
}
