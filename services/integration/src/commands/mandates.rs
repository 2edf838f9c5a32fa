//! Mandates (R36): a revocable code of its own for a relative, rather than a shared password.

use jiff::Timestamp;
use platform::{audit, db::Tx, refusal::Refusal};
use rand::RngExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::store::mandates::{self, Mandate};

/// Characters of a code: none that is mistaken for another when read aloud or copied by hand.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 25 characters of 32: 125 random bits, so that guessing is hopeless and a plain hash is enough.
const LENGTH: usize = 25;
/// Most mandates in force for one candidate.
const MOST: i64 = 5;
/// Longest label, in characters.
const LONGEST_LABEL: usize = 80;

/// Makes a mandate. The code is returned here and kept nowhere.
///
/// # Errors
/// The label is empty or too long, or there are too many mandates in force.
pub async fn create(tx: &mut Tx, dossier: Uuid, label: &str, at: Timestamp) -> Result<(Mandate, String), Refusal> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        let why = format!("1 to {LONGEST_LABEL} characters");
        return Err(Refusal::invalid("LABEL_NOT_USABLE").field("label", why));
    }
    if mandates::in_force(tx.conn(), dossier).await? >= MOST {
        return Err(Refusal::exhausted(
            "TOO_MANY_MANDATES",
            "mandates",
            format!("at most {MOST} are in force at a time"),
        ));
    }
    let code = code();
    let mandate = Mandate { id: Uuid::new_v4(), dossier, label: label.to_owned(), created_at: at, revoked_at: None };
    mandates::insert(tx, &mandate, &hash(&code)).await?;
    let details = json!({ "dossier": dossier, "mandate": mandate.id });
    audit::append(tx, at, &dossier.to_string(), "mandate_created", details).await?;
    Ok((mandate, code))
}

/// Ends a mandate at once.
///
/// # Errors
/// There is no such mandate.
pub async fn revoke(tx: &mut Tx, dossier: Uuid, mandate: Uuid, at: Timestamp) -> Result<Timestamp, Refusal> {
    let revoked = mandates::revoke(tx, dossier, mandate, at).await?;
    let revoked =
        revoked.ok_or_else(|| Refusal::not_found("NO_MANDATE", "mandate", "this candidate has no such mandate"))?;
    let details = json!({ "dossier": dossier, "mandate": mandate });
    audit::append(tx, at, &dossier.to_string(), "mandate_revoked", details).await?;
    Ok(revoked)
}

/// SHA-256 of a code as people type it: letters of either case, with or without separators.
#[must_use]
pub fn hash(code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(plain.to_ascii_uppercase()).to_vec()
}

fn code() -> String {
    let mut random = rand::rng();
    let mut code = String::with_capacity(LENGTH + LENGTH / 5);
    for place in 0..LENGTH {
        if place > 0 && place % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[random.random_range(0..ALPHABET.len())]));
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_the_same_however_it_is_typed() {
        let code = code();
        assert_eq!(code.len(), 29);
        assert_eq!(hash(&code), hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(hash(&code), hash(&super::code()));
    }
}
