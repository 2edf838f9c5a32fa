//! The public keys of those who may issue tokens, from a JWKS file that is read again when it changes.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use crate::{auth::Jwk, service::StartError};

/// How often the file's change time is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Verified keys by `kid`; clones share them.
#[derive(Clone)]
pub struct KeySet(Arc<Inner>);

struct Inner {
    file: Option<PathBuf>,
    state: RwLock<State>,
}

struct State {
    keys: Arc<HashMap<String, Key>>,
    /// Change time and length of the file as last read.
    seen: Option<(SystemTime, u64)>,
    looked: Instant,
}

/// One public key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) verifies: DecodingKey,
    pub(super) edge: bool,
}

#[derive(Deserialize)]
struct File {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Reads `file`, now and whenever it changes. A later version that cannot be read is logged and the keys in force
    /// stay in force.
    ///
    /// # Errors
    /// The file cannot be read, is not a JWKS, or holds no Ed25519 key with a `kid`.
    pub fn load(file: &Path) -> Result<Self, StartError> {
        let seen = fingerprint(file);
        let keys = read(file)?;
        Ok(Self(Arc::new(Inner {
            file: Some(file.to_owned()),
            state: RwLock::new(State { keys: Arc::new(keys), seen, looked: Instant::now() }),
        })))
    }

    /// A fixed set.
    ///
    /// # Errors
    /// One of them is no Ed25519 key.
    pub fn fixed(keys: &[Jwk]) -> Result<Self, StartError> {
        let keys = keys.iter().map(usable).collect::<Result<HashMap<_, _>, _>>()?;
        let state = State { keys: Arc::new(keys), seen: None, looked: Instant::now() };
        Ok(Self(Arc::new(Inner { file: None, state: RwLock::new(state) })))
    }

    /// Whether an edge's key of that name sealed exactly this text ([`super::Issuer::seal`]).
    #[must_use]
    pub fn sealed(&self, kid: &str, text: &str, signature: &str) -> bool {
        let Some(key) = self.get(kid).filter(|key| key.edge && text.contains(' ')) else { return false };
        jsonwebtoken::crypto::verify(signature, text.as_bytes(), &key.verifies, jsonwebtoken::Algorithm::EdDSA)
            .unwrap_or(false)
    }

    /// The key named `kid`. A name not known is looked for in the file at once, so that a new key works from its first
    /// token; otherwise the file is looked at every two seconds.
    pub(super) fn get(&self, kid: &str) -> Option<Key> {
        let (known, looked) = {
            let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
            (state.keys.get(kid).cloned(), state.looked)
        };
        // An unknown name may be anyone's invention: even then the file is stat-ed at most ten times a second.
        let patience = if known.is_some() { LOOK_EVERY } else { LOOK_EVERY / 20 };
        if looked.elapsed() < patience {
            return known;
        }
        self.look();
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        state.keys.get(kid).cloned()
    }

    fn look(&self) {
        let Some(file) = &self.0.file else { return };
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        state.looked = Instant::now();
        let now = fingerprint(file);
        if now == state.seen {
            return;
        }
        match read(file) {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "the JWKS file changed and was read again");
                state.keys = Arc::new(keys);
                state.seen = now;
            }
            Err(error) => {
                state.seen = now;
                tracing::error!(%error, "the JWKS file changed into something unreadable; the old keys stay in force");
            }
        }
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(state.keys.keys()).finish()
    }
}

fn fingerprint(file: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(file).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn read(file: &Path) -> Result<HashMap<String, Key>, StartError> {
    let what = || format!("JWKS file {}", file.display());
    let text = std::fs::read_to_string(file).map_err(|e| StartError::from_source(what(), e))?;
    let parsed: File = serde_json::from_str(&text).map_err(|e| StartError::from_source(what(), e))?;
    let mut keys = HashMap::new();
    for entry in parsed.keys {
        // RFC 7517, 5: entries of a kind we do not understand are ignored.
        let Ok(jwk) = serde_json::from_value::<Jwk>(entry) else { continue };
        if jwk.kty != "OKP" || jwk.crv != "Ed25519" || jwk.public_use.as_deref().is_some_and(|u| u != "sig") {
            continue;
        }
        let (kid, key) = usable(&jwk).map_err(|e| StartError::from_source(what(), e))?;
        if keys.insert(kid.clone(), key).is_some() {
            return Err(StartError::new(format!("{}: two keys are named {kid}", what())));
        }
    }
    if keys.is_empty() {
        return Err(StartError::new(format!("{}: no Ed25519 key with a kid", what())));
    }
    Ok(keys)
}

fn usable(jwk: &Jwk) -> Result<(String, Key), StartError> {
    if jwk.kid.is_empty() {
        return Err(StartError::new("a key has no kid"));
    }
    let verifies = DecodingKey::from_ed_components(&jwk.x).ok();
    // The verifier slices 32 bytes out of whatever it is given.
    let verifies = verifies.filter(|key| key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 32));
    let verifies = verifies.ok_or_else(|| StartError::new(format!("key {}: x is not an Ed25519 key", jwk.kid)))?;
    Ok((jwk.kid.clone(), Key { verifies, edge: jwk.edge }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::KeySet;
    use crate::auth::KeyPair;

    #[test]
    fn a_seal_holds_for_its_text_and_its_edge_alone() {
        let (edge, other) = (KeyPair::generate(true).unwrap(), KeyPair::generate(false).unwrap());
        let keys = KeySet::fixed(&[edge.jwk.clone(), other.jwk.clone()]).unwrap();
        let seal = edge.issuer().unwrap().seal("thing 1").unwrap();
        assert!(keys.sealed(&edge.jwk.kid, "thing 1", &seal));
        assert!(!keys.sealed(&edge.jwk.kid, "thing 2", &seal));
        assert!(!keys.sealed(&other.jwk.kid, "thing 1", &seal));
        assert!(!keys.sealed("nobody", "thing 1", &seal));
        assert!(!keys.sealed(&edge.jwk.kid, "thing 1", "not a signature"));
        // A service of ours is no edge: its key seals nothing that counts.
        let ours = other.issuer().unwrap().seal("thing 1").unwrap();
        assert!(!keys.sealed(&other.jwk.kid, "thing 1", &ours));
        // What a token signs is nothing to seal.
        assert!(edge.issuer().unwrap().seal("eyJ0.eyJ9").is_err());
    }
}
