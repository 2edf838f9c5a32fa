//! The object store: where the bytes of pieces are.
//!
//! Parts of an upload and the pieces made of them are created once and never written again. In a folder every write is
//! synced to disk, directories included, before it returns: what was acknowledged survives a power cut.

use std::{ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, local::LocalFileSystem, path::Path,
};
use platform::refusal::Refusal;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::domain::file::{FileRefused, MediaType};

/// Files put together at the same time: each is held in memory whole while it becomes a piece.
const ASSEMBLED_AT_ONCE: usize = 4;

/// Bytes read from the store at once, and sent in one message.
const READ: u64 = 256 * 1024;

/// `[service.pieces]`: where the bytes go.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "store", rename_all = "snake_case", deny_unknown_fields)]
pub enum Settings {
    /// A folder of this machine.
    Folder {
        /// Made if it is not there.
        folder: PathBuf,
    },
    /// A bucket that speaks S3, in a build with the feature `s3`. Credentials come from the environment, as AWS names them.
    S3 {
        /// Its name; versioned, if the provider offers it.
        bucket: String,
        /// Its region.
        region: String,
        /// Address, where it is not AWS.
        #[serde(default)]
        endpoint: Option<String>,
    },
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or read.
    #[error("folder {}: {source}", .folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store refuses its settings.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// Not in this build.
    #[error(
        "store = \"s3\" needs a build with the feature `s3` (cargo build -p intake --features s3); this one has folders only"
    )]
    NoS3,
}

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// The content is not what it must be.
    #[error(transparent)]
    Content(#[from] FileRefused),
    /// The service is going away.
    #[error("shutting down")]
    Closing,
}

impl From<FilesError> for Refusal {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Content(refused) => refused.into(),
            FilesError::Store(object_store::Error::NotFound { path, .. }) => {
                Self::internal(format!("object {path} is gone"))
            }
            error => {
                tracing::warn!(%error, "the object store is in passing trouble");
                Self::retry_later(
                    "OBJECT_STORE_UNAVAILABLE",
                    "object store",
                    "the object store did not answer; try again",
                )
            }
        }
    }
}

/// A whole file, not yet a piece.
#[derive(Debug)]
pub struct Assembled {
    /// Its bytes.
    pub payload: PutPayload,
    /// How many.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// Told by them.
    pub media: MediaType,
}

/// The object store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    room: Arc<Semaphore>,
}

