//! Names of things. A dossier bears its candidate's id: there is one per candidate (R7).

use std::fmt;

use uuid::Uuid;

/// A dossier, and so its candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DossierId(pub Uuid);

/// A school, as the session file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchoolId(pub String);

/// A filière, as the session file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiliereId(pub String);

impl fmt::Display for DossierId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl fmt::Display for SchoolId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl fmt::Display for FiliereId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl From<&str> for SchoolId {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<&str> for FiliereId {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}
