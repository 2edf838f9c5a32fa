//! Making tokens and keys: services sign what they ask of each other, an edge or an identity provider the rest.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Caller, LONGEST_LIFE},
    service::StartError,
};

/// PKCS#8 wrapping of a raw Ed25519 seed (RFC 8410): these sixteen bytes, then the seed.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The account that asks.
    pub sub: String,
    /// The account it acts for, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_for: Option<String>,
    /// What it may do.
    pub role: String,
    /// The part of the house that role is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whom the token is meant for.
    pub aud: Audience,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Dead from then on, seconds since 1970; at most five minutes after `iat`.
    pub exp: i64,
    /// When the edge received the request: RFC 3339, or microseconds since 1970. Counts only under an edge's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rcv: Option<Receipt>,
}

/// One audience or several (RFC 7519, 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The usual case.
    One(String),
    /// Any of these may accept the token.
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn holds(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }
}

/// An instant of receipt as a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Receipt {
    /// Microseconds since 1970.
    Micros(i64),
    /// RFC 3339.
    Text(String),
}

impl Receipt {
    pub(super) fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Micros(micros) => Timestamp::from_microsecond(*micros).ok(),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

impl Claims {
    /// Claims for `caller`, issued at `at` and good for five minutes. The receipt instant is not among them: only an
    /// edge adds it, with [`Self::received_at`].
    #[must_use]
    pub fn of(caller: &Caller, audience: &str, at: Timestamp) -> Self {
        Self {
            sub: caller.subject.clone(),
            act_for: caller.act_for.clone(),
            role: caller.role.clone(),
            unit: caller.unit.clone(),
            aud: Audience::One(audience.into()),
            iat: at.as_second(),
            exp: at.as_second() + LONGEST_LIFE.as_secs(),
            rcv: None,
        }
    }

    /// The same, dead after `life` instead; longer than five minutes is refused by every verifier.
    #[must_use]
    pub fn living(mut self, life: SignedDuration) -> Self {
        self.exp = self.iat + life.as_secs();
        self
    }

    /// The same, with the instant at which an edge received the request, to the microsecond.
    #[must_use]
    pub fn received_at(mut self, at: Timestamp) -> Self {
        self.rcv = Some(Receipt::Micros(at.as_microsecond()));
        self
    }
}

/// Signs tokens with one Ed25519 key.
#[derive(Clone)]
pub struct Issuer {
    kid: String,
    key: EncodingKey,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({}, key redacted)", self.kid)
    }
}

