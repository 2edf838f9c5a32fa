//! Whether a file is clean, told before anybody of the house opens it, and remembered by its content.

mod clamd;

use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use platform::db::Db;
use sha2::{Digest as _, Sha256};

pub use clamd::{Found, NotScanned, Scan};

use crate::{store::scans, web::Fault};

/// How long what clamd found counts: it learns new signatures every day.
pub const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A file's bytes, in order.
pub type Chunks<'a> = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send + 'a>>;

/// What is in a file: as found within [`COUNTS_FOR`], else by the clamd at `address`, which is then remembered. What was
/// not scanned is remembered as nothing. `sha256` is what the file must be: a verdict never passes to other bytes.
///
/// # Errors
/// Outer: our database or whoever sends the file does not answer, or the bytes are not those of `sha256`. Inner: clamd
/// gave no verdict.
pub async fn look(
    db: &Db,
    address: &str,
    sha256: &[u8],
    chunks: Chunks<'_>,
    now: Timestamp,
) -> Result<Result<Found, NotScanned>, Fault> {
    if let Some(found) = scans::find(&mut *db.read().await?, sha256, now - COUNTS_FOR).await? {
        return Ok(Ok(found));
    }
    let found = match scan(address, sha256, chunks).await? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    scans::keep(&mut *db.read().await?, sha256, &found, now).await?;
    Ok(Ok(found))
}

async fn scan(address: &str, sha256: &[u8], mut chunks: Chunks<'_>) -> Result<Result<Found, NotScanned>, Fault> {
    let mut scan = match Scan::begin(address).await {
        Ok(scan) => scan,
        Err(error) => return Ok(Err(error)),
    };
    let mut hasher = Sha256::new();
    while let Some(bytes) = chunks.next().await.transpose()? {
        hasher.update(&bytes);
        if let Err(error) = scan.send(&bytes).await {
            return Ok(Err(error));
        }
    }
    if hasher.finalize()[..] != *sha256 {
        return Err(Fault::internal("a file is not what its digest says"));
    }
    Ok(scan.finish().await)
}