impl Files {
    /// Opens the store.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(settings: &Settings) -> Result<Self, OpenError> {
        let store: Arc<dyn ObjectStore> = match settings {
            Settings::Folder { folder } => {
                std::fs::create_dir_all(folder)
                    .map_err(|source| OpenError::Folder { folder: folder.clone(), source })?;
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
            }
            Settings::S3 { bucket, region, endpoint } => s3(bucket, region, endpoint.as_deref())?,
        };
        Ok(Self { store, room: Arc::new(Semaphore::new(ASSEMBLED_AT_ONCE)) })
    }

    /// Keeps a part, durably, and says under which key. Two writers of the same part get two keys.
    ///
    /// # Errors
    /// The store did not do it.
    pub async fn keep_part(&self, upload: Uuid, offset: u64, bytes: Vec<Bytes>) -> Result<String, FilesError> {
        let key = format!("uploads/{upload}/{offset:012}-{}", Uuid::new_v4());
        self.create(&key, bytes.into_iter().collect()).await?;
        Ok(key)
    }

    /// Puts the parts together and looks at what they are.
    ///
    /// # Errors
    /// The store did not do it, or the content is none that a piece can be.
    pub async fn assemble(&self, parts: &[String]) -> Result<Assembled, FilesError> {
        let _room = self.room.acquire().await.map_err(|_| FilesError::Closing)?;
        let fetch = |key: &String| {
            let (store, path) = (Arc::clone(&self.store), Path::from(key.as_str()));
            async move { store.get(&path).await?.bytes().await }
        };
        let bytes: Vec<Bytes> = stream::iter(parts.iter().map(fetch)).buffered(2).try_collect().await?;
        let mut sha = Sha256::new();
        for part in &bytes {
            sha.update(part);
        }
        let size = bytes.iter().map(|b| b.len() as u64).sum();
        let media = MediaType::of_head(&edge(bytes.iter(), MediaType::ENOUGH, false))?;
        media.check_tail(&edge(bytes.iter().rev(), MediaType::TAIL, true))?;
        Ok(Assembled { payload: bytes.into_iter().collect(), size, sha256: sha.finalize().into(), media })
    }

    /// Creates an object; one that is there already stays as it is. Keys name their content for good (an upload's parts
    /// never change), so that is the same object.
    ///
    /// # Errors
    /// The store did not do it.
    pub async fn create(&self, key: &str, payload: PutPayload) -> Result<(), FilesError> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&Path::from(key), payload, options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates the object that an upload becomes, and says under which key.
    ///
    /// # Errors
    /// The store did not do it.
    pub async fn create_piece(&self, dossier: Uuid, upload: Uuid, payload: PutPayload) -> Result<String, FilesError> {
        let key = piece_key(dossier, upload);
        self.create(&key, payload).await?;
        Ok(key)
    }

    /// Removes the object of an upload that became no piece; true when it is not there (any more).
    pub async fn forget_piece(&self, dossier: Uuid, upload: Uuid) -> bool {
        self.remove(&Path::from(piece_key(dossier, upload))).await
    }

    /// The bytes of an object of `size` bytes, a few at a time.
    pub fn read(&self, key: &str, size: u64) -> impl Stream<Item = Result<Bytes, FilesError>> + Send + use<> {
        let (store, path) = (Arc::clone(&self.store), Path::from(key));
        stream::iter(ranges(size)).then(move |range| {
            let (store, path) = (Arc::clone(&store), path.clone());
            async move { Ok(store.get_range(&path, range).await?) }
        })
    }

    /// Removes parts that are no longer needed; true when none of them is there any more.
    pub async fn forget(&self, keys: &[String]) -> bool {
        let mut all = true;
        for key in keys {
            all &= self.remove(&Path::from(key.as_str())).await;
        }
        all
    }

    /// Removes every part of an upload session, listed in the database or not (a crash can leave one that was kept and
    /// never acknowledged); true when none is there any more.
    pub async fn forget_upload(&self, upload: Uuid) -> bool {
        let prefix = Path::from(format!("uploads/{upload}"));
        let found: Result<Vec<_>, _> = self.store.list(Some(&prefix)).try_collect().await;
        let Ok(found) = found else { return false };
        let mut all = true;
        for part in found {
            all &= self.remove(&part.location).await;
        }
        all
    }

    async fn remove(&self, path: &Path) -> bool {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => true,
            Err(error) => {
                tracing::warn!(%error, %path, "a spent part could not be removed");
                false
            }
        }
    }
}

#[cfg(feature = "s3")]
fn s3(bucket: &str, region: &str, endpoint: Option<&str>) -> Result<Arc<dyn ObjectStore>, OpenError> {
    // The client below takes the process's TLS provider; one set before is as good.
    let _already_set = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let mut builder = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket).with_region(region);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Arc::new(builder.build()?))
}

#[cfg(not(feature = "s3"))]
fn s3(_bucket: &str, _region: &str, _endpoint: Option<&str>) -> Result<Arc<dyn ObjectStore>, OpenError> {
    Err(OpenError::NoS3)
}

fn piece_key(dossier: Uuid, upload: Uuid) -> String {
    format!("pieces/{dossier}/{upload}")
}

fn ranges(size: u64) -> impl Iterator<Item = Range<u64>> {
    (0..size.div_ceil(READ)).map(move |i| i * READ..((i + 1) * READ).min(size))
}

/// The first (or, over reversed parts, last) `most` bytes, in the file's order.
fn edge<'a>(parts: impl Iterator<Item = &'a Bytes>, most: usize, from_end: bool) -> Vec<u8> {
    let mut edge: Vec<u8> = Vec::with_capacity(most);
    for part in parts {
        let wanted = (most - edge.len()).min(part.len());
        if from_end {
            edge.splice(0..0, part[part.len() - wanted..].iter().copied());
        } else {
            edge.extend_from_slice(&part[..wanted]);
        }
        if edge.len() == most {
            break;
        }
    }
    edge
}

#[cfg(test)]
mod tests;
