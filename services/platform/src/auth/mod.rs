//! Who is asking, and when their request was received.
//!
//! Every call carries a short-lived `EdDSA` JWT; the layer in front of all services ([`crate::server`]) verifies it and
//! puts a [`Caller`] into the request. Each service then authorises for itself.

mod issue;
mod keys;
mod verify;

pub use issue::{Claims, Issuer, Jwk, KeyPair};
pub use keys::KeySet;
pub use verify::Verifier;

use jiff::{SignedDuration, Timestamp};
use tonic::{Request, Status};
use uuid::Uuid;

use crate::refusal::Refusal;

/// Role of a call that bears no token.
pub const ANONYMOUS: &str = "anonymous";

/// The longest a token may live, from `iat` to `exp`.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How far ahead of ours an issuer's clock may run.
pub const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// Who a request comes from, as its token says, and the instant it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account that asks; empty for [`ANONYMOUS`].
    pub subject: String,
    /// The account it acts for, where that is another.
    pub act_for: Option<String>,
    /// What it may do.
    pub role: String,
    /// The part of the house that role is limited to.
    pub unit: Option<String>,
    /// When the request entered the platform, UTC: stamped by the edge, or by this server before any queue.
    pub received_at: Timestamp,
}

impl Caller {
    /// A caller without a token.
    #[must_use]
    pub fn anonymous(received_at: Timestamp) -> Self {
        Self { subject: String::new(), act_for: None, role: ANONYMOUS.into(), unit: None, received_at }
    }

    /// The caller of this request, put there by the layer in front of all services.
    ///
    /// # Errors
    /// `INTERNAL` when that layer was not passed, which is a fault of ours.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Refusal::internal("a request reached a handler without its caller").into())
    }

    /// Refuses a caller whose role is none of `roles`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a token, else `PERMISSION_DENIED` naming the roles that may.
    pub fn require(&self, roles: &[&str]) -> Result<(), Refusal> {
        if roles.contains(&self.role.as_str()) {
            return Ok(());
        }
        Err(self.refused("ROLE_NOT_ALLOWED", "this role may not do that").allowed(roles.iter().copied()))
    }

    /// Refuses a caller whose role is none of `roles`, or is limited to another unit than `unit`. A role without a unit
    /// is limited to none, so it does not pass either.
    ///
    /// # Errors
    /// As [`Self::require`]; `UNIT_NOT_ALLOWED` for another unit.
    pub fn require_unit(&self, roles: &[&str], unit: &str) -> Result<(), Refusal> {
        self.require(roles)?;
        if self.unit.as_deref() == Some(unit) {
            return Ok(());
        }
        Err(self.refused("UNIT_NOT_ALLOWED", "this role is limited to another unit").with("unit", unit))
    }

    /// Refuses a caller who is not the account `id`, nor acts for it.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a token, else `PERMISSION_DENIED` with reason `NOT_YOURS`.
    pub fn require_own(&self, id: Uuid) -> Result<(), Refusal> {
        let accountable = self.act_for.as_deref().unwrap_or(&self.subject);
        if self.role != ANONYMOUS && accountable.parse::<Uuid>().is_ok_and(|own| own == id) {
            return Ok(());
        }
        Err(self.refused("NOT_YOURS", "that belongs to another account"))
    }

    fn refused(&self, reason: &'static str, why: &str) -> Refusal {
        if self.role == ANONYMOUS {
            return Refusal::unauthenticated("TOKEN_REQUIRED", "authorization", "this call needs a bearer token");
        }
        Refusal::denied(reason, "caller", why).with("role", self.role.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    fn caller(role: &str) -> Caller {
        Caller {
            role: role.into(),
            subject: Uuid::from_u128(7).to_string(),
            ..Caller::anonymous(Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn roles_and_units() {
        let mut clerk = caller("clerk");
        assert!(clerk.require(&["boss", "clerk"]).is_ok());
        assert_eq!(clerk.require(&["boss"]).unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(clerk.require_unit(&["clerk"], "north").unwrap_err().reason(), "UNIT_NOT_ALLOWED");
        clerk.unit = Some("north".into());
        assert!(clerk.require_unit(&["clerk"], "north").is_ok());
        assert_eq!(clerk.require_unit(&["clerk"], "south").unwrap_err().reason(), "UNIT_NOT_ALLOWED");
        assert_eq!(clerk.require_unit(&["boss"], "north").unwrap_err().reason(), "ROLE_NOT_ALLOWED");
    }

    #[test]
    fn one_owns_what_is_ones_own_or_what_one_acts_for() {
        let mut someone = caller("user");
        assert!(someone.require_own(Uuid::from_u128(7)).is_ok());
        assert_eq!(someone.require_own(Uuid::from_u128(8)).unwrap_err().reason(), "NOT_YOURS");
        someone.act_for = Some(Uuid::from_u128(8).to_string());
        assert!(someone.require_own(Uuid::from_u128(8)).is_ok());
        assert!(someone.require_own(Uuid::from_u128(7)).is_err(), "acting for another is not acting for oneself");
    }

    #[test]
    fn without_a_token_everything_guarded_is_unauthenticated() {
        let nobody = Caller::anonymous(Timestamp::UNIX_EPOCH);
        assert_eq!(nobody.require(&["clerk"]).unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(nobody.require_own(Uuid::nil()).unwrap_err().code(), Code::Unauthenticated);
        assert!(nobody.require(&[ANONYMOUS]).is_ok());
    }
}
