//! A real clamd with a database of one signature, and a real PostgreSQL: what is clean, what is not, and what stays closed.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expected")]

use std::{
    fs,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use engines::{Ports, Postgres};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use platform::{Service as _, db::Db};
use portal::{
    Portal,
    antivirus::{COUNTS_FOR, Chunks, Found, NotScanned, look},
    web::Fault,
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// The industry's harmless test string, in two halves so that no scanner minds this file.
const HALVES: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
/// Largest stream that the clamd of these tests takes.
const MOST: usize = 1 << 20;

fn eicar() -> String {
    HALVES.concat()
}

/// A clamd of our own; ended with its test.
struct Clamd {
    process: Child,
    address: String,
    _dir: TempDir,
    _ports: Ports,
}

impl Clamd {
    fn start() -> Self {
        let mut ports = Ports::reserve().unwrap();
        let port = ports.take();
        let dir = tempfile::tempdir().unwrap();
        let (database, config) = (dir.path().join("db"), dir.path().join("clamd.conf"));
        fs::create_dir(&database).unwrap();
        fs::write(database.join("eicar.ndb"), format!("Eicar-Test:0:*:{}\n", hex::encode(eicar()))).unwrap();
        let settings = format!(
            "Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {}\nStreamMaxLength {MOST}\n",
            database.display()
        );
        fs::write(&config, settings).unwrap();
        let mut process = Command::new("clamd")
            .arg("--config-file")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("clamd of Debian's clamav-daemon is installed");
        let (address, began) = (format!("127.0.0.1:{port}"), Instant::now());
        while TcpStream::connect(&address).is_err() {
            assert!(process.try_wait().unwrap().is_none(), "clamd ended while it started");
            assert!(began.elapsed() < Duration::from_secs(60), "clamd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { process, address, _dir: dir, _ports: ports }
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn db(name: &str) -> Db {
    let postgres = Postgres::shared().unwrap();
    let url = postgres.create_database(name).unwrap();
    Db::open(url.parse().unwrap(), 4, Portal::NAME, Portal::migrations()).await.unwrap()
}

/// A file in pieces of 1000 bytes, as intake streams it.
fn chunks(content: &[u8]) -> Chunks<'static> {
    let parts: Vec<Result<Bytes, Fault>> = content.chunks(1000).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    stream::iter(parts).boxed()
}

fn digest(content: &[u8]) -> Vec<u8> {
    Sha256::digest(content).to_vec()
}

const fn at(hours: i64) -> Timestamp {
    Timestamp::constant(1_700_000_000 + hours * 3600, 0)
}

/// A PDF of some length, with something in its middle.
fn pdf(with: &str) -> Vec<u8> {
    format!("%PDF-1.4\n{}\n{with}\n{}%%EOF", "a".repeat(2500), "b".repeat(2500)).into_bytes()
}

#[tokio::test]
async fn clean_and_infected_are_told_apart_and_remembered_by_content() {
    let (db, clamd) = (db("portal_antivirus_told").await, Clamd::start());
    let address = clamd.address.clone();
    let (clean, infected) = (pdf("Relevé de notes"), pdf(&eicar()));
    let asked = async |content: &[u8], now| look(&db, &address, &digest(content), chunks(content), now).await.unwrap();
    assert_eq!(asked(&clean, at(0)).await.unwrap(), Found::Clean);
    let Found::Infected(signature) = asked(&infected, at(0)).await.unwrap() else { panic!("infected passed as clean") };
    assert!(signature.starts_with("Eicar-Test"), "{signature}");

    // Remembered: nobody is asked again.
    drop(clamd);
    assert_eq!(asked(&clean, at(1)).await.unwrap(), Found::Clean);
    assert_eq!(asked(&infected, at(1)).await.unwrap(), Found::Infected(signature));
    // Until it no longer counts.
    let last = at(0) + COUNTS_FOR;
    assert_eq!(asked(&clean, last).await.unwrap(), Found::Clean);
    let later = last + SignedDuration::from_millis(1);
    assert!(matches!(asked(&clean, later).await, Err(NotScanned::Away(_))), "an old verdict counted");
}

#[tokio::test]
async fn what_was_not_scanned_is_not_clean_and_not_remembered() {
    let db = db("portal_antivirus_not").await;
    let clean = pdf("Curriculum vitæ");
    // A port that nobody listens on: reserved, so that nobody takes it.
    let mut ports = Ports::reserve().unwrap();
    let nobody = format!("127.0.0.1:{}", ports.take());
    let away = look(&db, &nobody, &digest(&clean), chunks(&clean), at(0)).await.unwrap();
    assert!(matches!(away, Err(NotScanned::Away(_))), "{away:?}");

    let clamd = Clamd::start();
    let large = vec![b'a'; MOST + 1];
    let refused = look(&db, &clamd.address, &digest(&large), chunks(&large), at(0)).await.unwrap();
    assert!(refused.is_err(), "larger than clamd looks at: {refused:?}");
    // Back again: the same file is looked at now.
    let now = look(&db, &clamd.address, &digest(&clean), chunks(&clean), at(0)).await.unwrap();
    assert_eq!(now.unwrap(), Found::Clean);
}

#[tokio::test]
async fn a_verdict_never_passes_to_other_bytes() {
    let (db, clamd) = (db("portal_antivirus_other").await, Clamd::start());
    let (claimed, sent) = (pdf("diplôme"), pdf("autre chose"));
    let swapped = look(&db, &clamd.address, &digest(&claimed), chunks(&sent), at(0)).await;
    assert!(matches!(swapped, Err(Fault::Internal)), "{swapped:?}");
    drop(clamd);
    // Nothing was remembered of either.
    for content in [&claimed, &sent] {
        let asked = look(&db, "127.0.0.1:1", &digest(content), chunks(content), at(0)).await.unwrap();
        assert!(asked.is_err(), "{asked:?}");
    }
    // A file that breaks off is no file.
    let clamd = Clamd::start();
    let broken: Chunks<'_> = stream::iter([Ok(Bytes::from_static(b"%PDF")), Err(Fault::Unavailable)]).boxed();
    let cut = look(&db, &clamd.address, &digest(b"%PDF"), broken, at(0)).await;
    assert!(matches!(cut, Err(Fault::Unavailable)), "{cut:?}");
}
