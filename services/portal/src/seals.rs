//! Seals: what proves that a receipt was issued here. An Ed25519 signature by this edge's own key over a text of one line
//! that holds no name; it can be checked by anyone at `/verifier`, and with the published keys without us.

use documents::Seal;
use jiff::Timestamp;
use platform::auth::{Issuer, KeySet};

use crate::web::{Fault, Form};

/// What a receipt of a clôture attests (R12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// Number of the dossier.
    pub number: u64,
    /// When it was closed, UTC.
    pub closed_at: Timestamp,
    /// SHA-256 over what was closed, hex.
    pub digest: String,
}

impl Attested {
    /// The one text that is signed for it.
    fn text(&self, session: &str) -> String {
        let Self { number, closed_at, digest } = self;
        format!(
            "admission-sur-titres receipt 1 session={session} dossier={number} closed_at={closed_at} sha256={digest}"
        )
    }

    /// From the fields of the page that verifies.
    #[must_use]
    pub fn of(form: &Form) -> Option<Self> {
        let digest = form.get("empreinte").to_ascii_lowercase();
        let whole = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self {
            number: form.get("dossier").parse().ok()?,
            closed_at: form.get("instant").parse().ok()?,
            digest: Some(digest).filter(|_| whole)?,
        })
    }
}

/// Makes seals and checks them.
#[derive(Debug, Clone)]
pub struct Seals {
    issuer: Issuer,
    keys: KeySet,
    session: String,
    public_url: String,
}

impl Seals {
    /// With this edge's key, and the published keys of every edge there was.
    #[must_use]
    pub fn new(issuer: Issuer, keys: KeySet, session: &str, public_url: &str) -> Self {
        Self { issuer, keys, session: session.to_owned(), public_url: public_url.to_owned() }
    }

    /// Seals what a receipt attests.
    ///
    /// # Errors
    /// The key cannot sign: a fault of ours.
    pub fn seal(&self, attested: &Attested) -> Result<Seal, Fault> {
        let signed = attested.text(&self.session);
        let signature = self.issuer.seal(&signed).map_err(Fault::internal)?;
        let query = Form::of([
            ("dossier", attested.number.to_string()),
            ("instant", attested.closed_at.to_string()),
            ("empreinte", attested.digest.clone()),
            ("sceau", signature.clone()),
            ("cle", self.issuer.kid().to_owned()),
        ]);
        let verify_at = format!("{}/verifier?{}", self.public_url, query.encoded());
        Ok(Seal { signed, signature, key_id: self.issuer.kid().to_owned(), verify_at })
    }

    /// Whether a seal is ours and for exactly this.
    #[must_use]
    pub fn holds(&self, attested: &Attested, key_id: &str, signature: &str) -> bool {
        self.keys.sealed(key_id, &attested.text(&self.session), signature)
    }
}

#[cfg(test)]
mod tests {
    use platform::auth::KeyPair;

    use super::*;

    fn seals() -> Seals {
        let pair = KeyPair::generate(true).unwrap();
        let keys = KeySet::fixed(std::slice::from_ref(&pair.jwk)).unwrap();
        Seals::new(pair.issuer().unwrap(), keys, "2026", "https://ast.example")
    }

    #[test]
    fn the_address_on_a_receipt_verifies_and_nothing_changed_does() {
        let seals = seals();
        let attested =
            Attested { number: 123, closed_at: "2026-03-20T21:59:59.999Z".parse().unwrap(), digest: "ab".repeat(32) };
        let seal = seals.seal(&attested).unwrap();
        let query = seal.verify_at.split_once('?').unwrap().1;
        let form = Form::parse(query.as_bytes());
        let read = Attested::of(&form).unwrap();
        assert_eq!(read, attested);
        let holds = |a: &Attested| seals.holds(a, form.get("cle"), form.get("sceau"));
        assert!(holds(&read));
        assert!(!holds(&Attested { number: 124, ..read.clone() }));
        assert!(!holds(&Attested { closed_at: read.closed_at + jiff::SignedDuration::from_millis(1), ..read.clone() }));
        assert!(!holds(&Attested { digest: "ac".repeat(32), ..read }));
        assert!(!super::tests::seals().holds(&attested, form.get("cle"), form.get("sceau")), "another house's");
    }

    #[test]
    fn what_is_no_receipt_is_not_read() {
        for query in ["", "dossier=x&instant=2026-03-20T21:59:59Z&empreinte=ab", "dossier=1&instant=hier&empreinte=ab"]
        {
            assert_eq!(Attested::of(&Form::parse(query.as_bytes())), None, "{query}");
        }
    }
}
