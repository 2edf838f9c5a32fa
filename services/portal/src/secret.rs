//! Secrets: random tokens, their digests, and keys derived from the one configured secret.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// 32 random bytes as URL-safe text: for cookies and links.
#[must_use]
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a token.
#[must_use]
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// Whether two secrets are the same, in time that tells nothing.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Keys derived from the configured secret, one per use.
#[derive(Clone)]
pub struct Keys {
    forms: [u8; 32],
    factors: [u8; 32],
    cursors: [u8; 32],
}

impl Keys {
    /// From the configured secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let of = |use_: &str| mac(secret.as_bytes(), use_);
        Self { forms: of("forms"), factors: of("second factors"), cursors: of("cursors") }
    }

    /// The token of every form shown to whoever bears this cookie.
    #[must_use]
    pub fn form_token(&self, cookie: &str) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.forms, cookie))
    }

    /// What shows that a page's cursor is ours, and of which list.
    #[must_use]
    pub fn cursor_tag(&self, list: &str, place: &str) -> [u8; 16] {
        let whole = mac(&self.cursors, &format!("{list}\0{place}"));
        let mut tag = [0; 16];
        tag.copy_from_slice(&whole[..16]);
        tag
    }

    /// Encrypts a second factor's secret under its account; reversible with [`Self::open_factor`].
    #[must_use]
    pub fn seal_factor(&self, account: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = rand::random::<[u8; 24]>();
        let payload = Payload { msg: secret, aad: account.as_bytes() };
        let sealed = XChaCha20Poly1305::new(&self.factors.into()).encrypt(&nonce.into(), payload).unwrap_or_default();
        [nonce.as_slice(), &sealed].concat()
    }

    /// The secret again, if it was sealed for this account and not touched.
    #[must_use]
    pub fn open_factor(&self, account: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        let payload = Payload { msg: sealed, aad: account.as_bytes() };
        XChaCha20Poly1305::new(&self.factors.into()).decrypt(&(*nonce).into(), payload).ok()
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8], message: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_factor_opens_for_its_account_alone_and_only_untouched() {
        let keys = Keys::new(&"s".repeat(32));
        let secret = [7u8; 50];
        let mut sealed = keys.seal_factor("a", &secret);
        assert_eq!(keys.open_factor("a", &sealed).as_deref(), Some(secret.as_slice()));
        assert_eq!(keys.open_factor("b", &sealed), None);
        assert_eq!(Keys::new(&"t".repeat(32)).open_factor("a", &sealed), None);
        assert!(!sealed.windows(50).any(|w| w == secret));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(keys.open_factor("a", &sealed), None);
        assert_eq!(keys.open_factor("a", &[1, 2, 3]), None);
    }

    #[test]
    fn form_tokens_follow_the_cookie() {
        let keys = Keys::new(&"s".repeat(32));
        assert_eq!(keys.form_token("x"), keys.form_token("x"));
        assert_ne!(keys.form_token("x"), keys.form_token("y"));
    }
}
