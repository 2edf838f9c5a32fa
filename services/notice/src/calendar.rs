//! Milestones and the transitions that follow from them (R2, R4).

use jiff::{Timestamp, civil::DateTime};

/// A date of the procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Wall-clock time in the session's zone. A day without an hour begins at 00:00; a day that counts whole ends at
    /// the midnight after it.
    pub local: DateTime,
    /// The same as an instant.
    pub at: Timestamp,
    /// Where this is printed.
    pub source: String,
}

/// The dates of the procedure outside the periods (R4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestones {
    /// The platform opens.
    pub platform_opens: Milestone,
    /// Deposits close.
    pub deposits_close: Milestone,
    /// The admissibility commission sits.
    pub admissibility_commission: Milestone,
    /// Admissibility results are public.
    pub admissibility_results: Milestone,
    /// The admission commission sits.
    pub admission_commission: Milestone,
    /// Admission results are public.
    pub admission_results: Milestone,
    /// Titles and transcripts had to arrive before this.
    pub titles_due: Milestone,
}

/// One instant at which something begins or ends for everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Its name; see [`crate::keys`].
    pub key: String,
    /// Wall-clock time in the session's zone.
    pub local: DateTime,
    /// The same as an instant.
    pub at: Timestamp,
}
