//! What every command and query works with.

use std::sync::Arc;

use contracts::{eligibility::eligibility_client::EligibilityClient, roles};
use jiff::Timestamp;
use notice::Session;
use platform::{auth::Caller, calendar::WindowGuard, db::Db, peers::PeerChannel, refusal::Refusal};
use uuid::Uuid;

use crate::{domain::catalogue::Catalogue, files::Files};

/// Window in which dossiers are made and closed: `[platform opens, deposits close)`.
pub const DEPOSITS: &str = "deposits";

/// Window in which late pieces are accepted: `[platform opens, titles due)`.
pub const TITLES: &str = "titles";

/// The service's hands.
pub struct App {
    /// The database.
    pub db: Db,
    /// The guard of [`DEPOSITS`] and [`TITLES`].
    pub windows: WindowGuard,
    /// The session as the notice describes it.
    pub session: Arc<Session>,
    /// What it asks of a dossier.
    pub catalogue: Catalogue,
    /// The bytes of pieces.
    pub files: Files,
    /// Who knows the tables.
    pub eligibility: EligibilityClient<PeerChannel>,
}

/// The caller with an instant of receipt as the database keeps it: microseconds, rounded down, so that an instant before
/// a close stays before it and a receipt reads the same the second time.
#[must_use]
pub fn in_microseconds(caller: Caller) -> Caller {
    let received_at = Timestamp::from_microsecond(caller.received_at.as_microsecond()).unwrap_or(caller.received_at);
    Caller { received_at, ..caller }
}

/// Only the candidate whose dossier this is: a mandate is for answers (R36), nobody else edits or reads a dossier here.
///
/// # Errors
/// `UNAUTHENTICATED` or `PERMISSION_DENIED`.
pub fn own(caller: &Caller, dossier: Uuid) -> Result<(), Refusal> {
    caller.require(&[roles::CANDIDATE])?;
    caller.require_own(dossier)
}

/// An id from outside.
///
/// # Errors
/// `ID_MALFORMED`.
pub fn id(field: &'static str, text: &str) -> Result<Uuid, Refusal> {
    text.parse().map_err(|_| Refusal::invalid("ID_MALFORMED").field(field, "not a UUID"))
}

/// A SHA-256 from outside.
///
/// # Errors
/// `DIGEST_MALFORMED`.
pub fn sha256(field: &'static str, text: &str) -> Result<[u8; 32], Refusal> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .map_err(|_| Refusal::invalid("DIGEST_MALFORMED").field(field, "64 hexadecimal digits are accepted"))?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn receipt_is_rounded_down_so_that_in_time_stays_in_time() {
        let close: Timestamp = "2026-03-20T22:00:00Z".parse().unwrap();
        let just: Timestamp = "2026-03-20T21:59:59.999999999Z".parse().unwrap();
        let rounded = in_microseconds(Caller::anonymous(just)).received_at;
        assert!(rounded < close);
        assert_eq!(rounded.as_microsecond(), close.as_microsecond() - 1);
        assert_eq!(in_microseconds(Caller::anonymous(close)).received_at, close);
    }

    #[test]
    fn only_the_candidate_themselves() {
        let me = Uuid::from_u128(5);
        let candidate = Caller {
            subject: me.to_string(),
            role: roles::CANDIDATE.into(),
            ..Caller::anonymous(Timestamp::UNIX_EPOCH)
        };
        assert!(own(&candidate, me).is_ok());
        assert_eq!(own(&candidate, Uuid::from_u128(6)).unwrap_err().reason(), "NOT_YOURS");
        let mandate = Caller { role: roles::MANDATE.into(), act_for: Some(me.to_string()), ..candidate };
        assert_eq!(own(&mandate, me).unwrap_err().reason(), "ROLE_NOT_ALLOWED");
    }
}
