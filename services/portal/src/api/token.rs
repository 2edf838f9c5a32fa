//! Tokens as systems bear them: 256 random bits behind a word by which scanners of leaked secrets know them.

use jiff::Timestamp;
use platform::auth::Caller;

use super::{scope::Scope, trouble::Trouble};
use crate::{secret, store::api_tokens::Token};

/// What every token begins with.
pub const PREFIX: &str = "admis_";
/// Characters after it: 32 bytes, base64.
const LENGTH: usize = 43;

/// A new token, and what is stored of it.
#[must_use]
pub fn mint() -> (String, Vec<u8>) {
    let token = format!("{PREFIX}{}", secret::token());
    let stored = secret::digest(&token);
    (token, stored)
}

/// The SHA-256 of the token in an `Authorization` header.
///
/// # Errors
/// There is none, or it is not shaped as ours.
pub fn presented(header: Option<&[u8]>) -> Result<Vec<u8>, Trouble> {
    let header = header.ok_or_else(|| Trouble::of("TOKEN_REQUIRED"))?;
    let text = std::str::from_utf8(header).map_err(|_| Trouble::of("TOKEN_UNKNOWN"))?;
    let (scheme, token) = text.split_once(' ').ok_or_else(|| Trouble::of("TOKEN_REQUIRED"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Trouble::of("TOKEN_REQUIRED"));
    }
    let token = token.trim();
    let ours = token.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == LENGTH && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    if ours { Ok(secret::digest(token)) } else { Err(Trouble::of("TOKEN_UNKNOWN")) }
}

impl Token {
    /// Whether it still opens anything.
    ///
    /// # Errors
    /// Revoked or expired: whoever bears it may know.
    pub fn alive(&self, now: Timestamp) -> Result<(), Trouble> {
        match self.revoked_at {
            Some(at) if now >= at => Err(Trouble::of("TOKEN_REVOKED").fact("revoked_at", at)),
            _ if now >= self.expires_at => Err(Trouble::of("TOKEN_EXPIRED").fact("expired_at", self.expires_at)),
            _ => Ok(()),
        }
    }

    /// Whether it opens an operation of this scope. A scope that its role no longer has opens nothing.
    ///
    /// # Errors
    /// It does not.
    pub fn opens(&self, scope: Option<Scope>) -> Result<(), Trouble> {
        let Some(scope) = scope else { return Ok(()) };
        let granted = self.scopes.iter().any(|s| s == scope.word());
        if granted && scope.roles().contains(&self.role.as_str()) {
            return Ok(());
        }
        Err(Trouble::of("SCOPE_MISSING").given(self.scopes.join(" ")).allowed([scope.word()]))
    }

    /// As the services know it: a role of its school, like the people who made it.
    #[must_use]
    pub fn caller(&self, received_at: Timestamp) -> Caller {
        Caller {
            subject: format!("system/{}", self.id),
            act_for: None,
            role: self.role.clone(),
            unit: Some(self.school.clone()),
            received_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(scopes: &[&str], role: &str) -> Token {
        Token {
            id: uuid::Uuid::nil(),
            school: "here".into(),
            role: role.into(),
            name: String::new(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            made_by: String::new(),
            made_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(100).unwrap(),
            seen_at: None,
            revoked_at: Timestamp::from_second(50).ok(),
        }
    }

    #[test]
    fn a_token_is_read_from_its_header_alone_and_stored_as_a_digest() {
        let (token, stored) = mint();
        assert_eq!(token.len(), PREFIX.len() + LENGTH);
        assert_eq!(presented(Some(format!("Bearer {token}").as_bytes())).unwrap(), stored);
        assert_eq!(presented(Some(format!("bearer {token}").as_bytes())).unwrap(), stored);
        let code = |header: Option<&str>| presented(header.map(str::as_bytes)).unwrap_err().code().to_owned();
        assert_eq!(code(None), "TOKEN_REQUIRED");
        assert_eq!(code(Some(&token)), "TOKEN_REQUIRED");
        assert_eq!(code(Some(&format!("Basic {token}"))), "TOKEN_REQUIRED");
        assert_eq!(code(Some("Bearer ")), "TOKEN_UNKNOWN");
        assert_eq!(code(Some(&format!("Bearer {token}x"))), "TOKEN_UNKNOWN");
    }

    #[test]
    fn it_opens_its_scopes_until_it_ends() {
        let one = token(&["dossiers:read"], "staff");
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(one.alive(at(49)).is_ok());
        assert_eq!(one.alive(at(50)).unwrap_err().code(), "TOKEN_REVOKED");
        let kept = Token { revoked_at: None, ..one.clone() };
        assert!(kept.alive(at(99)).is_ok());
        assert_eq!(kept.alive(at(100)).unwrap_err().code(), "TOKEN_EXPIRED");
        assert!(one.opens(Some(Scope::DossiersRead)).is_ok() && one.opens(None).is_ok());
        assert_eq!(one.opens(Some(Scope::PiecesRead)).unwrap_err().code(), "SCOPE_MISSING");
        let stray = token(&["fees:write"], "staff");
        assert!(stray.opens(Some(Scope::FeesWrite)).is_err(), "not this role's");
    }
}
