//! Addresses: what may be one, and when two are the same.

/// Longest address (RFC 5321).
const LONGEST: usize = 254;

/// A sound address, and the form under which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As typed, trimmed.
    pub shown: String,
    /// Lower case: people do not remember how they typed theirs.
    pub key: String,
}

/// Not an address: one `@` with something on both sides, a dot in the domain, no spaces, at most 254 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// [`NotAnEmail`].
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let shown = text.trim();
        let (local, domain) = shown.split_once('@').ok_or(NotAnEmail)?;
        let sound = !local.is_empty()
            && !domain.contains('@')
            && domain.split('.').count() >= 2
            && domain.split('.').all(|part| !part.is_empty())
            && shown.chars().count() <= LONGEST
            && !shown.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"'));
        if !sound {
            return Err(NotAnEmail);
        }
        Ok(Self { shown: shown.to_owned(), key: shown.to_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(Email::parse(" Ana@Example.FR ").unwrap().key, "ana@example.fr");
        for bad in ["", "ana", "@x.fr", "ana@", "ana@x", "a b@x.fr", "a@x..fr", "a@b@x.fr", "a@x.fr,b@x.fr", "<a@x.fr>"]
        {
            assert_eq!(Email::parse(bad), Err(NotAnEmail), "{bad}");
        }
        assert!(Email::parse(&format!("{}@x.fr", "a".repeat(250))).is_err());
    }
}
