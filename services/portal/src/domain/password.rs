//! Which passwords are taken (OWASP ASVS 5, V6.2): long, any characters, no rules of composition.

/// Fewest characters.
pub const SHORTEST: usize = 12;
/// Most characters: more would only cost time.
pub const LONGEST: usize = 128;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer than [`SHORTEST`] characters.
    #[error("shorter than {SHORTEST} characters")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("longer than {LONGEST} characters")]
    TooLong,
    /// The address, or one character over and over: the first thing anyone tries.
    #[error("easy to guess")]
    Guessable,
    /// On the list of passwords known from breaches.
    #[error("known from a breach")]
    Breached,
}

/// Takes or refuses a password for the account of this address.
///
/// # Errors
/// The first thing that is wrong with it. Whether it was breached is looked up by the caller.
pub fn check(password: &str, email_key: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::TooShort);
    }
    if length > LONGEST {
        return Err(Weak::TooLong);
    }
    let folded = password.to_lowercase();
    let local = email_key.split('@').next().unwrap_or_default();
    let mut distinct: Vec<char> = folded.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    // Fewer than five different characters, or the address with a few more around it.
    let around_address = local.len() >= 4 && folded.replace(local, "").chars().count() < SHORTEST / 2;
    if distinct.len() < 5 || around_address || folded == email_key {
        return Err(Weak::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_not_obvious() {
        assert_eq!(check("correct horse battery", "ana@x.fr"), Ok(()));
        assert_eq!(check("élèveàlécole", "ana@x.fr"), Ok(()));
        assert_eq!(check("elevenchars", "ana@x.fr"), Err(Weak::TooShort));
        assert_eq!(check(&"ab cd ef".repeat(17), "ana@x.fr"), Err(Weak::TooLong));
        assert_eq!(check("aaaaaaaaaaaaaaaa", "ana@x.fr"), Err(Weak::Guessable));
        assert_eq!(check("ana.martin2026", "ana.martin@x.fr"), Err(Weak::Guessable));
        assert_eq!(check("ana.martin@x.fr", "ana.martin@x.fr"), Err(Weak::Guessable));
    }
}
