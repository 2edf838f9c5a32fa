//! What a token opens, and who may open it: a token never may more than the role of whoever made it.

use contracts::roles;

/// One thing that a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The school's closed dossiers.
    DossiersRead,
    /// Verdicts, corrections and notes on them (R14).
    DossiersWrite,
    /// The content of their pieces.
    PiecesRead,
    /// Fees of the school's candidates (R20 to R23).
    FeesRead,
    /// Payments by other means, refunds.
    FeesWrite,
    /// Exemptions decided.
    ExemptionsWrite,
    /// Ledger and balance.
    BooksRead,
    /// Bank statements imported (R23).
    StatementsWrite,
    /// Convocations, from the admissibility results on (R19).
    ConvocationsRead,
    /// Tables, proposals, admissions, each from its publication on (R19).
    AdmissionsRead,
    /// Titles reviewed, dossiers d'intégration received (R34).
    AdmissionsWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::DossiersRead,
        Self::DossiersWrite,
        Self::PiecesRead,
        Self::FeesRead,
        Self::FeesWrite,
        Self::ExemptionsWrite,
        Self::BooksRead,
        Self::StatementsWrite,
        Self::ConvocationsRead,
        Self::AdmissionsRead,
        Self::AdmissionsWrite,
    ];

    /// Its word, in tokens and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DossiersRead => "dossiers:read",
            Self::DossiersWrite => "dossiers:write",
            Self::PiecesRead => "pieces:read",
            Self::FeesRead => "fees:read",
            Self::FeesWrite => "fees:write",
            Self::ExemptionsWrite => "exemptions:write",
            Self::BooksRead => "books:read",
            Self::StatementsWrite => "statements:write",
            Self::ConvocationsRead => "convocations:read",
            Self::AdmissionsRead => "admissions:read",
            Self::AdmissionsWrite => "admissions:write",
        }
    }

    /// By its word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Key of what people read of it.
    #[must_use]
    pub fn key(self) -> String {
        format!("api-scope-{}", self.word().replace(':', "-"))
    }

    /// Roles that the services serve it to.
    #[must_use]
    pub const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::FeesRead | Self::ExemptionsWrite => &[roles::STAFF, roles::FINANCE],
            Self::FeesWrite | Self::BooksRead | Self::StatementsWrite => &[roles::FINANCE],
            _ => &[roles::STAFF],
        }
    }

    /// What a role may open.
    pub fn of_role(role: &str) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |s| s.roles().contains(&role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_opens_what_is_not_theirs() {
        for scope in Scope::ALL {
            assert_eq!(Scope::of_word(scope.word()), Some(scope));
        }
        assert_eq!(Scope::of_word("dossiers"), None);
        assert!(!Scope::of_role(roles::STAFF).any(|s| s == Scope::FeesWrite || s == Scope::StatementsWrite));
        assert!(!Scope::of_role(roles::FINANCE).any(|s| s == Scope::DossiersRead || s == Scope::AdmissionsRead));
        assert_eq!(Scope::of_role(roles::CANDIDATE).count(), 0);
    }
}