impl Issuer {
    /// From a PKCS#8 PEM (`BEGIN PRIVATE KEY`), or the base64url of a raw 32-byte seed. Without a `kid` the key's
    /// RFC 7638 thumbprint names it, which is what [`KeyPair::generate`] writes into its JWKS entry.
    ///
    /// # Errors
    /// The text is neither.
    pub fn parse(text: &str, kid: Option<&str>) -> Result<Self, StartError> {
        let text = text.trim();
        let key = if text.starts_with("-----BEGIN") {
            EncodingKey::from_ed_pem(text.as_bytes()).map_err(|e| StartError::from_source("signing key", e))?
        } else {
            let seed = URL_SAFE_NO_PAD.decode(text).ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok());
            let seed = seed.ok_or_else(|| {
                StartError::new("signing key: neither a PKCS#8 PEM nor the base64url of a 32-byte seed")
            })?;
            from_seed(&seed)
        };
        let thumbprint = public(&key).and_then(|jwk| jwk.thumbprint(jwk::ThumbprintHash::SHA256));
        let thumbprint = thumbprint.map_err(|e| StartError::from_source("signing key", e))?;
        Ok(Self { kid: kid.map_or(thumbprint, str::to_owned), key })
    }

    /// As [`Self::parse`], from a file.
    ///
    /// # Errors
    /// The file cannot be read or holds no key.
    pub fn load(file: &Path, kid: Option<&str>) -> Result<Self, StartError> {
        let text = std::fs::read_to_string(file)
            .map_err(|e| StartError::from_source(format!("signing key {}", file.display()), e))?;
        Self::parse(&text, kid)
    }

    /// Under which name verifiers find the public half.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// A signed token that says `claims`.
    ///
    /// # Errors
    /// The key cannot sign, which [`Self::parse`] rules out in practice.
    pub fn sign(&self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key)
    }

    /// An Ed25519 signature, base64url, over a text that people keep, such as a receipt's; [`super::KeySet::sealed`] checks
    /// it. No token can be made of it: what a token signs holds no space, and what is sealed must.
    ///
    /// # Errors
    /// The text holds no space, or the key cannot sign, which [`Self::parse`] rules out in practice.
    pub fn seal(&self, text: &str) -> Result<String, jsonwebtoken::errors::Error> {
        if !text.contains(' ') {
            return Err(jsonwebtoken::errors::ErrorKind::InvalidAlgorithm.into());
        }
        jsonwebtoken::crypto::sign(text.as_bytes(), &self.key, Algorithm::EdDSA)
    }

    /// The JWKS entry of the public half. `edge`: this key may state when a request was received.
    ///
    /// # Errors
    /// The public half cannot be derived, which [`Self::parse`] rules out in practice.
    pub fn jwk(&self, edge: bool) -> Result<Jwk, StartError> {
        let jwk = public(&self.key).map_err(|e| StartError::from_source("signing key", e))?;
        let jwk::AlgorithmParameters::OctetKeyPair(pair) = jwk.algorithm else {
            return Err(StartError::new("signing key: not an Ed25519 key"));
        };
        Ok(Jwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: pair.x,
            kid: self.kid.clone(),
            alg: Some("EdDSA".into()),
            public_use: Some("sig".into()),
            edge,
        })
    }
}

fn from_seed(seed: &[u8; 32]) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), seed.as_slice()].concat())
}

fn public(key: &EncodingKey) -> Result<jwk::Jwk, jsonwebtoken::errors::Error> {
    jwk::Jwk::from_encoding_key(key, Algorithm::EdDSA)
}

/// One public key of a JWKS file (RFC 8037), with our own member `edge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    #[serde(default)]
    pub crv: String,
    /// The public key, base64url.
    #[serde(default)]
    pub x: String,
    /// Its name.
    #[serde(default)]
    pub kid: String,
    /// `EdDSA`, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`, where stated.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub public_use: Option<String>,
    /// May tokens under this key state the instant of receipt?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edge: bool,
}

/// A new key, with what its two sides need.
#[derive(Clone)]
pub struct KeyPair {
    /// The private half, as the text a `signing_key_file` holds.
    pub private: String,
    /// The entry of the JWKS file.
    pub jwk: Jwk,
}

impl KeyPair {
    /// A fresh random key. `edge`: it may state when a request was received.
    ///
    /// # Errors
    /// The public half cannot be derived, which does not happen for a random seed.
    pub fn generate(edge: bool) -> Result<Self, StartError> {
        Self::from_seed(&rand::random::<[u8; 32]>(), edge)
    }

    /// The key of a given seed, for repeatable rehearsals.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn from_seed(seed: &[u8; 32], edge: bool) -> Result<Self, StartError> {
        let private = URL_SAFE_NO_PAD.encode(seed);
        let jwk = Issuer::parse(&private, None)?.jwk(edge)?;
        Ok(Self { private, jwk })
    }

    /// The issuer that signs with it.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn issuer(&self) -> Result<Issuer, StartError> {
        Issuer::parse(&self.private, Some(&self.jwk.kid))
    }

    /// The text of a JWKS file that holds `keys`.
    #[must_use]
    pub fn jwks(keys: &[Jwk]) -> String {
        serde_json::json!({ "keys": keys }).to_string()
    }
}
