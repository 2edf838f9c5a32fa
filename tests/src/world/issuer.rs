//! The demo's own issuer of tokens: one key for people and services, one for the edge that stamps receipts.

use std::{fs, path::Path};

use jiff::Timestamp;
use platform::auth::{Caller, Claims, Issuer as Signer, KeyPair};
use tonic::{
    Status,
    metadata::{Ascii, MetadataValue},
};

use super::ask::Who;
use crate::failure::Failure;

/// Audience of every token of the demo: the services' default.
const AUDIENCE: &str = "services";

/// Signs tokens for whoever the campaign plays.
#[derive(Debug)]
pub struct Issuer {
    people: Signer,
    edge: Signer,
}

impl Issuer {
    /// Makes the keys, and writes `jwks.json` and a signing key per world into `dir` for the services.
    ///
    /// # Errors
    /// When a key or a file cannot be made.
    pub fn new(dir: &Path) -> Result<Self, Failure> {
        let broken = |e: platform::StartError| Failure::unexpected("issuer", "a key", "a key", e.to_string());
        let [people, edge, services] = [KeyPair::generate(false), KeyPair::generate(true), KeyPair::generate(false)];
        let (people, edge, services) = (people.map_err(broken)?, edge.map_err(broken)?, services.map_err(broken)?);
        let jwks = KeyPair::jwks(&[people.jwk.clone(), edge.jwk.clone(), services.jwk.clone()]);
        fs::write(dir.join("jwks.json"), jwks).map_err(Failure::io("writing jwks.json"))?;
        fs::write(dir.join("services.key"), &services.private).map_err(Failure::io("writing services.key"))?;
        fs::write(dir.join("edge.key"), &edge.private).map_err(Failure::io("writing edge.key"))?;
        Ok(Self { people: people.issuer().map_err(broken)?, edge: edge.issuer().map_err(broken)? })
    }

    /// The authorization header of `who`, issued at `now` by the simulated clock.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn token(&self, who: &Who, now: Timestamp) -> Result<MetadataValue<Ascii>, Status> {
        let caller = Caller {
            subject: who.subject.clone(),
            act_for: who.act_for.clone(),
            role: who.role.clone(),
            unit: who.school.clone(),
            received_at: now,
        };
        let claims = Claims::of(&caller, AUDIENCE, now);
        let (signer, claims) = match who.received_at {
            Some(at) => (&self.edge, claims.received_at(at)),
            None => (&self.people, claims),
        };
        let token = signer.sign(&claims).map_err(|e| Status::internal(e.to_string()))?;
        format!("Bearer {token}").parse().map_err(|_| Status::internal("a token that is no header"))
    }
}
