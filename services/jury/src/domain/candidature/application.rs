//! A candidature at one school: what the tables say, what the jury found, what holds (R16, R17).

/// What the tables say of the title at one school (R16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Open.
    Open,
    /// Closed.
    Closed,
    /// For the jury.
    ForJury,
}

/// What the jury found at one school (R16, R17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Determination {
    /// Recevable there.
    pub recevable: bool,
    /// Why: equivalence, incoherence.
    pub reason: String,
}

/// What holds at one school: the jury's determination, else the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not assessed yet, or for the jury and not determined.
    Undetermined,
    /// Recevable.
    Recevable,
    /// Not recevable.
    NotRecevable,
}

/// The candidature at one school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The school.
    pub school: String,
    /// By the tables; none until they were read.
    pub reading: Option<Reading>,
    /// By the jury.
    pub determination: Option<Determination>,
}

impl Application {
    /// What holds.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (&self.determination, self.reading) {
            (Some(found), _) if found.recevable => Standing::Recevable,
            (Some(_), _) | (None, Some(Reading::Closed)) => Standing::NotRecevable,
            (None, Some(Reading::Open)) => Standing::Recevable,
            (None, Some(Reading::ForJury) | None) => Standing::Undetermined,
        }
    }
}
