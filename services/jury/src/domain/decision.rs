//! Admissible or not (R18): undecided, drafted, signed.

/// What the jury decides of a candidature, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Admissible; else rejected.
    pub admissible: bool,
    /// Reason, kept with the decision.
    pub reason: String,
}

/// Where the decision stands. Only [`super::Candidature`]'s transitions move it, and none leads from `Signed` back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nobody has proposed anything.
    Undecided,
    /// Proposed; the last draft stands.
    Draft(Verdict),
    /// Signed by two people: "sans appel".
    Signed(Verdict),
}

impl Decision {
    /// The verdict, drafted or signed.
    #[must_use]
    pub const fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Undecided => None,
            Self::Draft(verdict) | Self::Signed(verdict) => Some(verdict),
        }
    }

    /// The verdict, if it is signed.
    #[must_use]
    pub const fn signed(&self) -> Option<&Verdict> {
        match self {
            Self::Signed(verdict) => Some(verdict),
            Self::Undecided | Self::Draft(_) => None,
        }
    }
}
